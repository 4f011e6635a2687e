"""verify finds and names every kind of tampering, and reports nothing for honest books."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from cleanflow.dao import adjustments, customers, drawer, expenses, jobs, payments
from cleanflow.db import Database, open_database
from cleanflow.safekeeping.finding import Finding
from cleanflow.safekeeping.verify import verify

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def books(db: Database) -> Path:
    """A small shop's closed database, so that a test can change the file."""
    ann = customers.add_customer(db, name="Ann", phone="1")
    ben = customers.add_customer(db, name="Ben")
    job = jobs.create_job(db, customer_id=ann.id, amount_minor=1000)
    jobs.create_job(db, customer_id=ben.id, amount_minor=2500)
    adjustments.discount_job(db, job.id, 100, "Regular")
    paid = payments.record_payment(db, customer_id=ann.id, amount_minor=1200, method="CASH")
    payments.refund(db, customer_id=ann.id, amount_minor=300, method="CASH", reason="Too much")
    wrong = payments.record_payment(db, customer_id=ben.id, amount_minor=50, method="BANK")
    payments.reverse_payment(db, wrong.id, "Wrong customer")
    category = expenses.list_categories(db)[0]
    bill = expenses.record_expense(db, category_id=category.id, amount_minor=70, method="CASH")
    expenses.reverse_expense(db, bill.id, "Twice")
    drawer.move_cash(db, "FLOAT", 5000)
    customers.set_opening_balance(db, ben.id, -20)
    assert paid.amount_minor == 1200
    assert verify(db).findings == []
    return db.path


