"""What each customer owed at the end of a business date, by the age of the jobs.

For today it is read from job_totals, which triggers maintain. For a past day it is computed from the facts
up to that business date:

- a job counts from its own business date, an adjustment from its own;
- an allocation has no business date. One made with its payment, or released by an adjustment, a reversal or
  a refund, was written in the same operation as that fact (same PC, same timestamp) and takes the fact's
  business date, even if the fact was entered later. One made on its own (credit that was used) takes the
  business date on which it was entered;
- no allocation counts before both its payment and its job: until then the money was credit;
- a release dated before what it releases takes away no more than was allocated by then.

The day of an allocation only affects for which job money was due: the total that a customer owed is the
balance in the ledger, and what the jobs show above it is unused credit.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from cleanflow.dao.stamps import today
from cleanflow.db import Database
from cleanflow.records.chart import Account
from cleanflow.reports.day_state import day_in_utc

#: Last day of each age bucket; the fourth is open-ended.
BUCKET_DAYS = (30, 60, 90)


class Debtor(NamedTuple):
    """A customer who owes money; the four ages less ``credit_minor`` make ``total_minor``.

    ``total_minor`` is the customer's balance in the ledger. A named tuple, because there may be thousands,
    and it is ten times as fast to create as a frozen dataclass.
    """

    customer_id: str
    customer: str
    phone: str
    days_0_30_minor: int
    days_31_60_minor: int
    days_61_90_minor: int
    over_90_minor: int
    credit_minor: int
    total_minor: int

    @property
    def ages_minor(self) -> tuple[int, ...]:
        """What is due, by age."""
        return (self.days_0_30_minor, self.days_31_60_minor, self.days_61_90_minor, self.over_90_minor)


#: Only jobs young enough for the first three ages are read one by one; the rest is in the oldest.
_PRESENT_AGES = """
    , young AS MATERIALIZED (
        SELECT jobs.customer_id,
               sum(iif(business_date >= :day30, due_minor, 0)) AS fresh_minor,
               sum(iif(business_date >= :day60 AND business_date < :day30, due_minor, 0)) AS second_minor,
               sum(iif(business_date < :day60, due_minor, 0)) AS third_minor,
               sum(due_minor) AS young_minor
          FROM jobs INDEXED BY jobs_by_date CROSS JOIN job_totals ON job_totals.job_id = jobs.id
         WHERE business_date >= :day90 AND due_minor > 0
         GROUP BY jobs.customer_id),
    owed AS (SELECT customer_id, sum(due_minor) AS all_minor FROM job_totals WHERE due_minor > 0 GROUP BY 1),
    aged AS (
        SELECT owed.customer_id, all_minor, coalesce(fresh_minor, 0) AS fresh_minor,
               coalesce(second_minor, 0) AS second_minor, coalesce(third_minor, 0) AS third_minor,
               all_minor - coalesce(young_minor, 0) AS old_minor
          FROM owed LEFT JOIN young ON young.customer_id = owed.customer_id)
"""

_PAST_AGES = """
    , bound AS MATERIALIZED (   -- by payment and job, as it was at the end of the day
        SELECT bindings.job_id, max(sum(bindings.amount_minor), 0) AS bound_minor
          FROM payment_allocations AS bindings
          JOIN payments ON payments.id = bindings.payment_id
         WHERE bindings.job_id IS NOT NULL
           AND payments.business_date <= :day
           AND CASE
               WHEN bindings.amount_minor > 0 THEN
                    bindings.created_at < :day_end
                    OR (bindings.created_at = payments.created_at AND bindings.device_id = payments.device_id)
               ELSE coalesce(
                   (SELECT business_date FROM job_adjustments AS fact
                     WHERE fact.job_id = bindings.job_id
                       AND fact.created_at = bindings.created_at AND fact.device_id = bindings.device_id),
                   (SELECT fact.business_date FROM payments AS fact
                     WHERE fact.reverses_id = bindings.payment_id
                       AND fact.created_at = bindings.created_at AND fact.device_id = bindings.device_id),
                   (SELECT fact.business_date
                      FROM payment_allocations AS given JOIN payments AS fact ON fact.id = given.refund_id
                     WHERE given.payment_id = bindings.payment_id
                       AND given.created_at = bindings.created_at AND given.device_id = bindings.device_id),
                   CASE WHEN bindings.created_at < :day_end THEN :day ELSE '~' END) <= :day
               END
         GROUP BY bindings.payment_id, bindings.job_id),
    settled AS MATERIALIZED (
        SELECT job_id, sum(bound_minor) AS settled_minor FROM bound GROUP BY job_id),
    changed AS MATERIALIZED (
        SELECT job_id, sum(amount_minor) AS changed_minor FROM job_adjustments
         WHERE business_date <= :day GROUP BY job_id),
    due AS (
        SELECT customer_id, business_date,
               amount_minor + coalesce(changed_minor, 0) - coalesce(settled_minor, 0) AS due_minor
          FROM jobs
          LEFT JOIN changed ON changed.job_id = jobs.id
          LEFT JOIN settled ON settled.job_id = jobs.id
         WHERE business_date <= :day
           AND amount_minor + coalesce(changed_minor, 0) - coalesce(settled_minor, 0) > 0),
    aged AS (
        SELECT customer_id, sum(due_minor) AS all_minor,
               sum(iif(business_date >= :day30, due_minor, 0)) AS fresh_minor,
               sum(iif(business_date >= :day60 AND business_date < :day30, due_minor, 0)) AS second_minor,
               sum(iif(business_date >= :day90 AND business_date < :day60, due_minor, 0)) AS third_minor,
               sum(iif(business_date < :day90, due_minor, 0)) AS old_minor
          FROM due GROUP BY customer_id)
