"""Money between customers and the shop: payments, deposits, credit, refunds, reversals.

A payment is money in; allocations (allocations.py) say which jobs it settles; the rest is the customer's
credit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from cleanflow.dao import ledger
from cleanflow.dao.allocations import allocate, free_shares, jobs_of_payment, refunded_minor, release_payment
from cleanflow.dao.customers import active_customer
from cleanflow.dao.fields import choice, clean_key, clean_reason
from cleanflow.dao.jobs import due_oldest_first, get_job
from cleanflow.dao.stamps import business_date, fact_stamp, known, new_id, next_reference
from cleanflow.dao.users import require_owner
from cleanflow.db import Database, Row, with_transaction
from cleanflow.errors import Refusal
from cleanflow.money import check_amount
from cleanflow.records.chart import MONEY_ACCOUNT, Account

METHODS = ("CASH", "BANK")


@dataclass(frozen=True)
class Payment:
    """Money in (PAYMENT, OPENING), money out (REFUND) or a reversal (REVERSAL, REFUND_REVERSAL).

    ``unallocated_minor`` is what no job or refund has used yet; only money in can have some.
    """

    id: str
    reference: str
    kind: str
    method: str | None
    customer_id: str
    amount_minor: int
    unallocated_minor: int
    reverses_id: str | None
    reason: str
    business_date: str


_SELECT = """
    SELECT id, reference, kind, method, payments.customer_id, amount_minor,
           coalesce(unallocated_minor, 0) AS unallocated_minor, reverses_id, reason, business_date
      FROM payments LEFT JOIN payment_totals ON payment_totals.payment_id = payments.id
"""


def _payment(row: Row) -> Payment:
    return Payment(**dict(row))


def get_payment(db: Database, payment_id: str) -> Payment:
    """One payment. Refuses with ``record_unknown``."""
    return _payment(known(db.one(f"{_SELECT} WHERE id = :id", {"id": payment_id}), "payment"))


def payment_by_external_key(db: Database, external_key: str) -> Payment | None:
    """The payment whose key in an older system was ``external_key``."""
    row = db.one(f"{_SELECT} WHERE external_key = :key ORDER BY created_at LIMIT 1", {"key": external_key})
    return _payment(row) if row else None


def credit_minor(db: Database, customer_id: str) -> int:
    """What the customer has paid and no job or refund has used yet."""
    return sum(share.amount_minor for share in free_shares(db, customer_id))


@with_transaction
def record_payment(
    db: Database,
    *,
    customer_id: str,
    amount_minor: int,
    method: str,
    jobs: Mapping[str, int] | None = None,
    on: date | str | None = None,
    external_key: str | None = None,
    payment_id: str | None = None,
) -> Payment:
    """Take money from a customer.

    ``jobs`` maps job ids to the amounts that settle them; an empty mapping makes a deposit, ``None`` settles
    what is due, oldest job first. The rest is the customer's credit. Refuses with
    ``allocation_above_due``, ``allocation_above_payment`` or ``allocation_other_customer``.
    """
    active_customer(db, customer_id)
    check_amount(amount_minor)
    choice(method, METHODS)
    payment = insert_payment(
        db,
        "PAYMENT",
        customer_id=customer_id,
        amount_minor=amount_minor,
        method=method,
        on=on,
        external_key=external_key,
        payment_id=payment_id,
    )
    post_payment(db, payment, money_in=True)
    if jobs is None:
        settled = _settle_oldest(db, payment.id, customer_id, amount_minor)
    else:
        for job_id, part_minor in jobs.items():
            _allocate_checked(db, payment.id, customer_id, job_id, part_minor)
        settled = sum(jobs.values())
    return replace(payment, unallocated_minor=amount_minor - settled)


@with_transaction
def use_credit(db: Database, customer_id: str, jobs: Mapping[str, int] | None = None) -> int:
    """Settle jobs from the customer's credit, oldest payments first; returns the amount used.

    ``jobs`` as in :func:`record_payment`; ``None`` settles as much as the credit allows. Refuses with
    ``credit_too_small``, or ``nothing_due`` when there is nothing to settle.
    """
    active_customer(db, customer_id)
    wanted = dict(due_oldest_first(db, customer_id) if jobs is None else jobs)
    credit = credit_minor(db, customer_id)
    if not wanted:
        raise Refusal("nothing_due")
    if credit == 0 or (jobs is not None and sum(wanted.values()) > credit):
        raise Refusal("credit_too_small")
    used = 0
    for job_id, part_minor in wanted.items():
        part_left = min(check_amount(part_minor), credit - used)
        for share in free_shares(db, customer_id):
            part = min(part_left, share.amount_minor)
            if part > 0:
                _allocate_checked(db, share.payment_id, customer_id, job_id, part)
                part_left -= part
                used += part
    return used


@with_transaction
def refund(
    db: Database,
    *,
    customer_id: str,
    amount_minor: int,
    method: str,
    reason: str,
    payment_id: str | None = None,
    on: date | str | None = None,
    external_key: str | None = None,
    refund_id: str | None = None,
) -> Payment:
    """Give money back.

    Without ``payment_id`` it comes from the customer's credit, oldest payments first. With ``payment_id`` it
    comes from that payment: first what no job has used, then its newest jobs, which are due again by that
    much. Refuses with ``refund_above_paid``.
    """
    require_owner(db)
    active_customer(db, customer_id)
    check_amount(amount_minor)
    choice(method, METHODS)
    record = insert_payment(
        db,
        "REFUND",
        customer_id=customer_id,
        amount_minor=amount_minor,
        method=method,
        reason=clean_reason(reason),
        on=on,
        external_key=external_key,
        payment_id=refund_id,
    )
    left = amount_minor
    if payment_id is not None:
        payment = get_payment(db, payment_id)
        if payment.customer_id != customer_id:
            raise Refusal("allocation_other_customer")
        _free_for_refund(db, payment, amount_minor)
        allocate(db, payment_id, amount_minor, refund_id=record.id)
        left = 0
    for share in free_shares(db, customer_id) if left else ():
        part = min(left, share.amount_minor)
        if part > 0:
            allocate(db, share.payment_id, part, refund_id=record.id)
            left -= part
    if left:
        raise Refusal("refund_above_paid")
    post_payment(db, record, money_in=False)
    return record


@with_transaction
def reverse_payment(
    db: Database,
    payment_id: str,
    reason: str,
    *,
    on: date | str | None = None,
    reversal_id: str | None = None,
) -> Payment:
    """Reverse a payment or refund that was entered by mistake.

    The jobs that a payment settled are due again. Refuses with ``already_reversed``, or with
    ``not_reversible`` for a reversal or a payment of which something was refunded.
    """
    require_owner(db)
    original = get_payment(db, payment_id)
    if original.kind in ("REVERSAL", "REFUND_REVERSAL"):
        raise Refusal("not_reversible")
    if db.one("SELECT 1 FROM payments WHERE reverses_id = :id", {"id": payment_id}):
        raise Refusal("already_reversed")
    text = clean_reason(reason)
    is_refund = original.kind == "REFUND"
    if is_refund:
        _release_refund(db, original.id)
    else:
        if refunded_minor(db, payment_id) != 0:
            raise Refusal("not_reversible")
        for job_id, bound_minor in jobs_of_payment(db, payment_id):
            allocate(db, payment_id, -bound_minor, job_id=job_id)
    reversal = insert_payment(
        db,
        "REFUND_REVERSAL" if is_refund else "REVERSAL",
        customer_id=original.customer_id,
        amount_minor=original.amount_minor,
        method=original.method,
        reason=text,
        reverses_id=original.id,
        on=on,
        payment_id=reversal_id,
    )
    post_payment(db, reversal, money_in=is_refund)
    return reversal


def insert_payment(
    db: Database,
    kind: str,
    *,
    customer_id: str,
    amount_minor: int,
    method: str | None,
    on: date | str | None,
    payment_id: str | None,
    reason: str = "",
    reverses_id: str | None = None,
    external_key: str | None = None,
) -> Payment:
    """Insert the payment's row alone, as a step of an operation that also posts and allocates it."""
    reference = next_reference(db, "RECEIPT")
    payment = Payment(
        id=payment_id or new_id(),
        reference=reference.text,
        kind=kind,
        method=method,
        customer_id=customer_id,
        amount_minor=amount_minor,
        unallocated_minor=amount_minor if kind == "PAYMENT" else 0,
        reverses_id=reverses_id,
        reason=reason,
        business_date=business_date(db, on),
    )
    values = {
        **vars(payment),
        "reference_number": reference.number,
        "external_key": clean_key(external_key),
    }
    del values["unallocated_minor"]  # derived
    db.insert("payments", {**values, **fact_stamp(db)})
    return payment


