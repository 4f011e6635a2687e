"""The layout of a document on paper: columns, pages, and the largest type that fits one page.

Summaries are set in a narrow column beside the lists on the first page; the rest continues at full width on
further pages. A full page has them in a row at its top instead, and two columns of lists below.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from cleanflow.rendering.document import Document, Section
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
#: The same of the narrow lists, where the summaries stand at the top, and how many columns those have there.
_NARROW_SHARE, _TOP_COLUMNS = 0.42, 3
#: A full page: its type sizes, its leading as a share of the usual one, its narrowest column of words.
_FULL_SIZES, _FULL_LEADING, _FULL_WORDS = (7.5, 7.0, 6.5), 0.93, 48.0


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

    The last ``under`` lists are set below the summaries instead of below the other lists. With ``is_full``
    the summaries are at the top, and narrow lists beside the wide ones.
    """

    def __init__(
        self,
        document: Document,
        paper: str,
        size: float,
        fonts: FontBook,
        *,
        under: int = 0,
        is_full: bool = False,
    ) -> None:
        self.page_size = _PAPERS[paper]
        self.size, self._document, self._fonts = size, document, fonts
        self.leading = size * (_FULL_LEADING if is_full else 1)
        self._narrowest = _FULL_WORDS if is_full else _NARROWEST_WORDS
        self.width = self.page_size[0] - 2 * MARGIN
        summary = [section for section in document.sections if section.is_summary]
        lists = [section for section in document.sections if not section.is_summary]
        self._is_split = bool(summary and lists)
        self._top: list[list[Line]] = []
        if is_full:
            self._top = self._top_columns(summary)
            summary = [section for section in lists if section.is_narrow]
            lists = [section for section in lists if not section.is_narrow]
        elif self._is_split and under:
            summary, lists = summary + lists[-under:], lists[:-under]
        narrow = self.width * (_NARROW_SHARE if is_full else _SUMMARY_SHARE) if self._is_split else self.width
        wide = self.width - narrow - GUTTER if self._is_split else self.width
        self._widths = (narrow, wide)
        self._flows = [self._lines(summary, narrow), self._lines(lists, wide)]
        notes = [part for note in document.notes for part in wrapped(fonts, note, wide, size * 0.92)]
        self._flows[1 if lists else 0] += [NoteLine(part) for part in notes]

    def _lines(self, sections: list[Section], width: float) -> list[Line]:
        return [
            line
            for section in sections
            for line in section_lines(self._document, section, self._fonts, width, self.size)
        ]

    def _top_columns(self, summary: list[Section]) -> list[list[Line]]:
        """The summaries in their order, in columns whose highest is as low as can be."""
        told = [self._lines([section], self._top_width) for section in summary]
        heights = [sum(line.height for line in lines) for lines in told]
        last = len(told)
        ways = [(first, second) for first in range(last + 1) for second in range(first, last + 1)]
        first, second = min(
            ways,
            key=lambda way: max(
                sum(heights[: way[0]]), sum(heights[way[0] : way[1]]), sum(heights[way[1] :])
            ),
        )
        parts = (told[:first], told[first:second], told[second:])
        return [[line for lines in part for line in lines] for part in parts]

    @property
    def _top_width(self) -> float:
        return (self.width - (_TOP_COLUMNS - 1) * GUTTER) / _TOP_COLUMNS

    @property
    def is_readable(self) -> bool:
        """Whether the text columns of every table are wide enough to read."""
        return all(
            line.grid.room_for_words(width, self.size) >= self._narrowest
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
        above, below = self._place_top(reserved)
        first = replace(self._frame(0, 0, narrow, reserved), top=below)
        placed, frame, y = self._flow(self._flows[0], first, first.top, reserved)
        placed = above + placed
        if self._is_split:
            beside = replace(self._frame(0, narrow + GUTTER, wide, reserved), top=below)
            follow_on = (frame, y) if frame.page else None
            more, _frame, _y = self._flow(self._flows[1], beside, beside.top, reserved, follow_on)
        else:
            more, _frame, _y = self._flow(self._flows[1], frame, y, reserved)
        return placed + more

    def _place_top(self, reserved: set[int]) -> tuple[list[Placed], float]:
        """The summaries at the top of the first page, and where the lists begin below them."""
        placed: list[Placed] = []
        below = self._frame(0, 0, self.width, reserved).top
        for number, lines in enumerate(self._top):
            frame = self._frame(0, number * (self._top_width + GUTTER), self._top_width, reserved)
            some, _frame, y = self._flow(lines, frame, frame.top, reserved)
            placed += some
            below = min(below, y)
        return placed, below

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
                    y -= line.repeated.height * self.leading
                    placed.append(Placed(line.repeated, frame.page, frame.x, y, frame.width))
            if y == frame.top and line.height < 1:  # a gap
                continue
            y -= line.height * self.leading
            placed.append(Placed(line, frame.page, frame.x, y, frame.width))
        return placed, frame, y

    def _needed(self, lines: list[Line], place: int) -> float:
        """The height of a line and of those that must stay with it."""
        height = 0.0
        for line in lines[place:]:
            height += line.height
            if not line.keeps_next:
                break
        return height * self.leading if lines[place].height >= 1 else 0

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
    if smallest is not None:
        larger = (_one_page(document, paper, fonts, size) for size in SIZES[:-1])
        return next((found for found in larger if found), smallest)
    if full := _full_page(document, paper, fonts):
        return full
    sheet = Sheet(document, paper, _SIZE_OF_LONG, fonts)
    return sheet, sheet.placed()


def _one_page(
    document: Document, paper: str, fonts: FontBook, size: float
) -> tuple[Sheet, list[Placed]] | None:
    for under in (0, 1):
        if found := _fitting(Sheet(document, paper, size, fonts, under=under)):
            return found
    return None


def _full_page(document: Document, paper: str, fonts: FontBook) -> tuple[Sheet, list[Placed]] | None:
    if not any(section.is_narrow for section in document.sections):
        return None
    sheets = (Sheet(document, paper, size, fonts, is_full=True) for size in reversed(_FULL_SIZES))
    smallest = _fitting(next(sheets))
    if smallest is None:
        return None
    *_others, largest = smallest, *filter(None, map(_fitting, sheets))
    return largest


def _fitting(sheet: Sheet) -> tuple[Sheet, list[Placed]] | None:
    """The sheet with its lines, if they fit one page and can be read."""
    lines = sheet.placed()
    return (sheet, lines) if page_count(lines) == 1 and sheet.is_readable else None
