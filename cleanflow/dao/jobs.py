"""Jobs: taking one in, following its work, finding it again. Changes of its amount: adjustments.py."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cleanflow.clock import check_date
from cleanflow.dao import ledger
from cleanflow.dao.customers import active_customer
from cleanflow.dao.fields import choice, clean_field, clean_key
from cleanflow.dao.services import get_service
from cleanflow.dao.stamps import business_date, fact_stamp, known, new_id, next_reference, update_record
from cleanflow.db import Database, Row, with_transaction
from cleanflow.errors import Refusal
from cleanflow.money import check_amount
from cleanflow.records.chart import Account
from cleanflow.records.work import JOBS

#: The stations of a job's work; CANCELLED is reached by cancelling alone.
WORK_STATUSES = ("RECEIVED", "IN_PROGRESS", "READY", "DELIVERED")


@dataclass(frozen=True)
class Job:
    """A job and its derived money: ``due_minor`` = ``total_minor`` - ``allocated_minor``.

    ``amount_minor`` is what was agreed first; adjustments lead from there to ``total_minor``.
    ``list_price_minor`` is what its service cost by the price list when the job was made; ``None`` without
    a price. ``what`` is the service and the description together, as lists show them.
    """

    id: str
    reference: str
    kind: str
    customer_id: str
    service_type_id: str | None
    description: str
    what: str
    amount_minor: int
    list_price_minor: int | None
    total_minor: int
    allocated_minor: int
    due_minor: int
    payment_status: str
    business_date: str
    due_date: str | None
    work_status: str
    notes: str
    external_key: str | None


#: SQL for what a row of ``jobs`` is about: its service with the description beside it, or the one that says
#: both. Both are recorded, so both are shown wherever a job is named.
WHAT = """
    coalesce((SELECT CASE WHEN jobs.description = '' THEN services.name
                          WHEN instr(lower(jobs.description), lower(services.name)) THEN jobs.description
                          ELSE services.name || ', ' || jobs.description END
                FROM service_types AS services WHERE services.id = jobs.service_type_id), jobs.description)
"""

_SELECT = f"""
    SELECT jobs.id, reference, kind, jobs.customer_id, service_type_id, description, {WHAT} AS what,
           amount_minor, list_price_minor, total_minor, allocated_minor, due_minor, payment_status,
           business_date, due_date, work_status, notes, external_key
      FROM jobs JOIN job_totals ON job_totals.job_id = jobs.id
"""


def _job(row: Row) -> Job:
    return Job(**dict(row))


def get_job(db: Database, job_id: str) -> Job:
    """One job. Refuses with ``record_unknown``."""
    return _job(known(db.one(f"{_SELECT} WHERE jobs.id = :id", {"id": job_id}), "job"))


def job_by_reference(db: Database, reference: str) -> Job | None:
    """The job with this reference, like ``C1-000123``."""
    code, _dash, number = reference.strip().upper().partition("-")
    if not (number.isascii() and number.isdigit() and len(number) <= 12):
        return None
    query = f"""
        {_SELECT} WHERE reference_number = :number AND jobs.device_id IN (SELECT id FROM devices)
                    AND reference = :reference
    """  # what is printed: a PC may have had another code when it gave the number
    row = db.one(query, {"number": int(number), "reference": f"{code}-{int(number):06d}"})
    return _job(row) if row else None


def job_by_external_key(db: Database, external_key: str) -> Job | None:
    """The job that an older system knew by ``external_key``."""
    row = db.one(f"{_SELECT} WHERE external_key = :key ORDER BY created_at LIMIT 1", {"key": external_key})
    return _job(row) if row else None


def jobs_due(db: Database, customer_id: str) -> list[Job]:
    """The customer's jobs with something due, oldest first: the order in which a payment settles them."""
    return [get_job(db, job_id) for job_id, _due_minor in due_oldest_first(db, customer_id)]


def due_oldest_first(db: Database, customer_id: str) -> list[tuple[str, int]]:
    """(job id, due) of the customer's jobs with something due, oldest first; all that settling needs."""
    query = """
        SELECT job_id, due_minor FROM job_totals JOIN jobs ON jobs.id = job_id
         WHERE job_totals.customer_id = :customer_id AND due_minor > 0
         ORDER BY business_date, created_at, reference
    """
    return [(row[0], row[1]) for row in db.rows(query, {"customer_id": customer_id})]


@with_transaction
def create_job(
    db: Database,
    *,
    customer_id: str,
    amount_minor: int,
    description: str = "",
    service_type_id: str | None = None,
    due_date: date | str | None = None,
    notes: str = "",
    work_status: str = "RECEIVED",
    on: date | str | None = None,
    external_key: str | None = None,
    is_imported: bool = False,
    job_id: str | None = None,
) -> Job:
    """Take in a job: the customer owes ``amount_minor`` from now on.

    The service's price is kept with it, but not with one that ``is_imported``: the price list of that time
    is unknown. Refuses an amount that is not positive, an unknown or inactive customer or service, a bad
    date.
    """
    active_customer(db, customer_id)
    list_price_minor = None
    if service_type_id is not None:
        service = get_service(db, service_type_id)
        if not service.is_active:
            raise Refusal("service_inactive")
        description = description or service.name
        list_price_minor = None if is_imported else service.price_minor or None
    day = business_date(db, on)
    values = {
        "id": job_id or new_id(),
        "kind": "SERVICE",
        "customer_id": customer_id,
        "service_type_id": service_type_id,
        "description": clean_field(JOBS["description"], description),
        "amount_minor": check_amount(amount_minor),
        "list_price_minor": list_price_minor,
        "business_date": day,
        "due_date": None if due_date is None else check_date(due_date),
        "work_status": choice(work_status, WORK_STATUSES),
        "notes": clean_field(JOBS["notes"], notes),
        "external_key": clean_key(external_key),
    }
    reference = next_reference(db, "JOB")
    values |= {"reference_number": reference.number, "reference": reference.text}
    db.insert("jobs", {**values, **fact_stamp(db), "written_by": db.device_id})
    job_id = str(values["id"])
    ledger.post_receivable(
        db,
        "JOB",
        signed_minor=amount_minor,
        against=Account.REVENUE,
        customer_id=customer_id,
        source_id=job_id,
        business_date=day,
        job_id=job_id,
    )
    return get_job(db, job_id)


@with_transaction
def edit_job(
    db: Database,
    job_id: str,
    *,
    work_status: str | None = None,
    notes: str | None = None,
    due_date: date | str | None = None,
) -> Job:
    """Move a job along, note something on it, or promise another day; ``None`` leaves a field as it is."""
    job = get_job(db, job_id)
    changes: dict[str, str] = {}
    if work_status is not None:
        if work_status == "CANCELLED":
            raise Refusal("job_not_cancelled_this_way")
        if job.work_status == "CANCELLED":
            raise Refusal("job_cancelled")
        changes["work_status"] = choice(work_status, WORK_STATUSES)
    if notes is not None:
        changes["notes"] = clean_field(JOBS["notes"], notes)
    if due_date is not None:
        changes["due_date"] = check_date(due_date)
    if changes:
        update_record(db, "jobs", job_id, changes)
    return get_job(db, job_id)
