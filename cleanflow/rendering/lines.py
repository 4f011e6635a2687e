"""The lines of a page: each has a height and draws itself where the layout places it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

from cleanflow.rendering.chart_line import ChartLine
from cleanflow.rendering.document import Document, Fact, Section, Table
from cleanflow.rendering.fonts import FontBook
from cleanflow.rendering.pen import Pen, fitted, wrapped

LINE_HEIGHT = 1.34  # of the type size
LARGE = 2.2  # of the type size
#: Of the type size: with a wider gap a label and its value no longer seem to belong together.
_FACT_WIDTH = 42


class Line(Protocol):
    """One line of a column of text."""

    @property
    def height(self) -> float:
        """Height in multiples of the type size."""
        ...

    @property
    def keeps_next(self) -> bool:
        """Whether the next line must be on the same page."""
        ...

    @property
    def repeated(self) -> Line | None:
        """Lines to repeat above this one at the top of a page: its table's head."""
        ...

    def draw(self, pen: Pen, x: float, y: float, width: float) -> None:
        """Draw on the base line ``y``."""
        ...


@dataclass(frozen=True)
class Gap:
    """Space between sections; dropped at the top of a page."""

    height: float = 0.9
    keeps_next: bool = False
    repeated: Line | None = None

    def draw(self, pen: Pen, x: float, y: float, width: float) -> None:
        """Draw nothing."""


@dataclass(frozen=True)
class TitleLine:
    """A section's title over a rule."""

    text: str
    height: float = LINE_HEIGHT + 0.35
    keeps_next: bool = True
    repeated: Line | None = None

    def draw(self, pen: Pen, x: float, y: float, width: float) -> None:
        """Draw the title in bold."""
        size = pen.size * 1.12
        pen.text(x, y + 0.3 * pen.size, fitted(pen.fonts, self.text, width, size, True), size=size, bold=True)
        pen.rule(x, y - 0.12 * pen.size, width, thick=0.8)


@dataclass(frozen=True)
class NoteLine:
    """A line of a note."""

    text: str
    height: float = LINE_HEIGHT
    keeps_next: bool = False
    repeated: Line | None = None

    def draw(self, pen: Pen, x: float, y: float, width: float) -> None:
        """Small and grey."""
        pen.text(x, y, fitted(pen.fonts, self.text, width, pen.size * 0.92), size=pen.size * 0.92, grey=True)


@dataclass(frozen=True)
class FactLine:
    """A label with its value on the right, or a blank to fill in if there is no value."""

    document: Document
    fact: Fact
    is_first: bool = False
    keeps_next: bool = False
    repeated: Line | None = None

    @property
    def height(self) -> float:
        """A blank is taller, to write in it."""
        if self.fact.is_large:
            return LINE_HEIGHT * LARGE
        return LINE_HEIGHT + (0.5 if self.fact.value is None else 0.12 if self.fact.is_total else 0)

    def draw(self, pen: Pen, x: float, y: float, width: float) -> None:
        """Draw the line; a total is bold, under a hairline."""
        fact, bold = self.fact, self.fact.is_total or self.fact.is_large
        width = min(width, _FACT_WIDTH * pen.size)
        if fact.is_total and not self.is_first:
            pen.rule(x, y + 1.02 * pen.size, width)
        value = self.document.shown(fact.value, fact.kind)
        size = pen.size * LARGE if fact.is_large else pen.size
        value_width = pen.fonts.width(value, size, bold)
        if fact.value is None:
            value_width = 0.42 * width
            pen.rule(x + width - value_width, y - 0.1 * pen.size, value_width, thick=0.5)
        pen.text_right(x + width, y, value, size=size, bold=bold)
        room = width - value_width - 0.6 * pen.size
        pen.text(x, y, fitted(pen.fonts, fact.label, room, pen.size, bold), bold=bold)


