"""What the counter does in one operation: a job with its first money, a payment after credit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from cleanflow.dao.jobs import Job, create_job, get_job
from cleanflow.dao.payments import Payment, record_payment, use_credit
from cleanflow.db import Database, with_transaction
from cleanflow.errors import Refusal


@with_transaction
def take_in_job(
    db: Database,
    *,
    customer_id: str,
    amount_minor: int,
    paid_minor: int = 0,
    method: str = "CASH",
    description: str = "",
    service_type_id: str | None = None,
    due_date: date | str | None = None,
    notes: str = "",
    on: date | str | None = None,
    job_id: str | None = None,
) -> Job:
    """Create a job and take ``paid_minor`` for it at once (0 for nothing), both on the business date ``on``.

    Both or neither is recorded. Refuses with ``allocation_above_due`` if more is paid than the job costs.
    """
    job = create_job(
        db,
        customer_id=customer_id,
        amount_minor=amount_minor,
        description=description,
        service_type_id=service_type_id,
        due_date=due_date,
        notes=notes,
        on=on,
        job_id=job_id,
    )
    if paid_minor > amount_minor:
        raise Refusal("allocation_above_due")
    if paid_minor:
        record_payment(
            db,
            customer_id=customer_id,
            amount_minor=paid_minor,
            method=method,
            jobs={job.id: paid_minor},
            on=on,
        )
    return get_job(db, job.id)


@with_transaction
def take_money(
    db: Database,
    *,
    customer_id: str,
    amount_minor: int,
    method: str,
    jobs: Mapping[str, int],
    credit: Mapping[str, int],
    on: date | str | None = None,
    payment_id: str | None = None,
) -> Payment:
    """A payment after the customer's credit: ``credit`` (job id -> amount) settles jobs, then the money.

    Both or neither is recorded. Refuses as :func:`use_credit` and :func:`record_payment` do.
    """
    if credit:
        use_credit(db, customer_id, credit)
    return record_payment(
        db,
        customer_id=customer_id,
        amount_minor=amount_minor,
        method=method,
        jobs=jobs,
        on=on,
        payment_id=payment_id,
    )
