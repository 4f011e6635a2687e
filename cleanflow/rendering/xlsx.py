"""A document as an Excel workbook: numbers as numbers, dates as dates, totals as formulas.

The first sheet has everything but the tables; each table has its own sheet with a frozen heading. Rows are
streamed, so that a long list takes no more memory than a short one. Text is always stored as text: a name
that begins with ``=`` is never a formula. A total is a SUM formula only if the amounts above add up to it,
so that a spreadsheet computes the same value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cleanflow.files import written_whole
from cleanflow.language import _
from cleanflow.rendering.document import Align, Chart, Column, Document, Fact, Kind, Table, Value, is_day
from cleanflow.rendering.text import text_width

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

_WIDEST = 60
_NARROWEST = 8
#: Excel's limits on a sheet's name: its length, and characters that it may not contain.
_NAME_LENGTH = 31
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
#: Characters that XML cannot contain. Forms refuse them, but older records may have them.
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def save_xlsx(document: Document, path: Path) -> None:
    """Write ``document`` to ``path``, whole or not at all.

    Refuses as :func:`~cleanflow.files.written_whole` does.
    """
    from openpyxl import Workbook

    with written_whole(path) as file:  # first, because an unsaved sheet leaves a temporary file behind
        book = Workbook(write_only=True)
        _fill(book, document)
        book.save(file)


def _fill(book: Workbook, document: Document) -> None:
    book.properties.creator = document.shop
    book.properties.title = f"{document.title} {document.subtitle}"
    names = _names(document)
    for part in document.pages:
        _fill_part(book, part, names)


def _fill_part(book: Workbook, document: Document, names: Iterator[str]) -> None:
    _write_summary(_Sheet(book, document, next(names), [46.0, 24.0]))
    for section in document.sections:
        for table in section.tables:
            if table.rows:
                _write_table(_Sheet(book, document, next(names), _widths(document, table)), table)
        for chart in section.charts:
            _write_chart(_Sheet(book, document, next(names), _widths(document, chart.as_table())), chart)


@dataclass(frozen=True)
class _Look:
    """Format of a cell."""

    kind: Kind = "text"
    align: Align = "left"
    is_bold: bool = False
    is_total: bool = False


@dataclass(frozen=True)
class _Cell:
    """A value and its format; ``formula`` replaces it if it gives the same."""

    value: Value
    look: _Look = _Look()
    formula: str = ""


class _Sheet:
    """A sheet that is written row by row, with typed cells."""

    def __init__(self, book: Workbook, document: Document, name: str, widths: list[float]) -> None:
        from openpyxl.utils import get_column_letter

        self.document = document
        self.sheet: Any = book.create_sheet(name)  # its stubs are incomplete for write-only sheets
        self.row_count = 0
        self._styles: dict[_Look, Any] = {}
        for place, width in enumerate(widths, start=1):
            self.sheet.column_dimensions[get_column_letter(place)].width = width
        self.sheet.page_setup.fitToHeight = False
        self.sheet.sheet_properties.pageSetUpPr.fitToPage = True

    def freeze_heading(self) -> None:
        """Freeze the first row and repeat it on every printed page. Call before writing the first row."""
        self.sheet.freeze_panes = "A2"
        self.sheet.print_title_rows = "1:1"

    def append(self, *cells: _Cell) -> None:
        """Write the next row."""
        self.sheet.append([self._cell(cell) for cell in cells])
        self.row_count += 1

    def append_row(self, columns: Sequence[Column], row: Sequence[Value]) -> None:
        """Write a table's row."""
        self.append(
            *(
                _Cell(value, _Look(column.kind, column.alignment))
                for value, column in zip(row, columns, strict=True)
            )
        )

    def append_heading(self, columns: Sequence[Column]) -> None:
        """Write the titles of a table's columns."""
        self.append(*(_Cell(column.title, _Look(align=column.alignment, is_bold=True)) for column in columns))

    def _cell(self, given: _Cell) -> Any:
        from openpyxl.cell import WriteOnlyCell

        cell: Any = WriteOnlyCell(self.sheet)
        look = given.look
        if given.formula:
            cell.value = given.formula
        elif isinstance(given.value, int):
            cell.value = self._number(given.value, look.kind)
        elif look.kind == "date" and is_day(given.value):
            cell.value = date.fromisoformat(str(given.value))
        elif given.value:
            cell.value = _NOT_IN_XML.sub("", given.value)
            cell.data_type = "s"  # otherwise text that begins with "=" would be a formula
        if look not in self._styles:
            self._dress(cell, look)
            self._styles[look] = cell._style
        cell._style = self._styles[look]  # shared, because looking one up for every cell is slow
        return cell

    def _number(self, value: int, kind: Kind) -> Decimal | int:
        if kind == "money":
            return self.document.currency.decimal(value)
        return Decimal(value).scaleb(-3) if kind == "percent" else value

    def _dress(self, cell: Any, look: _Look) -> None:
        from openpyxl.styles import Alignment, Border, Font, Side

        cell.number_format = _number_format(self.document, look.kind)
        cell.alignment = Alignment(horizontal=look.align, vertical="top")
        cell.font = Font(bold=look.is_bold or look.is_total)
        if look.is_total:
            cell.border = Border(top=Side(style="thin"))
        cell.quotePrefix = look.kind == "text"  # stays text when the cell is edited


