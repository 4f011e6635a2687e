"""Lists of payments, and one payment with all that belongs to it: what it settled, who took it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from cleanflow.dao.jobs import WHAT
from cleanflow.dao.paging import Listing, Page, Slice
from cleanflow.dao.payments import Payment, get_payment
from cleanflow.dao.stamps import known
from cleanflow.db import Database


@dataclass(frozen=True)
class PaymentLine:
    """A payment as a list shows it; ``is_reversed`` when it has been taken back.

    ``signed_minor`` is what it meant for the shop's money: > 0 came in, < 0 went out.
    """

    id: str
    reference: str
    kind: str
    method: str | None
    customer_id: str
    customer: str
    amount_minor: int
    unallocated_minor: int
    reason: str
    business_date: str
    is_reversed: bool

    @property
    def signed_minor(self) -> int:
        return self.amount_minor if is_money_in(self.kind) else -self.amount_minor


#: The kinds of payments, the usual one first.
KINDS = ("PAYMENT", "REFUND", "REVERSAL", "REFUND_REVERSAL", "OPENING")


def is_money_in(kind: str) -> bool:
    """Whether a payment of this kind lowers what its customer owes."""
    return kind in ("PAYMENT", "OPENING", "REFUND_REVERSAL")


_LINES: Listing[PaymentLine] = Listing(
    columns="""payments.id, payments.reference, payments.kind, payments.method, payments.customer_id,
               customers.name AS customer, payments.amount_minor,
               coalesce(unallocated_minor, 0) AS unallocated_minor,
               payments.reason, payments.business_date,
               EXISTS (SELECT 1 FROM payments AS later
                        WHERE later.reverses_id = payments.id) AS is_reversed""",
    source="""payments LEFT JOIN customers ON customers.id = payments.customer_id
              LEFT JOIN payment_totals ON payment_id = payments.id""",
    sorts={"date": ("payments.business_date", "payments.created_at", "payments.rowid")},
    make=lambda row: PaymentLine(
        row["id"], row["reference"], row["kind"], row["method"], row["customer_id"], row["customer"],
        row["amount_minor"], row["unallocated_minor"], row["reason"], row["business_date"],
        bool(row["is_reversed"]),
    ),
)  # fmt: skip


def list_payments(
    db: Database,
    part: Slice,
    *,
    first: date | None = None,
    last: date | None = None,
    method: str | None = None,
    kind: str | None = None,
    customer_id: str | None = None,
    found: Sequence[str] | None = None,
) -> Page[PaymentLine]:
    """Payments and their corrections of the business dates ``first`` to ``last``; sorts: ``date``.

    ``found``: only those of these ids, as :mod:`cleanflow.dao.payment_search` finds them.
    """
    wanted: dict[str, object] = {
        "payments.business_date >= :first": first,
        "payments.business_date <= :last": last,
        "payments.method = :method": method,
        "payments.kind = :kind": kind,
        # Lets a search for the few corrections use their own index.
        "payments.kind <> 'PAYMENT'": kind not in (None, "PAYMENT"),
        "payments.customer_id = :customer_id": customer_id,
        "payments.id IN (SELECT value FROM json_each(:found))": None if found is None else json.dumps(found),
    }
    return _LINES.read(db, part, wanted)


@dataclass(frozen=True)
class Other:
    """Another payment that belongs to one: its reversal, or what it reverses."""

    id: str
    reference: str


@dataclass(frozen=True)
class PaymentFacts:
    """A payment, its customer's and its taker's name, when it was entered, and its reversals.

    ``unallocated_minor`` of the payment is what is still the customer's credit.
    """

    payment: Payment
    customer: str
    user: str | None
    entered_at: str
    reverses: Other | None
    reversed_by: Other | None


def payment_facts(db: Database, payment_id: str) -> PaymentFacts:
    """All about one payment. Refuses with ``record_unknown``."""
    payment = get_payment(db, payment_id)
    query = """
        SELECT customers.name AS customer, users.name AS user, payments.created_at,
               earlier.reference AS earlier_reference,
               later.id AS later_id, later.reference AS later_reference
          FROM payments JOIN customers ON customers.id = payments.customer_id
          LEFT JOIN users ON users.id = payments.user_id
          LEFT JOIN payments AS earlier ON earlier.id = payments.reverses_id
          LEFT JOIN payments AS later ON later.reverses_id = payments.id
         WHERE payments.id = :id
    """
    row = known(db.one(query, {"id": payment_id}), "payment")
    return PaymentFacts(
        payment=payment,
        customer=row["customer"],
        user=row["user"],
        entered_at=row["created_at"],
        reverses=Other(payment.reverses_id, row["earlier_reference"]) if payment.reverses_id else None,
        reversed_by=Other(row["later_id"], row["later_reference"]) if row["later_id"] else None,
    )


@dataclass(frozen=True)
class Settled:
    """What money of a payment went to: a job (``job_id``), or back as a refund (``refund_id``).

    ``amount_minor`` is what is bound to it now, 0 when all of it was released again; ``due_minor`` is what
    the job still lacks, ``None`` for a refund. Seen from a refund, ``payment_id`` is the payment
    that the money was taken from.
    """

    job_id: str | None
    refund_id: str | None
    payment_id: str
    reference: str
    words: str
    business_date: str
    amount_minor: int
    due_minor: int | None


def settled_by(db: Database, payment_id: str) -> list[Settled]:
    """What a payment settled, oldest first; jobs before refunds. Of a refund, the payments it came from."""
    query = f"""
        SELECT shares.job_id, shares.refund_id, shares.payment_id,
               coalesce(jobs.reference, others.reference) AS reference,
               coalesce({WHAT}, others.reason, '') AS words,
               coalesce(jobs.business_date, others.business_date) AS business_date,
               shares.amount_minor, due_minor
          FROM (SELECT job_id, refund_id, payment_id, sum(amount_minor) AS amount_minor
                  FROM payment_allocations WHERE payment_id = :id OR refund_id = :id
                 GROUP BY job_id, refund_id, payment_id) AS shares
          LEFT JOIN jobs ON jobs.id = shares.job_id
          LEFT JOIN job_totals ON job_totals.job_id = shares.job_id
          LEFT JOIN payments AS others
                 ON others.id = CASE shares.refund_id WHEN :id THEN shares.payment_id
                                                      ELSE shares.refund_id END
         ORDER BY shares.job_id IS NULL, 6, reference
    """
    return [Settled(**dict(row)) for row in db.rows(query, {"id": payment_id})]
