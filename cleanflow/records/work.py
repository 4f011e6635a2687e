"""What the shop does for its customers: services, jobs, and what changes a job's total."""

from __future__ import annotations

from typing import Final

from cleanflow.language import _l
from cleanflow.records.common import (
    ACTIVE,
    BUSINESS_DATE,
    EXTERNAL_KEY,
    MERGED_INTO,
    NOT_NOTHING,
    NOTES,
    REFERENCE,
    USER,
    reference_taken,
    reverses,
)
from cleanflow.records.types import MAX_AMOUNT, Record, amount, choice, day, pointer, reference, text

SERVICE_TYPES: Final = Record(
    name="service_types",
    one="service_type",
    title=_l("Service"),
    label="name",
    changed="<<SettingsChanged>>",
    own_fields=(
        text("name", _l("Name"), 200, low=1, editable=True),
        amount("price_minor", _l("Price"), 0, editable=True, note="proposed, not binding"),
        EXTERNAL_KEY,
        ACTIVE,
        MERGED_INTO,
    ),
)

JOBS: Final = Record(
    name="jobs",
    one="job",
    title=_l("Job"),
    label="reference",
    changed="<<JobsChanged>>",
    note="work_status, due_date and notes are edited, never the amount",
    own_fields=(
        *REFERENCE,
        choice("kind", _l("Kind"), "SERVICE OPENING", note="OPENING: owed from before"),
        pointer("customer_id", "customers", _l("Customer")),
        pointer("service_type_id", "service_types", _l("Service"), nullable=True),
        text("description", _l("Description")),
        amount("amount_minor", _l("Amount")),
        amount("list_price_minor", _l("List price"), nullable=True, note="of its service at that time"),
        BUSINESS_DATE,
        day("due_date", _l("Ready on"), nullable=True, editable=True),
        choice("work_status", _l("Work"), "RECEIVED IN_PROGRESS READY DELIVERED CANCELLED", editable=True),
        NOTES,
        EXTERNAL_KEY,
        USER,
    ),
    uniques=(reference_taken("job_reference_taken"),),
    **reference("", "JOB"),
)

JOB_ADJUSTMENTS: Final = Record(
    name="job_adjustments",
    one="job_adjustment",
    title=_l("Change of a job's price"),
    label="job_id",
    changed="<<JobsChanged>>",
    note="what changes a job's total after it was made",
    own_fields=(
        pointer("job_id", "jobs", _l("Job")),
        choice("kind", _l("Kind"), "ADJUSTMENT DISCOUNT WRITE_OFF CANCELLATION"),
        amount("amount_minor", _l("Amount"), -MAX_AMOUNT, note="signed"),
        text("reason", _l("Reason"), low=1),
        reverses("job_adjustments"),
        BUSINESS_DATE,
        USER,
    ),
    rules=(NOT_NOTHING,),
)
