"""Reports, slips and journals can show any stored text, and other programs can read them."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from beancount import loader
from openpyxl import load_workbook

from cleanflow.dao.audit_lists import list_audit
from cleanflow.dao.paging import Slice
from cleanflow.dao.users import first_owner
from cleanflow.db import Database, open_database
from cleanflow.errors import Refusal
from cleanflow.exchange.journal import journal_lines
from cleanflow.rendering.document import Document
from cleanflow.rendering.pdf import pdf_bytes
from cleanflow.rendering.roll import roll_pdf
from cleanflow.rendering.text import as_text
from cleanflow.rendering.xlsx import save_xlsx
from cleanflow.reports.catalogue import Asked, catalogue
from cleanflow.reports.closed_day import closed_report
from cleanflow.reports.pages.receipt import receipt
from cleanflow.reports.pages.stored import restored, stored
from cleanflow.reports.pages.ticket import ticket
from cleanflow.safekeeping.verify import verify
from tests import hostile
from tests.conftest import TestClock
from tests.hostile_shop import fill, keepable, name_shop
from tests.rendering.poppler import pages_of


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory, new_shop_file: Path) -> Iterator[Database]:
    path = tmp_path_factory.mktemp("hostile") / "cleanflow.db"
    shutil.copy(new_shop_file, path)
    with open_database(path, clock=TestClock(datetime(2026, 3, 10, 9, tzinfo=UTC))) as db:
        owner = first_owner(db)
        assert owner is not None
        db.session.user_id = owner.id
        fill(db)
        name_shop(db, hostile.TEXTS["markup"])
        yield db


#: The only formula in a workbook: the total of a column.
OWN_FORMULA = re.compile(r"=SUM\([A-Z]+[0-9]+:[A-Z]+[0-9]+\)")


def assert_draws(document: Document, folder: Path) -> None:
    text = as_text(document)
    text.encode()
    assert not any(char in text for char in "\0\x1b\x07")
    assert pages_of(pdf_bytes(document)) >= 1
    roll_pdf(document)
    assert restored(stored(document)) == document
    save_xlsx(document, folder / "x.xlsx")
    for sheet in load_workbook(folder / "x.xlsx"):
        formulas = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
        assert [text for text in formulas if not OWN_FORMULA.fullmatch(text)] == []


def test_the_books_are_whole(books: Database) -> None:
    assert verify(books).findings == []


@pytest.mark.parametrize("kind", catalogue(), ids=lambda kind: kind.name)
@pytest.mark.parametrize(
    "asked",
    [Asked(), Asked(date(2026, 3, 1), date(2026, 3, 31)), Asked(date.min, date.max), Asked(date.max, date.max),
     Asked(date.min, date.min)],
    ids=["open", "month", "ever", "last day", "first day"],
)  # fmt: skip
def test_every_report_draws_every_name(books: Database, kind: object, asked: Asked, tmp_path: Path) -> None:
    if kind.of_customer:  # type: ignore[attr-defined]
        rich = books.value("SELECT id FROM customers WHERE name = 'Rich'")
        asked = Asked(asked.first, asked.last, rich)
    try:
        document = kind.document(books, asked)  # type: ignore[attr-defined]
    except Refusal as refusal:
        is_month_before_first = (refusal.code, asked.first) == ("date_invalid", date.min)
        is_too_long = (refusal.code, kind.name) == ("too_many_days", "daily")  # type: ignore[attr-defined]
        assert is_month_before_first or is_too_long
    else:
        assert_draws(document, tmp_path)


def test_every_slip_and_statement_draws_every_name(books: Database, tmp_path: Path) -> None:
    statement = next(kind for kind in catalogue() if kind.of_customer)
    for row in books.rows("SELECT id FROM customers"):
        document = statement.document(books, Asked(customer_id=row["id"]))
        as_text(document)
        pdf_bytes(document)
    for row in books.rows("SELECT id FROM jobs"):
        roll_pdf(ticket(books, row["id"]))
        pdf_bytes(ticket(books, row["id"]))
    for row in books.rows("SELECT id FROM payments"):
        roll_pdf(receipt(books, row["id"]))
        pdf_bytes(receipt(books, row["id"], received_minor=10**15))
    for row in books.rows("SELECT id FROM day_closings"):
        assert_draws(closed_report(books, row["id"]), tmp_path)


def test_every_name_of_a_shop_heads_a_slip(books: Database) -> None:
    payment = books.value("SELECT id FROM payments LIMIT 1")
    for name in keepable():
        name_shop(books, name)
        document = receipt(books, payment)
        as_text(document)
        pdf_bytes(document)
        roll_pdf(document)
    name_shop(books, hostile.TEXTS["markup"])


def test_beancount_reads_the_journal(books: Database, tmp_path: Path) -> None:
    path = tmp_path / "books.beancount"
    path.write_text("\n".join(journal_lines(books, "beancount")) + "\n", encoding="utf-8")
    _entries, errors, _options = loader.load_file(str(path))
    assert errors == []


@pytest.mark.skipif(shutil.which("hledger") is None, reason="hledger is not installed")
def test_hledger_reads_the_journal(books: Database, tmp_path: Path) -> None:
    path = tmp_path / "books.hledger"
    path.write_text("\n".join(journal_lines(books, "hledger")) + "\n", encoding="utf-8")
    environment = {"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin:/usr/local/bin"}
    command = ["hledger", "-f", str(path), "check"]
    done = subprocess.run(command, check=False, capture_output=True, env=environment, encoding="utf-8")
    assert done.returncode == 0, done.stderr[:500]


def test_the_trail_of_any_days_can_be_listed(books: Database) -> None:
    ends = (date.min, date(1969, 12, 31), date(2026, 3, 10), date.max, None)
    for first in ends:
        for last in ends:
            listed = list_audit(books, Slice("time"), first=first, last=last).rows
            expected = (first or date.min) <= date(2026, 3, 10) <= (last or date.max)
            assert bool(listed) == expected
