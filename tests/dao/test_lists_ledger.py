"""Lists of ledger entries: ordered, filtered, with an exact account balance on every page."""

from __future__ import annotations

from datetime import date

import pytest

from cleanflow.dao.adjustments import cancel_job, discount_job
from cleanflow.dao.customers import add_customer, set_opening_balance
from cleanflow.dao.drawer import move_cash
from cleanflow.dao.expenses import category_by_name, record_expense, reverse_expense
from cleanflow.dao.jobs import create_job
from cleanflow.dao.ledger import account_balances
from cleanflow.dao.ledger_lists import (
    KINDS,
    balance_before,
    chart_of_accounts,
    get_account,
    list_ledger,
)
from cleanflow.dao.paging import SIFTED, Page, Slice
from cleanflow.dao.payments import record_payment, refund, reverse_payment
from cleanflow.db import Database
from cleanflow.records.chart import Account
from tests.dao.pages import all_pages, all_pages_backward

ACCOUNTS = [Account.CASH, Account.BANK, Account.RECEIVABLE, Account.REVENUE, Account.OWNER, Account.OPENING]


@pytest.fixture
def shop(db: Database) -> Database:
    """Two months with entries of every kind, entered out of order."""
    ann, bob = (add_customer(db, name=name).id for name in ("Ann", "Bob"))
    set_opening_balance(db, bob, 700)
    rent = category_by_name(db, "Rent")
    assert rent is not None
    for n in range(8):
        day = date(2026, 2 - n % 2, 1 + n * 3)
        job = create_job(db, customer_id=(ann, bob)[n % 2], amount_minor=1000 + n, description="Suit", on=day)
        paid = record_payment(
            db, customer_id=(ann, bob)[n % 2], amount_minor=300, method=("CASH", "BANK")[n % 3 == 0], on=day
        )
        expense = record_expense(db, category_id=rent.id, amount_minor=50 + n, method="CASH", on=day)
        if n == 3:
            reverse_payment(db, paid.id, "Wrong", on=day)
            reverse_expense(db, expense.id, "Twice", on=day)
        if n == 5:
            discount_job(db, job.id, 100, "Regular")
            cancel_job(db, job.id, "Changed their mind")
    record_payment(db, customer_id=ann, amount_minor=100, method="CASH", jobs={})
    refund(db, customer_id=ann, amount_minor=100, method="CASH", reason="Back")
    move_cash(db, "FLOAT", 5000, on=date(2026, 2, 1))
    move_cash(db, "BANK_DEPOSIT", 1000, "Takings")
    return db


def facts(db: Database) -> list[dict[str, object]]:
    """All entries in ledger order, by a plain query."""
    return [dict(row) for row in db.rows("SELECT * FROM ledger_entries ORDER BY business_date, rowid")]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("limit", [1, 7, 100])
def test_every_entry_comes_once_by_date(shop: Database, limit: int, descending: bool) -> None:
    part = Slice("date", descending, limit=limit)
    expected = [entry["id"] for entry in facts(shop)]
    rows = all_pages(lambda part: list_ledger(shop, part), part)
    assert [row.id for row in rows] == (expected[::-1] if descending else expected)
    assert all_pages_backward(lambda part: list_ledger(shop, part), part) == rows


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_shows_its_entries_alone(shop: Database, kind: str) -> None:
    expected = [entry["id"] for entry in facts(shop) if entry["kind"] == kind]
    page = list_ledger(shop, Slice("date"), kind=kind)
    assert [row.id for row in page.rows] == expected
    assert page.count == len(expected) and page.is_count_exact


@pytest.mark.parametrize("kind", [None, "EXPENSE", "PAYMENT", "JOB", "FLOAT", "OPENING"])
@pytest.mark.parametrize("account", [*ACCOUNTS, "Rent"])
def test_an_account_shows_what_debits_or_credits_it(shop: Database, account: str, kind: str | None) -> None:
    rent = category_by_name(shop, "Rent")
    account_id = rent.account_id if account == "Rent" and rent else str(account)
    first, last = date(2026, 2, 4), date(2026, 3, 10)
    expected = [
        entry["id"]
        for entry in facts(shop)
        if account_id in (entry["debit_account_id"], entry["credit_account_id"])
        and first.isoformat() <= str(entry["business_date"]) <= last.isoformat()
        and kind in (None, entry["kind"])
    ]

    def read(part: Slice) -> Page[object]:
        return list_ledger(shop, part, account_id=account_id, first=first, last=last, kind=kind)  # type: ignore[return-value]

    for descending in (False, True):
        wanted = expected[::-1] if descending else expected
        part = Slice("date", descending, limit=2)
        assert [row.id for row in all_pages(read, part)] == wanted  # type: ignore[attr-defined]
        assert [row.id for row in all_pages_backward(read, part)] == wanted  # type: ignore[attr-defined]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("limit", [1, 3, 100])
