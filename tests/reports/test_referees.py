"""Every report's totals equal those that Beancount and hledger compute from the exported journal."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from beancount import loader
from beancount.core.data import Transaction

from cleanflow.dao.shop import get_shop
from cleanflow.db import Database
from cleanflow.exchange.journal import journal_lines
from cleanflow.reports.cash_flow import cash_flow_report
from cleanflow.reports.monthly import monthly_report
from cleanflow.reports.profit import profit_report
from cleanflow.reports.receivables import receivables_report
from cleanflow.reports.statement import statement
from cleanflow.reports.trial_balance import trial_balance


@dataclass(frozen=True)
class Posting:
    """One posting of a transaction, as Beancount has read it."""

    day: date
    kind: str
    account: str
    other: str
    amount_minor: int


@pytest.fixture(scope="module")
def postings(books: Database, tmp_path_factory: pytest.TempPathFactory) -> list[Posting]:
    path = tmp_path_factory.mktemp("journal") / "books.beancount"
    path.write_text("\n".join(journal_lines(books, "beancount")) + "\n", encoding="utf-8")
    entries, errors, _options = loader.load_file(str(path))
    assert errors == []
    unit = 10 ** get_shop(books).currency.decimals
    found = []
    for entry in entries:
        if isinstance(entry, Transaction):
            first, second = entry.postings
            for own, other in ((first, second), (second, first)):
                amount = own.units.number * unit
                assert amount == int(amount)
                found.append(Posting(entry.date, entry.narration, own.account, other.account, int(amount)))
    return found


def journal_name(kind: str, name: str) -> str:
    """The journal's name of an account, computed independently."""
    root = {"ASSET": "Assets", "EQUITY": "Equity", "INCOME": "Income", "EXPENSE": "Expenses"}[kind]
    words = re.sub(r"[^A-Za-z0-9]+", "-", name.title()).strip("-")
    return "Assets:Receivable" if words == "Accounts-Receivable" else f"{root}:{words}"


def total(postings: list[Posting], account: str, wanted: Callable[[Posting], bool] = lambda _: True) -> int:
    """The total of an account and its sub-accounts."""
    return sum(
        item.amount_minor
        for item in postings
        if (item.account == account or item.account.startswith(f"{account}:")) and wanted(item)
    )


