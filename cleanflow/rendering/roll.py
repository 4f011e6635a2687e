"""A document on the 80 mm roll of a receipt printer: one strip of any length.

The same document gives the same bytes, as in pdf.py. A thermal printer only prints black. A value that does
not fit beside its label goes below it: nothing is cut off.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from cleanflow import __version__
from cleanflow.language import _
from cleanflow.rendering.document import Document, Fact, Section, Table, Value
from cleanflow.rendering.fonts import FontBook
from cleanflow.rendering.pen import Pen, wrapped

MM = 72 / 25.4
ROLL_WIDTH = 80 * MM
ROLL_MARGIN = 4 * MM
_WIDTH = ROLL_WIDTH - 2 * ROLL_MARGIN

_SIZE = 9.0
_SMALL = 7.5
_LARGE = 24.0
_HEADING = 12.0
_LINE = 1.28  # of the type size
_GAP = 5.0
_BLANK_SHARE = 0.4  # of the width: the blank to fill in by hand
#: A PDF page is not longer than 14,400 points (PDF 32000-1, annex C).
_LONGEST_PAGE = 14_000.0


@dataclass(frozen=True)
class Strip:
    """One line with text on the left, in the middle and on the right; ``rule`` is a line above it."""

    left: str = ""
    middle: str = ""
    right: str = ""
    size: float = _SIZE
    bold: bool = False
    rule: Literal["", "full", "blank"] = ""
    space: float = 0

    @property
    def height(self) -> float:
        """Points."""
        has_words = self.left or self.middle or self.right or self.rule == "blank"
        return self.space + (3 if self.rule == "full" else 0) + (self.size * _LINE if has_words else 0)

    def draw(self, pen: Pen, bottom: float) -> None:
        """Draw above ``bottom``."""
        base, end = bottom + 0.3 * self.size, ROLL_MARGIN + _WIDTH
        if self.rule == "full":
            pen.rule(ROLL_MARGIN, bottom + self.height - self.space - 1, _WIDTH, thick=0.8)
        if self.rule == "blank":
            pen.rule(end - _BLANK_SHARE * _WIDTH, base - 1, _BLANK_SHARE * _WIDTH, thick=0.8)
        pen.text(ROLL_MARGIN, base, self.left, size=self.size, bold=self.bold)
        pen.text_right(end, base, self.right, size=self.size, bold=self.bold)
        half = pen.fonts.width(self.middle, self.size, self.bold) / 2
        pen.text(ROLL_WIDTH / 2 - half, base, self.middle, size=self.size, bold=self.bold)


def roll_pdf(document: Document, fonts: FontBook | None = None) -> bytes:
    """``document`` as a PDF 80 mm wide, on one page unless it exceeds the limit of a PDF page."""
    from reportlab.pdfgen.canvas import Canvas

    book = fonts or FontBook()
    target = io.BytesIO()
    canvas = Canvas(target, invariant=1, pageCompression=1)
    canvas.setTitle(f"{document.title} {document.subtitle}")
    canvas.setAuthor(document.shop)
    canvas.setCreator(f"CleanFlow {__version__}")
    canvas.setSubject(document.title)
    pen = Pen(canvas, book, _SIZE)
    for strips in (page for part in document.pages for page in _pages(list(_Composer(part, book).strips()))):
        used = sum(strip.height for strip in strips) + 2 * ROLL_MARGIN
        height = math.ceil(used / MM) * MM  # printing systems expect whole millimetres
        canvas.setPageSize((ROLL_WIDTH, height))
        y = height - ROLL_MARGIN
        for strip in strips:
            y -= strip.height
            strip.draw(pen, y)
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def _pages(strips: list[Strip]) -> Iterator[list[Strip]]:
    page: list[Strip] = []
    height = 0.0
    for strip in strips:
        if page and height + strip.height > _LONGEST_PAGE:
            yield page
            page, height = [], 0.0
        page.append(strip)
        height += strip.height
    yield page


class _Composer:
    """Breaks a document into strips that fit the roll."""

    def __init__(self, document: Document, fonts: FontBook) -> None:
        self._document, self._fonts = document, fonts

    def strips(self) -> Iterator[Strip]:
        """The whole document from top to bottom."""
        document = self._document
        yield from self._centred(document.shop, _HEADING, bold=True)
        for line in document.shop_lines:
            yield from self._centred(line, _SMALL)
        yield Strip(space=_GAP)
        yield from self._centred(document.title, _HEADING, bold=True)
        yield from self._centred(document.subtitle, _SIZE)
        for section in document.sections:
            yield from self._section(section)
        yield Strip(rule="full", space=_GAP)
        for note in document.notes:
            yield from self._paragraph(note, _SMALL)
        words = _("Amounts in {currency}").format(currency=document.currency.code)
        yield from self._centred(words, _SMALL)
        for label in document.signatures:
            yield Strip(space=3 * _SIZE, rule="full")
            yield from self._paragraph(label, _SMALL)

    def _section(self, section: Section) -> Iterator[Strip]:
        yield Strip(space=_GAP, rule="full")
        yield from self._paragraph(section.title, _SIZE, bold=True)
        for fact in section.facts:
            yield from self._fact(fact)
        for table in (
            *section.tables,
            *(chart.as_table() for chart in section.charts if not chart.is_tabled),
        ):
            yield from self._table(table)
        for note in section.notes:
            yield from self._paragraph(note, _SIZE)

    def _fact(self, fact: Fact) -> Iterator[Strip]:
        if fact.value is None:
            yield from self._paragraph(fact.label, _SIZE, width=(1 - _BLANK_SHARE) * _WIDTH)
            yield Strip(rule="blank", space=3)
            return
        shown = self._document.shown(fact.value, fact.kind)
        if fact.is_large:
            yield from self._centred(shown, _LARGE, bold=True)
        else:
            yield from self._pair(fact.label, shown, bold=fact.is_total)

    def _table(self, table: Table) -> Iterator[Strip]:
        if not table.rows:
            yield from self._paragraph(table.when_empty, _SIZE)
        for row in table.rows:
            yield from self._row(table, row, bold=False)
        if table.totals:
            yield Strip(rule="full", space=2)
            yield from self._row(table, table.totals, bold=True)

    def _row(self, table: Table, row: tuple[Value, ...], *, bold: bool) -> Iterator[Strip]:
        """The text with the first amount beside it; further amounts below, each with its column's title."""
        cells = list(zip(table.columns, self._document.shown_row(table, row), strict=True))
        words = " ".join(cell for column, cell in cells if column.alignment == "left" and cell)
        amounts = [(column.title, cell) for column, cell in cells if column.alignment == "right" and cell]
        if amounts and (words or len(amounts) == 1):
            yield from self._pair(words, amounts.pop(0)[1], bold=bold)
        elif words:
            yield from self._paragraph(words, _SIZE, bold=bold)
        for title, cell in amounts:
            yield from self._pair(f"  {title}", cell, bold=bold)

    def _pair(self, label: str, value: str, *, bold: bool = False) -> Iterator[Strip]:
        """A label on the left and its value on the right, on separate lines if they are too long."""
        space = _SIZE
        value_width = self._fonts.width(value, _SIZE, bold)
        label_width = self._fonts.width(label, _SIZE, bold)
        if value_width > _WIDTH / 2 and label_width + space + value_width > _WIDTH:
            yield from self._paragraph(label, _SIZE, bold=bold)
            for part in wrapped(self._fonts, value, _WIDTH, _SIZE, bold):
                yield Strip(right=part, bold=bold)
            return
        *above, last = wrapped(self._fonts, label, _WIDTH - value_width - space, _SIZE, bold) or [""]
        indent = label[: len(label) - len(label.lstrip())]
        for part in above:
            yield Strip(left=indent + part, bold=bold)
        yield Strip(left=indent + last, right=value, bold=bold)

    def _paragraph(
        self, text: str, size: float, *, bold: bool = False, width: float = _WIDTH
    ) -> Iterator[Strip]:
        for part in wrapped(self._fonts, text, width, size, bold):
            yield Strip(left=part, size=size, bold=bold)

    def _centred(self, text: str, size: float, *, bold: bool = False) -> Iterator[Strip]:
        for part in wrapped(self._fonts, text, _WIDTH, size, bold):
            yield Strip(middle=part, size=size, bold=bold)
