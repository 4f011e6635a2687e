"""The cash flow as a document: from opening to closing balance, by kind and by day."""

from __future__ import annotations

from cleanflow.language import _
from cleanflow.rendering.document import Chart, Column, Document, Link, Section, Series, Table
from cleanflow.reports.cash_flow import CashFlowReport, FlowLine
from cleanflow.reports.pages.letterhead import on_letterhead
from cleanflow.reports.words import movement_word

#: With more days than this the chart shows months.
_DAYS_CHARTED = 62
#: With more months than this it shows only those with movements.
_MONTHS_CHARTED = 120


def cash_flow_document(report: CashFlowReport) -> Document:
    """Money in and out, a chart, and each day."""
    subtitle = report.period.shown(report.shop.date_order)
    return on_letterhead(
        report.shop, _("Cash flow"), subtitle, (_kinds(report), _charted(report), _days(report))
    )


def _kinds(report: CashFlowReport) -> Section:
    cash, bank = report.methods
    rows = (
        (_("At the start"), None, cash.opening_minor, bank.opening_minor, report.opening_minor),
        *(
            (
                _words(line),
                line.count,
                line.cash_minor or None,
                line.bank_minor or None,
                line.cash_minor + line.bank_minor,
            )
            for line in report.lines
        ),
    )
    first, last = report.period.first, report.period.last
    links = (None, *(Link("account", line.account_id, first, last) if line.account_id else None
                     for line in report.lines))  # fmt: skip
    table = Table(
        columns=(
            Column(_("What"), share=1),
            Column(_("Entries"), "number"),
            Column(_("Cash"), "money"),
            Column(_("Bank"), "money"),
            Column(_("Together"), "money"),
        ),
        rows=rows,
        totals=(_("At the end"), None, cash.closing_minor, bank.closing_minor, report.closing_minor),
        links=links,
    )
    return Section(_("Cash and bank"), tables=(table,))


def _words(line: FlowLine) -> str:
    return f"{movement_word(line.kind)}: {line.category}" if line.category else movement_word(line.kind)


def _charted(report: CashFlowReport) -> Section:
    days = report.period.days()
    by_day = len(days) <= _DAYS_CHARTED
    places = tuple(days) if by_day else _months(report)
    came, went = dict.fromkeys(places, 0), dict.fromkeys(places, 0)
    for day in report.days:
        place = day.date if by_day else day.date[:7]
        came[place] += day.cash_in_minor + day.bank_in_minor
        went[place] += day.cash_out_minor + day.bank_out_minor
    chart = Chart(
        heading=_("Day") if by_day else _("Month"),
        places=places,
        ticks=tuple(_tick(place, report.shop.date_order) for place in places),
        series=(Series(_("In"), tuple(came.values())), Series(_("Out"), tuple(went.values()))),
        kind="date" if by_day else "text",
        is_tabled=by_day,
    )
    title = _("In and out by day") if by_day else _("In and out by month")
    return Section(title, charts=(chart,))


def _months(report: CashFlowReport) -> tuple[str, ...]:
    """The months of the period; only those with movements if a mistyped year makes it endless."""
    months = report.period.months()
    return tuple(months if len(months) <= _MONTHS_CHARTED else sorted({day.date[:7] for day in report.days}))


def _tick(place: str, date_order: str) -> str:
    """``31/03``, ``03/31`` or ``03-31`` for a day, ``03/26`` for a month."""
    if len(place) == 7:
        return f"{place[5:]}/{place[2:4]}"
    return {"DMY": f"{place[8:]}/{place[5:7]}", "MDY": f"{place[5:7]}/{place[8:]}"}.get(date_order, place[5:])


def _days(report: CashFlowReport) -> Section:
    rows = tuple(
        (
            day.date,
            day.cash_in_minor or None,
            day.cash_out_minor or None,
            day.banked_minor or None,
            day.bank_in_minor or None,
            day.bank_out_minor or None,
            day.cash_closing_minor,
            day.bank_closing_minor,
        )
        for day in report.days
    )
    titles = (
        _("Cash in"),
        _("Cash out"),
        _("Banked"),
        _("Bank in"),
        _("Bank out"),
        _("Cash at the end"),
        _("Bank at the end"),
    )
    cash, bank = report.methods
    table = Table(
        columns=(Column(_("Day"), "date", share=1), *(Column(title, "money") for title in titles)),
        rows=rows,
        totals=(
            _("Total"),
            cash.in_minor,
            cash.out_minor,
            bank.moved_minor,
            bank.in_minor,
            bank.out_minor,
            cash.closing_minor,
            bank.closing_minor,
        ),
        when_empty=_("No money moved."),
        links=tuple(Link("day", day.date) for day in report.days),
    )
    return Section(_("Day by day"), tables=(table,))