def days_of(postings: list[Posting]) -> list[date]:
    """A few days: before all records, the first, some in between, month ends, the last, long after."""
    days = sorted({item.day for item in postings})
    between = days[:: max(1, len(days) // 5)]
    ends = [days[len(days) // 2].replace(day=1) - timedelta(days=1)]
    return [days[0] - timedelta(days=1), *between, *ends, days[-1], days[-1] + timedelta(days=400)]


def months_of(postings: list[Posting]) -> list[str]:
    months = sorted({item.day.isoformat()[:7] for item in postings})
    return [*months[:2], *months[2 :: max(1, len(months) // 4)], months[-1], "2031-07"]


def test_the_trial_balance_is_beancounts(books: Database, postings: list[Posting]) -> None:
    for day in days_of(postings):
        report = trial_balance(books, day)
        ours = {
            journal_name(line.kind, line.account): line.debit_minor - line.credit_minor
            for line in report.accounts
        }
        theirs: dict[str, int] = defaultdict(int)
        for item in postings:
            if item.day <= day:
                theirs[re.sub(r":C-.*", "", item.account)] += item.amount_minor
        assert ours == {name: amount for name, amount in theirs.items() if amount}
        assert report.debit_minor == report.credit_minor


def test_profit_and_loss_is_beancounts(books: Database, postings: list[Posting]) -> None:
    days = days_of(postings)
    for first, last in zip(days, days[2:], strict=False):
        report = profit_report(books, min(first, last), max(first, last))

        def inside(
            item: Posting, period: tuple[str, str] = (report.period.first, report.period.last)
        ) -> bool:
            return period[0] <= item.day.isoformat() <= period[1]

        assert report.income_total_minor == -total(postings, "Income", inside)
        assert report.expenses_total_minor == total(postings, "Expenses", inside)
        for line in report.expenses:
            assert line.amount_minor == total(postings, journal_name("EXPENSE", line.account), inside)
        for line in report.income:
            assert line.amount_minor == -total(postings, journal_name("INCOME", line.account), inside)


def test_each_month_and_the_one_before_it_are_beancounts(books: Database, postings: list[Posting]) -> None:
    for month in months_of(postings):
        report = monthly_report(books, month)
        for of, income, expenses in (
            (report.month, report.income_total_minor, report.expenses_total_minor),
            (report.month_before, report.income_total_before_minor, report.expenses_total_before_minor),
        ):
            assert income == -total(postings, "Income", lambda item, of=of: item.day.isoformat()[:7] == of)
            assert expenses == total(postings, "Expenses", lambda item, of=of: item.day.isoformat()[:7] == of)
        assert sum(day.income_minor for day in report.days) == report.income_total_minor
        assert sum(day.expenses_minor for day in report.days) == report.expenses_total_minor
        for day in report.days:
            assert day.income_minor == -total(
                postings, "Income", lambda item, day=day: item.day.isoformat() == day.date
            )
        assert report.receivable_minor == total(
            postings, "Assets:Receivable", lambda item, month=month: item.day.isoformat()[:7] <= month
        )


def test_the_cash_flow_is_beancounts(books: Database, postings: list[Posting]) -> None:
    days = days_of(postings)
    for first, last in ((days[0], days[-1]), (days[2], days[4]), (days[-2], days[-1]), (days[1], days[1])):
        report = cash_flow_report(books, first, last)
        for method, account in zip(report.methods, ("Assets:Cash", "Assets:Bank"), strict=True):
            assert method.opening_minor == total(postings, account, lambda item, f=first: item.day < f)
            assert method.closing_minor == total(postings, account, lambda item, last=last: item.day <= last)
            came_and_went = method.in_minor - method.out_minor + method.moved_minor
            assert method.opening_minor + came_and_went == method.closing_minor
        both = [item for item in postings if item.account in ("Assets:Cash", "Assets:Bank")]
        inside = [
            item for item in both if first <= item.day <= last and not item.other.startswith("Assets:B")
        ]
        inside = [item for item in inside if item.other != "Assets:Cash"]
        net = sum(item.amount_minor for item in inside)
        assert report.in_minor - report.out_minor == net
        taken = sum(item.amount_minor for item in inside if item.kind in ("payment", "payment reversal"))
        lines = {line.kind: line.cash_minor + line.bank_minor for line in report.lines}
        assert lines.get("PAYMENT", 0) + lines.get("PAYMENT_REVERSAL", 0) == taken
        for line in report.lines:
            if line.category:
                name = journal_name("EXPENSE", line.category)
                spent = sum(item.amount_minor for item in inside if item.other == name)
                assert line.cash_minor + line.bank_minor == spent


def test_every_statement_is_beancounts(books: Database, postings: list[Posting]) -> None:
    days = days_of(postings)
    first, last = days[3], days[-2]
    for row in books.rows("SELECT id FROM customers"):
        report = statement(books, row["id"], min(first, last), max(first, last))
        own = [item for item in postings if item.account == f"Assets:Receivable:C-{row['id']}"]
        before = [item.amount_minor for item in own if item.day < min(first, last)]
        inside = [item.amount_minor for item in own if min(first, last) <= item.day <= max(first, last)]
        assert report.opening_minor == sum(before)
        assert sorted(line.change_minor for line in report.lines) == sorted(inside)
        assert report.closing_minor == sum(before) + sum(inside)
        assert report.closing_minor == (
            report.lines[-1].balance_minor if report.lines else report.opening_minor
        )
        assert all(line.reference for line in report.lines)


def test_the_receivables_are_beancounts(books: Database, postings: list[Posting]) -> None:
    for day in days_of(postings):
        report = receivables_report(books, day)
        balances: dict[str, int] = defaultdict(int)
        for item in postings:
            if item.account.startswith("Assets:Receivable:") and item.day <= day:
                balances[item.account.rpartition(":C-")[2]] += item.amount_minor
        assert report.ledger_minor == sum(balances.values())
        assert {line.customer_id for line in report.debtors} >= {
            customer for customer, balance in balances.items() if balance > 0
        }
        for line in report.debtors:
            assert line.total_minor == balances[line.customer_id]
            assert sum(line.ages_minor) - line.credit_minor == line.total_minor
            assert min(line.ages_minor) >= 0
            assert line.credit_minor >= 0


@pytest.mark.skipif(shutil.which("hledger") is None, reason="hledger is not installed")
def test_hledger_agrees_on_balances_and_profit(
    books: Database, postings: list[Posting], tmp_path: Path
) -> None:
    path = tmp_path / "books.hledger"
    path.write_text("\n".join(journal_lines(books, "hledger")) + "\n", encoding="utf-8")
    unit = get_shop(books).currency

    def sum_of(query: str, *options: str) -> int:
        command = ["hledger", "-f", str(path), "balance", query, "--depth", "1", "-O", "csv", *options]
        environment = {"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin:/usr/local/bin"}
        done = subprocess.run(command, check=True, capture_output=True, env=environment, encoding="utf-8")
        amount = done.stdout.splitlines()[-1].split(",", 1)[1].strip('"')
        return int(Decimal(amount.split(" ")[0].replace(",", "")).scaleb(unit.decimals))

    days = days_of(postings)
    first, last = days[2], days[-2]
    report = profit_report(books, first, last)
    inside = ("-b", first.isoformat(), "-e", (last + timedelta(days=1)).isoformat())
    assert report.income_total_minor == -sum_of("^Income", *inside)
    assert report.expenses_total_minor == sum_of("^Expenses", *inside)
    until = ("-e", (last + timedelta(days=1)).isoformat())
    cash_flow = cash_flow_report(books, first, last)
    assert cash_flow.closing_minor == sum_of("^Assets:(Cash|Bank)", *until)
    assert receivables_report(books, last).ledger_minor == sum_of("^Assets:Receivable", *until)
