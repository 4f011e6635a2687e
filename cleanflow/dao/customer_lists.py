"""Lists of customers: by name or by what is open with them, and whom typed words or a reference mean.

And the jobs of one customer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from cleanflow.dao.customers import WHICH, Customer, customers_of, get_customer, search_customers
from cleanflow.dao.jobs import WHAT
from cleanflow.dao.paging import Listing, Page, Slice
from cleanflow.db import Database

#: Up to so many who owe (or have credit) are sorted by name; of more, one soon meets a page going by name.
_FEW = 2_000

_BY_NAME = {"name": ("name COLLATE NOCASE", "customers.id")}
_BY_BALANCE = {"balance": ("balance_minor", "customer_id")}

_EVERYBODY: Listing[str] = Listing("customers.id", "customers", _BY_NAME, lambda row: str(row["id"]))
_FEW_BY_NAME: Listing[str] = Listing(
    "customers.id",
    "customer_balances CROSS JOIN customers ON customers.id = customer_id",
    _BY_NAME,
    lambda row: str(row["id"]),
    counted="customer_balances",
)
_MANY_BY_NAME: Listing[str] = Listing(
    "customers.id",
    "customers CROSS JOIN customer_balances ON customer_id = customers.id",
    _BY_NAME,
    lambda row: str(row["id"]),
    counted="customer_balances",
)
_OPEN: Listing[str] = Listing(
    "customer_id", "customer_balances", _BY_BALANCE, lambda row: str(row["customer_id"])
)


def list_customers(db: Database, part: Slice, which: str = "ACTIVE") -> Page[Customer]:
    """The customers of ``which`` (a key of :data:`cleanflow.dao.customers.WHICH`).

    Sorts: ``name``; ``balance``, which leaves out those with nothing open.
    """
    page = _listing(db, part.sort, which).read(db, part, _wanted(part.sort, which))
    found = {customer.id: customer for customer in customers_of(db, page.rows)}
    return Page(
        rows=[found[customer_id] for customer_id in page.rows],
        first_key=page.first_key,
        last_key=page.last_key,
        has_more=page.has_more,
        count=page.count,
    )


def _listing(db: Database, sort: str, which: str) -> Listing[str]:
    """The cheapest way through the books; sorting all for one page would take longer than one waits."""
    if sort == "balance":
        return _OPEN
    if which in ("ACTIVE", "INACTIVE"):
        return _EVERYBODY
    query = f"""
        SELECT count(*) FROM (SELECT 1 FROM customer_balances WHERE {WHICH[which]} LIMIT {_FEW + 1})
    """
    return _FEW_BY_NAME if db.value(query) <= _FEW else _MANY_BY_NAME


def _wanted(sort: str, which: str) -> dict[str, object]:
    if sort == "balance" and which == "ACTIVE":
        return {"balance_minor <> 0": True}
    if sort == "balance" and which == "INACTIVE":
        return {f"customer_id IN (SELECT id FROM customers WHERE {WHICH[which]})": True}
    return {WHICH[which]: True}


def find_customers(db: Database, text: str, *, limit: int = 50, which: str = "ACTIVE") -> list[Customer]:
    """Those whom ``text`` means: whose job or receipt it is, then as in ``search_customers``."""
    found = search_customers(db, text, limit=limit, which=which)
    by_reference = customers_by_reference(db, text)
    if not by_reference:
        return found
    ids = {customer.id for customer in by_reference}
    return [*by_reference, *(customer for customer in found if customer.id not in ids)][:limit]


_REFERENCE = re.compile(r"([A-Z0-9]{1,6})-(R?)([0-9]{1,12})")


def customers_by_reference(db: Database, text: str) -> list[Customer]:
    """The customers of the jobs or receipts with this reference, like ``C1-000123`` or ``C1-R45``.

    They are several where PCs that worked alone under one code have joined.
    """
    reference = _REFERENCE.fullmatch(text.strip().upper())
    if reference is None:
        return []
    code, letter, number = reference.groups()
    table = "payments" if letter else "jobs"
    query = f"""
        SELECT customer_id FROM {table}
         WHERE reference_number = :number AND device_id IN (SELECT id FROM devices) AND reference = :text
         GROUP BY customer_id ORDER BY min(created_at), customer_id
    """
    text = f"{code}-{letter or ''}{int(number):06d}"
    found = [row[0] for row in db.rows(query, {"number": int(number), "text": text})]
    return [get_customer(db, customer_id) for customer_id in found]


@dataclass(frozen=True)
class CustomerJob:
    """A job as the page of its customer shows it; ``what``: its service and description."""

    id: str
    reference: str
    what: str
    business_date: str
    due_date: str | None
    work_status: str
    payment_status: str
    total_minor: int
    due_minor: int


_JOBS: Listing[CustomerJob] = Listing(
    columns=f"""jobs.id, reference, {WHAT} AS what, business_date, due_date, work_status, payment_status,
                total_minor, due_minor""",
    source="jobs LEFT JOIN job_totals ON job_totals.job_id = jobs.id",
    sorts={"date": ("business_date", "jobs.created_at", "jobs.rowid")},
    make=lambda row: CustomerJob(
        row["id"], row["reference"], row["what"], row["business_date"], row["due_date"],
        row["work_status"], row["payment_status"], row["total_minor"], row["due_minor"],
    ),
)  # fmt: skip


def list_customer_jobs(db: Database, part: Slice, customer_id: str) -> Page[CustomerJob]:
    """All jobs of a customer; sorts: ``date``."""
    return _JOBS.read(db, part, {"jobs.customer_id = :customer_id": customer_id})
