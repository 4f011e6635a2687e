"""The layout of a document on paper: columns, pages, and the largest type that fits one page.

Summaries are set in a narrow column beside the lists on the first page; the rest continues at full width on
further pages.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from cleanflow.rendering.document import Document
from cleanflow.rendering.fonts import FontBook
from cleanflow.rendering.lines import HeadLine, Line, NoteLine, section_lines
from cleanflow.rendering.pen import wrapped

# All in points.
_PAPERS = {"A4": (595.28, 841.89), "LETTER": (612.0, 792.0)}
SIZES = (8.0, 7.5, 7.0)
_SIZE_OF_LONG = 8.0
MARGIN = 34.0
GUTTER = 18.0
FOOTER = 14.0
SHOP_LINE_SIZE = 8.0
_SIGNATURES = 42.0
_RUNNING_HEAD = 26.0
_NARROWEST_WORDS = 58.0
_SUMMARY_SHARE = 0.365  # of the page's width


@dataclass(frozen=True)
class Frame:
    """A column of a page into which lines flow; ``top`` and ``bottom`` are in points from the page's
    foot."""

    page: int
    x: float
    width: float
    top: float
    bottom: float


@dataclass(frozen=True)
class Placed:
    """A line and its position."""

    line: Line
    page: int
    x: float
    y: float
    width: float


class Sheet:
    """The layout of a document for one paper and type size.

    The last ``under`` lists are set below the summaries instead of below the other lists.
    """

    def __init__(
        self, document: Document, paper: str, size: float, fonts: FontBook, *, under: int = 0
    ) -> None:
        self.page_size = _PAPERS[paper]
        self.size, self._document, self._fonts = size, document, fonts
        self.width = self.page_size[0] - 2 * MARGIN
        summary = [section for section in document.sections if section.is_summary]
        lists = [section for section in document.sections if not section.is_summary]
        self._is_split = bool(summary and lists)
        if self._is_split and under:
            summary, lists = summary + lists[-under:], lists[:-under]
        narrow = self.width * _SUMMARY_SHARE if self._is_split else self.width
        wide = self.width - narrow - GUTTER if self._is_split else self.width
        self._widths = (narrow, wide)
        self._flows = [
            [line for section in part for line in section_lines(document, section, fonts, width, size)]
            for part, width in ((summary, narrow), (lists, wide))
        ]
        notes = [part for note in document.notes for part in wrapped(fonts, note, wide, size * 0.92)]
        self._flows[1 if lists else 0] += [NoteLine(part) for part in notes]

    @property
    def is_readable(self) -> bool:
        """Whether the text columns of every table are wide enough to read."""
        return all(
            line.grid.room_for_words(width, self.size) >= _NARROWEST_WORDS
            for flow, width in zip(self._flows, self._widths, strict=True)
            for line in flow
            if isinstance(line, HeadLine)
        )

    def placed(self) -> list[Placed]:
        """Every line with its position; the last page leaves room for the signatures."""
        if not self._document.signatures:
            return self._place(set())
        pages = 1
        while page_count(lines := self._place({pages - 1})) > pages:
            pages += 1
        if page_count(lines) < pages:  # it fits without the signatures: move some lines to their page
            lines = self._place({pages - 2, pages - 1})
        return lines

    def signature_place(self, pages: int) -> tuple[float, float]:
        """Left edge and width of the signatures: under the lists on the first page, else the full width."""
        narrow, wide = self._widths
        return (MARGIN + narrow + GUTTER, wide) if self._is_split and pages == 1 else (MARGIN, self.width)

    def _place(self, reserved: set[int]) -> list[Placed]:
        narrow, wide = self._widths
        first = self._frame(0, 0, narrow, reserved)
        placed, frame, y = self._flow(self._flows[0], first, first.top, reserved)
        if self._is_split:
            beside = self._frame(0, narrow + GUTTER, wide, reserved)
            follow_on = (frame, y) if frame.page else None
            more, _frame, _y = self._flow(self._flows[1], beside, beside.top, reserved, follow_on)
        else:
            more, _frame, _y = self._flow(self._flows[1], frame, y, reserved)
        return placed + more

    def _flow(
        self,
        lines: list[Line],
        frame: Frame,
        y: float,
        reserved: set[int],
        follow_on: tuple[Frame, float] | None = None,
    ) -> tuple[list[Placed], Frame, float]:
        """Fill ``frame`` from ``y`` down, then full pages; ``follow_on`` is the top of the second page."""
        placed: list[Placed] = []
        for place, line in enumerate(lines):
            if y - self._needed(lines, place) < frame.bottom and y < frame.top:
                frame, y = follow_on or self._next(frame, reserved)
                follow_on = None
                if line.repeated:
                    y -= line.repeated.height * self.size
                    placed.append(Placed(line.repeated, frame.page, frame.x, y, frame.width))
            if y == frame.top and line.height < 1:  # a gap
                continue
            y -= line.height * self.size
            placed.append(Placed(line, frame.page, frame.x, y, frame.width))
        return placed, frame, y

    def _needed(self, lines: list[Line], place: int) -> float:
        """The height of a line and of those that must stay with it."""
        height = 0.0
        for line in lines[place:]:
            height += line.height
            if not line.keeps_next:
                break
        return height * self.size if lines[place].height >= 1 else 0

    def _next(self, frame: Frame, reserved: set[int]) -> tuple[Frame, float]:
        full = self._frame(frame.page + 1, 0, self.width, reserved)
        return full, full.top

    def _frame(self, page: int, x: float, width: float, reserved: set[int]) -> Frame:
        top = self.page_size[1] - MARGIN - (self.header_height if page == 0 else _RUNNING_HEAD)
        is_beside = self._is_split and page == 0 and x == 0  # the signatures are under the lists
        signatures = _SIGNATURES if page in reserved and not is_beside else 0
        return Frame(page, MARGIN + x, width, top, MARGIN + FOOTER + signatures)

    @property
    def header_height(self) -> float:
        """Height of the shop and title on the first page."""
        return 40 + 10 * len(self.shop_lines)

    @cached_property
    def shop_lines(self) -> list[str]:
        """Address and phone, in as few lines as fit beside the title."""
        text = "  ·  ".join(self._document.shop_lines)
        return wrapped(self._fonts, text, self.width * 0.7, SHOP_LINE_SIZE)[:3] or [""]


def page_count(lines: list[Placed]) -> int:
    """Number of pages; at least one."""
    return 1 + max((placed.page for placed in lines), default=0)


def fitted_sheet(document: Document, paper: str, fonts: FontBook) -> tuple[Sheet, list[Placed]]:
    """The layout with the largest type that fits one page, or a longer one in a comfortable size."""
    smallest = _one_page(document, paper, fonts, SIZES[-1])
    if smallest is None:
        sheet = Sheet(document, paper, _SIZE_OF_LONG, fonts)
        return sheet, sheet.placed()
    larger = (_one_page(document, paper, fonts, size) for size in SIZES[:-1])
    return next((found for found in larger if found), smallest)


def _one_page(
    document: Document, paper: str, fonts: FontBook, size: float
) -> tuple[Sheet, list[Placed]] | None:
    for under in (0, 1):
        sheet = Sheet(document, paper, size, fonts, under=under)
        lines = sheet.placed()
        if page_count(lines) == 1 and sheet.is_readable:
            return sheet, lines
    return None
