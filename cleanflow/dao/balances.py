"""Explains a customer's balance: the jobs with something due and the payments with something left.

Each is followed by its steps: the changes of a job's total and the payments that settled it, or the uses of a
payment. The open amounts add up to the balance. Settled jobs and used-up payments are not read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from cleanflow.dao.jobs import WHAT
from cleanflow.dao.paging import Page, Slice
from cleanflow.db import Database, Row, snapshot

T = TypeVar("T")


@dataclass(frozen=True)
class OpenJob:
    """A job that a payment can settle; ``what``: its service and description."""

    id: str
    reference: str
    what: str
    business_date: str
    total_minor: int
    due_minor: int


@dataclass(frozen=True)
class BalanceLine:
    """A job or payment of which ``open_minor`` is open, or, with ``None``, one of its steps.

    ``kind`` is JOB or PAYMENT (OPENING for one from before CleanFlow); of a step it is the kind of the
    job's adjustment, PAID (by the payment ``payment_id``), USED (for the job ``job_id``) or REFUND. The
    ``change_minor`` of a record and its steps add up to ``open_minor``; > 0 is owed to the shop.
    """

    id: str
    kind: str
    is_reversal: bool
    reference: str
    words: str
    business_date: str
    job_id: str | None
    payment_id: str | None
    change_minor: int
    open_minor: int | None = None


@dataclass(frozen=True)
class Explanation:
    """The lines that make up ``balance_minor``: first what is owed, oldest first, then the credit."""

    balance_minor: int
    lines: tuple[BalanceLine, ...]


def open_jobs(db: Database, customer_id: str) -> list[OpenJob]:
    """The customer's jobs with something due, in the order in which a payment settles them."""
    query = f"""
        SELECT jobs.id, reference, {WHAT} AS what, business_date, total_minor, due_minor
          FROM job_totals JOIN jobs ON jobs.id = job_id
         WHERE job_totals.customer_id = :customer_id AND due_minor > 0
         ORDER BY business_date, created_at, reference
    """
    return [OpenJob(**dict(row)) for row in db.rows(query, {"customer_id": customer_id})]


def oldest_first(jobs: Sequence[OpenJob], amount_minor: int) -> dict[str, int]:
    """Each job's share of an amount (job id -> minor units) when the oldest jobs are settled first."""
    shares = {}
    for job in jobs:
        shares[job.id] = min(job.due_minor, amount_minor)
        amount_minor -= shares[job.id]
    return {job_id: share for job_id, share in shares.items() if share}


def explain_balance(db: Database, customer_id: str) -> Explanation:
    """Everything that is open between the shop and a customer."""
    with snapshot(db):
        balance: int = db.value(
            "SELECT coalesce(sum(balance_minor), 0) FROM customer_balances WHERE customer_id = :id",
            {"id": customer_id},
        )
        jobs = _jobs(db, customer_id, "due_minor > 0")
        payments = _payments(db, customer_id)
        if sum(line.open_minor or 0 for line in (*jobs, *payments)) != balance:
            # Two PCs have settled one job while offline: too rare for an index.
            jobs = _jobs(db, customer_id, "due_minor <> 0")
        return Explanation(balance, (*jobs, *payments))


def explanation_page(explanation: Explanation, part: Slice) -> Page[BalanceLine]:
    """A page of the lines, for a list that reads by pages; their order is fixed."""
    return _page(explanation.lines, part)


def _page(rows: Sequence[T], part: Slice) -> Page[T]:
    place = part.start[0] if part.start is not None else None
    if part.backward:
        end = len(rows) if place is None else place
        begin = max(0, end - part.limit)
    else:
        begin = 0 if place is None else place + 1
        end = min(len(rows), begin + part.limit)
    return Page(
        rows=list(rows[begin:end]),
        first_key=(begin,) if begin < end else None,
        last_key=(end - 1,) if begin < end else None,
        has_more=begin > 0 if part.backward else end < len(rows),
        count=len(rows),
    )


