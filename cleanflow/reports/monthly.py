"""The monthly report's numbers: income, expenses and profit, each beside the month before, and day by day.

Read from account_days and account_months, so a month costs the same in any year. The layout is in
monthly_page.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cleanflow.dao.shop import Shop, get_shop
from cleanflow.dao.stamps import today
from cleanflow.db import Database, snapshot
from cleanflow.records.chart import Account
from cleanflow.reports.account_sums import AccountSum, sums_until, turnover
from cleanflow.reports.periods import Period, month_before, month_period

#: Accounts shown in every month, also without entries.
_ALWAYS_SHOWN = {
    str(account)
    for account in (
        Account.REVENUE,
        Account.DISCOUNTS,
        Account.ADJUSTMENTS,
        Account.CANCELLED,
        Account.WRITTEN_OFF,
    )
}


@dataclass(frozen=True)
class Compared:
    """An account's amount in the month and in the month before; both income and expenses are positive."""

    account_id: str
    account: str
    amount_minor: int
    before_minor: int


@dataclass(frozen=True)
class DayResult:
    """A day's income and expenses."""

    date: str
    income_minor: int
    expenses_minor: int


@dataclass(frozen=True)
class MonthlyReport:
    """A month's result. ``shown_until`` is its last day, or today if the month is not over.

    Discounts, lowered prices and cancelled jobs are negative income; write-offs and drawer differences are
    expenses. ``receivable_minor`` is what customers owed at the month's end.
    """

    month: str
    month_before: str
    shop: Shop
    shown_until: str
    income: tuple[Compared, ...]
    expenses: tuple[Compared, ...]
    days: tuple[DayResult, ...]
    job_count: int
    job_count_before: int
    receivable_minor: int
    receivable_before_minor: int

    @property
    def income_total_minor(self) -> int:
        """What was earned, less what was taken back."""
        return sum(line.amount_minor for line in self.income)

    @property
    def income_total_before_minor(self) -> int:
        """The same of the month before."""
        return sum(line.before_minor for line in self.income)

    @property
    def expenses_total_minor(self) -> int:
        """What was spent or given up."""
        return sum(line.amount_minor for line in self.expenses)

    @property
    def expenses_total_before_minor(self) -> int:
        """The same of the month before."""
        return sum(line.before_minor for line in self.expenses)

    @property
    def profit_minor(self) -> int:
        """What is left; < 0 is a loss."""
        return self.income_total_minor - self.expenses_total_minor

    @property
    def profit_before_minor(self) -> int:
        """The same of the month before."""
        return self.income_total_before_minor - self.expenses_total_before_minor


def monthly_report(db: Database, month: str) -> MonthlyReport:
    """The report of ``YYYY-MM``. Refuses with ``date_invalid``."""
    now, before = month_period(month), month_period(month_before(month))
    with snapshot(db):
        this, that = turnover(db, now), turnover(db, before)
        return MonthlyReport(
            month=month,
            month_before=before.first[:7],
            shop=get_shop(db),
            shown_until=min(now.last, max(now.first, today(db).isoformat())),
            income=_compared(this, that, "INCOME"),
            expenses=_compared(this, that, "EXPENSE"),
            days=_days(db, now),
            job_count=_job_count(db, now),
            job_count_before=_job_count(db, before),
            receivable_minor=_receivable(db, now.last),
            receivable_before_minor=_receivable(db, before.last),
        )


def _compared(this: Iterable[AccountSum], that: Iterable[AccountSum], kind: str) -> tuple[Compared, ...]:
    sign = -1 if kind == "INCOME" else 1
    before = {item.id: item.balance_minor * sign for item in that}
    lines = (
        Compared(item.id, item.name, item.balance_minor * sign, before[item.id])
        for item in this
        if item.kind == kind
    )
    return tuple(
        line for line in lines if line.amount_minor or line.before_minor or line.account_id in _ALWAYS_SHOWN
    )


def _days(db: Database, month: Period) -> tuple[DayResult, ...]:
    """Every day of the month, including those without entries."""
    query = """
        SELECT business_date,
               sum(CASE kind WHEN 'INCOME' THEN credit_minor - debit_minor ELSE 0 END) AS income_minor,
               sum(CASE kind WHEN 'EXPENSE' THEN debit_minor - credit_minor ELSE 0 END) AS expenses_minor
          FROM accounts   -- CROSS: the accounts first, then their days by key
         CROSS JOIN account_days ON account_days.account_id = accounts.id
                                AND business_date BETWEEN :first AND :last
         WHERE kind IN ('INCOME', 'EXPENSE')
         GROUP BY business_date
    """
    found = {
        row["business_date"]: DayResult(*row)
        for row in db.rows(query, {"first": month.first, "last": month.last})
    }
    return tuple(found.get(day, DayResult(day, 0, 0)) for day in month.days())


def _job_count(db: Database, of: Period) -> int:
    count: int = db.value(
        "SELECT count(*) FROM jobs WHERE kind = 'SERVICE' AND business_date BETWEEN :first AND :last",
        {"first": of.first, "last": of.last},
    )
    return count


def _receivable(db: Database, day: str) -> int:
    return sum(item.balance_minor for item in sums_until(db, day) if item.id == Account.RECEIVABLE)
