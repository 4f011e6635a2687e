"""Payments that were spent or reversed on two PCs."""

from __future__ import annotations

from typing import Final

from cleanflow.dao.allocations import allocate, jobs_of_payment, release_payment
from cleanflow.dao.payments import get_payment, insert_payment, post_payment, reverse_payment
from cleanflow.db import Database
from cleanflow.errors import Refusal
from cleanflow.language import _l
from cleanflow.sync.repair.overlaps.kind import Overlap, OverlapKind, reason


def _receive_again(db: Database, overlap: Overlap) -> None:
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
        reason=reason(),
        on=None,
        payment_id=None,
    )
    post_payment(db, again, money_in=True)
    allocate(db, payment.id, -overlap.amount_minor, refund_id=surplus)
    allocate(db, again.id, overlap.amount_minor, refund_id=surplus)
    for job_id, bound_minor in jobs_of_payment(db, payment.id):
        if bound_minor < 0:  # released twice
            allocate(db, payment.id, -bound_minor, job_id=job_id)


def _release(db: Database, overlap: Overlap) -> None:
    release_payment(db, overlap.record_id, overlap.amount_minor)


def _take_back(db: Database, overlap: Overlap) -> None:
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
    reverse_payment(db, row["id"], reason())
    for job_id, bound_minor in jobs_of_payment(db, overlap.record_id):
        if bound_minor > 0:  # bound again by both
            allocate(db, overlap.record_id, -bound_minor, job_id=job_id)
    allocate(db, overlap.record_id, overlap.amount_minor, refund_id=row["refund_id"])


KINDS: Final = (
    OverlapKind(
        "PAYMENT_REVERSED_TWICE",
        _l("It was reversed on two PCs; one of the reversals is taken back."),
        """
        SELECT payments.id, payments.reference, customers.name, -received_minor
          FROM payment_totals JOIN payments ON payments.id = payment_id
                              JOIN customers ON customers.id = payments.customer_id
         WHERE received_minor < 0
           AND NOT EXISTS (SELECT 1 FROM payment_allocations JOIN payments AS undone ON undone.id = refund_id
                            WHERE payment_allocations.payment_id = payments.id
                              AND undone.reverses_id = payments.id)
        """,
        _receive_again,
    ),
    OverlapKind(
        "PAYMENT_OVERSPENT",
        _l("Its money was used on two PCs; the last job that it was used for is due again."),
        """
        SELECT payments.id, payments.reference, customers.name, -unallocated_minor
          FROM payment_totals JOIN payments ON payments.id = payment_id
                              JOIN customers ON customers.id = payments.customer_id
         WHERE unallocated_minor < 0 AND received_minor >= 0
           AND EXISTS (SELECT 1 FROM payment_allocations AS bound
                        WHERE bound.payment_id = payments.id AND bound.job_id IS NOT NULL
                        GROUP BY bound.job_id HAVING sum(bound.amount_minor) > 0)
        """,
        _release,
    ),
    OverlapKind(
        "PAYMENT_RIGHTED_TWICE",
        _l("Its second reversal was put right on two PCs; one of the two is taken back."),
        """
        SELECT id, reference, name, surplus_minor
          FROM (SELECT payments.id, payments.reference, customers.name,
                       received_minor - (SELECT coalesce(sum(bound.amount_minor), 0)
                                           FROM payment_allocations AS bound
                                           JOIN payments AS undone ON undone.id = bound.refund_id
                                          WHERE bound.payment_id = payments.id
                                            AND undone.reverses_id = payments.id) AS surplus_minor
                  FROM payment_totals JOIN payments ON payments.id = payment_id
                                      JOIN customers ON customers.id = payments.customer_id
                 WHERE received_minor < 0) AS reversed
         WHERE surplus_minor > 0
        """,
        _take_back,
    ),
)