def _jobs(db: Database, customer_id: str, which: str) -> list[BalanceLine]:
    """The open jobs of a customer, each followed by its steps; ``which`` is an SQL literal."""
    open_of_customer = f"""
        job_totals JOIN jobs ON jobs.id = job_totals.job_id
         AND job_totals.customer_id = :customer_id AND {which}
    """
    jobs = db.rows(
        f"""
        SELECT jobs.id, CASE jobs.kind WHEN 'OPENING' THEN 'OPENING' ELSE 'JOB' END AS kind,
               0 AS is_reversal, reference, {WHAT} AS words, business_date,
               jobs.id AS job_id, NULL AS payment_id, amount_minor AS change_minor, due_minor AS open_minor
          FROM {open_of_customer}
         ORDER BY business_date, jobs.created_at, reference
        """,
        {"customer_id": customer_id},
    )
    steps = db.rows(
        f"""
        SELECT changes.id, changes.kind, changes.reverses_id IS NOT NULL AS is_reversal,
               jobs.reference AS reference, changes.reason AS words,
               changes.business_date AS business_date, jobs.id AS job_id, NULL AS payment_id,
               changes.amount_minor AS change_minor, changes.created_at AS at
          FROM {open_of_customer} JOIN job_adjustments AS changes ON changes.job_id = jobs.id
         UNION ALL
        SELECT jobs.id || payments.id, 'PAID', 0, payments.reference, '', payments.business_date, jobs.id,
               payments.id, -sum(shares.amount_minor), payments.created_at
          FROM {open_of_customer} JOIN payment_allocations AS shares ON shares.job_id = jobs.id
          JOIN payments ON payments.id = shares.payment_id
         GROUP BY jobs.id, payments.id HAVING sum(shares.amount_minor) <> 0
         ORDER BY business_date, at, reference
        """,
        {"customer_id": customer_id},
    )
    return _with_steps(jobs, steps, "job_id")


def _payments(db: Database, customer_id: str) -> list[BalanceLine]:
    """The payments of a customer that are not used up, each followed by its uses."""
    open_of_customer = """
        payment_totals JOIN payments ON payments.id = payment_totals.payment_id
         AND payment_totals.customer_id = :customer_id AND unallocated_minor <> 0
    """
    payments = db.rows(
        f"""
        SELECT payments.id, kind, 0 AS is_reversal, reference, reason AS words, business_date, NULL AS job_id,
               payments.id AS payment_id, -received_minor AS change_minor, -unallocated_minor AS open_minor
          FROM {open_of_customer}
         ORDER BY business_date, payments.created_at, reference
        """,
        {"customer_id": customer_id},
    )
    steps = db.rows(
        f"""
        SELECT payments.id || coalesce(jobs.id, refunds.id) AS id,
               CASE WHEN jobs.id IS NULL THEN 'REFUND' ELSE 'USED' END AS kind, 0 AS is_reversal,
               coalesce(jobs.reference, refunds.reference) AS reference,
               coalesce({WHAT}, refunds.reason) AS words,
               coalesce(jobs.business_date, refunds.business_date) AS business_date,
               jobs.id AS job_id, payments.id AS payment_id, sum(shares.amount_minor) AS change_minor
          FROM {open_of_customer} JOIN payment_allocations AS shares ON shares.payment_id = payments.id
          LEFT JOIN jobs ON jobs.id = shares.job_id
          LEFT JOIN payments AS refunds ON refunds.id = shares.refund_id
         GROUP BY payments.id, shares.job_id, shares.refund_id HAVING sum(shares.amount_minor) <> 0
         ORDER BY business_date, reference
        """,
        {"customer_id": customer_id},
    )
    return _with_steps(payments, steps, "payment_id")


def _with_steps(records: Iterator[Row], steps: Iterator[Row], parent: str) -> list[BalanceLine]:
    """Each record followed by the steps that name it in their column ``parent``."""
    of_record: dict[str, list[BalanceLine]] = defaultdict(list)
    for row in steps:
        facts = dict(row)
        facts.pop("at", None)
        of_record[row[parent]].append(BalanceLine(**{**facts, "is_reversal": bool(row["is_reversal"])}))
    lines = []
    for row in records:
        lines += [BalanceLine(**{**dict(row), "is_reversal": False}), *of_record[row["id"]]]
    return lines
