"""The document: what a report says, without how it is drawn. Every format draws the same one.

Values keep their type: money is an integer in minor units of the document's currency, a date is
``YYYY-MM-DD`` as in the books, so that a spreadsheet gets numbers and dates. :meth:`Document.shown`
is how people read them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from cleanflow.money import Currency

Kind = Literal["text", "money", "date", "number"]
Align = Literal["left", "right"]
#: ``None`` is nothing at all: an empty cell, or a line to fill in by hand.
Value = str | int | None


@dataclass(frozen=True)
class Fact:
    """A label and its value. A ``value`` of ``None`` is left open to be written in by hand.

    ``is_total`` sets the line off: it sums up those above it.
    """

    label: str
    value: Value
    kind: Kind = "money"
    is_total: bool = False


@dataclass(frozen=True)
class Column:
    """A table's column. Money and numbers stand right, all else left, unless ``align`` says otherwise.

    ``share`` divides the width that is left between the text columns; 0 takes what its words need.
    """

    title: str
    kind: Kind = "text"
    align: Align | None = None
    share: int = 0

    @property
    def alignment(self) -> Align:
        """Where the column's values stand."""
        return self.align or ("right" if self.kind in ("money", "number") else "left")


@dataclass(frozen=True)
class Table:
    """Rows of values, one a column; ``totals`` is a last row that is set off.

    ``when_empty`` is said in place of a table without rows.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    totals: tuple[Value, ...] | None = None
    when_empty: str = ""


@dataclass(frozen=True)
class Section:
    """A titled part: facts, then tables, then notes.

    ``is_summary`` parts are short and belong together; a page may set them beside the longer ones.
    """

    title: str
    facts: tuple[Fact, ...] = ()
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()
    is_summary: bool = False


@dataclass(frozen=True)
class Document:
    """A whole report. ``shop_lines`` are address and phone; ``signatures`` label the lines to sign."""

    title: str
    subtitle: str
    shop: str
    shop_lines: tuple[str, ...]
    currency: Currency
    date_order: str
    sections: tuple[Section, ...]
    notes: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ()

    def shown(self, value: Value, kind: Kind) -> str:
        """``value`` as people read it; ``None`` shows as nothing."""
        if value is None:
            return ""
        if kind == "money" and isinstance(value, int):
            return self.currency.format(value)
        if kind == "number" and isinstance(value, int):
            return f"{value:,}"
        if kind == "date":
            return shown_date(str(value), self.date_order)
        return str(value)

    def shown_row(self, table: Table, row: tuple[Value, ...]) -> tuple[str, ...]:
        """The cells of ``row`` as people read them."""
        return tuple(self.shown(value, column.kind) for column, value in zip(table.columns, row, strict=True))


def shown_date(day: str, date_order: str) -> str:
    """``2026-03-10`` in the shop's order: DMY ``10/03/2026``, MDY ``03/10/2026``, YMD ``2026-03-10``."""
    year, month, number = day.split("-")
    return {"DMY": f"{number}/{month}/{year}", "MDY": f"{month}/{number}/{year}"}.get(date_order, day)


def shown_moment(moment: datetime, date_order: str) -> str:
    """A local moment to the minute: ``10/03/2026 18:02``."""
    day = date(moment.year, moment.month, moment.day).isoformat()
    return f"{shown_date(day, date_order)} {moment:%H:%M}"
