"""A real shop's files, the Chinook database's: every customer and every cent arrives, once."""

from __future__ import annotations

import csv
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from cleanflow.db import Database
from cleanflow.exchange.importing import Report, plan_import, run_import
from cleanflow.safekeeping.verify import verify
from tests.exchange.conftest import column, counts, everything

FOLDER = Path(__file__).resolve().parents[1] / "fixtures" / "chinook"
STEPS = (("customers", "customers.csv"), ("jobs", "invoices.csv"), ("payments", "invoices.csv"))


def import_step(db: Database, kind: str, name: str, **options: bool) -> Report:
    return run_import(db, plan_import(db, kind, FOLDER / name), **options)


def raw(name: str) -> list[dict[str, str]]:
    with open(FOLDER / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def chinook(db: Database) -> Database:
    added = [counts(import_step(db, *step)) for step in STEPS]
    assert added == [(59, 0, 0), (412, 0, 0), (412, 0, 0)]
    return db


def test_every_job_is_paid_and_nobody_owes_anything(chinook: Database) -> None:
    assert column(chinook, "SELECT DISTINCT payment_status FROM job_totals") == ["PAID"]
    assert column(chinook, "SELECT DISTINCT balance_minor FROM customer_balances") == [0]
    assert column(chinook, "SELECT sum(amount_minor) FROM jobs") == [232860]
    assert column(chinook, "SELECT sum(amount_minor) FROM payments") == [232860]
    assert verify(chinook).is_clean


def test_each_customers_sum_is_the_one_that_the_file_says(chinook: Database) -> None:
    expected: dict[str, Decimal] = defaultdict(Decimal)
    for row in raw("invoices.csv"):
        expected[row["CustomerId"]] += Decimal(row["Total"])
    for table in ("jobs", "payments"):
        query = f"""
            SELECT customers.external_key, sum(amount_minor) FROM {table}
              JOIN customers ON customers.id = customer_id GROUP BY customer_id
        """
        assert {key: Decimal(minor) / 100 for key, minor in chinook.rows(query)} == expected


def test_each_payment_settles_the_invoice_that_it_belongs_to(chinook: Database) -> None:
    query = """
        SELECT jobs.external_key, payments.amount_minor, payments.business_date
          FROM payment_allocations JOIN jobs ON jobs.id = job_id JOIN payments ON payments.id = payment_id
    """
    expected = {
        (row["InvoiceId"], int(Decimal(row["Total"]) * 100), row["InvoiceDate"][:10])
        for row in raw("invoices.csv")
    }
    assert {tuple(row) for row in chinook.rows(query)} == expected


def test_names_survive_exactly(chinook: Database) -> None:
    expected = {row["CustomerId"]: f"{row['FirstName']} {row['LastName']}" for row in raw("customers.csv")}
    assert dict(map(tuple, chinook.rows("SELECT external_key, name FROM customers"))) == expected


def test_importing_all_of_it_again_adds_nothing(chinook: Database) -> None:
    before = everything(chinook)
    assert [counts(import_step(chinook, *step)) for step in STEPS] == [(0, 59, 0), (0, 412, 0), (0, 412, 0)]
    assert everything(chinook) == before


def test_with_the_invoices_alone_all_of_it_is_receivable(db: Database) -> None:
    for step in STEPS[:2]:
        import_step(db, *step)
    assert column(db, "SELECT sum(balance_minor) FROM customer_balances") == [232860]
    assert column(db, "SELECT sum(due_minor) FROM job_totals") == [232860]


def test_a_dry_run_of_each_file_changes_no_table(db: Database) -> None:
    for step in STEPS:
        before = everything(db)
        tried = import_step(db, *step, dry_run=True)
        assert everything(db) == before
        assert counts(import_step(db, *step)) == counts(tried)