@pytest.mark.parametrize("account_id", ACCOUNTS)
def test_the_balance_after_each_entry_is_exact_on_every_page(
    shop: Database, account_id: Account, limit: int, descending: bool
) -> None:
    account = get_account(shop, account_id)
    running, expected = 0, {}
    for entry in facts(shop):
        if account_id in (entry["debit_account_id"], entry["credit_account_id"]):
            amount = int(str(entry["amount_minor"]))
            running += account.sign * (amount if entry["debit_account_id"] == account_id else -amount)
            expected[entry["id"]] = running
    part = Slice("date", descending, limit=limit)
    rows = all_pages(lambda part: list_ledger(shop, part, account_id=account_id), part)
    assert {row.id: row.balance_minor for row in rows} == expected
    last = next(item for item in account_balances(shop) if item.id == account_id)
    assert account.sign * last.balance_minor == running


def test_income_and_equity_count_credits_as_more_assets_and_expenses_debits(shop: Database) -> None:
    signs = {account.name: account.sign for account in chart_of_accounts(shop)}
    assert (signs["Cash"], signs["Rent"], signs["Service revenue"], signs["Owner's funds"]) == (1, 1, -1, -1)
    owner = get_account(shop, Account.OWNER)
    assert balance_before(shop, owner, date(2026, 2, 1)) == 0
    assert balance_before(shop, owner, date(2026, 2, 2)) == 5000
    assert balance_before(shop, owner, date(2026, 3, 5)) == 5000


def test_where_kind_or_customer_leave_entries_out_there_is_no_balance(shop: Database) -> None:
    ann = shop.value("SELECT id FROM customers WHERE name = 'Ann'")
    for filters in ({"kind": "PAYMENT"}, {"customer_id": ann}):
        page = list_ledger(shop, Slice("date"), account_id=Account.CASH, **filters)  # type: ignore[arg-type]
        assert page.rows and {row.balance_minor for row in page.rows} == {None}


def test_a_customer_and_a_job_show_theirs(shop: Database) -> None:
    ann, job = shop.one("SELECT customer_id, id FROM jobs WHERE reference = 'C1-000002'") or ("", "")
    of_customer = list_ledger(shop, Slice("date"), customer_id=ann)
    assert {row.customer_id for row in of_customer.rows} == {ann}
    assert of_customer.count == sum(entry["customer_id"] == ann for entry in facts(shop))
    of_job = list_ledger(shop, Slice("date"), customer_id=ann, job_id=job)
    assert [(row.kind, row.reference) for row in of_job.rows] == [("JOB", "C1-000002")]


def test_a_line_names_its_record_accounts_people_and_pc(shop: Database) -> None:
    rows = list_ledger(shop, Slice("date")).rows
    references = {row.kind: row.reference[:4] for row in rows}
    assert references["EXPENSE"] == "C1-E" and references["FLOAT"] == "C1-D"
    assert references["PAYMENT"] == "C1-R" and references["JOB"] == references["DISCOUNT"] == "C1-0"
    first = next(row for row in rows if row.chain_number == 1)
    assert (first.number, first.debit_account, first.credit_account, first.user, first.customer) == (
        "C1 #1", "Accounts receivable", "Opening balances", "Olga", "Bob")  # fmt: skip


def test_counting_an_account_stops_at_a_limit(shop: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cleanflow.dao.paging.SIFTED", 10)
    page = list_ledger(shop, Slice("date", limit=5), account_id=Account.CASH)
    assert not page.is_count_exact and page.has_more and page.count < 10
    whole = list_ledger(shop, Slice("date", limit=SIFTED), account_id=Account.CASH)
    assert whole.is_count_exact and whole.count == len(whole.rows)


def test_a_page_reads_the_index_of_dates_and_sorts_nothing(shop: Database) -> None:
    plans = []
    shop.connection.set_trace_callback(plans.append)
    list_ledger(shop, Slice("date", True), account_id=Account.CASH)
    list_ledger(shop, Slice("date", True), kind="VARIANCE")
    list_ledger(shop, Slice("date", True), customer_id=shop.value("SELECT id FROM customers"))
    shop.connection.set_trace_callback(None)
    pages = [query for query in plans if "ORDER BY entries.business_date" in query]
    assert len(pages) == 3
    for query, index in zip(pages, ("by_date", "rare", "by_customer"), strict=True):
        plan = " ".join(row[3] for row in shop.rows(f"EXPLAIN QUERY PLAN {query}"))
        assert f"ledger_entries_{index}" in plan and "TEMP B-TREE" not in plan
