"""Buttons side by side that wrap onto further lines where they do not fit."""

from __future__ import annotations

import tkinter

from ttkbootstrap import Frame

from cleanflow.gui.appearance import px

_GAP_X, _GAP_Y = 6, 4


class Flow(Frame):
    """Lays out its children from left to right, on as many lines as its width makes necessary."""

    def __init__(self, parent: tkinter.Misc) -> None:
        super().__init__(parent)
        self._shown: tuple[tkinter.Widget, ...] | None = None
        self.bind("<Configure>", lambda _event: self.lay_out())

    def show(self, *children: tkinter.Widget) -> None:
        """Show only these children, in this order."""
        self._shown = children
        for child in self.winfo_children():
            if isinstance(child, tkinter.Widget) and child not in children:
                child.place_forget()
        self.lay_out()

    def lay_out(self) -> None:
        """Place the children anew, after one was added or has another size."""
        gap_x, gap_y = px(_GAP_X, _GAP_Y)
        x = y = 0
        children = self._shown
        if children is None:
            children = tuple(child for child in self.winfo_children() if isinstance(child, tkinter.Widget))
        height = max((child.winfo_reqheight() for child in children), default=0)
        natural = sum(child.winfo_reqwidth() + gap_x for child in children)
        width = self.winfo_width() if self.winfo_width() > 1 else natural  # not on the screen yet
        for child in children:
            if x and x + child.winfo_reqwidth() > width:
                x, y = 0, y + height + gap_y
            child.place(x=x, y=y)
            x += child.winfo_reqwidth() + gap_x
        self.configure(width=natural, height=y + height)
