"""A page that scrolls where it is taller than its room.

Not a Canvas: Tk maps the windows on one only after the display has asked for a redraw, and keys that come
before that would miss them.
"""

from __future__ import annotations

import tkinter

from ttkbootstrap import Frame, Scrollbar

from cleanflow.gui.appearance import px

#: Pixels of 96 dpi: a notch of the wheel, the room kept around a field with the focus, a list's first lines.
_NOTCH, _AROUND, _BEGINNING = 60, 12, 120
#: Widgets that scroll by themselves.
_SCROLLING = ("Treeview", "Text", "Listbox", "Canvas")


class Scrolling(Frame):
    """Put the page into ``body``: it is as high as its room, or as it needs to be."""

    def __init__(self, parent: tkinter.Misc) -> None:
        super().__init__(parent)
        self._offset = 0
        self._bar = Scrollbar(self, command=self._on_bar)
        self._clip = Frame(self)
        self._clip.pack(side="left", fill="both", expand=True)
        self._page = Frame(self._clip)
        # As high as the room: so the page asks for no less, and Tk tells when it needs more.
        self._strut = Frame(self._page, width=0, height=1)
        self._strut.pack(side="left")
        self.body = Frame(self._page)
        self.body.pack(side="left", fill="both", expand=True)
        self._page.place(x=0, y=0, relwidth=1)
        self._clip.bind("<Configure>", lambda event: self._on_room(event.height))
        self._page.bind("<Configure>", lambda _event: self._scroll_to(self._offset))

    @property
    def is_scrolled(self) -> bool:
        """Whether the page is higher than its room."""
        return self._page.winfo_reqheight() > self._clip.winfo_height() + 1

    def see(self, widget: tkinter.Misc) -> None:
        """Scroll as little as shows the widget, or the beginning of one that scrolls by itself."""
        height = widget.winfo_height()
        if widget.winfo_class() in _SCROLLING:
            height = min(height, px(_BEGINNING))
        top = widget.winfo_rooty() - self._page.winfo_rooty() - px(_AROUND)
        bottom = top + height + 2 * px(_AROUND)
        room = self._clip.winfo_height()
        if bottom - top > room or (top >= self._offset and bottom <= self._offset + room):
            return
        self._scroll_to(top if top < self._offset else bottom - room)

    def _on_room(self, height: int) -> None:
        self._strut.configure(height=height)
        self._scroll_to(self._offset)

    def _scroll_to(self, offset: int) -> None:
        room, height = self._clip.winfo_height(), max(1, self._page.winfo_reqheight())
        self._offset = max(0, min(offset, height - room))
        self._page.place_configure(y=-self._offset)
        self._bar.set(self._offset / height, min(1.0, (self._offset + room) / height))
        if self.is_scrolled and not self._bar.winfo_manager():
            self._bar.pack(side="right", fill="y", before=self._clip)
        elif not self.is_scrolled and self._bar.winfo_manager():
            self._bar.pack_forget()

    def _on_bar(self, kind: str, number: str, _unit: str = "") -> None:
        height, room = self._page.winfo_reqheight(), self._clip.winfo_height()
        if kind == "moveto":
            self._scroll_to(round(float(number) * height))
        else:
            step = room if _unit == "pages" else px(_NOTCH)
            self._scroll_to(self._offset + int(number) * step)

    def to_top(self) -> None:
        """Show the beginning."""
        self._scroll_to(0)

    def notch(self, way: int) -> None:
        """Scroll by one notch of the wheel; ``way`` is -1 upwards, 1 downwards."""
        self._scroll_to(self._offset + way * px(_NOTCH))


def scroll_pages(window: tkinter.Misc) -> None:
    """Let every page of the window follow the focus and the wheel; once for a window."""

    def on_focus(event: tkinter.Event[tkinter.Misc]) -> None:
        page = _page_of(event.widget)
        if page is not None:
            page.see(event.widget)

    def on_wheel(event: tkinter.Event[tkinter.Misc]) -> None:
        page = _page_of(event.widget)
        if page is not None and event.widget.winfo_class() not in _SCROLLING:
            page.notch(-1 if event.num == 4 or event.delta > 0 else 1)

    window.bind("<FocusIn>", on_focus, add="+")
    for sequence in ("<MouseWheel>", "<Button-4>", "<Button-5>"):
        window.bind(sequence, on_wheel, add="+")


def _page_of(widget: tkinter.Misc | str) -> Scrolling | None:
    """The page that holds the widget, if it has to scroll; Tk's own widgets come as their names."""
    while isinstance(widget, tkinter.Misc):
        if isinstance(widget, Scrolling):
            return widget if widget.is_scrolled else None
        if widget.master is None:
            return None
        widget = widget.master
    return None