def _number_format(document: Document, kind: Kind) -> str:
    unit = document.currency
    part = f".{'0' * unit.decimals}" if unit.decimals else ""
    days = {"DMY": "dd/mm/yyyy", "MDY": "mm/dd/yyyy"}.get(document.date_order, "yyyy-mm-dd")
    return {
        "money": f"[${unit.code}]\\ #,##0{part};-[${unit.code}]\\ #,##0{part}",
        "number": "#,##0",
        "percent": "+0.0%;-0.0%;0.0%",
        "date": days,
    }.get(kind, "@")


def _write_summary(sheet: _Sheet) -> None:
    document, bold = sheet.document, _Look(is_bold=True)
    sheet.append(_Cell(document.shop, bold))
    for line in document.shop_lines:
        sheet.append(_Cell(line))
    sheet.append()
    sheet.append(_Cell(document.title, bold), _Cell(document.subtitle))
    sheet.append(_Cell(_("Amounts in {currency}").format(currency=document.currency.code)))
    for section in document.sections:
        empty = [table.when_empty for table in section.tables if not table.rows and table.when_empty]
        if section.facts or section.notes or empty:
            sheet.append()
            sheet.append(_Cell(section.title, bold))
            _write_facts(sheet, section.facts)
            for note in (*section.notes, *empty):
                sheet.append(_Cell(note))
    for note in document.notes:
        sheet.append()
        sheet.append(_Cell(note))


def _write_facts(sheet: _Sheet, facts: tuple[Fact, ...]) -> None:
    """Write facts; a total is a formula if it is the sum of the amounts since the previous total."""
    since, total = sheet.row_count + 1, 0
    for fact in facts:
        amount = fact.value if isinstance(fact.value, int) and fact.kind == "money" else None
        row = sheet.row_count + 1
        is_sum = fact.is_total and row > since and amount == total
        formula = f"=SUM(B{since}:B{row - 1})" if is_sum else ""
        look = _Look(fact.kind, "right", is_total=fact.is_total)
        sheet.append(_Cell(fact.label, _Look(is_total=fact.is_total)), _Cell(fact.value, look, formula))
        if fact.is_total:
            since, total = row + 1, 0
        else:
            total += amount or 0


def _write_table(sheet: _Sheet, table: Table) -> None:
    from openpyxl.utils import get_column_letter

    sheet.freeze_heading()
    last = len(table.rows) + 1
    sheet.sheet.auto_filter.ref = f"A1:{get_column_letter(len(table.columns))}{last}"
    sheet.append_heading(table.columns)
    sums = [0] * len(table.columns)
    for row in table.rows:
        for place, value in enumerate(row):
            sums[place] += value if isinstance(value, int) else 0
        sheet.append_row(table.columns, row)
    if table.totals:
        cells = []
        for place, (column, value) in enumerate(zip(table.columns, table.totals, strict=True)):
            letter = get_column_letter(place + 1)
            is_sum = column.kind in ("money", "number") and value == sums[place]
            formula = f"=SUM({letter}2:{letter}{last})" if is_sum else ""
            cells.append(_Cell(value, _Look(column.kind, column.alignment, is_total=True), formula))
        sheet.append(*cells)


def _write_chart(sheet: _Sheet, chart: Chart) -> None:
    """Write the numbers as a table, and a bar chart of them."""
    from openpyxl.chart import BarChart, Reference

    table = chart.as_table()
    sheet.freeze_heading()
    sheet.append_heading(table.columns)
    for row in table.rows:
        sheet.append_row(table.columns, row)
    width, last = len(table.columns), len(table.rows) + 1
    drawn = BarChart()
    drawn.height, drawn.width = 9, 24  # centimetres
    drawn.add_data(
        Reference(sheet.sheet, min_col=2, max_col=width, min_row=1, max_row=last), titles_from_data=True
    )
    drawn.set_categories(Reference(sheet.sheet, min_col=1, min_row=2, max_row=last))
    drawn.x_axis.delete = drawn.y_axis.delete = False
    drawn.x_axis.number_format = _number_format(sheet.document, chart.kind)
    sheet.sheet.add_chart(drawn, f"{'ABCDEFGH'[width + 1]}2")


def _widths(document: Document, table: Table) -> list[float]:
    """Width of each column's widest cell in characters, within limits."""
    room = text_width(document.currency.code) + 2
    widths = [text_width(column.title) + 4 for column in table.columns]  # room for the filter's button
    for row in (*table.rows, table.totals or ()):
        for place, value in enumerate(row):
            kind = table.columns[place].kind
            needed = text_width(document.shown(value, kind)) + (room if kind == "money" else 1)
            widths[place] = max(widths[place], needed)
    return [float(min(max(width, _NARROWEST), _WIDEST)) for width in widths]


def _names(document: Document) -> Iterator[str]:
    """Valid sheet names, unique regardless of case: the report's, then one for each table."""
    titles = []
    for part in document.pages:
        which = f"{part.subtitle.split()[-1].replace('/', '-')} " if document.parts else ""
        titles.append(f"{which}{part.title}")
        for section in part.sections:
            count = sum(bool(table.rows) for table in section.tables) + len(section.charts)
            titles += [f"{which}{section.title}"] * count
    used: set[str] = set()
    for title in titles:
        plain = _NOT_IN_NAMES.sub(" ", title).strip(" '") or "Sheet"
        name, number = plain[:_NAME_LENGTH].strip(" '"), 1
        while name.casefold() in used:
            number += 1
            ending = f" {number}"
            name = plain[: _NAME_LENGTH - len(ending)] + ending
        used.add(name.casefold())
        yield name
