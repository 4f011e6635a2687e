"""A customer's statement: every entry with the balance after it. What is open now: balances.py."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from cleanflow.dao.jobs import WHAT
from cleanflow.dao.paging import Key, Listing, Page, Slice
from cleanflow.db import Database, snapshot
from cleanflow.records.chart import Account


@dataclass(frozen=True)
class AccountLine:
    """A ledger entry: ``change_minor`` > 0 was charged, < 0 was paid or taken off.

    ``reference`` is the job's or receipt's; ``words`` its service and description, or the reason.
    ``job_id`` or ``payment_id`` is the record behind it.
    """

    id: str
    business_date: str
    kind: str
    is_reversal: bool
    reference: str
    method: str | None
    words: str
    job_id: str | None
    payment_id: str | None
    change_minor: int
    balance_minor: int = 0


_CHANGE = """CASE :receivable WHEN entries.debit_account_id THEN entries.amount_minor
                              WHEN entries.credit_account_id THEN -entries.amount_minor ELSE 0 END"""

_ENTRIES: Listing[AccountLine] = Listing(
    columns=f"""entries.id, entries.business_date, entries.kind,
                changes.reverses_id IS NOT NULL AS is_reversal,
                coalesce(jobs.reference, payments.reference, '') AS reference, payments.method,
                coalesce(changes.reason, payments.reason, {WHAT}, '') AS words,
                entries.job_id, payments.id AS payment_id, {_CHANGE} AS change_minor""",
    source="""ledger_entries AS entries
              LEFT JOIN job_adjustments AS changes ON changes.id = entries.source_id
              LEFT JOIN payments ON payments.id = entries.source_id
              LEFT JOIN jobs ON jobs.id = entries.job_id""",
    sorts={
        "date": ("entries.business_date", "entries.created_at", "entries.device_id", "entries.chain_number")
    },
    make=lambda row: AccountLine(
        row["id"], row["business_date"], row["kind"], bool(row["is_reversal"]), row["reference"],
        row["method"], row["words"], row["job_id"], row["payment_id"], row["change_minor"],
    ),
)  # fmt: skip


def list_account(
    db: Database,
    part: Slice,
    customer_id: str,
    *,
    first: date | None = None,
    last: date | None = None,
) -> Page[AccountLine]:
    """A customer's entries with business dates ``first`` to ``last``, each with the balance after it.

    Sorts: ``date``, and within a date by time of entry.
    """
    wanted = {
        "entries.customer_id = :customer_id": customer_id,
        "entries.business_date >= :first": first,
        "entries.business_date <= :last": last,
    }
    with snapshot(db):
        page = _ENTRIES.read(db, part, wanted, {"receivable": str(Account.RECEIVABLE)})
        newest = page.first_key if part.descending else page.last_key
        balance = 0 if newest is None else _balance_after(db, customer_id, newest)
    lines = []
    for line in page.rows if part.descending else reversed(page.rows):
        lines.append(replace(line, balance_minor=balance))
        balance -= line.change_minor
    return replace(page, rows=lines if part.descending else lines[::-1])


def _balance_after(db: Database, customer_id: str, key: Key) -> int:
    """The balance after the entry at ``key``: today's balance minus the later entries, usually few."""
    query = f"""
        SELECT coalesce((SELECT balance_minor FROM customer_balances WHERE customer_id = :customer_id), 0)
               - coalesce(sum({_CHANGE}), 0)
          FROM ledger_entries AS entries
         WHERE entries.customer_id = :customer_id AND entries.business_date >= :date
           AND (entries.business_date, entries.created_at, entries.device_id, entries.chain_number)
               > (:date, :at, :device_id, :number)
    """
    place = dict(zip(("date", "at", "device_id", "number"), key, strict=True))
    balance: int = db.value(
        query, {"customer_id": customer_id, "receivable": str(Account.RECEIVABLE), **place}
    )
    return balance


def balance_before(db: Database, customer_id: str, day: date) -> int:
    """What the customer owed (> 0) or had as credit (< 0) at the start of ``day``."""
    query = f"""
        SELECT coalesce(sum({_CHANGE}), 0) FROM ledger_entries AS entries
         WHERE entries.customer_id = :customer_id AND entries.business_date < :day
    """
    balance: int = db.value(
        query,
        {"customer_id": customer_id, "day": day.isoformat(), "receivable": str(Account.RECEIVABLE)},
    )
    return balance