_LEDGER_KINDS = {"REVERSAL": "PAYMENT_REVERSAL"}


def post_payment(db: Database, payment: Payment, *, money_in: bool) -> None:
    """Post the payment to the ledger; money in lowers what the customer owes."""
    against = MONEY_ACCOUNT[payment.method] if payment.method else Account.OPENING
    ledger.post_receivable(
        db,
        _LEDGER_KINDS.get(payment.kind, payment.kind),
        signed_minor=-payment.amount_minor if money_in else payment.amount_minor,
        against=against,
        customer_id=payment.customer_id,
        source_id=payment.id,
        business_date=payment.business_date,
    )


def _settle_oldest(db: Database, payment_id: str, customer_id: str, amount_minor: int) -> int:
    left = amount_minor
    for job_id, due_minor in due_oldest_first(db, customer_id):
        part = min(left, due_minor)
        if part == 0:
            break
        allocate(db, payment_id, part, job_id=job_id)
        left -= part
    return amount_minor - left


def _allocate_checked(
    db: Database, payment_id: str, customer_id: str, job_id: str, amount_minor: int
) -> None:
    if get_job(db, job_id).customer_id != customer_id:
        raise Refusal("allocation_other_customer")
    allocate(db, payment_id, check_amount(amount_minor), job_id=job_id)


def _free_for_refund(db: Database, payment: Payment, amount_minor: int) -> None:
    """Release jobs until ``amount_minor`` of the payment is free. Refuses with ``refund_above_paid``."""
    bound = jobs_of_payment(db, payment.id)
    if amount_minor > payment.unallocated_minor + sum(part for _job_id, part in bound):
        raise Refusal("refund_above_paid")
    release_payment(db, payment.id, amount_minor - payment.unallocated_minor)


def _release_refund(db: Database, refund_id: str) -> None:
    query = """
        SELECT payment_id, sum(amount_minor) FROM payment_allocations
         WHERE refund_id = :id GROUP BY payment_id
    """
    for payment_id, amount_minor in list(db.rows(query, {"id": refund_id})):
        allocate(db, payment_id, -amount_minor, refund_id=refund_id)
