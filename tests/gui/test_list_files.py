"""Lists as files: all records of the filter, in the order of the list, as workbook and as PDF."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from cleanflow.dao.adjustments import discount_job
from cleanflow.dao.customers import add_customer
from cleanflow.dao.expenses import category_by_name, record_expense
from cleanflow.dao.jobs import create_job, edit_job
from cleanflow.dao.payments import record_payment
from cleanflow.dao.remembered import remember
from cleanflow.dao.services import list_services
from cleanflow.dao.shop import change_settings
from cleanflow.db import bulk
from cleanflow.records.chart import Account
from cleanflow.reports import record_lists
from tests.gui.conftest import Hands
from tests.rendering.poppler import text_of


@pytest.fixture
def shop(hands: Hands, tmp_path: Path) -> Hands:
    """130 jobs today, each third ready, and one of February; two payments, an expense; Carl signed in."""
    db = hands.window.db
    remember(db, "reports.folder", str(tmp_path))
    ironing = list_services(db)[0].id
    with bulk(db):
        ann, bob = (add_customer(db, name=name).id for name in ("Ann <b>", "=1+1"))
        create_job(db, customer_id=ann, amount_minor=99_00, on="2026-02-01")
        for number in range(130):
            job = create_job(
                db,
                customer_id=(ann, bob)[number % 2],
                amount_minor=15_00 + number,
                service_type_id=ironing,
                description=f"shirts {number}",
            )
            if number % 3 == 0:
                edit_job(db, job.id, work_status="READY")
        discount_job(db, job.id, 1_00, "Regular")
        record_payment(db, customer_id=ann, amount_minor=10_00, method="CASH")
        record_payment(db, customer_id=bob, amount_minor=20_00, method="BANK")
    category = category_by_name(db, "Supplies")
    assert category is not None
    record_expense(db, category_id=category.id, amount_minor=3_00, method="CASH", description="Soap")
    hands.sign_in()
    return hands


def save_list(hands: Hands, tmp_path: Path, kind: str = "Excel") -> Path:
    """Ctrl+P and Enter, as Excel or PDF; the file."""
    before = set(tmp_path.iterdir())
    hands.press("Control-p")
    if kind == "PDF":
        hands.type("p")
    hands.press("Control-s")
    hands.wait_for("Saved: ")
    (saved,) = [path for path in set(tmp_path.iterdir()) - before if path.suffix in (".xlsx", ".pdf")]
    return saved


def rows_of(path: Path) -> list[tuple[object, ...]]:
    """The rows of the list, without heading and total."""
    book = load_workbook(path)
    return [tuple(row) for row in book.worksheets[1].iter_rows(min_row=2, values_only=True)]


def test_jobs_go_into_a_workbook_with_their_filter_and_their_order(shop: Hands, tmp_path: Path) -> None:
    shop.window.show("jobs", status="READY", day="2026-03-10")
    shop.focus_list()
    shop.press("Control-8")  # by what is due
    path = save_list(shop, tmp_path)
    assert path.name == "Jobs Work Ready, Taken in 10-03-2026.xlsx"
    *rows, total = rows_of(path)
    assert len(rows) == 44
    due = [row[8] for row in rows]
    assert due == sorted(due)  # type: ignore[type-var]
    assert {row[6] for row in rows} == {"Ready"}
    assert {type(row[1]).__name__ for row in rows} == {"datetime"}
    assert rows[0][4] == "Ironing, shirts 3"
    assert total[0] == "Total" and str(total[8]).startswith("=SUM(")


def test_a_list_of_several_pages_is_saved_whole(shop: Hands, tmp_path: Path) -> None:
    shop.window.show("jobs")
    assert len(shop.rows()) == 100
    *rows, _total = rows_of(save_list(shop, tmp_path))
    assert [row[0] for row in rows] == [f"C1-{number:06d}" for number in range(131, 0, -1)]
    assert {row[2] for row in rows} == {"Ann <b>", "=1+1"}


@pytest.mark.parametrize(
    ("screen", "words"),
    [
        ("jobs", ("C1-000131", "Ironing, shirts 129", "Jobs: 131")),
        ("payments", ("C1-R000001", "C1-R000002", "Payments: 2", "30.00")),
        ("expenses", ("C1-E000001", "Soap", "3.00")),
        ("ledger", ("C1 #1", "C1 #135", "Service revenue")),
        ("audit", ("Regular", "C1-R000001")),
    ],
)
def test_each_list_becomes_a_pdf(shop: Hands, tmp_path: Path, screen: str, words: tuple[str, ...]) -> None:
    shop.window.show(screen)
    if screen in ("jobs", "audit", "ledger"):
        filters = shop.window.navigation.screens[screen]
        filters = getattr(filters, "_entries", filters)
        (getattr(filters, "filters", None) or filters._filters).set("period", "All")  # type: ignore[attr-defined]
    text = text_of(save_list(shop, tmp_path, "PDF").read_bytes())
    for word in words:
        assert word in text, word


def test_the_audit_in_a_file_has_the_values_before_and_after(shop: Hands, tmp_path: Path) -> None:
    shop.window.show("audit")
    told = {row[3:] for row in rows_of(save_list(shop, tmp_path))}
    assert ("Changed", "Job", "C1-000002", "Work", "Received", "Ready") in told
    assert ("Added", "Change of a job's price", "C1-000131", "Reason", None, "Regular") in told


def test_an_accounts_entries_are_saved_with_the_balance_but_not_a_secret_one(
    shop: Hands, tmp_path: Path
) -> None:
    shop.window.show("ledger", account_id=str(Account.CASH), first="2026-03-10", last="2026-03-10")
    *rows, total = rows_of(save_list(shop, tmp_path))
    assert [row[8] for row in rows] == [7, 10]
    assert total[6] is not None
    db = shop.window.db
    with db.session.acting_as(db.value("SELECT id FROM users WHERE role = 'OWNER'")):
        change_settings(db, {"blind_count": "1"})
    for path in tmp_path.glob("*.xlsx"):
        path.unlink()
    shop.window.show("ledger", account_id=str(Account.CASH), first="2026-03-10", last="2026-03-10")
    rows = rows_of(save_list(shop, tmp_path))
    assert {row[8] for row in rows} == {None} and len(rows) == 2, "no balance, and no total"


def test_too_many_records_are_refused_in_words(
    shop: Hands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(record_lists.MOST_RECORDS, "xlsx", 100)
    shop.window.show("jobs")
    shop.press("Control-p", "Control-s")
    shop.wait_until(lambda: shop.errors)
    assert [str(error) for error in shop.errors] == [
        "These are more than 100 records; choose a shorter period."
    ]  # which the window shows in the status bar
    assert list(tmp_path.glob("*.xlsx")) == []


def test_a_record_of_this_day_is_dated_as_a_date(shop: Hands, tmp_path: Path) -> None:
    shop.window.show("payments")
    rows = rows_of(save_list(shop, tmp_path))
    assert {row[0].date() for row in rows[:2]} == {date(2026, 3, 10)}  # type: ignore[attr-defined]
