"""Jobs that were paid, released, lowered or cancelled on two PCs."""

from __future__ import annotations

from typing import Final

from cleanflow.dao.adjustments import book_adjustment
from cleanflow.dao.allocations import allocate, release_job, taken
from cleanflow.dao.jobs import get_job
from cleanflow.db import Database
from cleanflow.language import _l
from cleanflow.sync.repair.overlaps.kind import Overlap, OverlapKind, reason


def _raise(db: Database, overlap: Overlap) -> None:
    """Take back what lowered the job last, until it is at zero."""
    query = """
        SELECT kind, -amount_minor FROM job_adjustments
         WHERE job_id = :id AND amount_minor < 0 ORDER BY created_at DESC, id
    """
    lowered = [(row[0], row[1]) for row in db.rows(query, {"id": overlap.record_id})]
    for kind, part_minor in taken(lowered, overlap.amount_minor):
        book_adjustment(db, get_job(db, overlap.record_id), kind, part_minor, reason())


def _bind_again(db: Database, overlap: Overlap) -> None:
    query = """
        SELECT payment_id, -sum(amount_minor) FROM payment_allocations
         WHERE job_id = :id
           AND payment_id NOT IN (SELECT payment_id FROM payment_totals WHERE received_minor < 0)
         GROUP BY payment_id HAVING sum(amount_minor) < 0
    """
    for payment_id, missing_minor in list(db.rows(query, {"id": overlap.record_id})):
        allocate(db, payment_id, missing_minor, job_id=overlap.record_id)


def _cancel_rest(db: Database, overlap: Overlap) -> None:
    job = get_job(db, overlap.record_id)
    book_adjustment(db, job, "CANCELLATION", -job.total_minor, reason())


def _release(db: Database, overlap: Overlap) -> None:
    release_job(db, overlap.record_id, overlap.amount_minor)


KINDS: Final = (
    OverlapKind(
        "JOB_BELOW_ZERO",
        _l("It was cancelled or lowered on two PCs; what was taken off too often is added again."),
        """
        SELECT jobs.id, jobs.reference, customers.name, -total_minor
          FROM job_totals JOIN jobs ON jobs.id = job_id JOIN customers ON customers.id = jobs.customer_id
         WHERE total_minor < 0
        """,
        _raise,
    ),
    OverlapKind(
        "JOB_RELEASED_TWICE",
        _l("Its payment was taken off it on two PCs; one of the two is taken back."),
        """
        SELECT jobs.id, jobs.reference, customers.name, -sum(bound_minor)
          FROM (SELECT job_id, sum(amount_minor) AS bound_minor FROM payment_allocations
                 WHERE job_id IN (SELECT job_id FROM payment_allocations
                                   WHERE amount_minor < 0 AND job_id IS NOT NULL)
                   AND payment_id NOT IN (SELECT payment_id FROM payment_totals WHERE received_minor < 0)
                 GROUP BY job_id, payment_id HAVING sum(amount_minor) < 0) AS released
          JOIN jobs ON jobs.id = job_id JOIN customers ON customers.id = jobs.customer_id
         GROUP BY jobs.id, jobs.reference, customers.name
        """,
        _bind_again,
    ),
    OverlapKind(
        "JOB_CANCELLED_DUE",
        _l("It was cancelled on one PC and changed on another; the rest is cancelled, too."),
        """
        SELECT jobs.id, jobs.reference, customers.name, total_minor
          FROM jobs JOIN job_totals ON job_id = jobs.id JOIN customers ON customers.id = jobs.customer_id
         WHERE work_status = 'CANCELLED' AND total_minor > 0
        """,
        _cancel_rest,
    ),
    OverlapKind(
        "JOB_OVERPAID",
        _l("More is paid to this job than it costs; the rest becomes the customer's credit."),
        """
        SELECT jobs.id, jobs.reference, customers.name, -due_minor
          FROM job_totals JOIN jobs ON jobs.id = job_id JOIN customers ON customers.id = jobs.customer_id
         WHERE due_minor < 0 AND total_minor >= 0
        """,
        _release,
    ),
)
