"""The line at the window's foot: the last message, how synchronising stands, and who works on which PC."""

from __future__ import annotations

import tkinter
from collections.abc import Callable

from ttkbootstrap import Frame, Label

from cleanflow.gui.appearance import px


class StatusBar(Frame):
    """Three labels; a click on ``sync`` calls ``on_sync``."""

    def __init__(self, parent: tkinter.Misc, on_sync: Callable[[], object]) -> None:
        super().__init__(parent)
        self._who = Label(self, anchor="e", padding=px(12, 4), bootstyle="secondary")
        self._who.pack(side="right")
        self.sync = Label(self, anchor="e", padding=px(12, 4), bootstyle="secondary")
        self.sync.pack(side="right")
        self.sync.bind("<Button-1>", lambda _event: on_sync())
        self._message = Label(self, anchor="w", padding=px(16, 4))
        self._message.pack(side="left", fill="x", expand=True)

    def tell(self, message: str) -> None:
        """Show a message until the next one."""
        self._message.configure(text=message)

    def told(self) -> str:
        """The message that is shown."""
        return str(self._message.cget("text"))

    def show_who(self, words: str) -> None:
        """Name the person at work and the PC."""
        self._who.configure(text=words)
