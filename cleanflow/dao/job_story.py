"""The history of a job's amount: every step from the agreed price to what is due now, by whom and why."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

from cleanflow.dao.stamps import known
from cleanflow.db import Database


@dataclass(frozen=True)
class Step:
    """One change of what is due on a job, by ``amount_minor`` (signed) to ``due_minor``.

    ``kind`` is AGREED or OPENING (a debt from before CleanFlow); ADJUSTMENT, DISCOUNT, WRITE_OFF or
    CANCELLATION with ``reason`` and ``adjustment_id``; PAID, CREDIT_USED or RELEASED (became credit again or
    was refunded) with the payment. ``is_reversal``: it reverses an earlier step; ``is_reversed``: a later
    one reverses it. ``on`` is the business date, or the UTC time when an older payment was allocated.
    """

    kind: str
    on: str
    who: str
    amount_minor: int
    due_minor: int
    reason: str
    adjustment_id: str | None
    is_reversal: bool
    is_reversed: bool
    payment_id: str | None
    reference: str
    method: str | None


def job_story(db: Database, job_id: str) -> list[Step]:
    """All steps in the order in which they were made. Refuses with ``record_unknown``.

    Within one operation, released money comes before the reduced amount, so that the running ``due_minor``
    never falls below zero in between.
    """
    known(db.one("SELECT 1 FROM jobs WHERE id = :id", {"id": job_id}), "job")
    query = """
        SELECT jobs.created_at AS at, 0 AS place,
               CASE kind WHEN 'OPENING' THEN 'OPENING' ELSE 'AGREED' END AS kind, business_date AS step_on,
               jobs.user_id, amount_minor, '' AS reason, NULL AS adjustment_id,
               0 AS is_reversal, 0 AS is_reversed, NULL AS payment_id, reference, NULL AS method
          FROM jobs WHERE id = :job_id
        UNION ALL
        SELECT created_at, 2, kind, business_date, user_id, amount_minor, reason, id,
               reverses_id IS NOT NULL,
               EXISTS (SELECT 1 FROM job_adjustments AS later WHERE later.reverses_id = job_adjustments.id),
               NULL, '', NULL
          FROM job_adjustments WHERE job_id = :job_id
        UNION ALL
        SELECT bound.created_at, CASE WHEN bound.amount_minor < 0 THEN 1 ELSE 3 END,
               CASE WHEN bound.amount_minor < 0 THEN 'RELEASED'
                    WHEN bound.created_at = payments.created_at AND payments.kind = 'PAYMENT' THEN 'PAID'
                    ELSE 'CREDIT_USED' END,
               CASE WHEN bound.created_at = payments.created_at THEN business_date ELSE bound.created_at END,
               bound.user_id, -bound.amount_minor, '', NULL, 0,
               EXISTS (SELECT 1 FROM payments AS later WHERE later.reverses_id = payments.id),
               payments.id, reference, method
          FROM payment_allocations AS bound JOIN payments ON payments.id = bound.payment_id
         WHERE bound.job_id = :job_id
         ORDER BY at, place
    """
    rows = list(db.rows(query, {"job_id": job_id}))
    names = {row["id"]: row["name"] for row in db.rows("SELECT id, name FROM users")}
    due = accumulate(row["amount_minor"] for row in rows)
    return [
        Step(
            kind=row["kind"],
            on=row["step_on"],
            who=names.get(row["user_id"], ""),
            amount_minor=row["amount_minor"],
            due_minor=due_minor,
            reason=row["reason"],
            adjustment_id=row["adjustment_id"],
            is_reversal=bool(row["is_reversal"]),
            is_reversed=bool(row["is_reversed"]),
            payment_id=row["payment_id"],
            reference=row["reference"],
            method=row["method"],
        )
        for row, due_minor in zip(rows, due, strict=True)
    ]
