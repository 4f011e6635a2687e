"""The daily report's records: jobs made, jobs changed, and the customers whose balance moved."""

from __future__ import annotations

from dataclasses import dataclass, field

from cleanflow.dao.jobs import WHAT
from cleanflow.db import Database
from cleanflow.records.chart import Account


@dataclass(frozen=True)
class DailyJob:
    """A job made that day: the agreed amount, and its present total, paid amount and status.

    ``what`` is its service and description.
    """

    reference: str
    customer: str
    what: str
    amount_minor: int
    total_minor: int
    paid_minor: int
    payment_status: str
    work_status: str
    id: str = field(default="", compare=False)


@dataclass(frozen=True)
class JobChange:
    """An adjustment, discount, write-off or cancellation; ``amount_minor`` < 0 lowers the job's total."""

    kind: str
    is_reversal: bool
    job: str
    customer: str
    reason: str
    user: str
    amount_minor: int
    job_id: str = field(default="", compare=False)


@dataclass(frozen=True)
class BelowList:
    """A job agreed below its service's list price of that time."""

    job: str
    customer: str
    what: str
    user: str
    list_price_minor: int
    agreed_minor: int
    notes: str
    job_id: str = field(default="", compare=False)

    @property
    def amount_minor(self) -> int:
        """What was given away, below zero."""
        return self.agreed_minor - self.list_price_minor


@dataclass(frozen=True)
class CustomerChange:
    """A customer whose balance changed on the day; < 0 is credit."""

    customer: str
    before_minor: int
    change_minor: int
    after_minor: int
    customer_id: str = field(default="", compare=False)


def jobs_of(db: Database, day: str) -> tuple[DailyJob, ...]:
    query = f"""
        SELECT reference, customers.name, {WHAT}, amount_minor,
               total_minor, allocated_minor, payment_status, work_status, jobs.id
          FROM jobs
          JOIN job_totals ON job_totals.job_id = jobs.id
          JOIN customers ON customers.id = jobs.customer_id
         WHERE business_date = :day AND kind = 'SERVICE'
         ORDER BY jobs.created_at, reference
    """
    return tuple(DailyJob(*row) for row in db.rows(query, {"day": day}))


def job_changes(db: Database, day: str) -> tuple[JobChange, ...]:
    query = """
        SELECT changes.kind, changes.reverses_id IS NOT NULL, jobs.reference, customers.name,
               changes.reason, coalesce(users.name, ''), changes.amount_minor, jobs.id
          FROM job_adjustments AS changes
          JOIN jobs ON jobs.id = changes.job_id
          JOIN customers ON customers.id = jobs.customer_id
          LEFT JOIN users ON users.id = changes.user_id
         WHERE changes.business_date = :day
         ORDER BY changes.created_at, changes.id
    """
    return tuple(JobChange(row[0], bool(row[1]), *row[2:]) for row in db.rows(query, {"day": day}))


def below_list(db: Database, day: str) -> tuple[BelowList, ...]:
    """The day's jobs that were taken below the price list."""
    query = f"""
        SELECT reference, customers.name, {WHAT}, coalesce(users.name, ''), list_price_minor, amount_minor,
               jobs.notes, jobs.id
          FROM jobs
          JOIN customers ON customers.id = jobs.customer_id
          LEFT JOIN users ON users.id = jobs.user_id
         WHERE business_date = :day AND amount_minor < list_price_minor
         ORDER BY jobs.created_at, reference
    """
    return tuple(BelowList(*row) for row in db.rows(query, {"day": day}))


def customer_changes(db: Database, day: str) -> tuple[CustomerChange, ...]:
    """Customers whose balance changed on the day. A past balance is today's less all later entries, by
    index."""
    query = """
        WITH moved AS MATERIALIZED (
            SELECT customer_id, sum(CASE :receivable WHEN debit_account_id THEN amount_minor
                                                     WHEN credit_account_id THEN -amount_minor
                                                     ELSE 0 END) AS change_minor
              FROM ledger_entries INDEXED BY ledger_entries_by_date
             WHERE business_date = :day AND customer_id IS NOT NULL
             GROUP BY customer_id HAVING change_minor <> 0)
        SELECT customers.name, customers.id AS customer_id, change_minor,
               balance_minor - coalesce((
                   SELECT sum(CASE :receivable WHEN debit_account_id THEN amount_minor
                                               WHEN credit_account_id THEN -amount_minor
                                               ELSE 0 END)
                     FROM ledger_entries
                    WHERE customer_id = moved.customer_id AND business_date > :day), 0) AS after_minor
          FROM moved
          JOIN customers ON customers.id = moved.customer_id
          JOIN customer_balances ON customer_balances.customer_id = moved.customer_id
         ORDER BY customers.name COLLATE NOCASE, customers.id
    """
    return tuple(
        CustomerChange(
            row["name"],
            row["after_minor"] - row["change_minor"],
            row["change_minor"],
            row["after_minor"],
            row["customer_id"],
        )
        for row in db.rows(query, {"day": day, "receivable": str(Account.RECEIVABLE)})
    )
