"""Builds a shop of many years quickly: rows bypass the DAO but run every trigger that derives numbers.

They are written as a merge (is_merging) and therefore without audit rows. Everything else is as the DAO
writes it, and verify's chain and cross checks pass.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

from cleanflow.clock import timestamp
from cleanflow.dao.customers import index_for_search
from cleanflow.dao.expenses import Category, list_categories
from cleanflow.dao.shop import set_up_shop
from cleanflow.dao.stamps import fact_stamp, new_id, record_stamp
from cleanflow.db import Database, open_database, with_transaction
from cleanflow.demo.people import make_person
from cleanflow.records.chain import GENESIS, entry_hash
from cleanflow.records.chart import MONEY_ACCOUNT, Account
from tests.conftest import TestClock


@dataclass(frozen=True)
class Scale:
    """The amount of history. Ledger entries = jobs + payments + expenses."""

    customers: int
    jobs: int
    payments: int
    expenses: int
    days: int

    @staticmethod
    def full() -> Scale:
        """100,000 customers and jobs and 1,000,000 ledger entries in ten years, 274 entries a day."""
        return Scale(customers=100_000, jobs=100_000, payments=500_000, expenses=400_000, days=3650)

    def times(self, factor: float) -> Scale:
        """The same shop with a shorter or longer history of equally busy days."""
        return Scale(*(max(1, round(n * factor)) for n in (
            self.customers, self.jobs, self.payments, self.expenses, self.days)))  # fmt: skip


#: Yesterday, so that the clock raises no doubt.
LAST_DAY = date.today() - timedelta(days=1)


@dataclass
class _Chain:
    """The head of the ledger chain while it is being built."""

    number: int = 0
    hash: str = GENESIS


def build(path: Path, scale: Scale) -> Path:
    """Build the shop in a new file; returns its path."""
    entries = scale.jobs + scale.payments + scale.expenses
    print(f"building a shop of {entries:,} ledger entries …", file=sys.stderr)
    opened_at = datetime.combine(LAST_DAY - timedelta(days=scale.days), time(6), UTC)
    with open_database(path, create=True, clock=TestClock(opened_at)) as db:
        db.execute("PRAGMA synchronous = OFF")  # only while building
        set_up_shop(db, name="Bench", currency="PKR", pc_code="C1", owner="Olga", pin="1234")
        random = Random(1)
        customers = _customers(db, scale, random, opened_at.date())
        chain = _Chain()
        days = [LAST_DAY - timedelta(days=back) for back in reversed(range(scale.days))]
        for first in range(0, len(days), 50):
            _write_days(db, scale, random, customers, chain, days[first : first + 50], first)
        db.execute("ANALYZE")
    return path


@with_transaction
def _customers(db: Database, scale: Scale, random: Random, day: date) -> list[str]:
    db.execute("UPDATE app_settings SET is_merging = 1")
    ids = []
    for number in range(scale.customers):
        person = make_person(random)
        customer = {"id": new_id(), "name": f"{person.name} {number}", "phone": person.phone,
                    "address": person.address}  # fmt: skip
        stamp = {**record_stamp(db), "created_at": _at(day, number), "updated_at": _at(day, number)}
        db.insert("customers", {**customer, **stamp})
        index_for_search(db, customer["id"])
        ids.append(customer["id"])
    db.execute("UPDATE app_settings SET is_merging = 0")
    return ids


@with_transaction
def _write_days(
    db: Database,
    scale: Scale,
    random: Random,
    customers: list[str],
    chain: _Chain,
    days: list[date],
    first_number: int,
) -> None:
    db.execute("UPDATE app_settings SET is_merging = 1")
    categories = list_categories(db)
    for offset, day in enumerate(days):
        for table, row, entry in _day(db, scale, random, customers, categories, first_number + offset, day):
            at = _at(day, chain.number)
            stamp = {**fact_stamp(db), "created_at": at, "updated_at": at}
            if table == "jobs":
                stamp["written_by"] = db.device_id
            db.insert(table, {**row, **stamp})
            _append(db, chain, entry, at)
    for series, table in (("JOB", "jobs"), ("RECEIPT", "payments"), ("EXPENSE", "expenses")):
        query = (
            f"UPDATE reference_counters SET last_number = (SELECT count(*) FROM {table}) WHERE series = :s"
        )
        db.execute(query, {"s": series})
    db.execute("UPDATE app_settings SET is_merging = 0")


def _at(day: date, number: int) -> str:
    return timestamp(datetime(day.year, day.month, day.day, 9, tzinfo=UTC) + timedelta(milliseconds=number))


def _day(
    db: Database,
    scale: Scale,
    random: Random,
    customers: list[str],
    categories: list[Category],
    number: int,
    day: date,
) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """(table, row, ledger entry) of each job, payment and expense of one day."""

    def share(total: int) -> range:
        return range(total * number // scale.days + 1, total * (number + 1) // scale.days + 1)

    for reference in share(scale.jobs):
        row = _row(reference, "", "SERVICE", random, day)
        row |= {"customer_id": random.choice(customers), "description": "Suit", "work_status": "DELIVERED"}
        yield "jobs", row, _entry(row, "JOB", Account.RECEIVABLE, Account.REVENUE, job_id=row["id"])
    for reference in share(scale.payments):
        method = "CASH" if random.random() < 0.8 else "BANK"
        row = _row(reference, "R", "PAYMENT", random, day)
        row |= {"customer_id": random.choice(customers), "method": method}
        yield "payments", row, _entry(row, "PAYMENT", MONEY_ACCOUNT[method], Account.RECEIVABLE)
    for reference in share(scale.expenses):
        category = random.choice(categories)
        row = _row(reference, "E", "EXPENSE", random, day)
        row |= {"category_id": category.id, "method": "CASH", "description": "Soap"}
        yield "expenses", row, _entry(row, "EXPENSE", category.account_id, Account.CASH)


def _row(reference: int, letter: str, kind: str, random: Random, day: date) -> dict[str, Any]:
    return {
        "id": new_id(),
        "reference_number": reference,
        "reference": f"C1-{letter}{reference:06d}",
        "kind": kind,
        "amount_minor": random.randrange(100, 90_000),
        "business_date": day.isoformat(),
    }


def _entry(
    row: dict[str, Any], kind: str, debit: str, credit: str, job_id: str | None = None
) -> dict[str, Any]:
    return {
        "kind": kind,
        "debit_account_id": str(debit),
        "credit_account_id": str(credit),
        "amount_minor": row["amount_minor"],
        "customer_id": row.get("customer_id"),
        "job_id": job_id,
        "source_id": row["id"],
        "business_date": row["business_date"],
    }


def _append(db: Database, chain: _Chain, entry: dict[str, Any], at: str) -> None:
    chain.number += 1
    whole = {"id": new_id(), **fact_stamp(db), **entry, "created_at": at, "updated_at": at,
             "chain_number": chain.number, "previous_hash": chain.hash, "extra": None}  # fmt: skip
    chain.hash = entry_hash(whole)
    db.insert("ledger_entries", {**whole, "hash": chain.hash})
