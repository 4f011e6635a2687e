"""The monthly report as a document: two months side by side, and a chart of the days."""

from __future__ import annotations

from cleanflow.language import _
from cleanflow.rendering.document import (
    Chart,
    Column,
    Document,
    Link,
    Section,
    Series,
    Table,
    Value,
    shown_date,
)
from cleanflow.reports.monthly import Compared, MonthlyReport
from cleanflow.reports.pages.letterhead import on_letterhead
from cleanflow.reports.periods import month_period
from cleanflow.reports.words import month_word


def monthly_document(report: MonthlyReport) -> Document:
    """Income, expenses and profit of two months, then the days."""
    shop = report.shop
    is_over = report.shown_until == month_period(report.month).last
    so_far = _("The month is not over: these are its days up to {day}.").format(
        day=shown_date(report.shown_until, shop.date_order)
    )
    return on_letterhead(
        shop,
        _("Monthly report"),
        month_word(report.month),
        (
            _accounts(report, _("Income"), report.income),
            _accounts(report, _("Expenses"), report.expenses),
            _result(report),
            _chart(report),
            _state(report),
        ),
        notes=() if is_over else (so_far,),
    )


def _columns(report: MonthlyReport, what: str) -> tuple[Column, ...]:
    return (
        Column(what, share=1),
        Column(month_word(report.month), "money"),
        Column(month_word(report.month_before), "money"),
        Column(_("Change"), "money"),
        Column(_("Change in %"), "percent"),
    )


def _cells(label: str, amount_minor: int, before_minor: int) -> tuple[Value, ...]:
    change = amount_minor - before_minor
    return (label, amount_minor, before_minor, change, _tenths_of_percent(change, before_minor))


def _tenths_of_percent(change: int, before: int) -> int | None:
    """Change in tenths of a percent, half rounded away from zero; None without anything to compare with."""
    if before == 0:
        return None
    tenths = (abs(change) * 2000 + abs(before)) // (2 * abs(before))
    return tenths if change > 0 else -tenths


def _accounts(report: MonthlyReport, title: str, lines: tuple[Compared, ...]) -> Section:
    days = month_period(report.month)
    table = Table(
        columns=_columns(report, _("Account")),
        rows=tuple(_cells(line.account, line.amount_minor, line.before_minor) for line in lines),
        totals=_cells(
            _("Total"), sum(line.amount_minor for line in lines), sum(line.before_minor for line in lines)
        ),
        links=tuple(Link("account", line.account_id, days.first, days.last) for line in lines),
    )
    return Section(title, tables=(table,))


def _result(report: MonthlyReport) -> Section:
    table = Table(
        columns=_columns(report, _("Result")),
        rows=(
            _cells(_("Income"), report.income_total_minor, report.income_total_before_minor),
            _cells(_("Expenses"), -report.expenses_total_minor, -report.expenses_total_before_minor),
        ),
        totals=_cells(
            _("Profit") if report.profit_minor >= 0 else _("Loss"),
            report.profit_minor,
            report.profit_before_minor,
        ),
    )
    return Section(_("Result"), tables=(table,))


def _chart(report: MonthlyReport) -> Section:
    chart = Chart(
        heading=_("Day"),
        places=tuple(day.date for day in report.days),
        ticks=tuple(str(int(day.date[8:])) for day in report.days),
        series=(
            Series(_("Income"), tuple(day.income_minor for day in report.days)),
            Series(_("Expenses"), tuple(day.expenses_minor for day in report.days)),
        ),
    )
    return Section(_("Income and expenses by day"), charts=(chart,))


def _state(report: MonthlyReport) -> Section:
    """Figures other than income and expenses that tell how the month went."""
    counts = Table(
        columns=(
            Column(_("Work"), share=1),
            Column(month_word(report.month), "number"),
            Column(month_word(report.month_before), "number"),
        ),
        rows=((_("Jobs made"), report.job_count, report.job_count_before),),
    )
    owed = Table(
        columns=(
            Column(_("At the end of the month"), share=1),
            Column(month_word(report.month), "money"),
            Column(month_word(report.month_before), "money"),
        ),
        rows=((_("Owed by customers"), report.receivable_minor, report.receivable_before_minor),),
    )
    return Section(_("Work and debts"), tables=(counts, owed))
