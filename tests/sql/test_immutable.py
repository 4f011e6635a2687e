"""The schema's rules, tested with raw SQL past the DAO, with recursive_triggers on and off."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from cleanflow.dao import adjustments, customers, drawer, expenses, jobs, payments, services
from cleanflow.dao.shop import change_settings
from cleanflow.db import Database

FACTS = {
    "ledger_entries": "ledger_immutable",
    "audit_logs": "audit_immutable",
    "payments": "fact_immutable",
    "payment_allocations": "fact_immutable",
    "job_adjustments": "fact_immutable",
    "expenses": "fact_immutable",
    "drawer_movements": "fact_immutable",
}
RECORDS = (
    "devices",
    "settings",
    "users",
    "customers",
    "service_types",
    "accounts",
    "expense_categories",
    "jobs",
)
#: Several rules apply; SQLite chooses which one fires first.
NOT_TWICE = ("record_exists", "ledger_chain_broken", "allocation_above_payment", "allocation_above_due")
SYNC_COLUMNS = {"sync_status", "sync_error"}


@pytest.fixture
def full(db: Database) -> Database:
    """A shop with at least one row in every table."""
    customer = customers.add_customer(db, name="Ann", phone="123")
    services.add_service(db, name="Ironing", price_minor=500)
    job = jobs.create_job(db, customer_id=customer.id, amount_minor=1000)
    jobs.create_job(db, customer_id=customer.id, amount_minor=700)
    adjustments.discount_job(db, job.id, 100, "Regular")
    payments.record_payment(db, customer_id=customer.id, amount_minor=400, method="CASH")
    payments.record_payment(db, customer_id=customer.id, amount_minor=300, method="BANK")
    category = expenses.list_categories(db)[0]
    expenses.record_expense(db, category_id=category.id, amount_minor=50, method="CASH")
    drawer.move_cash(db, "FLOAT", 10000)
    change_settings(db, {"shop_phone": "555"})
    return db


@pytest.fixture(params=["recursive", "not recursive"])
def raw(full: Database, request: pytest.FixtureRequest) -> Iterator[sqlite3.Connection]:
    """A connection of another program, without our pragmas."""
    connection = sqlite3.connect(full.path, isolation_level=None)
    if request.param == "recursive":
        connection.execute("PRAGMA recursive_triggers = ON")
    connection.row_factory = sqlite3.Row
    yield connection
    connection.close()


def columns(raw: sqlite3.Connection, table: str) -> list[str]:
    return [row["name"] for row in raw.execute(f"PRAGMA table_info({table})")]


def table_content(raw: sqlite3.Connection, table: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in raw.execute(f"SELECT * FROM {table} ORDER BY rowid")]


def refuses(raw: sqlite3.Connection, sql: str, *codes: str) -> None:
    with pytest.raises(sqlite3.IntegrityError) as caught:
        raw.execute(sql)
    assert str(caught.value) in codes


@pytest.mark.parametrize("table", FACTS)
def test_no_column_of_a_fact_but_the_sync_columns_can_be_updated(raw: sqlite3.Connection, table: str) -> None:
    before = table_content(raw, table)
    for column in set(columns(raw, table)) - SYNC_COLUMNS:
        refuses(raw, f"UPDATE {table} SET {column} = {column}", FACTS[table])
    assert table_content(raw, table) == before
    raw.execute(f"UPDATE {table} SET sync_status = 'SYNCED', sync_error = NULL")


@pytest.mark.parametrize("table", FACTS)
def test_a_fact_cannot_be_deleted(raw: sqlite3.Connection, table: str) -> None:
    before = table_content(raw, table)
    refuses(raw, f"DELETE FROM {table}", FACTS[table])
    assert table_content(raw, table) == before


@pytest.mark.parametrize("table", [*FACTS, *RECORDS])
@pytest.mark.parametrize("verb", ["INSERT OR REPLACE", "REPLACE", "INSERT OR IGNORE", "INSERT"])
def test_a_row_cannot_be_replaced(raw: sqlite3.Connection, table: str, verb: str) -> None:
    before = table_content(raw, table)
    refuses(raw, f"{verb} INTO {table} SELECT * FROM {table} LIMIT 1", *NOT_TWICE)
    assert table_content(raw, table) == before


@pytest.mark.parametrize("table", [*FACTS, *RECORDS])
def test_an_upsert_cannot_change_a_row(raw: sqlite3.Connection, table: str) -> None:
    before = table_content(raw, table)
    sql = f"INSERT INTO {table} SELECT * FROM {table} WHERE TRUE LIMIT 1 ON CONFLICT DO UPDATE SET device_id = 'x'"
    refuses(raw, sql, *NOT_TWICE)
    assert table_content(raw, table) == before


def test_a_ledger_entry_cannot_be_pushed_out_by_another_one_with_its_number(raw: sqlite3.Connection) -> None:
    before = table_content(raw, "ledger_entries")
    names = columns(raw, "ledger_entries")
    selected = ", ".join("'99999999-1111-4111-8111-111111111111'" if name == "id" else name for name in names)
    sql = (
        f"INSERT OR REPLACE INTO ledger_entries SELECT {selected} FROM ledger_entries WHERE chain_number = 2"
    )
    refuses(raw, sql, *NOT_TWICE)
    assert table_content(raw, "ledger_entries") == before


def test_a_reference_cannot_be_given_twice(raw: sqlite3.Connection) -> None:
    names = columns(raw, "payments")
    selected = ", ".join("'99999999-1111-4111-8111-111111111111'" if name == "id" else name for name in names)
    refuses(raw, f"INSERT OR REPLACE INTO payments SELECT {selected} FROM payments LIMIT 1", "record_exists")


def test_update_or_replace_cannot_remove_a_row(raw: sqlite3.Connection) -> None:
    before = table_content(raw, "ledger_entries")
    refuses(raw, "UPDATE OR REPLACE ledger_entries SET chain_number = 1", "ledger_immutable")
    assert table_content(raw, "ledger_entries") == before


@pytest.mark.parametrize("table", RECORDS)
def test_a_record_keeps_its_identity_and_cannot_be_deleted(raw: sqlite3.Connection, table: str) -> None:
    refuses(raw, f"DELETE FROM {table}", "record_permanent")
    for column in ("id", "device_id", "created_at"):
        refuses(raw, f"UPDATE {table} SET {column} = {column}", "record_immutable")


@pytest.mark.parametrize("column", ["amount_minor", "customer_id", "reference", "business_date", "kind"])
def test_the_amount_and_the_like_of_a_job_never_change(raw: sqlite3.Connection, column: str) -> None:
    refuses(raw, f"UPDATE jobs SET {column} = {column}", "record_immutable")


def test_an_edit_that_is_not_newer_is_refused(raw: sqlite3.Connection) -> None:
    refuses(raw, "UPDATE customers SET name = 'Eve'", "stale_update")
    refuses(
        raw, "UPDATE customers SET name = 'Eve', updated_at = '2001' || substr(updated_at, 5)", "stale_update"
    )


def test_an_edit_that_would_not_be_sent_is_refused(raw: sqlite3.Connection) -> None:
    newer = "updated_at = '2099' || substr(updated_at, 5)"
    raw.execute("UPDATE customers SET sync_status = 'SYNCED'")
    refuses(raw, f"UPDATE customers SET name = 'Eve', {newer}", "stale_update")
    raw.execute(f"UPDATE customers SET name = 'Eve', sync_status = 'PENDING', {newer}")


def test_the_ledger_takes_no_entry_that_does_not_follow_the_last_one(raw: sqlite3.Connection) -> None:
    names = columns(raw, "ledger_entries")
    for change in ({"chain_number": "chain_number + 5"}, {"chain_number": "chain_number + 1"}):
        values = {"id": "'99999999-1111-4111-8111-111111111111'", **change}
        selected = ", ".join(values.get(name, name) for name in names)
        last = "ORDER BY chain_number DESC LIMIT 1"
        sql = f"INSERT INTO ledger_entries SELECT {selected} FROM ledger_entries {last}"
        refuses(raw, sql, "ledger_chain_broken")


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("INSERT INTO payment_allocations {allocation}", "allocation_above_payment"),
        ("UPDATE customers SET is_active = 0, updated_at = '2099' || substr(updated_at, 5)", "customer_has_balance"),
        ("UPDATE settings SET value = 'EUR', updated_at = '2099' || substr(updated_at, 5), sync_status = 'PENDING'"
         " WHERE key = 'currency'", "currency_fixed"),
    ],
)  # fmt: skip
def test_the_rules_of_business_hold_past_the_dao(raw: sqlite3.Connection, sql: str, code: str) -> None:
    allocation = (
        "(id, device_id, payment_id, job_id, amount_minor, created_at, updated_at)"
        " SELECT '99999999-1111-4111-8111-111111111111', device_id, payment_id, job_id, 100000, created_at,"
        " created_at FROM payment_allocations LIMIT 1"
    )
    refuses(raw, sql.format(allocation=allocation), code)


@pytest.mark.parametrize(
    "bad",
    ["amount_minor = 0", "amount_minor = -5", "amount_minor = 1000000000000", "business_date = '2026-02-30'",
     "business_date = 'soon'", "credit_account_id = debit_account_id", "created_at = '2026-01-01'"],
)  # fmt: skip
def test_a_ledger_entry_with_nonsense_in_it_is_refused(raw: sqlite3.Connection, bad: str) -> None:
    column, value = bad.split(" = ")
    names = columns(raw, "ledger_entries")
    given = {"id": "'99999999-1111-4111-8111-111111111111'", "device_id": "'another PC'", column: value}
    selected = ", ".join(given.get(name, name) for name in names)
    with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
        raw.execute(f"INSERT INTO ledger_entries SELECT {selected} FROM ledger_entries LIMIT 1")


def test_money_is_never_a_float(raw: sqlite3.Connection) -> None:
    names = columns(raw, "ledger_entries")
    given = {
        "id": "'99999999-1111-4111-8111-111111111111'",
        "device_id": "'another PC'",
        "amount_minor": "1.5",
    }
    selected = ", ".join(given.get(name, name) for name in names)
    with pytest.raises(sqlite3.IntegrityError, match="cannot store REAL"):
        raw.execute(f"INSERT INTO ledger_entries SELECT {selected} FROM ledger_entries LIMIT 1")
