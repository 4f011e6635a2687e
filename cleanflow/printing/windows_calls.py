"""The winspool and GDI calls that printing needs, through ctypes. Each reports failure; none makes
decisions.

**Never run on Windows.** Written after Microsoft's reference of EnumPrinters, DocumentProperties, CreateDC,
StartDoc and StretchDIBits.
"""

from __future__ import annotations

import ctypes
from ctypes import POINTER, Structure, byref, c_int, c_short, c_uint16, c_uint32, c_void_p, c_wchar_p
from typing import TYPE_CHECKING, Any

from cleanflow.printing.paper import Paper
from cleanflow.printing.windows import Area, CallFailed, Rect

if TYPE_CHECKING:
    from PIL.Image import Image

_LOCAL_AND_CONNECTED = 0x2 | 0x4  # PRINTER_ENUM_LOCAL, PRINTER_ENUM_CONNECTIONS
_WORKS_OFFLINE = 0x400  # PRINTER_ATTRIBUTE_WORK_OFFLINE
_OFFLINE = 0x80  # PRINTER_STATUS_OFFLINE
_OUT, _IN = 2, 8  # DM_OUT_BUFFER, DM_IN_BUFFER
_PAPER_SIZE, _PAPER_LENGTH, _PAPER_WIDTH = 0x2, 0x4, 0x8  # DM_PAPERSIZE …
_PAPERS = {"A4": 9, "LETTER": 1}  # DMPAPER_A4, DMPAPER_LETTER
_USER_PAPER = 256  # DMPAPER_USER
#: HORZRES, VERTRES, LOGPIXELSX, LOGPIXELSY, PHYSICALOFFSETX, …Y, PHYSICALWIDTH, PHYSICALHEIGHT
_CAPS = {
    "width": 8,
    "height": 10,
    "dpi_x": 88,
    "dpi_y": 90,
    "left": 112,
    "top": 113,
    "sheet_width": 110,
    "sheet_height": 111,
}
_HALFTONE, _SRCCOPY = 4, 0x00CC0020


class PrinterInfo2(Structure):
    """PRINTER_INFO_2W."""

    _fields_ = (
        ("server", c_wchar_p),
        ("name", c_wchar_p),
        ("share", c_wchar_p),
        ("port", c_wchar_p),
        ("driver", c_wchar_p),
        ("comment", c_wchar_p),
        ("location", c_wchar_p),
        ("dev_mode", c_void_p),
        ("separator", c_wchar_p),
        ("processor", c_wchar_p),
        ("data_type", c_wchar_p),
        ("parameters", c_wchar_p),
        ("security", c_void_p),
        ("attributes", c_uint32),
        ("priority", c_uint32),
        ("default_priority", c_uint32),
        ("start_time", c_uint32),
        ("until_time", c_uint32),
        ("status", c_uint32),
        ("jobs", c_uint32),
        ("average_ppm", c_uint32),
    )


class PrinterInfo4(Structure):
    """PRINTER_INFO_4W: what can be listed without contacting a network printer."""

    _fields_ = (("name", c_wchar_p), ("server", c_wchar_p), ("attributes", c_uint32))


class DevMode(Structure):
    """The public part of DEVMODEW; the driver's private part follows."""

    _fields_ = (
        ("device_name", c_uint16 * 32),
        ("spec_version", c_uint16),
        ("driver_version", c_uint16),
        ("size", c_uint16),
        ("driver_extra", c_uint16),
        ("fields", c_uint32),
        ("orientation", c_short),
        ("paper_size", c_short),
        ("paper_length", c_short),  # tenths of a millimetre
        ("paper_width", c_short),
    )


class DocInfo(Structure):
    """DOCINFOW."""

    _fields_ = (
        ("size", c_int),
        ("name", c_wchar_p),
        ("output", c_wchar_p),
        ("data_type", c_wchar_p),
        ("kind", c_uint32),
    )


