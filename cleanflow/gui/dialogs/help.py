"""F1: what the screen in use is for, its keys, and the keys that work everywhere."""

from __future__ import annotations

import tkinter
from collections.abc import Sequence

from ttkbootstrap import Button, Frame, Label

from cleanflow import __version__
from cleanflow.gui.appearance import px
from cleanflow.gui.keys import key_label
from cleanflow.gui.screen import Screen
from cleanflow.gui.widgets.dialog import Dialog
from cleanflow.language import _


class Help(Dialog):
    """Two columns of keys under a few sentences; Esc or F1 closes it."""

    def __init__(self, window: tkinter.Misc, screen: Screen, screens: Sequence[type[Screen]]) -> None:
        super().__init__(window, screen.title, screen.help)
        here = [(key_label(action.key), action.words or action.label) for action in screen.actions]
        self._column(_("On this screen"), here, 0)
        self._column(_("In lists and fields"), _IN_LISTS, 1)
        everywhere = [(key_label(kind.key), kind.title) for kind in screens]
        ways = [("Esc", _("Back")), ("F12", _("Lock, or switch the user")), ("F1", _("This help"))]
        self._column(_("Everywhere"), [*everywhere, *ways], 2)
        close = Button(self.bar, text=_("Esc  Close"), bootstyle="primary", command=self.close)
        close.pack(side="left")
        Label(self.bar, text=f"CleanFlow {__version__}", bootstyle="secondary").pack(side="left", padx=px(16))
        self.bind("<F1>", lambda _event: self.close())
        self.appear(close)

    def _column(self, heading: str, keys: Sequence[tuple[str, str]], column: int) -> None:
        frame = Frame(self.body)
        frame.grid(row=0, column=column, sticky="nw", padx=px(0, 28))
        Label(frame, text=heading, font="StrongFont").grid(columnspan=2, sticky="w", pady=px(0, 4))
        for key, words in keys:
            row = frame.grid_size()[1]
            Label(frame, text=key, bootstyle="primary").grid(row=row, column=0, sticky="w", padx=px(0, 12))
            Label(frame, text=words, wraplength=px(200), justify="left").grid(row=row, column=1, sticky="w")


_IN_LISTS = (
    (_("Enter"), _("Open the chosen line")),
    (_("Home, End"), _("First and last page of a list")),
    (_("Ctrl+1 … 9"), _("Sort a list by its 1st … 9th column")),
    (_("t  y  +3  24/12"), _("Dates: today, yesterday, in three days, a day")),
    (_("300+450"), _("Amounts may be sums")),
)
