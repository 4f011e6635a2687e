"""What is hidden while somebody's work is locked, and put back for the same person."""

from __future__ import annotations

import tkinter
from contextlib import suppress
from dataclasses import dataclass
from tkinter import ttk


class Covered:
    """The open dialogs of a window and the place of the focus; made when the work is locked.

    Until :meth:`put_back` or :meth:`close` the dialogs are withdrawn: nothing of them can be seen or used.
    """

    def __init__(self, window: tkinter.Misc) -> None:
        self._window = window
        _close_open_list(window)
        # In the order in which they were opened: the last one has the grab.
        self._dialogs = [
            widget
            for widget in window.winfo_children()
            if isinstance(widget, tkinter.Toplevel) and widget.winfo_viewable()
        ]
        self._place = _place_of_focus(window, self._dialogs[-1] if self._dialogs else window)
        for dialog in self._dialogs:
            dialog.grab_release()
            dialog.withdraw()

    def put_back(self) -> bool:
        """Show the dialogs again and focus what had the focus; False if that does not exist any more."""
        open_dialogs = [dialog for dialog in self._dialogs if dialog.winfo_exists()]
        for dialog in open_dialogs:
            dialog.deiconify()
        if open_dialogs:
            top = open_dialogs[-1]
            with suppress(tkinter.TclError):  # closed before it was visible
                if not top.winfo_viewable():
                    top.wait_visibility()
                top.grab_set()
                top.focus_force()
        if self._place is not None and self._place.restore():
            return True
        return bool(open_dialogs)

    def close(self) -> None:
        """Close the dialogs: somebody else has signed in."""
        for dialog in self._dialogs:
            if dialog.winfo_exists():
                close = getattr(dialog, "close", dialog.destroy)
                close()


@dataclass(frozen=True)
class _Place:
    """The widget with the focus, and its selection, which it loses when another field selects its text."""

    widget: tkinter.Misc
    #: Tk indices of the insertion cursor and of the selection's ends; None: none.
    cursor: str | None
    selection: tuple[str, str] | None

    def restore(self) -> bool:
        """Put the focus back; False if the widget does not exist any more or is not shown."""
        widget = self.widget
        if not widget.winfo_exists() or not widget.winfo_manager():
            return False
        widget.focus_force()  # Tk waits until the widget is mapped again
        if isinstance(widget, ttk.Entry):
            widget.selection_clear()
            if self.selection is not None:
                widget.selection_range(*self.selection)
            if self.cursor is not None:
                widget.icursor(self.cursor)
        elif isinstance(widget, tkinter.Text):
            widget.tag_remove("sel", "1.0", "end")
            if self.selection is not None:
                widget.tag_add("sel", *self.selection)
            if self.cursor is not None:
                widget.mark_set("insert", self.cursor)
        return True


def _place_of_focus(window: tkinter.Misc, top: tkinter.Misc) -> _Place | None:
    path = str(window.tk.call("focus"))  # '' while another program has the focus
    path = path or str(window.tk.call("focus", "-lastfor", top))
    try:
        widget = window.nametowidget(path)
    except KeyError:  # a widget of Tk's own
        return None
    cursor: str | None = None
    selection: tuple[str, str] | None = None
    if isinstance(widget, ttk.Entry):
        cursor = str(widget.index("insert"))
        if widget.selection_present():
            selection = str(widget.index("sel.first")), str(widget.index("sel.last"))
    elif isinstance(widget, tkinter.Text):
        cursor = str(widget.index("insert"))
        marked = widget.tag_ranges("sel")
        selection = (str(marked[0]), str(marked[1])) if marked else None
    return _Place(widget, cursor, selection)


def _close_open_list(window: tkinter.Misc) -> None:
    """Close the drop-down list of a choice, a window of Tk's own; the focus is in its field then."""
    field, popdown, _rest = str(window.tk.call("focus")).partition(".popdown")
    if popdown:
        window.tk.call("ttk::combobox::Unpost", field)
        window.tk.call("focus", field)