class GreyBitmapInfo(Structure):
    """BITMAPINFO with 256 grey levels."""

    _fields_ = (
        ("size", c_uint32),
        ("width", ctypes.c_int32),
        ("height", ctypes.c_int32),
        ("planes", c_uint16),
        ("bit_count", c_uint16),
        ("compression", c_uint32),
        ("image_size", c_uint32),
        ("x_per_metre", ctypes.c_int32),
        ("y_per_metre", ctypes.c_int32),
        ("colours_used", c_uint32),
        ("colours_important", c_uint32),
        ("colours", c_uint32 * 256),
    )


def grey_bitmap(picture: Image) -> tuple[GreyBitmapInfo, bytes]:
    """A greyscale picture as a DIB: rows from top to bottom, each padded to a multiple of four bytes."""
    stride = (picture.width + 3) // 4 * 4
    pixels = picture.tobytes("raw", "L", stride, 1)
    info = GreyBitmapInfo(
        size=40,
        width=picture.width,
        height=-picture.height,  # top-down: the first row is the top
        planes=1,
        bit_count=8,
        image_size=len(pixels),
        colours_used=256,
        colours=(c_uint32 * 256)(*(grey * 0x010101 for grey in range(256))),
    )
    return info, pixels


class Win32:
    """The system calls; see :class:`cleanflow.printing.windows.Calls`."""

    def __init__(self) -> None:
        library: Any = getattr(ctypes, "WinDLL")  # noqa: B009  (only Windows has it)
        self._spool = library("winspool.drv", use_last_error=True)
        self._gdi = library("gdi32", use_last_error=True)
        self._gdi.CreateDCW.restype = c_void_p
        for name in ("DeleteDC", "EndDoc", "AbortDoc", "StartPage", "EndPage"):
            getattr(self._gdi, name).argtypes = (c_void_p,)
        self._gdi.CreateDCW.argtypes = (c_wchar_p, c_wchar_p, c_wchar_p, c_void_p)
        self._gdi.GetDeviceCaps.argtypes = (c_void_p, c_int)
        self._gdi.SetStretchBltMode.argtypes = (c_void_p, c_int)
        self._gdi.StartDocW.argtypes = (c_void_p, POINTER(DocInfo))
        self._gdi.StretchDIBits.argtypes = (
            c_void_p, *(c_int,) * 8, ctypes.c_char_p, POINTER(GreyBitmapInfo), c_uint32, c_uint32
        )  # fmt: skip
        self._spool.OpenPrinterW.argtypes = (c_wchar_p, POINTER(c_void_p), c_void_p)
        self._spool.ClosePrinter.argtypes = (c_void_p,)
        self._spool.GetPrinterW.argtypes = (c_void_p, c_uint32, c_void_p, c_uint32, POINTER(c_uint32))
        self._spool.DocumentPropertiesW.argtypes = (
            c_void_p, c_void_p, c_wchar_p, c_void_p, c_void_p, c_uint32
        )  # fmt: skip

    def names(self) -> list[str]:
        needed, count = c_uint32(), c_uint32()
        ask = self._spool.EnumPrintersW
        ask(_LOCAL_AND_CONNECTED, None, 4, None, 0, byref(needed), byref(count))
        if not needed.value:
            return []
        room = ctypes.create_string_buffer(needed.value)
        self._done(ask(_LOCAL_AND_CONNECTED, None, 4, room, needed, byref(needed), byref(count)))
        found = ctypes.cast(room, POINTER(PrinterInfo4))
        return [str(found[place].name) for place in range(count.value)]

    def default_name(self) -> str:
        length = c_uint32()
        self._spool.GetDefaultPrinterW(None, byref(length))
        if not length.value:
            return ""
        room = ctypes.create_unicode_buffer(length.value)
        return room.value if self._spool.GetDefaultPrinterW(room, byref(length)) else ""

    def status(self, printer: str) -> int:
        handle = self._opened(printer)
        try:
            needed = c_uint32()
            self._spool.GetPrinterW(handle, 2, None, 0, byref(needed))
            room = ctypes.create_string_buffer(max(needed.value, ctypes.sizeof(PrinterInfo2)))
            self._done(self._spool.GetPrinterW(handle, 2, room, len(room), byref(needed)))
            info = PrinterInfo2.from_buffer(room)
            return int(info.status) | (_OFFLINE if info.attributes & _WORKS_OFFLINE else 0)
        finally:
            self._spool.ClosePrinter(handle)

    def create_dc(self, printer: str, paper: Paper, length_mm: float) -> int:
        dc = self._gdi.CreateDCW("WINSPOOL", printer, None, self._settings(printer, paper, length_mm))
        return int(self._done(dc))

    def _settings(self, printer: str, paper: Paper, length_mm: float) -> Any:
        """The printer's own settings with the requested paper; the driver uses what it supports."""
        handle = self._opened(printer)
        try:
            ask = self._spool.DocumentPropertiesW
            size = ask(None, handle, printer, None, None, 0)
            self._done(size > 0)
            room = ctypes.create_string_buffer(max(size, ctypes.sizeof(DevMode)))
            self._done(ask(None, handle, printer, room, None, _OUT) >= 0)
            choose_paper(DevMode.from_buffer(room), paper, length_mm)
            self._done(ask(None, handle, printer, room, room, _IN | _OUT) >= 0)
            return room
        finally:
            self._spool.ClosePrinter(handle)

    def delete_dc(self, dc: int) -> None:
        self._gdi.DeleteDC(dc)

    def area(self, dc: int) -> Area:
        return Area(**{name: self._gdi.GetDeviceCaps(dc, number) for name, number in _CAPS.items()})

    def start_document(self, dc: int, title: str) -> None:
        info = DocInfo(size=ctypes.sizeof(DocInfo), name=title)
        self._done(self._gdi.StartDocW(dc, byref(info)) > 0)

    def start_page(self, dc: int) -> None:
        self._done(self._gdi.StartPage(dc) > 0)
        self._gdi.SetStretchBltMode(dc, _HALFTONE)

    def draw(self, dc: int, rect: Rect, picture: Image) -> None:
        info, pixels = grey_bitmap(picture)
        place = (rect.x, rect.y, rect.width, rect.height)
        source = (0, 0, picture.width, picture.height)
        rows = self._gdi.StretchDIBits(dc, *place, *source, pixels, byref(info), 0, _SRCCOPY)
        self._done(rows > 0)

    def end_page(self, dc: int) -> None:
        self._done(self._gdi.EndPage(dc) > 0)

    def end_document(self, dc: int) -> None:
        self._done(self._gdi.EndDoc(dc) > 0)

    def abort_document(self, dc: int) -> None:
        self._gdi.AbortDoc(dc)

    def _opened(self, printer: str) -> c_void_p:
        handle = c_void_p()
        self._done(self._spool.OpenPrinterW(printer, byref(handle), None))
        return handle

    def _done(self, result: Any) -> Any:
        """``result``; raises if it is zero or None."""
        if not result:
            code: int = getattr(ctypes, "get_last_error")()  # noqa: B009  (only Windows has it)
            words: str = getattr(ctypes, "FormatError")(code)  # noqa: B009
            raise CallFailed(code, words.strip() or "Windows gave no reason")
        return result


def choose_paper(settings: DevMode, paper: Paper, length_mm: float) -> None:
    """Request ``paper`` in the driver's settings; a roll is cut at ``length_mm`` if the driver can."""
    if paper.is_roll:
        settings.fields |= _PAPER_SIZE | _PAPER_LENGTH | _PAPER_WIDTH
        settings.paper_size = _USER_PAPER
        settings.paper_width = round(paper.width_mm * 10)
        settings.paper_length = min(round(length_mm * 10), 32_767)
    else:
        settings.fields |= _PAPER_SIZE
        settings.fields &= ~(_PAPER_LENGTH | _PAPER_WIDTH)  # they would override the size
        settings.paper_size = _PAPERS[paper.name]