class Grid:
    """A table's formatted cells, and the widths of its columns for any width of the page."""

    def __init__(self, document: Document, table: Table, fonts: FontBook) -> None:
        self.table, self._fonts = table, fonts
        self.rows = [document.shown_row(table, row) for row in table.rows]
        self.totals = document.shown_row(table, table.totals) if table.totals else None
        self._widths: dict[tuple[float, float], list[float]] = {}

    @cached_property
    def _natural(self) -> list[float]:
        """Width of each column's widest cell at type size 1."""
        columns = self.table.columns
        widths = [self._fonts.width(column.title, 0.92) for column in columns]
        for row, bold in [(row, False) for row in self.rows] + ([(self.totals, True)] if self.totals else []):
            for place, cell in enumerate(row):
                if not (bold and columns[place].share):
                    widths[place] = max(widths[place], self._fonts.width(cell, 1, bold))
        return widths

    def widths(self, width: float, size: float) -> list[float]:
        """Width of each column in points, with the space to its right."""
        if (width, size) not in self._widths:
            self._widths[width, size] = self._divided(width, size)
        return self._widths[width, size]

    def room_for_words(self, width: float, size: float) -> float:
        """Width in points of the narrowest column that shares the remaining width."""
        return min(
            (
                points
                for points, column in zip(self.widths(width, size), self.table.columns, strict=True)
                if column.share
            ),
            default=width,
        )

    def _divided(self, width: float, size: float) -> list[float]:
        space = 0.9 * size
        shares = [column.share for column in self.table.columns]
        wanted = [
            min(natural * size, 0.3 * width if column.kind == "text" else width)
            for natural, column in zip(self._natural, self.table.columns, strict=True)
        ]
        fixed = sum(points for points, share in zip(wanted, shares, strict=True) if not share)
        left = max(width - fixed - space * (len(shares) - 1), 0.15 * width * sum(map(bool, shares)))
        total = sum(shares)
        points = [
            left * share / total if share else points for points, share in zip(wanted, shares, strict=True)
        ]
        return [item + space for item in points[:-1]] + points[-1:]

    def draw_cells(
        self, pen: Pen, x: float, y: float, width: float, cells: Sequence[str], *, head: bool, bold: bool
    ) -> None:
        """Draw one row; cells that are too long end in an ellipsis."""
        size = pen.size * 0.92 if head else pen.size
        last = len(cells) - 1
        for place, (cell, column, points) in enumerate(
            zip(cells, self.table.columns, self.widths(width, pen.size), strict=True)
        ):
            room = points - (0 if place == last else 0.9 * pen.size)
            text = fitted(pen.fonts, cell, room, size, bold) if column.kind == "text" else cell
            if column.alignment == "right":
                pen.text_right(x + room, y, text, size=size, bold=bold, grey=head)
            else:
                pen.text(x, y, text, size=size, bold=bold, grey=head)
            x += points


@dataclass(frozen=True)
class HeadLine:
    """Titles of a table's columns."""

    grid: Grid
    height: float = LINE_HEIGHT + 0.1
    keeps_next: bool = True
    repeated: Line | None = None

    def draw(self, pen: Pen, x: float, y: float, width: float) -> None:
        """Draw the titles small and grey, over a hairline."""
        titles = [column.title for column in self.grid.table.columns]
        self.grid.draw_cells(pen, x, y, width, titles, head=True, bold=False)
        pen.rule(x, y - 0.38 * pen.size, width)


@dataclass(frozen=True)
class RowLine:
    """A row of a table."""

    grid: Grid
    cells: tuple[str, ...]
    is_first: bool = False
    is_total: bool = False
    keeps_next: bool = False
    repeated: Line | None = None
    height: float = LINE_HEIGHT

    def draw(self, pen: Pen, x: float, y: float, width: float) -> None:
        """Draw the row under a pale hairline; totals are bold, under a black one."""
        if not self.is_first:
            pen.rule(x, y + 1.0 * pen.size, width, grey=0 if self.is_total else 0.82)
        self.grid.draw_cells(pen, x, y, width, self.cells, head=False, bold=self.is_total)


def section_lines(
    document: Document, section: Section, fonts: FontBook, width: float, size: float
) -> list[Line]:
    """All lines of a section; notes are wrapped to ``width`` points at type size ``size``."""
    lines: list[Line] = [TitleLine(section.title)]
    for place, fact in enumerate(section.facts):
        lines += _fact_lines(document, fact, fonts, width, size, is_first=place == 0)
    for number, table in enumerate(section.tables):
        lines += [Gap()] if number else []
        lines += _table_lines(Grid(document, table, fonts))
    lines += [ChartLine(document, chart) for chart in section.charts]
    for note in section.notes:
        lines += [NoteLine(part) for part in wrapped(fonts, note, width, size * 0.92)]
    return [*lines, Gap()]


def _fact_lines(
    document: Document, fact: Fact, fonts: FontBook, width: float, size: float, *, is_first: bool
) -> list[Line]:
    """One line, or several if the value is too long to fit beside its label."""
    room = min(width, _FACT_WIDTH * size) - min(fonts.width(fact.label, size), 0.4 * width) - 0.6 * size
    if fact.kind != "text" or fact.is_large or not isinstance(fact.value, str):
        return [FactLine(document, fact, is_first)]
    first, *others = wrapped(fonts, fact.value, room, size, fact.is_total) or [""]
    more = [replace(fact, label="", value=part, is_total=False) for part in others]
    return [
        FactLine(document, replace(fact, value=first), is_first),
        *(FactLine(document, part) for part in more),
    ]


def _table_lines(grid: Grid) -> list[Line]:
    if not grid.rows:
        return [NoteLine(grid.table.when_empty)]
    head = HeadLine(grid)
    last = len(grid.rows) - 1
    rows: list[Line] = [
        RowLine(grid, cells, place == 0, keeps_next=bool(grid.totals) and place == last, repeated=head)
        for place, cells in enumerate(grid.rows)
    ]
    totals = [RowLine(grid, grid.totals, is_total=True, repeated=head)] if grid.totals else []
    return [head, *rows, *totals]
