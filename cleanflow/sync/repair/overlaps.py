"""What PCs that were apart did twice to the same money, and putting it right.

Every PC was right for itself, so nothing was refused; together they paid a job twice, spent one credit twice,
cancelled or reversed one thing twice. The balances are right all along; what is put right here is which
money belongs to which job, and records that were taken back once too often. As always by new records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from cleanflow.dao.adjustments import book_adjustment
from cleanflow.dao.allocations import allocate, jobs_of_payment, release_job
from cleanflow.dao.customers import set_customer_active
from cleanflow.dao.expenses import get_expense, record_expense, reverse_expense
from cleanflow.dao.jobs import get_job
from cleanflow.dao.payments import get_payment, insert_payment, post_payment, refund, reverse_payment
from cleanflow.dao.users import require_owner
from cleanflow.db import Database, with_transaction
from cleanflow.errors import Refusal

REASON: Final = "Done on two PCs"


@dataclass(frozen=True)
class Overlap:
    """One thing done twice. ``kind`` is a key of :data:`WORDS`; ``record_id`` the job, payment or expense,
    ``label`` its reference; ``amount_minor`` what is too much."""

    kind: str
    record_id: str
    label: str
    customer: str
    amount_minor: int

    @property
    def words(self) -> str:
        """What is the matter and what putting it right does."""
        return WORDS[self.kind]


WORDS: Final = {
    "JOB_RELEASED_TWICE": "Its payment was taken off it on two PCs; one of the two is taken back.",
    "JOB_OVERPAID": "More is paid to this job than it costs; the rest becomes the customer's credit.",
    "JOB_BELOW_ZERO": "It was cancelled or lowered on two PCs; what was taken off too often is added again.",
    "JOB_CANCELLED_DUE": "It was cancelled on one PC and changed on another; the rest is cancelled, too.",
    "PAYMENT_OVERSPENT": "Its money was used on two PCs; the last job that it was used for is due again.",
    "PAYMENT_REVERSED_TWICE": "It was reversed on two PCs; one of the reversals is taken back.",
    "REFUND_REVERSED_TWICE": "Its refund was reversed on two PCs; one of the reversals is taken back.",
    "EXPENSE_REVERSED_TWICE": "It was reversed on two PCs; one of the reversals is taken back.",
    "PAYMENT_RIGHTED_TWICE": "Its second reversal was put right on two PCs; one of the two is taken back.",
    "REFUND_RIGHTED_TWICE": "Its second reversal was put right on two PCs; one of the two is taken back.",
    "EXPENSE_RIGHTED_TWICE": "Its second reversal was put right on two PCs; one of the two is taken back.",
    "CUSTOMER_AWAY_WITH_BALANCE": "Put aside on one PC while another had business with them: active again.",
}

# Where a query groups and asks for max(created_at), the other columns are those of that latest row (SQLite).
_QUERIES: Final = {
    "JOB_BELOW_ZERO": """
        SELECT jobs.id, reference, customers.name, -total_minor
          FROM job_totals JOIN jobs ON jobs.id = job_id JOIN customers ON customers.id = jobs.customer_id
         WHERE total_minor < 0
    """,
    "JOB_RELEASED_TWICE": """
        SELECT jobs.id, reference, customers.name, -sum(bound_minor)
          FROM (SELECT job_id, sum(amount_minor) AS bound_minor FROM payment_allocations
                 WHERE job_id IN (SELECT job_id FROM payment_allocations
                                   WHERE amount_minor < 0 AND job_id IS NOT NULL)
                   AND payment_id NOT IN (SELECT payment_id FROM payment_totals WHERE received_minor < 0)
                 GROUP BY job_id, payment_id HAVING bound_minor < 0)
          JOIN jobs ON jobs.id = job_id JOIN customers ON customers.id = jobs.customer_id
         GROUP BY jobs.id
    """,
    "JOB_CANCELLED_DUE": """
        SELECT jobs.id, reference, customers.name, total_minor
          FROM jobs JOIN job_totals ON job_id = jobs.id JOIN customers ON customers.id = jobs.customer_id
         WHERE work_status = 'CANCELLED' AND total_minor > 0
    """,
    "JOB_OVERPAID": """
        SELECT jobs.id, reference, customers.name, -due_minor
          FROM job_totals JOIN jobs ON jobs.id = job_id JOIN customers ON customers.id = jobs.customer_id
         WHERE due_minor < 0 AND total_minor >= 0
    """,
    "PAYMENT_REVERSED_TWICE": """
        SELECT payments.id, payments.reference, customers.name, -received_minor
          FROM payment_totals JOIN payments ON payments.id = payment_id
                              JOIN customers ON customers.id = payments.customer_id
         WHERE received_minor < 0
           AND NOT EXISTS (SELECT 1 FROM payment_allocations JOIN payments AS undone ON undone.id = refund_id
                            WHERE payment_allocations.payment_id = payments.id
                              AND undone.reverses_id = payments.id)
    """,
    "PAYMENT_OVERSPENT": """
        SELECT payments.id, payments.reference, customers.name, -unallocated_minor
          FROM payment_totals JOIN payments ON payments.id = payment_id
                              JOIN customers ON customers.id = payments.customer_id
         WHERE unallocated_minor < 0 AND received_minor >= 0
           AND EXISTS (SELECT 1 FROM payment_allocations AS a WHERE a.payment_id = payments.id
                          AND a.job_id IS NOT NULL GROUP BY a.job_id HAVING sum(a.amount_minor) > 0)
    """,
    "REFUND_REVERSED_TWICE": """
        SELECT payments.id, payments.reference, customers.name, payments.amount_minor
          FROM payments JOIN customers ON customers.id = customer_id
         WHERE payments.id IN (SELECT reverses_id FROM payments WHERE kind = 'REFUND_REVERSAL'
                                GROUP BY reverses_id HAVING count(*) > 1)
           AND (SELECT count(*) FROM payments AS r WHERE r.reverses_id = payments.id)
               > 1 + (SELECT count(*) FROM payments AS again
                       WHERE again.kind = 'REFUND' AND again.customer_id = payments.customer_id
                         AND again.reason = 'Done on two PCs: ' || payments.reference
                         AND again.id NOT IN (SELECT reverses_id FROM payments WHERE reverses_id IS NOT NULL))
    """,
    "EXPENSE_REVERSED_TWICE": """
        SELECT expenses.id, expenses.reference, '', expenses.amount_minor
          FROM expenses
         WHERE kind = 'EXPENSE'
           AND (SELECT count(*) FROM expenses AS r WHERE r.reverses_id = expenses.id)
               > 1 + (SELECT count(*) FROM expenses AS again
                       WHERE again.external_key = 'again:' || expenses.id
                         AND again.id NOT IN (SELECT reverses_id FROM expenses WHERE reverses_id IS NOT NULL))
           AND id IN (SELECT reverses_id FROM expenses WHERE reverses_id IS NOT NULL
                       GROUP BY reverses_id HAVING count(*) > 1)
    """,
    "PAYMENT_RIGHTED_TWICE": """
        SELECT payments.id, payments.reference, customers.name,
               received_minor - (SELECT coalesce(sum(a.amount_minor), 0) FROM payment_allocations AS a
                                  WHERE a.payment_id = payments.id AND a.refund_id IN
                                        (SELECT id FROM payments AS r WHERE r.reverses_id = payments.id))
               AS surplus_minor
          FROM payment_totals JOIN payments ON payments.id = payment_id
                              JOIN customers ON customers.id = payments.customer_id
         WHERE received_minor < 0 AND surplus_minor > 0
    """,
    "REFUND_RIGHTED_TWICE": """
        SELECT again.id, again.reference, customers.name, again.amount_minor
          FROM payments AS given
          JOIN payments AS again ON again.customer_id = given.customer_id AND again.kind = 'REFUND'
                                AND again.reason = 'Done on two PCs: ' || given.reference
          JOIN customers ON customers.id = given.customer_id
         WHERE given.id IN (SELECT reverses_id FROM payments WHERE kind = 'REFUND_REVERSAL'
                             GROUP BY reverses_id HAVING count(*) > 1)
           AND again.id NOT IN (SELECT reverses_id FROM payments WHERE reverses_id IS NOT NULL)
         GROUP BY given.id
        HAVING count(*) >= (SELECT count(*) FROM payments AS r WHERE r.reverses_id = given.id)
           AND max(again.created_at)
    """,
    "EXPENSE_RIGHTED_TWICE": """
        SELECT again.id, again.reference, '', again.amount_minor
          FROM expenses AS again
         WHERE again.external_key GLOB 'again:*'
           AND again.id NOT IN (SELECT reverses_id FROM expenses WHERE reverses_id IS NOT NULL)
         GROUP BY again.external_key
        HAVING count(*) >= (SELECT count(*) FROM expenses AS r
                             WHERE r.reverses_id = substr(again.external_key, 7))
           AND max(again.created_at)
    """,
    "CUSTOMER_AWAY_WITH_BALANCE": """
        SELECT customers.id, customers.name, customers.name, balance_minor
          FROM customers JOIN customer_balances ON customer_id = customers.id
         WHERE is_active = 0 AND balance_minor <> 0
    """,
}


def overlaps(db: Database) -> list[Overlap]:
    """Everything that was done twice and is not put right yet."""
    return list(_all(db))


def _all(db: Database) -> Iterator[Overlap]:
    for kind, query in _QUERIES.items():
        for row in list(db.rows(query)):
            yield Overlap(kind, *row)


@with_transaction
def put_right(db: Database, overlap: Overlap) -> None:
    """Put one thing right, by new records. Refuses with ``owner_needed``, or ``nothing_to_put_right`` when
    somebody else has done it."""
    require_owner(db)
    now = next(
        (one for one in _all(db) if (one.kind, one.record_id) == (overlap.kind, overlap.record_id)), None
    )
    if now is None:
        raise Refusal("nothing_to_put_right")
    _REMEDIES[now.kind](db, now)


def _release_job(db: Database, overlap: Overlap) -> None:
    release_job(db, overlap.record_id, overlap.amount_minor)


def _bind_again(db: Database, overlap: Overlap) -> None:
    query = """
        SELECT payment_id, sum(amount_minor) AS bound_minor FROM payment_allocations
         WHERE job_id = :id
           AND payment_id NOT IN (SELECT payment_id FROM payment_totals WHERE received_minor < 0)
         GROUP BY payment_id HAVING bound_minor < 0
    """
    for row in list(db.rows(query, {"id": overlap.record_id})):
        allocate(db, row["payment_id"], -row["bound_minor"], job_id=overlap.record_id)


def _raise_job(db: Database, overlap: Overlap) -> None:
    """Take back what lowered the job last, until it is at zero."""
    query = """
        SELECT kind, -amount_minor AS lowered_minor FROM job_adjustments
         WHERE job_id = :id AND amount_minor < 0 ORDER BY created_at DESC, id
    """
    left = overlap.amount_minor
    for row in list(db.rows(query, {"id": overlap.record_id})):
        part = min(left, row["lowered_minor"])
        if part > 0:
            book_adjustment(db, get_job(db, overlap.record_id), row["kind"], part, REASON)
            left -= part


def _cancel_rest(db: Database, overlap: Overlap) -> None:
    job = get_job(db, overlap.record_id)
    book_adjustment(db, job, "CANCELLATION", -job.total_minor, REASON)


def _release_payment(db: Database, overlap: Overlap) -> None:
    left = overlap.amount_minor
    for job_id, bound_minor in jobs_of_payment(db, overlap.record_id):
        part = min(left, bound_minor)
        if part > 0:
            allocate(db, overlap.record_id, -part, job_id=job_id)
            left -= part


def _undo_reversal(db: Database, overlap: Overlap) -> None:
    """Receive the payment once more, bound to the reversal that was one too many."""
    payment = get_payment(db, overlap.record_id)
    query = "SELECT id FROM payments WHERE reverses_id = :id ORDER BY created_at DESC, id LIMIT 1"
    surplus = db.value(query, {"id": payment.id})
    again = insert_payment(
        db,
        "OPENING" if payment.method is None else "PAYMENT",
        customer_id=payment.customer_id,
        amount_minor=overlap.amount_minor,
        method=payment.method,
        reason=REASON,
        on=None,
        payment_id=None,
    )
    post_payment(db, again, money_in=True)
    allocate(db, payment.id, -overlap.amount_minor, refund_id=surplus)
    allocate(db, again.id, overlap.amount_minor, refund_id=surplus)
    for job_id, bound_minor in jobs_of_payment(db, payment.id):
        if bound_minor < 0:  # released twice
            allocate(db, payment.id, -bound_minor, job_id=job_id)


def _refund_again(db: Database, overlap: Overlap) -> None:
    """Give the money out once more, of the credit that came back once too often."""
    given = get_payment(db, overlap.record_id)
    refund(
        db,
        customer_id=given.customer_id,
        amount_minor=given.amount_minor,
        method=given.method or "CASH",
        reason=f"{REASON}: {given.reference}",
    )


def _spend_again(db: Database, overlap: Overlap) -> None:
    expense = get_expense(db, overlap.record_id)
    record_expense(
        db,
        category_id=expense.category_id,
        amount_minor=expense.amount_minor,
        method=expense.method,
        description=expense.description,
        external_key=f"again:{expense.id}",
    )


def _take_back_righting(db: Database, overlap: Overlap) -> None:
    """The payment was received once more on two PCs: the later of the two is freed and reversed."""
    query = """
        SELECT again.id, bound.refund_id FROM payment_allocations AS bound
          JOIN payments AS again ON again.id = bound.payment_id
         WHERE bound.refund_id IN (SELECT id FROM payments WHERE reverses_id = :id) AND again.id <> :id
           AND again.id NOT IN (SELECT reverses_id FROM payments WHERE reverses_id IS NOT NULL)
         ORDER BY again.created_at DESC, again.id LIMIT 1
    """
    row = db.one(query, {"id": overlap.record_id})
    if row is None:
        raise Refusal("nothing_to_put_right")
    allocate(db, row["id"], -overlap.amount_minor, refund_id=row["refund_id"])
    reverse_payment(db, row["id"], REASON)
    for job_id, bound_minor in jobs_of_payment(db, overlap.record_id):
        if bound_minor > 0:  # bound again by both
            allocate(db, overlap.record_id, -bound_minor, job_id=job_id)
    allocate(db, overlap.record_id, overlap.amount_minor, refund_id=row["refund_id"])


def _take_back_refund(db: Database, overlap: Overlap) -> None:
    reverse_payment(db, overlap.record_id, REASON)


def _take_back_expense(db: Database, overlap: Overlap) -> None:
    reverse_expense(db, overlap.record_id, REASON)


def _bring_back_customer(db: Database, overlap: Overlap) -> None:
    set_customer_active(db, overlap.record_id, True)


_REMEDIES: Final[dict[str, Callable[[Database, Overlap], None]]] = {
    "JOB_RELEASED_TWICE": _bind_again,
    "JOB_OVERPAID": _release_job,
    "JOB_BELOW_ZERO": _raise_job,
    "JOB_CANCELLED_DUE": _cancel_rest,
    "PAYMENT_OVERSPENT": _release_payment,
    "PAYMENT_REVERSED_TWICE": _undo_reversal,
    "REFUND_REVERSED_TWICE": _refund_again,
    "EXPENSE_REVERSED_TWICE": _spend_again,
    "PAYMENT_RIGHTED_TWICE": _take_back_righting,
    "REFUND_RIGHTED_TWICE": _take_back_refund,
    "EXPENSE_RIGHTED_TWICE": _take_back_expense,
    "CUSTOMER_AWAY_WITH_BALANCE": _bring_back_customer,
}
