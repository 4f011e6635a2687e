"""Every report, declared once, for the window and the commands alike.

A report's numbers and layout are its own module's; reading what people type for a date, a month or a customer
is left to the window and the command.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum, auto
from typing import Any, Generic, TypeVar

from cleanflow.dao.shop import get_shop
from cleanflow.dao.stamps import today
from cleanflow.db import Database
from cleanflow.language import _, _l
from cleanflow.rendering.document import Document, shown_date
from cleanflow.reports.cash_flow import cash_flow_report
from cleanflow.reports.daily import DailyReport, DailyReports, daily_report, daily_reports
from cleanflow.reports.monthly import monthly_report
from cleanflow.reports.pages.cash_flow_page import cash_flow_document
from cleanflow.reports.pages.daily_page import daily_document, daily_documents
from cleanflow.reports.pages.monthly_page import monthly_document
from cleanflow.reports.periods import month_period
from cleanflow.reports.plain import whole_report
from cleanflow.reports.profit import profit_document, profit_report
from cleanflow.reports.receivables import receivables_document, receivables_report
from cleanflow.reports.services import services_document, services_report
from cleanflow.reports.statement import Statement, first_entry_date, statement, statement_document
from cleanflow.reports.trial_balance import trial_balance, trial_balance_document
from cleanflow.reports.words import month_word

R = TypeVar("R")


class Days(Enum):
    """Which days a report is about."""

    DATE = auto()
    #: One date, or each date of a period.
    DATES = auto()
    MONTH = auto()
    PERIOD = auto()


@dataclass(frozen=True)
class Asked:
    """What a report is asked for: business dates, both included, and for a statement a customer.

    ``None`` is open: the beginning of the books, or today. A month is that of ``first``, a single date is
    ``last``; a report that cannot use all of it says which part it uses.
    """

    first: date | None = None
    last: date | None = None
    customer_id: str | None = None


@dataclass(frozen=True)
class ReportKind(Generic[R]):
    """One report.

    ``name`` is its command. ``make`` computes its numbers: a frozen dataclass with the ``shop``, its sums as
    properties ``…_minor``. ``draw`` lays them out. ``of_customer`` tells that a customer must be named.
    """

    name: str
    title: str
    summary: str
    days: Days
    make: Callable[[Database, Asked], R]
    draw: Callable[[R], Document]
    of_customer: bool = False

    @property
    def period(self) -> str:
        """The name of the period that is proposed for it."""
        if self.of_customer:
            return _("All")
        return _("Today") if self.days in (Days.DATE, Days.DATES) else _("This month")

    def document(self, db: Database, asked: Asked) -> Document:
        """The report as people see it, and which part of the days asked for it is about.

        Refuses with ``date_invalid``, ``record_unknown`` (customer), ``too_many_days`` or ``cash_hidden``.
        """
        return self.drawn(db, asked, self.make(db, asked))

    def drawn(self, db: Database, asked: Asked, report: R) -> Document:
        """The document of what :attr:`make` gave."""
        words = self.used_words(db, asked)
        return self.draw(report).with_note(words) if words else self.draw(report)

    def used_words(self, db: Database, asked: Asked) -> str:
        """Which part of the days asked for the report uses; ``""`` for all of them."""
        order, last = get_shop(db).date_order, _last(db, asked)
        if self.days is Days.DATE and (asked.first, asked.last) != (last, last):
            return _("It is about one day, the last one asked for: {day}.").format(
                day=shown_date(last.isoformat(), order)
            )
        if self.days is Days.MONTH:
            month = month_period(_month(db, asked))
            if (asked.first, asked.last) != (
                date.fromisoformat(month.first),
                date.fromisoformat(month.last),
            ):
                return _("It is about one whole month: {month}.").format(month=month_word(month.first[:7]))
        elif asked.last is not None and last < asked.last:
            day = shown_date(last.isoformat(), order)
            return _("It goes as far as today, {day}.").format(day=day)
        return ""

    def as_json(self, report: R) -> dict[str, Any]:
        """What :attr:`make` gave, for other programs; money as decimal strings."""
        return {"report": self.name, **whole_report(report)}


def _last(db: Database, asked: Asked) -> date:
    """The last day asked for, but no day that is still to come: its numbers would be today's."""
    now = today(db)
    return min(asked.last or now, now) if (asked.first or now) <= now else (asked.last or now)


def _first(db: Database, asked: Asked) -> date:
    """The first day asked for, or that of the books."""
    if asked.first is not None:
        return asked.first
    text = db.value("SELECT min(business_date) FROM ledger_entries")
    return date.fromisoformat(text) if text else _last(db, asked)


def _month(db: Database, asked: Asked) -> str:
    """``YYYY-MM`` of the first day asked for."""
    return (asked.first or _last(db, asked)).isoformat()[:7]


def _daily(db: Database, asked: Asked) -> DailyReport | DailyReports:
    last = _last(db, asked)
    if asked.first == last:
        return daily_report(db, last)
    return daily_reports(db, _first(db, asked), last)


def _draw_daily(report: DailyReport | DailyReports) -> Document:
    return daily_document(report) if isinstance(report, DailyReport) else daily_documents(report)


def _statement(db: Database, asked: Asked) -> Statement:
    """Of all of the customer's entries, where no first day is asked for."""
    assert asked.customer_id is not None
    last = _last(db, asked).isoformat()
    first = asked.first or min(first_entry_date(db, asked.customer_id) or last, last)
    return statement(db, asked.customer_id, first, last)


_ALL: tuple[ReportKind[Any], ...] = (
    ReportKind(
        "daily",
        _l("Daily report"),
        _l("One day: money, drawer, jobs, who owes what. Of a period, a page for each day."),
        Days.DATES,
        _daily,
        _draw_daily,
    ),
    ReportKind(
        "monthly",
        _l("Monthly report"),
        _l("One month beside the month before."),
        Days.MONTH,
        lambda db, asked: monthly_report(db, _month(db, asked)),
        monthly_document,
    ),
    ReportKind(
        "receivables",
        _l("Money owed"),
        _l("Who owes what, and for how long."),
        Days.DATE,
        lambda db, asked: receivables_report(db, _last(db, asked)),
        receivables_document,
    ),
    ReportKind(
        "ledger",
        _l("Customer statement"),
        _l("A customer's account: every entry, and the balance."),
        Days.PERIOD,
        _statement,
        statement_document,
        of_customer=True,
    ),
    ReportKind(
        "cashflow",
        _l("Cash flow"),
        _l("Money in and out, cash and bank."),
        Days.PERIOD,
        lambda db, asked: cash_flow_report(db, _first(db, asked), _last(db, asked)),
        cash_flow_document,
    ),
    ReportKind(
        "profit",
        _l("Profit and loss"),
        _l("What was earned, what it cost, what is left."),
        Days.PERIOD,
        lambda db, asked: profit_report(db, _first(db, asked), _last(db, asked)),
        profit_document,
    ),
    ReportKind(
        "services",
        _l("Services"),
        _l("Each service: jobs, what was agreed, adjustments."),
        Days.PERIOD,
        lambda db, asked: services_report(db, _first(db, asked), _last(db, asked)),
        services_document,
    ),
    ReportKind(
        "trial-balance",
        _l("Trial balance"),
        _l("Every account's balance."),
        Days.DATE,
        lambda db, asked: trial_balance(db, _last(db, asked)),
        trial_balance_document,
    ),
)


def catalogue() -> tuple[ReportKind[Any], ...]:
    """Every report, the most wanted first, its title and summary in the language in use."""
    return tuple(replace(kind, title=_(kind.title), summary=_(kind.summary)) for kind in _ALL)
