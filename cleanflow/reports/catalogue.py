"""All reports by name: what each one asks for, and how it becomes a document. For windows that offer them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from cleanflow.dao.stamps import today
from cleanflow.db import Database
from cleanflow.language import _
from cleanflow.rendering.document import Document
from cleanflow.reports.cash_flow import cash_flow_report
from cleanflow.reports.daily import daily_report
from cleanflow.reports.monthly import monthly_report
from cleanflow.reports.pages.cash_flow_page import cash_flow_document
from cleanflow.reports.pages.daily_page import daily_document
from cleanflow.reports.pages.monthly_page import monthly_document
from cleanflow.reports.profit import profit_document, profit_report
from cleanflow.reports.receivables import receivables_document, receivables_report
from cleanflow.reports.statement import first_entry_date, statement, statement_document
from cleanflow.reports.trial_balance import trial_balance, trial_balance_document


@dataclass(frozen=True)
class Asked:
    """What a person wants a report of: business dates, both included, and for a statement a customer.

    ``None`` is open: the beginning of the books, or today.
    """

    first: date | None = None
    last: date | None = None
    customer_id: str | None = None


@dataclass(frozen=True)
class ReportKind:
    """``period`` is what is proposed; ``of_customer`` tells that ``make`` needs a customer."""

    name: str
    title: str
    period: str
    make: Callable[[Database, Asked], Document]
    of_customer: bool = False


def catalogue() -> tuple[ReportKind, ...]:
    """Every report, the most wanted first."""
    return (
        ReportKind("daily", _("Daily report"), _("Today"), _daily),
        ReportKind("monthly", _("Monthly report"), _("This month"), _monthly),
        ReportKind("receivables", _("Money owed"), _("Today"), _receivables),
        ReportKind("statement", _("Customer statement"), _("All"), _statement, of_customer=True),
        ReportKind("cash_flow", _("Cash flow"), _("This month"), _cash_flow),
        ReportKind("profit", _("Profit and loss"), _("This month"), _profit),
        ReportKind("trial_balance", _("Trial balance"), _("Today"), _trial_balance),
    )


def _daily(db: Database, asked: Asked) -> Document:
    return daily_document(daily_report(db, _last(db, asked)))


def _monthly(db: Database, asked: Asked) -> Document:
    return monthly_document(monthly_report(db, (asked.first or _last(db, asked)).isoformat()[:7]))


def _receivables(db: Database, asked: Asked) -> Document:
    return receivables_document(receivables_report(db, _last(db, asked)))


def _statement(db: Database, asked: Asked) -> Document:
    assert asked.customer_id is not None
    last = _last(db, asked)
    first = asked.first or first_entry_date(db, asked.customer_id) or last
    return statement_document(statement(db, asked.customer_id, first, last))


def _cash_flow(db: Database, asked: Asked) -> Document:
    return cash_flow_document(cash_flow_report(db, _first(db, asked), _last(db, asked)))


def _profit(db: Database, asked: Asked) -> Document:
    return profit_document(profit_report(db, _first(db, asked), _last(db, asked)))


def _trial_balance(db: Database, asked: Asked) -> Document:
    return trial_balance_document(trial_balance(db, _last(db, asked)))


def _last(db: Database, asked: Asked) -> date:
    """The last day asked for, but no day that is still to come: its numbers would be today's."""
    now = today(db)
    return min(asked.last or now, now) if (asked.first or now) <= now else (asked.last or now)


def _first(db: Database, asked: Asked) -> date:
    if asked.first is not None:
        return asked.first
    text = db.value("SELECT min(business_date) FROM ledger_entries")
    return date.fromisoformat(text) if text else _last(db, asked)
