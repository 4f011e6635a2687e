"""Printing on Windows: each page is drawn as a picture into the printer's device context.

No PDF reader is needed. **Never run on Windows**: the logic is tested with a fake of the system calls, the
calls themselves (windows_calls.py) are not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from cleanflow.errors import Refusal
from cleanflow.language import _, _l
from cleanflow.printing.paper import Paper
from cleanflow.printing.preview import PdfPages

if TYPE_CHECKING:
    from PIL.Image import Image

#: Maximum resolution: finer is invisible, and an old PC's spooler would take minutes.
_FINEST_DPI = 600
#: Pixels drawn at once; each takes a byte of memory.
_BAND_PIXELS = 4_000_000

#: Bits of a printer's status (PRINTER_INFO_2) -> refusal code and reason. The first that is set counts.
_TROUBLES = {
    0x00000001: ("printer_paused", ""),
    0x00000080: ("printer_off", ""),
    0x00001000: ("printer_off", ""),  # not available
    0x00000010: ("printer_no_paper", ""),
    0x00000008: ("printer_needs_help", _l("paper jam")),
    0x00000040: ("printer_needs_help", _l("paper problem")),
    0x00400000: ("printer_needs_help", _l("a door is open")),
    0x00040000: ("printer_needs_help", _l("no toner")),
    0x00100000: ("printer_needs_help", _l("see its display")),
    0x00000002: ("printer_needs_help", _l("it reports an error")),
}
_INVALID_PRINTER_NAME = 1801
_CANCELLED = 1223


class CallFailed(Exception):
    """A system call failed; ``code`` is from GetLastError."""

    def __init__(self, code: int, words: str) -> None:
        self.code, self.words = code, words
        super().__init__(f"{words} ({code})")


@dataclass(frozen=True)
class Area:
    """A printer's page in its own pixels: the printable area and its place on the sheet."""

    dpi_x: int
    dpi_y: int
    width: int
    height: int
    left: int
    top: int
    sheet_width: int
    sheet_height: int


@dataclass(frozen=True)
class Rect:
    """A rectangle in the printable area, in the printer's pixels; it may begin outside of it."""

    x: int
    y: int
    width: int
    height: int


class Calls(Protocol):
    """The system calls that printing needs. Each raises :class:`CallFailed` on failure."""

    def names(self) -> list[str]: ...
    def default_name(self) -> str: ...
    def status(self, printer: str) -> int: ...
    def create_dc(self, printer: str, paper: Paper, length_mm: float) -> int: ...
    def delete_dc(self, dc: int) -> None: ...
    def area(self, dc: int) -> Area: ...
    def start_document(self, dc: int, title: str) -> None: ...
    def start_page(self, dc: int) -> None: ...
    def draw(self, dc: int, rect: Rect, picture: Image) -> None: ...
    def end_page(self, dc: int) -> None: ...
    def end_document(self, dc: int) -> None: ...
    def abort_document(self, dc: int) -> None: ...


class WindowsPrinting:
    """The printers that Windows knows."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def names(self) -> list[str]:
        """The printers' names."""
        return self._calls.names()

    def default_name(self) -> str:
        """The default printer's name, or ''."""
        return self._calls.default_name()

    def send(self, pdf: bytes, printer: str, copies: int, paper: Paper, title: str) -> None:
        """Draw every page, ``copies`` times; refuses if the printer cannot print now."""
        try:
            status = self._calls.status(printer)
            for bit, (code, reason) in _TROUBLES.items():
                if status & bit:
                    raise Refusal(code, printer=printer, reason=_(reason) if reason else "")
            with PdfPages(pdf) as pages:
                self._print(pages, printer, copies, paper, title)
        except CallFailed as error:
            if error.code == _INVALID_PRINTER_NAME:
                raise Refusal("printer_unknown", printer=printer) from error
            reason = _("it was cancelled.") if error.code == _CANCELLED else str(error)
            raise Refusal("printer_refused", printer=printer, reason=reason) from error

    def _print(self, pages: PdfPages, printer: str, copies: int, paper: Paper, title: str) -> None:
        longest = max(pages.size(page)[1] for page in range(pages.count))
        dc = self._calls.create_dc(printer, paper, longest / 72 * 25.4)
        try:
            area = self._calls.area(dc)
            self._calls.start_document(dc, title)
            try:
                for _copy in range(copies):
                    for page in range(pages.count):
                        self._print_page(dc, pages, page, paper, area)
            except BaseException:
                self._calls.abort_document(dc)
                raise
            self._calls.end_document(dc)
        finally:
            self._calls.delete_dc(dc)

    def _print_page(self, dc: int, pages: PdfPages, page: int, paper: Paper, area: Area) -> None:
        """Print one page; a page of a roll takes as many of the printer's pages as its length needs."""
        place = placed(pages.size(page), paper, area)
        for sheet in sheets(place, paper, area):
            self._calls.start_page(dc)
            self._draw(dc, pages, page, place, sheet)
            self._calls.end_page(dc)

    def _draw(self, dc: int, pages: PdfPages, page: int, place: Rect, sheet: Rect) -> None:
        """Draw the part ``sheet`` of a page that covers ``place``, in bands that fit into memory."""
        points, _height = pages.size(page)
        scale = min(place.width / points, _FINEST_DPI / 72)
        rows = pages.height(page, scale)
        step = max(int(_BAND_PIXELS / (points * scale)), 1)
        first, end = (round(edge * rows / place.height) for edge in (sheet.y, sheet.y + sheet.height))
        for top in range(first, end, step):
            bottom = min(top + step, end)
            above, below = (round(row * place.height / rows) - sheet.y for row in (top, bottom))
            rect = Rect(place.x, place.y + above, place.width, below - above)
            self._calls.draw(dc, rect, pages.rows(page, scale, top, bottom))


def placed(page: tuple[float, float], paper: Paper, area: Area) -> Rect:
    """Place of a page (in points): at its own size, reduced only if its content would not fit.

    Centred on the sheet's width, aligned with its upper edge. Only the page's white margin lies outside the
    printable area.
    """
    margin = paper.margin_mm / 25.4 * 72
    width, height = (side * dpi / 72 for side, dpi in zip(page, (area.dpi_x, area.dpi_y), strict=True))
    content_width = (page[0] - 2 * margin) * area.dpi_x / 72
    content_height = (page[1] - 2 * margin) * area.dpi_y / 72
    fit = min(1.0, area.width / content_width)
    if not paper.is_roll:
        fit = min(fit, area.height / content_height)
    middle = area.sheet_width / 2 - area.left
    top = -area.top if fit == 1 else -margin * fit * area.dpi_y / 72
    if paper.is_roll:
        top = 0
    return Rect(
        round(middle - width * fit / 2), round(top), max(round(width * fit), 1), max(round(height * fit), 1)
    )


def sheets(place: Rect, paper: Paper, area: Area) -> list[Rect]:
    """The parts of a page, one for each of the printer's pages, measured from the page's upper edge."""
    step = area.height if paper.is_roll else place.height
    return [Rect(0, top, place.width, min(step, place.height - top)) for top in range(0, place.height, step)]
