"""A card: a heading, an optional large number, and lines of a label and a value that may be a link."""

from __future__ import annotations

import tkinter
from collections.abc import Callable
from tkinter import font

from ttkbootstrap import Button, Frame, Label

from cleanflow.gui.appearance import link_style, px
from cleanflow.gui.widgets.wrapped import Wrapped

#: Characters of a large number that fit into a third of the smallest window, before its width is known.
_FITS = 13


class Card(Frame):
    """Lines are known by their label; the value of a line that leads to records is a button."""

    def __init__(self, parent: tkinter.Misc, heading: str) -> None:
        super().__init__(parent, padding=px(14, 10), borderwidth=1, relief="solid")
        Label(self, text=heading, font="StrongFont").pack(anchor="w")
        self._large = Label(self, font="TitleFont")
        self._large.bind("<Configure>", lambda event: self._fit_large(event.width))
        self._lines = Frame(self)
        self._lines.pack(side="bottom", fill="both", expand=True, pady=px(6, 0))
        self._lines.columnconfigure(0, weight=1)
        self._values: dict[str, Label | Button] = {}
        self.bind("<<ThemeChanged>>", lambda _event: self._follow_theme(), add="+")

    def large(self, text: str) -> None:
        """Set the large number; one that has no room gets a smaller font."""
        self._large.configure(text=text)
        self._large.pack(fill="x", pady=px(2, 0))
        self._fit_large(self._large.winfo_width())

    def _fit_large(self, width: int) -> None:
        text = str(self._large.cget("text"))
        fonts = ("TitleFont", "HeadingFont", "StrongFont")
        fits = [name for name in fonts if font.Font(self, name=name, exists=True).measure(text) <= width]
        chosen = fits[0] if fits else fonts[-1 if width > 1 else len(text) > _FITS]
        if str(self._large.cget("font")) != chosen:
            self._large.configure(font=chosen)

    def line(self, words: str, command: Callable[[], object] | None = None) -> None:
        """Add a line; ``command`` shows the records behind its value."""
        row = len(self._values)
        # It asks for no width of its own: what it asks would follow from what it got, and never come to rest.
        words_of = Wrapped(self._lines, 400, text=words, width=1)
        words_of.grid(row=row, column=0, sticky="ew", padx=px(0, 6), pady=px(1))
        value: Label | Button
        if command is None:
            value = Label(self._lines)
        else:
            value = Button(self._lines, bootstyle=link_style(), command=command, padding=0)
        value.grid(row=row, column=1, sticky="e", pady=px(1))
        self._values[words] = value

    def set(self, words: str, text: str) -> None:
        """Set the value of a line."""
        self._values[words].configure(text=text)

    def _follow_theme(self) -> None:
        for value in self._values.values():
            if isinstance(value, Button):
                value.configure(bootstyle=link_style())

    def first_button(self) -> Button | None:
        """The first value that is a button, for the focus."""
        return next((value for value in self._values.values() if isinstance(value, Button)), None)
