"""How the window looks on this PC: light or dark, and how large its text is."""

from __future__ import annotations

import tkinter
from tkinter import font

from ttkbootstrap import Style

from cleanflow.dao.remembered import recall
from cleanflow.db import Database
from cleanflow.language import _

#: What people call them -> the theme's name.
THEMES = {_("Light"): "bootstrap-light", _("Dark"): "bootstrap-dark"}
#: In percent of the system's size.
TEXT_SIZES = (100, 115, 130, 150)

_NAMED = ("TkDefaultFont", "TkTextFont", "TkHeadingFont", "TkMenuFont", "TkCaptionFont", "TkFixedFont")
_BASE_POINTS = 10


#: So many letters a line need a screen, at the least, for all of its fields.
_LEAST_LETTERS = 92


def remembered_theme(db: Database) -> str:
    """The theme that was chosen on this PC."""
    theme = recall(db, "theme", "bootstrap-light")
    return theme if theme in THEMES.values() else "bootstrap-light"


def remembered_text_size(db: Database) -> int:
    """The text's size that was chosen on this PC, in percent."""
    size = recall(db, "text_size", 100)
    return size if size in TEXT_SIZES else 100


def largest_text_size(window: tkinter.Misc) -> int:
    """The largest of the sizes, in percent, for which this screen is wide enough."""
    letter = font.Font(window, family=_family(), size=100).measure("0") / 100  # of one point
    room = window.winfo_screenwidth() / _LEAST_LETTERS / letter
    return max([size for size in TEXT_SIZES if round(_BASE_POINTS * size / 100) <= room], default=100)


def make_fonts(window: tkinter.Misc) -> None:
    """The fonts of headings and large numbers; a Font object would take its font along when it goes."""
    for name in ("HeadingFont", "TitleFont", "StrongFont"):
        window.tk.call("font", "create", name)


def set_text_size(percent: int) -> None:
    """Draw all text in this size from now on."""
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
    """Draw everything in this theme from now on; also lets lists fit another text size."""
    Style().theme_use(theme)


def link_style() -> str:
    """The style of a value that leads somewhere: the blue of the light theme is too dim on the dark one."""
    return "info-link" if str(Style().theme_use()).endswith("dark") else "primary-link"


def warning_style() -> str:
    """The style of a warning's text: yellow cannot be read on the light theme."""
    return "warning" if str(Style().theme_use()).endswith("dark") else "danger"


def colour(name: str) -> str:
    """The theme's colour of this name: ``primary``, ``secondary``, ``fg``, ``selectbg`` …"""
    return str(getattr(Style().colors, name))
