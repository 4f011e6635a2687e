"""Refunds that were reversed on two PCs: the money is given out once more."""

from __future__ import annotations

from typing import Final

from cleanflow.dao.payments import get_payment, refund, reverse_payment
from cleanflow.db import Database
from cleanflow.language import _l
from cleanflow.sync.repair.overlaps.kind import Overlap, OverlapKind, again_key, reason


def _give_again(db: Database, overlap: Overlap) -> None:
    """Give the money out once more, of the credit that came back once too often."""
    given = get_payment(db, overlap.record_id)
    refund(
        db,
        customer_id=given.customer_id,
        amount_minor=given.amount_minor,
        method=given.method or "CASH",
        reason=reason(given.reference),
        external_key=again_key(given.id),
    )


def _take_back(db: Database, overlap: Overlap) -> None:
    reverse_payment(db, overlap.record_id, reason())


KINDS: Final = (
    OverlapKind(
        "REFUND_REVERSED_TWICE",
        _l("Its refund was reversed on two PCs; one of the reversals is taken back."),
        """
        SELECT payments.id, payments.reference, customers.name, payments.amount_minor
          FROM payments JOIN customers ON customers.id = payments.customer_id
         WHERE payments.id IN (SELECT reverses_id FROM payments WHERE kind = 'REFUND_REVERSAL'
                                GROUP BY reverses_id HAVING count(*) > 1)
           AND (SELECT count(*) FROM payments AS undone WHERE undone.reverses_id = payments.id)
               > 1 + (SELECT count(*) FROM payments AS again
                       WHERE again.external_key = 'again:' || payments.id
                         AND again.id NOT IN (SELECT reverses_id FROM payments WHERE reverses_id IS NOT NULL))
        """,
        _give_again,
    ),
    OverlapKind(
        "REFUND_RIGHTED_TWICE",
        _l("Its second reversal was put right on two PCs; one of the two is taken back."),
        """
        SELECT again.id, again.reference, customers.name, again.amount_minor
          FROM (SELECT id, reference, customer_id, amount_minor, external_key,
                       count(*) OVER (PARTITION BY external_key) AS times,
                       row_number() OVER (PARTITION BY external_key ORDER BY created_at DESC, id) AS place
                  FROM payments
                 WHERE kind = 'REFUND' AND external_key GLOB 'again:*'
                   AND id NOT IN (SELECT reverses_id FROM payments WHERE reverses_id IS NOT NULL)) AS again
          JOIN customers ON customers.id = again.customer_id
         WHERE place = 1
           AND times >= (SELECT count(*) FROM payments AS undone
                          WHERE undone.reverses_id = substr(again.external_key, length('again:') + 1))
        """,
        _take_back,
    ),
)
