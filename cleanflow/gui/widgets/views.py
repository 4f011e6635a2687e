"""Several views of one thing: a row of buttons, and one view below it at a time."""

from __future__ import annotations

import tkinter
from collections.abc import Callable

from ttkbootstrap import Button, Frame

from cleanflow.gui.appearance import px


class Views(Frame):
    """Add views, then :meth:`show` one; its button is filled.

    ``on_choose`` gets the name of the view whose button was clicked.
    """

    def __init__(self, parent: tkinter.Misc, on_choose: Callable[[str], object]) -> None:
        super().__init__(parent)
        self._on_choose = on_choose
        self.line = Frame(self)
        self.line.pack(fill="x", pady=px(0, 8))
        self._buttons: dict[str, Button] = {}
        self._pages: dict[str, Frame] = {}
        self.shown = ""

    def add(self, name: str, label: str) -> Frame:
        """Add a view and return its frame; ``label`` begins with its key."""
        button = Button(self.line, text=label, command=lambda: self._on_choose(name), takefocus=False)
        button.pack(side="left", padx=px(0, 6))
        self._buttons[name] = button
        self._pages[name] = Frame(self)
        return self._pages[name]

    def rename(self, name: str, label: str) -> None:
        """Change the label of a view; it begins with its key."""
        self._buttons[name].configure(text=label)

    def show(self, name: str) -> None:
        """Show this view."""
        self.shown = name
        for other, page in self._pages.items():
            self._buttons[other].configure(bootstyle="primary" if other == name else "secondary-outline")
            if other == name:
                page.pack(fill="both", expand=True)
            else:
                page.pack_forget()
