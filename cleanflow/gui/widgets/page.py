"""Pages that fill the window before work begins: a heading and one centred block."""

from __future__ import annotations

import tkinter

from ttkbootstrap import Frame, Label

from cleanflow.gui.appearance import px


class Page(Frame):
    """A page with a heading; its content goes into ``body``."""

    def __init__(self, parent: tkinter.Misc, heading: str, words: str) -> None:
        super().__init__(parent)
        self.body = Frame(self, padding=px(24))
        self.body.place(relx=0.5, rely=0.45, anchor="center")
        Label(self.body, text=heading, font="-size 20 -weight bold").pack(anchor="w")
        Label(self.body, text=words, wraplength=px(620), justify="left").pack(anchor="w", pady=px(4, 16))
