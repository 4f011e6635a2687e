"""The exported journal, judged by Beancount and hledger: their balances are ours, to the cent."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from beancount import loader
from beancount.core.data import Transaction

from cleanflow.dao.customers import add_customer
from cleanflow.dao.expenses import add_category, record_expense
from cleanflow.dao.jobs import create_job
from cleanflow.dao.ledger import account_balances
from cleanflow.dao.payments import record_payment
from cleanflow.dao.shop import get_shop, set_up_shop
from cleanflow.db import Database, open_database
from cleanflow.demo.shop import DemoClock, fill_shop
from cleanflow.exchange.journal import journal_lines


@pytest.fixture(params=["PKR", "JPY", "KWD"], scope="module")
def demo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A demo shop in a currency of two, no and three decimals."""
    clock = DemoClock(datetime(2026, 1, 5, 7, tzinfo=UTC))
    path = tmp_path_factory.mktemp("demo") / "cleanflow.db"
    with open_database(path, clock=clock, create=True) as opened:
        set_up_shop(opened, name="Demo", currency=request.param, pc_code="C1", owner="O", pin="1234")
        fill_shop(opened, clock, jobs=150, last_day=date(2026, 2, 3), days=30, seed=3)
        yield opened


def written(db: Database, journal_format: str, folder: Path) -> Path:
    path = folder / f"books.{journal_format}"
    path.write_text("\n".join(journal_lines(db, journal_format)) + "\n", encoding="utf-8")
    return path


def our_customers(db: Database) -> dict[str, int]:
    return {row[0]: row[1] for row in db.rows("SELECT customer_id, balance_minor FROM customer_balances")}


def assert_same_books(db: Database, balances: dict[str, Decimal]) -> None:
    """``balances``: account name -> balance, as the referee computed them from the entries alone."""
    unit = get_shop(db).currency
    theirs = {name.rpartition(":C-")[2]: value for name, value in balances.items() if ":C-" in name}
    assert {key: value for key, value in theirs.items() if value} == {
        key: unit.decimal(value) for key, value in our_customers(db).items() if value
    }
    ours = sorted(unit.decimal(item.balance_minor) for item in account_balances(db) if item.balance_minor)
    receivable = sum(theirs.values(), Decimal(0))
    others = [value for name, value in balances.items() if ":C-" not in name and value]
    assert sorted([*others, receivable] if receivable else others) == ours


def test_beancount_accepts_the_journal_and_computes_the_same_balances(demo: Database, tmp_path: Path) -> None:
    path = written(demo, "beancount", tmp_path)
    entries, errors, _options = loader.load_file(str(path))
    assert errors == []
    balances: dict[str, Decimal] = defaultdict(Decimal)
    for entry in entries:
        if isinstance(entry, Transaction):
            for posting in entry.postings:
                balances[posting.account] += posting.units.number
    assert_same_books(demo, balances)
    check = [sys.executable, "-m", "beancount.scripts.check", str(path)]
    assert subprocess.run(check, check=False, capture_output=True).returncode == 0


@pytest.mark.skipif(shutil.which("hledger") is None, reason="hledger is not installed")
def test_hledger_accepts_the_journal_and_computes_the_same_balances(demo: Database, tmp_path: Path) -> None:
    path = written(demo, "hledger", tmp_path)
    environment = {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin:/usr/local/bin"}

    def hledger(*arguments: str) -> str:
        command = ["hledger", "-f", str(path), *arguments]
        return subprocess.run(
            command, check=True, capture_output=True, env=environment, encoding="utf-8"
        ).stdout

    hledger("check")
    balances: dict[str, Decimal] = {}
    for line in hledger("balance", "--flat", "--no-total").splitlines():
        amount, _currency, name = line.split()
        balances[name] = Decimal(amount)
    assert_same_books(demo, balances)


def test_beancount_refuses_the_journal_when_our_balance_is_wrong(demo: Database, tmp_path: Path) -> None:
    """The assertions at the end are real: one minor unit off, and the referee objects."""
    lines = list(journal_lines(demo, "beancount"))
    number = max(n for n, line in enumerate(lines) if re.search(r" balance .*  -?[1-9]", line))
    cut = next(n for n, char in enumerate(lines[number]) if char == "~")
    digits = lines[number][:cut].rstrip()
    changed = digits[:-1] + ("1" if digits[-1] != "1" else "2")
    lines[number] = changed + " " + lines[number][cut:]
    path = tmp_path / "wrong.beancount"
    path.write_text("\n".join(lines), encoding="utf-8")
    _entries, errors, _options = loader.load_file(str(path))
    assert len(errors) == 1


@pytest.mark.parametrize(
    "name",
    [
        '"; DROP',
        "back\\slash\\",
        'quo"te',
        "=1+1",
        "محمد <b>",
        "; comment | payee",
        "* ! (x)",
        "line\u2028break",
        "李",
    ],
)
def test_no_name_can_break_the_journal(db: Database, name: str, tmp_path: Path) -> None:
    customer = add_customer(db, name=name)
    create_job(db, customer_id=customer.id, amount_minor=1000)
    record_payment(db, customer_id=customer.id, amount_minor=1500, method="BANK")
    category = add_category(db, name)
    record_expense(db, category_id=category.id, amount_minor=5, method="CASH")
    _entries, errors, _options = loader.load_file(str(written(db, "beancount", tmp_path)))
    assert errors == []
    if shutil.which("hledger"):
        path = written(db, "hledger", tmp_path)
        environment = {"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin:/usr/local/bin"}
        subprocess.run(
            ["hledger", "-f", str(path), "check"], check=True, capture_output=True, env=environment
        )


def test_two_categories_of_one_name_stay_two_accounts(db: Database, tmp_path: Path) -> None:
    for number, name in enumerate(("Soap & foam", "Soap / foam", "पानी", "水")):
        category = add_category(db, name)
        record_expense(db, category_id=category.id, amount_minor=number + 1, method="CASH")
    entries, errors, _options = loader.load_file(str(written(db, "beancount", tmp_path)))
    assert errors == []
    accounts = {p.account for e in entries if isinstance(e, Transaction) for p in e.postings}
    assert len(accounts) == 5


def test_an_empty_shop_exports_an_empty_journal(db: Database, tmp_path: Path) -> None:
    _entries, errors, _options = loader.load_file(str(written(db, "beancount", tmp_path)))
    assert errors == []
