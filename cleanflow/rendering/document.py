"""The document: what a report says, independent of how it is drawn. Every format draws the same document.

Values are typed, so that a spreadsheet gets numbers and dates: money is an integer in minor units of the
document's currency, a date is ``YYYY-MM-DD``. :meth:`Document.shown` formats them for people.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from cleanflow.money import Currency

#: ``percent`` counts tenths: 125 is 12.5 %.
Kind = Literal["text", "money", "date", "number", "percent"]
Align = Literal["left", "right"]
#: ``None`` is an empty cell, or a blank to fill in by hand.
Value = str | int | None


@dataclass(frozen=True)
class Link:
    """The records behind a number, for a window to open.

    ``kind`` is ``customer``, ``job``, ``payment``, ``expense``, ``drawer_movement``, ``adjustment``,
    ``day_closing``: the record ``id``; or ``account``: the ledger entries on account ``id``; or ``day``:
    the business date ``id``; or ``payments``, ``expenses``: those of method ``id`` on the date ``first``.
    ``first`` and ``last`` are business dates that bound the entries; empty is open.
    """

    kind: str
    id: str
    first: str = ""
    last: str = ""


@dataclass(frozen=True)
class Fact:
    """A label and its value. A ``value`` of ``None`` is a blank to fill in by hand.

    ``is_total`` marks the sum of the lines above; ``is_large`` is set in large type.
    """

    label: str
    value: Value
    kind: Kind = "money"
    is_total: bool = False
    link: Link | None = None
    is_large: bool = False


@dataclass(frozen=True)
class Column:
    """A column of a table. Money and numbers are right-aligned, all else left-aligned, unless ``align`` is
    given.

    ``share`` is the column's share of the width that is left; with 0 it takes what its content needs.
    """

    title: str
    kind: Kind = "text"
    align: Align | None = None
    share: int = 0

    @property
    def alignment(self) -> Align:
        """Alignment of the column's values."""
        return self.align or ("right" if self.kind in ("money", "number", "percent") else "left")


@dataclass(frozen=True)
class Table:
    """Rows with a value for each column; ``totals`` is a last row, set off from the others.

    ``when_empty`` replaces a table without rows. ``links`` is empty or has one entry for each row.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    totals: tuple[Value, ...] | None = None
    when_empty: str = ""
    links: tuple[Link | None, ...] = ()


@dataclass(frozen=True)
class Series:
    """Amounts in minor units, one for each place of the chart."""

    label: str
    values: tuple[int, ...]


@dataclass(frozen=True)
class Chart:
    """A bar chart with the series side by side at each place.

    ``places`` are the values of the axis, of ``kind``; ``ticks`` are their short labels. ``is_tabled``: a
    table of the document has the same numbers, so a format that cannot draw omits the chart.
    """

    heading: str
    places: tuple[str, ...]
    ticks: tuple[str, ...]
    series: tuple[Series, ...]
    kind: Kind = "date"
    is_tabled: bool = False

    def as_table(self) -> Table:
        """The same numbers as a table; ``heading`` is the title of the places' column."""
        columns = (Column(self.heading, self.kind), *(Column(line.label, "money") for line in self.series))
        rows = zip(self.places, *(line.values for line in self.series), strict=True)
        return Table(columns, tuple(rows))


@dataclass(frozen=True)
class Section:
    """A titled section: facts, then tables, then charts, then notes.

    ``is_summary`` sections are short; a page may set them beside the longer ones. ``is_narrow`` ones are long
    with few columns: where the page would be full otherwise, they too may stand in a narrow column.
    """

    title: str
    facts: tuple[Fact, ...] = ()
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()
    is_summary: bool = False
    charts: tuple[Chart, ...] = ()
    is_narrow: bool = False


@dataclass(frozen=True)
class Document:
    """A whole report. ``shop_lines`` are address and phone; ``signatures`` are labels of lines to sign.

    One of several ``parts`` has nothing else: each part is a document that begins on a new page.
    """

    title: str
    subtitle: str
    shop: str
    shop_lines: tuple[str, ...]
    currency: Currency
    date_order: str
    sections: tuple[Section, ...]
    notes: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ()
    parts: tuple[Document, ...] = ()

    @property
    def pages(self) -> tuple[Document, ...]:
        """What is drawn: the parts, or the document itself."""
        return self.parts or (self,)

    def with_note(self, words: str) -> Document:
        """The document with a note above its others."""
        first, *others = self.pages
        noted = replace(first, notes=(words, *first.notes))
        return replace(self, parts=(noted, *others)) if self.parts else noted

    def shown(self, value: Value, kind: Kind) -> str:
        """``value`` formatted for people; ``None`` is ''."""
        if value is None:
            return ""
        if kind == "money" and isinstance(value, int):
            return self.currency.format(value)
        if kind == "number" and isinstance(value, int):
            return f"{value:,}"
        if kind == "percent" and isinstance(value, int):
            return shown_percent(value)
        if kind == "date" and is_day(value):
            return shown_date(str(value), self.date_order)
        return str(value)

    def shown_row(self, table: Table, row: tuple[Value, ...]) -> tuple[str, ...]:
        """The cells of ``row`` formatted for people."""
        return tuple(self.shown(value, column.kind) for column, value in zip(table.columns, row, strict=True))


def is_day(value: Value) -> bool:
    """Whether ``value`` is a date, ``YYYY-MM-DD``; the total of a date column may be a label instead."""
    return isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value) is not None


def shown_date(day: str, date_order: str) -> str:
    """``2026-03-10`` in the shop's order: DMY ``10/03/2026``, MDY ``03/10/2026``, YMD ``2026-03-10``."""
    year, month, number = day.split("-")
    return {"DMY": f"{number}/{month}/{year}", "MDY": f"{month}/{number}/{year}"}.get(date_order, day)


def shown_percent(tenths: int) -> str:
    """``+12.5 %``: a change in percent."""
    sign = "-" if tenths < 0 else "+" if tenths > 0 else ""
    return f"{sign}{abs(tenths) // 10:,}.{abs(tenths) % 10} %"


def shown_moment(moment: datetime, date_order: str) -> str:
    """A local moment to the minute: ``10/03/2026 18:02``."""
    day = date(moment.year, moment.month, moment.day).isoformat()
    return f"{shown_date(day, date_order)} {moment:%H:%M}"
