"""Base classes of dialogs: a text, an optional form, and buttons. They run no event loop of their own.

A dialog runs on the window's loop like everything else, so that locking, closing and tests work while it is
open.
"""

from __future__ import annotations

import tkinter
from collections.abc import Callable
from tkinter import ttk
from typing import TypeVar

from ttkbootstrap import Button, Frame, Label, Toplevel

from cleanflow.gui.desk import Desk
from cleanflow.gui.focus import is_on_screen
from cleanflow.gui.keys import bind_keys
from cleanflow.gui.widgets.form import Form
from cleanflow.language import _

T = TypeVar("T")

#: Generated on the window when a dialog has closed and the widget that had the focus before is gone.
FOCUS_LOST = "<<FocusLost>>"


class Dialog(Toplevel):
    """A modal window over the main window; Esc closes it."""

    def __init__(self, window: tkinter.Misc, title: str, words: str = "") -> None:
        super().__init__(title=title, master=window, resizable=(False, False))
        self.withdraw()
        self._has_appeared = False
        self._before, self._below = "", ""
        self.transient(window.winfo_toplevel())
        outer = Frame(self, padding=20, borderwidth=1, relief="solid")
        outer.pack(fill="both", expand=True)
        Label(outer, text=title, font="HeadingFont").pack(anchor="w")
        if words:
            Label(outer, text=words, wraplength=480, justify="left").pack(anchor="w", pady=(6, 0))
        self.body = Frame(outer)
        self.body.pack(fill="both", expand=True, pady=(10, 0))
        self._message = Label(outer, bootstyle="danger", wraplength=480, justify="left")
        self._message.pack(anchor="w")
        self.bar = Frame(outer)
        self.bar.pack(anchor="e", pady=(12, 0))
        self.bind("<Escape>", lambda _event: self.close())
        self.bind("<F12>", lambda _event: window.winfo_toplevel().event_generate("<<Lock>>"))
        self.protocol("WM_DELETE_WINDOW", self.close)

    def appear(self, focus: tkinter.Misc) -> None:
        """Show the dialog over the middle of the window, with the focus on ``focus``.

        Keys that follow at once are the dialog's already: it is mapped, and Tk hands them on to its focus.
        """
        self._before = str(self.tk.call("focus"))
        self._below = str(self.tk.call("grab", "current"))
        self._has_appeared = True
        self.update_idletasks()
        window = self.master.winfo_toplevel()
        x = window.winfo_rootx() + (window.winfo_width() - self.winfo_reqwidth()) // 2
        y = window.winfo_rooty() + (window.winfo_height() - self.winfo_reqheight()) // 3
        self.geometry(f"+{max(0, x)}+{max(0, y)}")
        self.deiconify()
        self.update_idletasks()
        self.grab_set()
        focus.focus_force()

    def refuse(self, words: str) -> None:
        """Show at the foot why it was refused; what was typed stays."""
        self._message.configure(text=words)

    def close(self) -> None:
        """Close the dialog; the focus returns to where it was.

        A dialog that never appeared, or is hidden while the window is locked, leaves the focus alone.
        """
        window, is_shown = self.master, self._has_appeared and self.winfo_viewable()
        self.grab_release()
        self.destroy()
        if not is_shown:
            return
        if is_on_screen(self._below, window):
            window.tk.call("grab", "set", self._below)
        if is_on_screen(self._before, window):
            window.tk.call("focus", "-force", self._before)
        else:
            window.winfo_toplevel().event_generate(FOCUS_LOST)


class FormDialog(Dialog):
    """A dialog with a form that does one thing: add fields to ``form``, then call :meth:`ask`."""

    def __init__(self, desk: Desk, title: str, words: str = "", *, save: str | None = None) -> None:
        super().__init__(desk.window, title, words)
        self.desk = desk
        self._do: Callable[[], object] = lambda: None
        self.form = Form(self.body, self.save, width=32, is_narrow=True)
        self.form.pack(anchor="w")
        Button(self.bar, text=_("Esc  Back"), bootstyle="secondary-outline", command=self.close).pack(
            side="left", padx=(0, 8)
        )
        Button(self.bar, text=f"Ctrl+S  {save or _('Save')}", bootstyle="primary", command=self.save).pack(
            side="left"
        )
        bind_keys(self, {"Control-s": self.save})

    def ask(
        self, work: Callable[[], T], done: Callable[[T], object], first: tkinter.Misc | None = None
    ) -> None:
        """Show the dialog. Saving runs ``work``, which reads the fields, then closes it and calls ``done``.

        The focus starts on ``first``, or on the first field.
        """

        def finish(result: T) -> None:
            if self.winfo_exists():
                self.close()
            done(result)

        self._do = lambda: self.desk.do(work, finish, self.refuse)
        if first is None:
            first = self.form.fields[0].widget if self.form.fields else self.bar.winfo_children()[-1]
        self.appear(first)
        if isinstance(first, ttk.Entry) and first.winfo_exists():
            first.selection_range(0, tkinter.END)

    def save(self) -> None:
        """Do what the button says."""
        self.refuse("")
        self._do()
