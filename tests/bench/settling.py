"""Allocates the large shop's payments: every job is settled from its customer's money, oldest first.

So most jobs are paid and some thousands are open, as in a shop that has worked for years.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from cleanflow.dao.stamps import fact_stamp, new_id
from cleanflow.db import Database, with_transaction


@with_transaction
def settle(db: Database) -> int:
    """Write the allocations that the builder leaves out, as a merge; returns their number."""
    db.execute("UPDATE app_settings SET is_merging = 1")
    made = list(_bindings(db))
    for binding in made:
        db.insert("payment_allocations", {**fact_stamp(db), **binding})
    db.execute("UPDATE app_settings SET is_merging = 0")
    return len(made)


def _bindings(db: Database) -> Iterator[dict[str, Any]]:
    payments = _by_customer(
        db, "SELECT customer_id, id, amount_minor, created_at FROM payments ORDER BY created_at"
    )
    jobs = _by_customer(db, "SELECT customer_id, id, amount_minor, created_at FROM jobs ORDER BY created_at")
    for customer_id, owed in jobs.items():
        money = iter(payments[customer_id])
        payment_id, left, paid_at = "", 0, ""
        for job_id, due, made_at in owed:
            while due:
                if not left:
                    payment_id, left, paid_at = next(money, ("", 0, ""))
                if not left:
                    break
                part = min(due, left)
                at = max(paid_at, made_at)
                yield {"id": new_id(), "payment_id": payment_id, "job_id": job_id, "amount_minor": part,
                       "created_at": at, "updated_at": at}  # fmt: skip
                due, left = due - part, left - part


def _by_customer(db: Database, query: str) -> dict[str, list[tuple[str, int, str]]]:
    found: dict[str, list[tuple[str, int, str]]] = defaultdict(list)
    for customer_id, *rest in db.rows(query):
        found[customer_id].append((rest[0], rest[1], rest[2]))
    return found
