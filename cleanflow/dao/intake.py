"""Taking in a job at the counter together with its first payment, as one operation."""

from __future__ import annotations

from datetime import date

from cleanflow.dao.jobs import Job, create_job, get_job
from cleanflow.dao.payments import record_payment
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
    job_id: str | None = None,
) -> Job:
    """Create a job and take ``paid_minor`` for it at once (0 for nothing).

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
        job_id=job_id,
    )
    if paid_minor > amount_minor:
        raise Refusal("allocation_above_due")
    if paid_minor:
        record_payment(
            db, customer_id=customer_id, amount_minor=paid_minor, method=method, jobs={job.id: paid_minor}
        )
    return get_job(db, job.id)