class Thief:
    """An attacker with a database tool, who drops the triggers, changes rows, and restores the triggers."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self, *statements: str) -> list[Finding]:
        raw = sqlite3.connect(self.path, isolation_level=None)
        rules = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _sql in rules:
            raw.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            raw.execute(statement)
        for _name, sql in rules:
            raw.execute(sql)
        raw.close()
        with open_database(self.path) as db:
            return verify(db).findings


@pytest.fixture
def thief(books: Path) -> Thief:
    return Thief(books)


def codes(findings: list[Finding]) -> set[str]:
    return {finding.code for finding in findings}


LEDGER_TEXTS = (
    "id", "device_id", "kind", "debit_account_id", "credit_account_id", "customer_id", "job_id", "source_id",
    "business_date", "user_id", "created_at", "previous_hash", "hash",
)  # fmt: skip


@pytest.mark.parametrize("number", [1, 3, 8])
@pytest.mark.parametrize("column", LEDGER_TEXTS)
def test_a_changed_byte_in_any_column_of_a_ledger_row_is_found_and_the_entry_named(
    books: Path, thief: Thief, column: str, number: int
) -> None:
    raw = sqlite3.connect(books)
    value = raw.execute(f"SELECT {column} FROM ledger_entries WHERE chain_number = {number}").fetchone()[0]
    raw.close()
    if value is None:
        new = "'99999999-9999-4999-8999-999999999999'"
    else:
        last = "1" if value[-1] != "1" else "2"
        new = "'" + value[:-1] + last + "'"
        if column == "created_at":
            new = "'" + value[:-2] + last + "Z'"
        if column == "kind":
            new = "'VARIANCE'"
    findings = thief(
        "PRAGMA ignore_check_constraints = ON",
        f"UPDATE ledger_entries SET {column} = {new} WHERE chain_number = {number}",
    )
    assert codes(findings) & {"entry_changed", "chain_gap", "chain_order"}
    assert any(f", entry {number}" in finding.where for finding in findings)


@pytest.mark.parametrize("column", ["amount_minor", "updated_at"])
def test_a_changed_amount_or_time_is_found_and_the_entry_named(thief: Thief, column: str) -> None:
    new = "amount_minor + 1" if column == "amount_minor" else "'2026-03-10T09:00:00.999999Z'"
    findings = thief(
        "PRAGMA ignore_check_constraints = ON",
        f"UPDATE ledger_entries SET {column} = {new} WHERE chain_number = 4",
    )
    assert any(f.code == "entry_changed" and "PC C1, entry 4" in f.where for f in findings)


@pytest.mark.parametrize("number", [1, 5])
def test_a_removed_entry_is_found_and_its_place_named(thief: Thief, number: int) -> None:
    findings = thief(f"DELETE FROM ledger_entries WHERE chain_number = {number}")
    assert any(f.code == "chain_gap" and f"Entry {number} is missing" in f.words for f in findings)


def test_a_removed_last_entry_is_found(thief: Thief) -> None:
    last = "(SELECT max(chain_number) FROM ledger_entries)"
    findings = thief(f"DELETE FROM ledger_entries WHERE chain_number = {last}")
    assert {"chain_end", "ledger_mismatch"} <= codes(findings)


def test_a_removed_last_entry_is_found_even_when_the_noted_end_was_mended_too(thief: Thief) -> None:
    last = "(SELECT max(chain_number) FROM ledger_entries)"
    findings = thief(
        f"DELETE FROM ledger_entries WHERE chain_number = {last}",
        f"UPDATE chain_heads SET chain_number = {last},"
        f" hash = (SELECT hash FROM ledger_entries WHERE chain_number = {last})",
    )
    assert "ledger_mismatch" in codes(findings)


def test_entries_in_another_order_are_found(thief: Thief) -> None:
    findings = thief(
        "UPDATE ledger_entries SET chain_number = 1000 WHERE chain_number = 2",
        "UPDATE ledger_entries SET chain_number = 2 WHERE chain_number = 3",
        "UPDATE ledger_entries SET chain_number = 3 WHERE chain_number = 1000",
    )
    assert {"chain_order", "entry_changed"} <= codes(findings)


@pytest.mark.parametrize(
    ("statement", "code", "where"),
    [
        ("UPDATE payments SET amount_minor = 12 WHERE reference = 'C1-R000001'", "ledger_mismatch", "C1-R000001"),
        ("UPDATE payments SET method = 'BANK' WHERE reference = 'C1-R000001'", "ledger_mismatch", "C1-R000001"),
        ("UPDATE payments SET customer_id = (SELECT id FROM customers WHERE name = 'Ben')", "ledger_mismatch", "C1-R"),
        ("DELETE FROM drawer_movements", "ledger_orphan", "PC C1"),
        ("DELETE FROM job_adjustments", "ledger_orphan", "PC C1"),
        ("UPDATE expenses SET kind = 'EXPENSE', reverses_id = NULL WHERE kind = 'REVERSAL'", "ledger_mismatch", "E00"),
        ("UPDATE jobs SET amount_minor = 1 WHERE reference = 'C1-000002'", "ledger_mismatch", "C1-000002"),
        ("UPDATE customer_balances SET balance_minor = balance_minor - 1", "derived_wrong", "Ann"),
        ("DELETE FROM customer_balances", "derived_wrong", "Ben"),
        ("UPDATE job_totals SET total_minor = 0", "derived_wrong", "C1-000001"),
        ("UPDATE job_totals SET allocated_minor = 5", "derived_wrong", "C1-000002"),
        ("UPDATE payment_totals SET received_minor = 0", "derived_wrong", "C1-R000001"),
        ("UPDATE account_days SET debit_minor = debit_minor + 1, credit_minor = credit_minor + 1",
         "derived_wrong", "Cash"),
        ("UPDATE job_totals SET customer_id = 'somebody'", "derived_wrong", "C1-000001"),
        ("UPDATE payment_totals SET received_minor = received_minor + 5, allocated_minor = allocated_minor + 5",
         "derived_wrong", "C1-R000001"),
        ("UPDATE app_settings SET is_merging = 1", "audit_off", "audit"),
        ("INSERT INTO customer_search (customer_search) VALUES ('delete-all')", "search_stale", "search"),
        ("UPDATE account_months SET debit_minor = debit_minor + 1, credit_minor = credit_minor + 1",
         "derived_wrong", "2026-03"),
        ("DELETE FROM payment_allocations WHERE refund_id IS NOT NULL", "allocation_wrong", "refund"),
        ("UPDATE payments SET reference_number = 77 WHERE reference = 'C1-R000002'", "reference_gap", "C1-R"),
        ("UPDATE jobs SET reference = 'C1-000009' WHERE reference = 'C1-000002'", "reference_changed", "C1-000009"),
        ("UPDATE reference_counters SET last_number = 99 WHERE series = 'JOB'", "reference_counter", "jobs"),
        ("DELETE FROM customers WHERE name = 'Ben'", "record_missing", "jobs"),
        ("DELETE FROM audit_logs WHERE table_name = 'payments'", "audit_missing", "payments"),
        ("UPDATE customer_search_texts SET search_text = ''", "search_stale", "Ann"),
        ("UPDATE chain_heads SET hash = replace(hash, substr(hash, 1, 1), 'x')", "chain_end", "C1"),
    ],
)  # fmt: skip
def test_other_tampering_is_found_and_named(thief: Thief, statement: str, code: str, where: str) -> None:
    findings = thief("PRAGMA ignore_check_constraints = ON", statement)
    assert any(f.code == code and where in f.where for f in findings), findings


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("DROP TRIGGER ledger_entries_before_delete", "schema_missing"),
        ("CREATE TRIGGER skim AFTER INSERT ON payments BEGIN SELECT 1; END", "schema_added"),
        ("DROP INDEX jobs_by_date", "schema_missing"),
    ],
)
def test_a_changed_rule_is_found(books: Path, statement: str, code: str) -> None:
    raw = sqlite3.connect(books)
    raw.execute(statement)
    raw.close()
    with open_database(books) as db:
        assert codes(verify(db).findings) == {code}


@pytest.mark.parametrize("table", ["customers", "users", "app_settings", "ledger_entries"])
def test_a_view_without_end_in_a_tables_place_is_found_and_not_asked(books: Path, table: str) -> None:
    raw = sqlite3.connect(books)
    raw.execute("PRAGMA legacy_alter_table = ON")
    raw.execute(f"ALTER TABLE {table} RENAME TO hidden")
    raw.execute(f"""CREATE VIEW {table} AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
                    SELECT hidden.* FROM hidden, (SELECT count(*) FROM n)""")
    raw.close()
    command = [sys.executable, "cleanflow.py", "--data", str(books.parent), "verify"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20)
    assert told.returncode == 1 and "their content was not checked" in told.stdout


def test_a_page_overwritten_on_the_disk_is_found(books: Path) -> None:
    with open_database(books) as db:
        page = db.value("SELECT rootpage FROM sqlite_master WHERE name = 'ledger_entries_by_date'")
        size = db.value("PRAGMA page_size")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with books.open("r+b") as file:
        file.seek((page - 1) * size + size - 40)
        file.write(b"\x00" * 40)
    with open_database(books) as db:
        assert "file_damaged" in codes(verify(db).findings)


def test_verify_writes_nothing(books: Path) -> None:
    before = books.read_bytes()
    with open_database(books) as db:
        verify(db)
    assert books.read_bytes() == before


def test_text_that_is_not_utf8_is_a_finding_and_no_traceback(thief: Thief) -> None:
    findings = thief("UPDATE customers SET name = CAST(x'ff41' AS TEXT) WHERE name = 'Ann'")
    assert "file_damaged" in codes(findings)
