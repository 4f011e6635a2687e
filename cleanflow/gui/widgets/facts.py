"""The facts at the top of a record's page: labels with values beside them."""

from __future__ import annotations

import tkinter

from ttkbootstrap import Frame, Label

from cleanflow.gui.appearance import px
from cleanflow.gui.widgets.wrapped import Wrapped


class Facts(Frame):
    """Labels with values, in columns side by side; a line without a value is hidden."""

    def __init__(self, parent: tkinter.Misc, *, columns: int = 2, wrap: int = 280) -> None:
        """``wrap``: where values wrap at the latest, in pixels of 96 dpi; earlier with ``fill="x"``."""
        super().__init__(parent)
        for column in range(columns):
            self.columnconfigure(2 * column + 1, weight=1)
        self._shown_columns = columns
        self._wrap = wrap

    def show(self, *facts: tuple[str, str]) -> None:
        """Show these (label, value) pairs."""
        for widget in self.winfo_children():
            widget.destroy()
        for number, (words, value) in enumerate([fact for fact in facts if fact[1]]):
            row, column = divmod(number, self._shown_columns)
            Label(self, text=words, bootstyle="secondary").grid(
                row=row, column=2 * column, sticky="nw", padx=px(0 if column == 0 else 28, 10), pady=px(1)
            )
            Wrapped(self, self._wrap, text=value).grid(
                row=row, column=2 * column + 1, sticky="new", pady=px(1)
            )
