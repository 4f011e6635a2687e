"""Allocations: which jobs and refunds a payment's money was used for.

The functions are steps of the operations in payments.py and adjustments.py. Rows are only added: a negative
one releases what an earlier one has allocated.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cleanflow.dao.stamps import fact_stamp, new_id
from cleanflow.db import Database


@dataclass(frozen=True)
class Share:
    """``amount_minor`` of one payment, allocated to a job or refund or still free."""

    payment_id: str
    amount_minor: int


def allocate(
    db: Database,
    payment_id: str,
    amount_minor: int,
    *,
    job_id: str | None = None,
    refund_id: str | None = None,
) -> None:
    """Allocate (> 0) or release (< 0) money of a payment. The schema refuses more than is due or left."""
    values = {
        "id": new_id(),
        "payment_id": payment_id,
        "job_id": job_id,
        "refund_id": refund_id,
        "amount_minor": amount_minor,
    }
    db.insert("payment_allocations", {**values, **fact_stamp(db)})


def free_shares(db: Database, customer_id: str) -> list[Share]:
    """The customer's payments with money left, oldest first; their sum is the customer's credit."""
    query = """
        SELECT payments.id, unallocated_minor
          FROM payments JOIN payment_totals ON payment_totals.payment_id = payments.id
         WHERE payment_totals.customer_id = :customer_id AND unallocated_minor > 0
         ORDER BY business_date, created_at, reference
    """
    return [Share(*row) for row in db.rows(query, {"customer_id": customer_id})]


def shares_of_job(db: Database, job_id: str) -> list[Share]:
    """The payments allocated to a job, newest first: the order in which they are released again."""
    query = """
        SELECT payment_id, sum(payment_allocations.amount_minor) AS bound_minor
          FROM payment_allocations JOIN payments ON payments.id = payment_id
         WHERE payment_allocations.job_id = :job_id
         GROUP BY payment_id HAVING bound_minor > 0
         ORDER BY payments.business_date DESC, payments.created_at DESC, payments.reference DESC
    """
    return [Share(*row) for row in db.rows(query, {"job_id": job_id})]


def jobs_of_payment(db: Database, payment_id: str) -> list[tuple[str, int]]:
    """Job ids and the amounts of a payment that are allocated to them, newest job first."""
    query = """
        SELECT job_id, sum(payment_allocations.amount_minor) AS bound_minor
          FROM payment_allocations JOIN jobs ON jobs.id = job_id
         WHERE payment_id = :payment_id
         GROUP BY job_id HAVING bound_minor <> 0
         ORDER BY jobs.business_date DESC, jobs.created_at DESC, jobs.reference DESC
    """
    return [(row[0], row[1]) for row in db.rows(query, {"payment_id": payment_id})]


def refunded_minor(db: Database, payment_id: str) -> int:
    """The amount of a payment that was refunded."""
    amount: int = db.value(
        "SELECT coalesce(sum(amount_minor), 0) FROM payment_allocations"
        " WHERE payment_id = :id AND refund_id IS NOT NULL",
        {"id": payment_id},
    )
    return amount


def release_job(db: Database, job_id: str, amount_minor: int) -> None:
    """Release ``amount_minor`` of a job, newest payments first; it becomes the customer's credit."""
    shares = ((share.payment_id, share.amount_minor) for share in shares_of_job(db, job_id))
    for payment_id, part_minor in taken(shares, amount_minor):
        allocate(db, payment_id, -part_minor, job_id=job_id)


def release_payment(db: Database, payment_id: str, amount_minor: int) -> None:
    """Release ``amount_minor`` of a payment, newest jobs first; they are due again by that much."""
    for job_id, part_minor in taken(jobs_of_payment(db, payment_id), amount_minor):
        allocate(db, payment_id, -part_minor, job_id=job_id)


def taken(shares: Iterable[tuple[str, int]], amount_minor: int) -> list[tuple[str, int]]:
    """How much to take from each of ``shares``, in order, until ``amount_minor`` is reached.

    Shares of 0 or less are skipped.
    """
    parts = []
    for name, share_minor in shares:
        part_minor = min(share_minor, amount_minor)
        if part_minor > 0:
            parts.append((name, part_minor))
            amount_minor -= part_minor
    return parts