"""

_DEBTORS = """
    SELECT customers.id, name, phone, fresh_minor, second_minor, third_minor, old_minor,
           all_minor - balance_minor, balance_minor
      FROM aged
      JOIN customers ON customers.id = aged.customer_id
      JOIN balances ON balances.customer_id = aged.customer_id
"""

#: A past balance is today's less all later entries.
_PRESENT_BALANCES = "WITH balances AS (SELECT customer_id, balance_minor FROM customer_balances)"
_PAST_BALANCES = """
    WITH later AS MATERIALIZED (
        SELECT customer_id, sum(CASE :receivable WHEN debit_account_id THEN amount_minor
                                                 WHEN credit_account_id THEN -amount_minor
                                                 ELSE 0 END) AS later_minor
          FROM ledger_entries INDEXED BY ledger_entries_by_date
         WHERE business_date > :day AND customer_id IS NOT NULL
         GROUP BY customer_id),
    balances AS (
        SELECT customer_balances.customer_id, balance_minor - coalesce(later_minor, 0) AS balance_minor
          FROM customer_balances LEFT JOIN later ON later.customer_id = customer_balances.customer_id)
"""


def owing_on_jobs(db: Database, day: str) -> list[Debtor]:
    """Every customer with something due on a job at the end of ``day``.

    ``credit_minor`` is the sum due on jobs less the balance, so it may be negative.
    """
    if is_present(db, day):
        query = _PRESENT_BALANCES + _PRESENT_AGES + _DEBTORS
    else:
        query = _PAST_BALANCES + _PAST_AGES + _DEBTORS
    return [Debtor._make(row) for row in db.rows(query, _parameters(db, day))]


def balances_owed(db: Database, day: str) -> dict[str, int]:
    """Customer id -> balance at the end of ``day``, for everybody who owed money, on a job or not."""
    balances = _PRESENT_BALANCES if is_present(db, day) else _PAST_BALANCES
    query = f"{balances} SELECT customer_id, balance_minor FROM balances WHERE balance_minor > 0"
    return {row[0]: row[1] for row in db.rows(query, _parameters(db, day))}


def owing_without_job(db: Database, day: str, customer_id: str, balance_minor: int) -> Debtor:
    """A customer who owed ``balance_minor`` at the end of ``day`` although nothing was due on any job."""
    name, phone = db.one("SELECT name, phone FROM customers WHERE id = :id", {"id": customer_id}) or ("?", "")
    return with_ages(db, day, Debtor(customer_id, name, phone, 0, 0, 0, 0, -balance_minor, balance_minor))


def with_ages(db: Database, day: str, debtor: Debtor) -> Debtor:
    """``debtor``, with a balance above what the jobs explain (``credit_minor`` < 0) put into an age."""
    newest = db.value(
        "SELECT max(business_date) FROM payments WHERE customer_id = :id AND business_date <= :day",
        {"id": debtor.customer_id, "day": day},
    )
    ages = list(debtor.ages_minor)
    ages[bucket(day, newest or day)] -= debtor.credit_minor
    who = (debtor.customer_id, debtor.customer, debtor.phone)
    return Debtor._make((*who, *ages, 0, debtor.total_minor))


def is_present(db: Database, day: str) -> bool:
    """Whether everything recorded is dated up to ``day``."""
    if day < today(db).isoformat():
        return False
    return db.one("SELECT 1 FROM ledger_entries WHERE business_date > :day LIMIT 1", {"day": day}) is None


def bucket(day: str, of: str) -> int:
    """The bucket, 0 to 3, of a business date ``of`` at the end of ``day``."""
    age = (date.fromisoformat(day) - date.fromisoformat(of)).days
    return sum(age > last for last in BUCKET_DAYS)


def _parameters(db: Database, day: str) -> dict[str, str]:
    end = date.fromisoformat(day)
    return {
        "day": day,
        "day_end": day_in_utc(db.clock, end, _day_starts_at(db))[1],
        "receivable": str(Account.RECEIVABLE),
        **{f"day{days}": _days_before(end, days) for days in BUCKET_DAYS},
    }


def _days_before(day: date, days: int) -> str:
    return (day - timedelta(days=days)).isoformat() if day.toordinal() > days else "0001-01-01"


def _day_starts_at(db: Database) -> int:
    return int(db.value("SELECT value FROM settings WHERE key = 'day_starts_at'"))
