"""The job ticket, which stays with the goods or is brought by the customer to fetch them."""

from __future__ import annotations

from cleanflow.dao.adjustments import adjustments_of
from cleanflow.dao.customers import get_customer
from cleanflow.dao.jobs import Job, get_job
from cleanflow.dao.services import get_service
from cleanflow.dao.shop import get_shop
from cleanflow.db import Database, snapshot
from cleanflow.language import _
from cleanflow.rendering.document import Document, Fact, Link, Section, shown_date
from cleanflow.reports.pages.letterhead import on_letterhead
from cleanflow.reports.pages.slips import customer_section, note_lines, slip_title
from cleanflow.reports.words import job_change_word, job_status_word


def ticket(db: Database, job_id: str, is_copy: bool = False) -> Document:
    """The ticket of a job, as the job stands now. Refuses with ``record_unknown``."""
    with snapshot(db):
        job, shop = get_job(db, job_id), get_shop(db)
        sections = [
            Section(_("Job"), facts=_job_facts(job)),
            customer_section(get_customer(db, job.customer_id)),
            Section(_("Work"), facts=_service_facts(db, job), notes=note_lines(job.description)),
            Section(_("Amount"), facts=_money_facts(db, job)),
        ]
    if job.notes:
        sections.append(Section(_("Notes"), notes=note_lines(job.notes)))
    return on_letterhead(
        shop,
        slip_title(_("Job ticket"), is_copy),
        shown_date(job.business_date, shop.date_order),
        tuple(section for section in sections if section.facts or section.notes),
    )


def _job_facts(job: Job) -> tuple[Fact, ...]:
    facts = [Fact(_("Number"), job.reference, "text", link=Link("job", job.id), is_large=True)]
    if job.due_date:
        facts.append(Fact(_("Ready on"), job.due_date, "date"))
    facts.append(Fact(_("State"), job_status_word(job.payment_status, job.work_status), "text"))
    return tuple(facts)


def _service_facts(db: Database, job: Job) -> tuple[Fact, ...]:
    """The service, unless the description already names it."""
    if job.service_type_id is None:
        return ()
    name = get_service(db, job.service_type_id).name
    return () if name == job.description else (Fact(_("Service"), name, "text"),)


def _money_facts(db: Database, job: Job) -> tuple[Fact, ...]:
    changes = [
        Fact(job_change_word(change.kind, change.reverses_id is not None), change.amount_minor)
        for change in adjustments_of(db, job.id)
    ]
    agreed = [Fact(_("Agreed"), job.amount_minor), *changes] if changes else []
    return (
        *agreed,
        Fact(_("Amount"), job.total_minor, is_total=bool(changes)),
        Fact(_("Paid"), job.allocated_minor),
        Fact(_("Due"), job.due_minor, is_total=True),
    )
