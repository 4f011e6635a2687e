"""A label whose text wraps where its room ends, so that no word is cut."""

from __future__ import annotations

import tkinter
from typing import Any

from ttkbootstrap import Label

from cleanflow.gui.appearance import px


class Wrapped(Label):
    """Give it its width, with ``fill="x"`` or a sticky grid; ``widest`` in pixels of 96 dpi."""

    def __init__(self, parent: tkinter.Misc, widest: int, **options: Any) -> None:
        super().__init__(parent, wraplength=px(widest), justify="left", **options)
        self._widest, self._wrap = px(widest), px(widest)
        self.bind("<Configure>", lambda event: self._fit(event.width), add="+")

    def _fit(self, width: int) -> None:
        wrap = max(1, min(self._widest, width))
        if wrap != self._wrap:
            self._wrap = wrap
            self.configure(wraplength=wrap)
