"""Profit and loss of a period: what was earned, what it cost, what is left.

On the accrual basis: a job is income on the day it was made, not when it was paid.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from cleanflow.dao.shop import Shop, get_shop
from cleanflow.db import Database, snapshot
from cleanflow.language import _
from cleanflow.records.chart import Account
from cleanflow.rendering.document import Column, Document, Link, Section, Table
from cleanflow.reports.account_sums import AccountSum, turnover
from cleanflow.reports.pages.letterhead import on_letterhead
from cleanflow.reports.periods import Period, period


@dataclass(frozen=True)
class ProfitLine:
    """An account of income (> 0 earned) or of expense (> 0 spent)."""

    account_id: str
    account: str
    amount_minor: int


@dataclass(frozen=True)
class ProfitReport:
    """Profit and loss of ``period``; discounts and the like are negative income."""

    period: Period
    shop: Shop
    income: tuple[ProfitLine, ...]
    expenses: tuple[ProfitLine, ...]

    @property
    def income_total_minor(self) -> int:
        """What was earned, less what was taken back."""
        return sum(line.amount_minor for line in self.income)

    @property
    def expenses_total_minor(self) -> int:
        """What was spent or given up."""
        return sum(line.amount_minor for line in self.expenses)

    @property
    def profit_minor(self) -> int:
        """What is left; < 0 is a loss."""
        return self.income_total_minor - self.expenses_total_minor


def profit_report(db: Database, first: date | str, last: date | str) -> ProfitReport:
    """Profit and loss of the business dates from ``first`` to ``last``. Refuses with ``date_invalid``."""
    chosen = period(first, last)
    with snapshot(db):
        shop, sums = get_shop(db), turnover(db, chosen)
    return ProfitReport(chosen, shop, income_lines(sums), expense_lines(sums))


def income_lines(sums: Iterable[AccountSum]) -> tuple[ProfitLine, ...]:
    """Service revenue, and every other income account that moved."""
    return tuple(
        ProfitLine(item.id, item.name, -item.balance_minor)
        for item in sums
        if item.kind == "INCOME" and (item.balance_minor or item.id == Account.REVENUE)
    )


def expense_lines(sums: Iterable[AccountSum]) -> tuple[ProfitLine, ...]:
    """Every expense account that moved: categories, write-offs, cash over and short."""
    return tuple(
        ProfitLine(item.id, item.name, item.balance_minor)
        for item in sums
        if item.kind == "EXPENSE" and item.balance_minor
    )


def profit_document(report: ProfitReport) -> Document:
    """Income, expenses, and the profit below them."""
    sections = (
        _section(report, _("Income"), report.income, _("Income")),
        _section(report, _("Expenses"), report.expenses, _("Expenses")),
        _result(report),
    )
    subtitle = report.period.shown(report.shop.date_order)
    return on_letterhead(report.shop, _("Profit and loss"), subtitle, sections)


def _section(report: ProfitReport, title: str, lines: tuple[ProfitLine, ...], total: str) -> Section:
    chosen = report.period
    table = Table(
        columns=(Column(_("Account"), share=1), Column(_("Amount"), "money")),
        rows=tuple((line.account, line.amount_minor) for line in lines),
        totals=(total, sum(line.amount_minor for line in lines)),
        when_empty=_("Nothing was spent."),
        links=tuple(Link("account", line.account_id, chosen.first, chosen.last) for line in lines),
    )
    return Section(title, tables=(table,))


def _result(report: ProfitReport) -> Section:
    table = Table(
        columns=(Column(_("Result"), share=1), Column(_("Amount"), "money")),
        rows=((_("Income"), report.income_total_minor), (_("Expenses"), -report.expenses_total_minor)),
        totals=(_("Profit") if report.profit_minor >= 0 else _("Loss"), report.profit_minor),
    )
    return Section(_("Result"), tables=(table,))
