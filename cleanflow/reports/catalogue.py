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

from cleanflow.dao.stamps import today
from cleanflow.db import Database
from cleanflow.language import _, _l
from cleanflow.rendering.document import Document
from cleanflow.reports.cash_flow import cash_flow_report
from cleanflow.reports.daily import daily_report
from cleanflow.reports.monthly import monthly_report
from cleanflow.reports.pages.cash_flow_page import cash_flow_document
from cleanflow.reports.pages.daily_page import daily_document
from cleanflow.reports.pages.monthly_page import monthly_document
from cleanflow.reports.plain import whole_report
from cleanflow.reports.profit import profit_document, profit_report
from cleanflow.reports.receivables import receivables_document, receivables_report
from cleanflow.reports.statement import Statement, first_entry_date, statement, statement_document
from cleanflow.reports.trial_balance import trial_balance, trial_balance_document

R = TypeVar("R")


class Days(Enum):
    """Which days a report is about."""

    DATE = auto()
    MONTH = auto()
    PERIOD = auto()


@dataclass(frozen=True)
class Asked:
    """What a report is asked for: business dates, both included, and for a statement a customer.

    ``None`` is open: the beginning of the books, or today. A month is that of ``first``, a date is ``last``.
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
        return _("Today") if self.days is Days.DATE else _("This month")

    def document(self, db: Database, asked: Asked) -> Document:
        """The report as people see it. Refuses with ``date_invalid`` or ``record_unknown`` (customer)."""
        return self.draw(self.make(db, asked))

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
        _l("One day: money, drawer, jobs, who owes what."),
        Days.DATE,
        lambda db, asked: daily_report(db, _last(db, asked)),
        daily_document,
    ),
    ReportKind(
        "monthly",
        _l("Monthly report"),
        _l("One month beside the month before."),
        Days.MONTH,
        lambda db, asked: monthly_report(db, (asked.first or _last(db, asked)).isoformat()[:7]),
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
