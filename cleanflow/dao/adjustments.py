"""Changes of a job's total after it was taken in: adjustment, discount, write-off, cancellation.

Each is a row and a ledger entry against an account of its own. If the total falls below what has been paid,
the difference becomes the customer's credit. Only an owner may make them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cleanflow.dao import ledger
from cleanflow.dao.allocations import release_job
from cleanflow.dao.customers import active_customer
from cleanflow.dao.fields import clean_reason
from cleanflow.dao.jobs import Job, get_job
from cleanflow.dao.stamps import business_date, fact_stamp, known, new_id, update_record
from cleanflow.dao.users import require_owner
from cleanflow.db import Database, with_transaction
from cleanflow.errors import Refusal
from cleanflow.money import MAX_AMOUNT_MINOR, check_amount, check_signed_amount
from cleanflow.records.chart import ADJUSTMENT_ACCOUNT, Account


@dataclass(frozen=True)
class Adjustment:
    """A change of a job's total by ``amount_minor`` (signed)."""

    id: str
    job_id: str
    kind: str
    amount_minor: int
    reason: str
    reverses_id: str | None
    business_date: str


_SELECT = "SELECT id, job_id, kind, amount_minor, reason, reverses_id, business_date FROM job_adjustments"


def get_adjustment(db: Database, adjustment_id: str) -> Adjustment:
    """One adjustment. Refuses with ``record_unknown``."""
    return Adjustment(**known(db.one(f"{_SELECT} WHERE id = :id", {"id": adjustment_id}), "adjustment"))


def adjustments_of(db: Database, job_id: str) -> list[Adjustment]:
    """All changes of a job's total, in the order they were made."""
    query = f"{_SELECT} WHERE job_id = :job_id ORDER BY created_at"
    return [Adjustment(**row) for row in db.rows(query, {"job_id": job_id})]


@with_transaction
def adjust_job(
    db: Database,
    job_id: str,
    signed_minor: int,
    reason: str,
    *,
    on: date | str | None = None,
    adjustment_id: str | None = None,
) -> Adjustment:
    """Raise (> 0) or lower (< 0) a job's total. Refuses to go below zero."""
    check_signed_amount(signed_minor)
    return _change(db, job_id, "ADJUSTMENT", signed_minor, reason, on, adjustment_id)


@with_transaction
def discount_job(
    db: Database,
    job_id: str,
    amount_minor: int,
    reason: str,
    *,
    on: date | str | None = None,
    adjustment_id: str | None = None,
) -> Adjustment:
    """Lower a job's total by ``amount_minor``, shown as a discount."""
    return _change(db, job_id, "DISCOUNT", -check_amount(amount_minor), reason, on, adjustment_id)


@with_transaction
def write_off_job(
    db: Database,
    job_id: str,
    reason: str,
    amount_minor: int | None = None,
    *,
    on: date | str | None = None,
    adjustment_id: str | None = None,
) -> Adjustment:
    """Write off what is due on a job, or ``amount_minor`` of it, as a bad debt."""
    due = get_job(db, job_id).due_minor
    if due <= 0:
        raise Refusal("nothing_due")
    amount = due if amount_minor is None else check_amount(amount_minor)
    if amount > due:
        raise Refusal("write_off_above_due")
    return _change(db, job_id, "WRITE_OFF", -amount, reason, on, adjustment_id)


@with_transaction
def cancel_job(
    db: Database,
    job_id: str,
    reason: str,
    *,
    on: date | str | None = None,
    adjustment_id: str | None = None,
) -> Job:
    """Cancel a job: its total becomes 0, and what was paid for it becomes the customer's credit."""
    require_owner(db)
    job = get_job(db, job_id)
    if job.work_status == "CANCELLED":
        raise Refusal("job_cancelled")
    text = clean_reason(reason)
    if job.total_minor > 0:
        _change(db, job_id, "CANCELLATION", -job.total_minor, text, on, adjustment_id)
    update_record(db, "jobs", job_id, {"work_status": "CANCELLED"})
    return get_job(db, job_id)


@with_transaction
def reverse_adjustment(
    db: Database, adjustment_id: str, reason: str, *, on: date | str | None = None
) -> Adjustment:
    """Reverse an adjustment, discount or write-off, once. A cancellation cannot be reversed."""
    original = get_adjustment(db, adjustment_id)
    if original.kind == "CANCELLATION" or original.reverses_id:
        raise Refusal("not_reversible")
    return _change(
        db, original.job_id, original.kind, -original.amount_minor, reason, on, None, reverses_id=original.id
    )


def _change(
    db: Database,
    job_id: str,
    kind: str,
    signed_minor: int,
    reason: str,
    on: date | str | None,
    adjustment_id: str | None,
    reverses_id: str | None = None,
) -> Adjustment:
    require_owner(db)
    job = get_job(db, job_id)
    if job.work_status == "CANCELLED":
        raise Refusal("job_cancelled")
    active_customer(db, job.customer_id)
    if job.total_minor + signed_minor > MAX_AMOUNT_MINOR:
        raise Refusal("amount_too_large")
    record_id = adjustment_id or new_id()
    book_adjustment(
        db, job, kind, signed_minor, clean_reason(reason), on=on, record_id=record_id, reverses_id=reverses_id
    )
    overpaid = job.allocated_minor - (job.total_minor + signed_minor)
    if overpaid > 0:
        release_job(db, job_id, overpaid)
    return get_adjustment(db, record_id)


def book_adjustment(
    db: Database,
    job: Job,
    kind: str,
    signed_minor: int,
    reason: str,
    *,
    on: date | str | None = None,
    record_id: str | None = None,
    reverses_id: str | None = None,
) -> None:
    """Insert the adjustment and its ledger entry, as a step of an operation that has checked everything."""
    day, record_id = business_date(db, on), record_id or new_id()
    values = {
        "id": record_id,
        "job_id": job.id,
        "kind": kind,
        "amount_minor": signed_minor,
        "reason": reason,
        "reverses_id": reverses_id,
        "business_date": day,
    }
    db.insert("job_adjustments", {**values, **fact_stamp(db)})
    ledger.post_receivable(
        db,
        kind,
        signed_minor=signed_minor,
        against=_account(job, kind),
        customer_id=job.customer_id,
        source_id=record_id,
        business_date=day,
        job_id=job.id,
    )


def _account(job: Job, kind: str) -> str:
    """The account that an adjustment is booked against; a cancelled opening debt was never revenue here."""
    return Account.OPENING if job.kind == "OPENING" and kind == "CANCELLATION" else ADJUSTMENT_ACCOUNT[kind]
