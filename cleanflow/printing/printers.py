"""This PC's printers, through CUPS or Windows, and sending pages to one of them."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Protocol

from cleanflow.errors import Refusal
from cleanflow.printing.paper import Paper

MAX_COPIES = 99
_LONGEST_TITLE = 100


@dataclass(frozen=True)
class Printer:
    """A printer by its name in the system; ``is_default``: used where none was chosen."""

    name: str
    is_default: bool = False


class PrintingSystem(Protocol):
    """What CUPS and Windows have in common."""

    def names(self) -> list[str]:
        """The printers' names."""
        ...

    def default_name(self) -> str:
        """The default printer's name, or ''."""
        ...

    def send(self, pdf: bytes, printer: str, copies: int, paper: Paper, title: str) -> None:
        """Send a PDF; refuses if the printer cannot print now."""
        ...


def printers() -> list[Printer]:
    """All printers by name. Refuses with ``printing_missing`` or ``printing_silent``."""
    system = _system()
    names = sorted(set(system.names()), key=str.casefold)
    usual = _usual(system, names)
    return [Printer(name, name == usual) for name in names]


def default_printer() -> Printer | None:
    """The default printer: the system's, or the only one."""
    return next((printer for printer in printers() if printer.is_default), None)


def send(pdf: bytes, printer: str, copies: int, paper: Paper, title: str) -> None:
    """Send ``pdf``, drawn for ``paper``, to ``printer``; to the default printer if that is empty.

    Returns when the printing system has accepted all of it. Refuses, with nothing printed as far as the
    system reports, with ``printer_none``, ``printer_unknown``, ``printer_paused``, ``printer_off``,
    ``printer_no_paper``, ``printer_needs_help``, ``printer_refused``, ``printing_missing``,
    ``printing_silent`` or ``copies_invalid``. Takes seconds: not for the window's thread.
    """
    if not 1 <= copies <= MAX_COPIES:
        raise Refusal("copies_invalid", limit=MAX_COPIES)
    system = _system()
    name = printer or _usual(system, system.names())
    if not name:
        raise Refusal("printer_none")
    system.send(pdf, name, copies, paper, _plain_title(title))


def _usual(system: PrintingSystem, names: list[str]) -> str:
    default = system.default_name()
    if default in names:
        return default
    return names[0] if len(names) == 1 else ""


def _plain_title(title: str) -> str:
    """A title that a queue can show and that is safe as an argument and as a C string."""
    text = "".join(char if char.isprintable() else " " for char in title).strip()
    return text[:_LONGEST_TITLE] or "CleanFlow"


def _system() -> PrintingSystem:
    if sys.platform == "win32":
        from cleanflow.printing.windows import WindowsPrinting
        from cleanflow.printing.windows_calls import Win32

        return WindowsPrinting(Win32())
    from cleanflow.printing.cups import Cups

    return Cups()
