"""The daily report's numbers: what came in and went out, the drawer, the jobs, who owes what.

Money is read only from the day's ledger entries, so a reversal shows on the day it was made and all parts
add up to the books. The layout is in daily_page.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import cleanflow.reports.refusals  # noqa: F401 - what this module refuses
from cleanflow.clock import check_date
from cleanflow.dao.blind_count import cash_is_hidden, drawer_is_hidden
from cleanflow.dao.closings import DayClosing
from cleanflow.dao.shop import Shop, get_shop
from cleanflow.db import Database, snapshot
from cleanflow.errors import Refusal
from cleanflow.records.chart import MONEY_ACCOUNT, Account
from cleanflow.reports import day_money, day_records, day_state
from cleanflow.reports.account_days import AccountDay, account_day, entries_of, openings
from cleanflow.reports.periods import Period, period


@dataclass(frozen=True)
class DailyReport:
    """The numbers of the daily report. ``waiting_to_sync`` is ``None`` if the PC has not joined a server.

    ``is_hidden``: the shop counts blind, and the drawer, the cash and whatever they directly follow from are
    left out (``None``) for who is looking.
    """

    date: str
    shop: Shop
    money_in: tuple[day_money.MoneyIn, ...]
    money_out: tuple[day_money.MoneyOut, ...]
    expenses: tuple[day_money.CategoryExpenses, ...]
    by_pc: tuple[day_money.PcMoney, ...]
    jobs: tuple[day_records.DailyJob, ...]
    payments: tuple[day_money.DailyPayment, ...]
    below_list: tuple[day_records.BelowList, ...]
    job_changes: tuple[day_records.JobChange, ...]
    money_moves: tuple[day_money.MoneyMove, ...]
    drawer: day_money.Drawer
    cash: AccountDay | None
    bank: AccountDay
    receivables: AccountDay | None
    customers: tuple[day_records.CustomerChange, ...]
    entered_on_other_days: int
    waiting_to_sync: int | None
    last_backup_at: datetime | None
    chain_heads: tuple[day_state.ChainHead, ...]
    is_hidden: bool = False

    @property
    def taken_in_minor(self) -> int | None:
        """What customers paid, less reversals."""
        return None if self.is_hidden else sum(item.net_minor or 0 for item in self.money_in)

    @property
    def paid_out_minor(self) -> int:
        """Expenses and refunds, less reversals."""
        return sum(item.net_minor for item in self.money_out)


#: Maximum number of days, and so of pages, of a daily report over a period.
MOST_DAYS = 100


@dataclass(frozen=True)
class DailyReports:
    """The daily reports of a period, one for each of its days."""

    period: Period
    shop: Shop
    days: tuple[DailyReport, ...]

    @property
    def taken_in_minor(self) -> int | None:
        """What customers paid on all days; None while that is a secret."""
        if any(day.is_hidden for day in self.days):
            return None
        return sum(day.taken_in_minor or 0 for day in self.days)

    @property
    def paid_out_minor(self) -> int:
        """What was paid out on all days."""
        return sum(day.paid_out_minor for day in self.days)


def daily_reports(db: Database, first: date | str, last: date | str) -> DailyReports:
    """The reports of each day from ``first`` to ``last``.

    Refuses with ``date_invalid``, or ``too_many_days`` above :data:`MOST_DAYS`.
    """
    chosen = period(first, last)
    days = chosen.days()
    if len(days) > MOST_DAYS:
        raise Refusal("too_many_days", days=f"{len(days):,}", most=MOST_DAYS)
    with snapshot(db):
        return DailyReports(chosen, get_shop(db), tuple(_read(db, day, None) for day in days))


def daily_report(db: Database, day: date | str, *, closing: DayClosing | None = None) -> DailyReport:
    """The report of one business date, read in one snapshot. Refuses with ``date_invalid``.

    May run inside an operation, because closing the day stores the report. Takes 20 ms for a hundred jobs
    in any year: each query uses an index, and only ``account_days`` grows with the days. ``closing`` is the
    closing that the paper is about: perhaps the one being made, whose row is not written yet because it
    contains this report.
    """
    text = check_date(day)
    with snapshot(db):
        return _read(db, text, closing)


def _read(db: Database, day: str, closing: DayClosing | None) -> DailyReport:
    is_hidden = cash_is_hidden(db, besides=closing.drawer_id if closing else None)
    entries, balances = entries_of(db, day), openings(db, day)
    days = {
        account: account_day(account, entries, balances)
        for account in (Account.CASH, Account.BANK, Account.RECEIVABLE)
    }
    by_method = {method: days[account] for method, account in MONEY_ACCOUNT.items()}
    codes = {row["id"]: row["code"] for row in db.rows("SELECT id, code FROM devices")}
    return DailyReport(
        date=day,
        shop=get_shop(db),
        money_in=tuple(
            day_money.money_in(method, moved, is_hidden=is_hidden and method == "CASH")
            for method, moved in by_method.items()
        ),
        money_out=tuple(day_money.money_out(method, moved) for method, moved in by_method.items()),
        expenses=day_money.expenses_of(db, entries),
        by_pc=() if is_hidden else day_money.takings_by_pc(entries, codes),
        jobs=day_records.jobs_of(db, day),
        payments=day_money.payments_of(db, day),
        below_list=day_records.below_list(db, day),
        job_changes=day_records.job_changes(db, day),
        money_moves=day_money.money_moves(db, day),
        drawer=day_money.drawer_of(
            db, day, entries, balances, closing, is_hidden=closing is None and drawer_is_hidden(db)
        ),
        cash=None if is_hidden else days[Account.CASH],
        bank=days[Account.BANK],
        receivables=None if is_hidden else days[Account.RECEIVABLE],
        customers=day_records.customer_changes(db, day),
        entered_on_other_days=day_state.entered_on_other_days(db, day),
        waiting_to_sync=day_state.waiting_to_sync(db),
        last_backup_at=day_state.last_backup_at(db),
        chain_heads=day_state.chain_heads(db),
        is_hidden=is_hidden,
    )
