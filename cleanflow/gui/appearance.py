"""How the window looks on this PC: light or dark, and how large its text is."""

from __future__ import annotations

import tkinter
from tkinter import font
from typing import overload

from ttkbootstrap import Style

from cleanflow.dao.remembered import recall
from cleanflow.db import Database
from cleanflow.language import _

#: Name on the screen -> name of the theme.
THEMES = {_("Light"): "bootstrap-light", _("Dark"): "bootstrap-dark"}
#: Percent of the system's text size.
TEXT_SIZES = (100, 115, 130, 150)

_NAMED = ("TkDefaultFont", "TkTextFont", "TkHeadingFont", "TkMenuFont", "TkCaptionFont", "TkFixedFont")
_BASE_POINTS = 10


#: In pixels of 96 dpi: a window's first and least size, and what the system keeps of a screen's height.
_FIRST_SIZE, _LEAST_SIZE, _TASK_BAR = (1024, 740), (800, 560), 28
#: Characters that a screen must be wide for all its fields to fit.
_LEAST_LETTERS = 92


@overload
def px(size: int, /) -> int: ...
@overload
def px(*sizes: int) -> tuple[int, ...]: ...
def px(*sizes: int) -> int | tuple[int, ...]:
    """Sizes in pixels of 96 dpi, as this display needs them: paddings, widths, where a text wraps."""
    scaled = tuple(int(Style().scaling.logical(size)) for size in sizes)
    return scaled[0] if len(scaled) == 1 else scaled


def remembered_theme(db: Database) -> str:
    """The theme chosen on this PC."""
    theme = recall(db, "theme", "bootstrap-light")
    return theme if theme in THEMES.values() else "bootstrap-light"


def remembered_text_size(db: Database) -> int:
    """The text size chosen on this PC, in percent."""
    size = recall(db, "text_size", 100)
    return size if size in TEXT_SIZES else 100


def largest_text_size(window: tkinter.Misc) -> int:
    """The largest text size, in percent, that fits on this PC's screen."""
    letter = font.Font(window, family=_family(), size=100).measure("0") / 100  # width of a digit at one point
    room = window.winfo_screenwidth() / _LEAST_LETTERS / letter
    return max([size for size in TEXT_SIZES if round(_BASE_POINTS * size / 100) <= room], default=100)


def size_window(window: tkinter.Wm) -> None:
    """Give a main window its first and its minimum size, as far as the screen has room beside a task bar."""
    assert isinstance(window, tkinter.Misc)
    room = window.winfo_screenwidth(), window.winfo_screenheight() - px(_TASK_BAR)
    width, height = map(min, px(*_FIRST_SIZE), room)
    window.minsize(*map(min, px(*_LEAST_SIZE), room))
    window.geometry(f"{width}x{height}")


def make_fonts(window: tkinter.Misc) -> None:
    """Create the fonts of headings and large numbers in Tk: a Font object takes its font along."""
    for name in ("HeadingFont", "TitleFont", "StrongFont"):
        window.tk.call("font", "create", name)


def set_text_size(percent: int) -> None:
    """Set the size of all text, in percent."""
    points = round(_BASE_POINTS * percent / 100)
    family = _family()
    for name in _NAMED:
        font.nametofont(name).configure(size=points)
    font.nametofont("HeadingFont").configure(family=family, size=round(points * 1.3), weight="bold")
    font.nametofont("TitleFont").configure(family=family, size=round(points * 1.8), weight="bold")
    font.nametofont("StrongFont").configure(family=family, size=points, weight="bold")
    row_height = round(font.nametofont("TkDefaultFont").metrics("linespace") * 1.4)
    Style().configure("Treeview", rowheight=row_height)


def _family() -> str:
    return str(font.nametofont("TkDefaultFont").actual("family"))


def show_theme(theme: str) -> None:
    """Switch to a theme; also makes lists adopt a new text size."""
    Style().theme_use(theme)


def link_style() -> str:
    """The style of a value that is a link: the light theme's blue is too dim on the dark one."""
    return "info-link" if str(Style().theme_use()).endswith("dark") else "primary-link"


def warning_style() -> str:
    """The style of a warning text: yellow is unreadable on the light theme."""
    return "warning" if str(Style().theme_use()).endswith("dark") else "danger"


def colour(name: str) -> str:
    """A colour of the theme by name: ``primary``, ``secondary``, ``fg``, ``selectbg`` …"""
    return str(getattr(Style().colors, name))
