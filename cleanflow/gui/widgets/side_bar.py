"""The side bar: every screen with its key, the one in use marked; help and lock at its foot.

In a narrow window it shows the keys alone, in a low one the buttons are closer together.
"""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Sequence
from tkinter import font

from ttkbootstrap import Button, Frame, Separator, Style

from cleanflow.gui.appearance import px
from cleanflow.gui.keys import key_label
from cleanflow.gui.screen import Screen
from cleanflow.language import _

_PLAIN, _MARKED = "secondary-ghost", "primary"
#: In characters: a button's width with its title and with the key alone, and the window's width from which
#: titles are shown.
_WIDTH, _NARROW_WIDTH, _ROOM_FOR_TITLES = 15, 4, 117
#: Pixels: the usual padding above and below a button's text, its border, the separator's height.
_ROOM, _DRAWN, _LINE = 4, 8, 16


class SideBar(Frame):
    """One button for each screen: the daily ones, a separator, then the owner's."""

    def __init__(
        self,
        parent: tkinter.Misc,
        screens: Sequence[type[Screen]],
        show: Callable[[str], object],
        lock: Callable[[], object],
        help_: Callable[[], object],
    ) -> None:
        super().__init__(parent, padding=px(6, 8, 0, 8))
        self._buttons: dict[str, Button] = {}
        self._labels: dict[Button, tuple[str, str]] = {}
        self._room, self._is_narrow = px(_ROOM), False
        was_daily = True
        for screen in screens:
            is_daily = not screen.key.startswith("Shift")
            if was_daily and not is_daily:
                Separator(self).pack(fill="x", pady=px(6))
            was_daily = is_daily
            key = key_label(screen.key).replace("Shift+", "⇧")
            command = lambda name=screen.name: show(name)  # noqa: E731
            self._buttons[screen.name] = self._add(key, screen.title, screen.icon, command)
        self._add("F12", _("Lock"), "lock", lock).pack_configure(side="bottom")
        self._add("F1", _("Help"), "question-circle", help_).pack_configure(side="bottom")
        for widget in (self, parent):
            widget.bind("<Configure>", lambda _event: self._fit(parent.winfo_width()), add="+")

    def _add(self, key: str, title: str, icon: str, command: Callable[[], object]) -> Button:
        button = Button(
            self,
            text=f"{key}  {title}",
            icon=icon,
            width=_WIDTH,
            command=command,
            takefocus=False,
            bootstyle=_PLAIN,
        )
        self._labels[button] = (key, title)
        self._align(button)
        button.pack(fill="x", pady=px(1))
        return button

    def _fit(self, window_width: int) -> None:
        """Show titles and padding as far as the window has room at the present text size."""
        text = font.nametofont("TkDefaultFont")
        row = (self.winfo_height() - px(_LINE)) // (len(self._labels) + 1)
        room = max(0, min(px(_ROOM), (row - text.metrics("linespace") - px(_DRAWN)) // 2))
        is_narrow = window_width < _ROOM_FOR_TITLES * text.measure("0")
        if window_width < 2 or (room, is_narrow) == (self._room, self._is_narrow):
            return
        self._room, self._is_narrow = room, is_narrow
        for button, (key, title) in self._labels.items():
            button.configure(
                text=key if is_narrow else f"{key}  {title}", width=_NARROW_WIDTH if is_narrow else _WIDTH
            )
            self._align(button)

    def mark(self, screen_name: str) -> None:
        """Mark the screen in use."""
        for name, button in self._buttons.items():
            button.configure(bootstyle=_MARKED if name == screen_name else _PLAIN)
            self._align(button)

    def _align(self, button: Button) -> None:
        """Align the text left, in a style of this bar alone, so that keys and titles line up."""
        style = str(button.cget("style")).removeprefix("Side.")
        Style().configure(f"Side.{style}", anchor="w", padding=(px(10), self._room))
        button.configure(style=f"Side.{style}")
