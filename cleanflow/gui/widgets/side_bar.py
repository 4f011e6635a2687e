"""The bar at the left: every screen with its key, the one in use marked, help and locking at its foot."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Sequence

from ttkbootstrap import Button, Frame, Separator, Style

from cleanflow.gui.screen import Screen, key_label
from cleanflow.i18n import _

_WIDTH = 15
_PLAIN, _MARKED = "secondary-ghost", "primary"


class SideBar(Frame):
    """One button a screen; the daily ones first, a line, then those of the owner's desk."""

    def __init__(
        self,
        parent: tkinter.Misc,
        screens: Sequence[type[Screen]],
        show: Callable[[str], object],
        lock: Callable[[], object],
        help_: Callable[[], object],
    ) -> None:
        super().__init__(parent, padding=(6, 8, 0, 8))
        self._buttons: dict[str, Button] = {}
        was_daily = True
        for screen in screens:
            is_daily = not screen.key.startswith("Shift")
            if was_daily and not is_daily:
                Separator(self).pack(fill="x", pady=6)
            was_daily = is_daily
            label = f"{key_label(screen.key).replace('Shift+', '⇧')}  {screen.title}"
            self._buttons[screen.name] = self._add(label, screen.icon, lambda name=screen.name: show(name))  # type: ignore[misc]
        lock_button = self._add(f"F12  {_('Lock')}", "lock", lock)
        lock_button.pack_configure(side="bottom")
        self._add(f"F1  {_('Help')}", "question-circle", help_).pack_configure(side="bottom")

    def _add(self, text: str, icon: str, command: Callable[[], object]) -> Button:
        button = Button(
            self,
            text=text,
            icon=icon,
            width=_WIDTH,
            command=command,
            takefocus=False,
            bootstyle=_PLAIN,
        )
        _align(button)
        button.pack(fill="x", pady=1)
        return button

    def mark(self, screen_name: str) -> None:
        """Show which screen is in use."""
        for name, button in self._buttons.items():
            button.configure(bootstyle=_MARKED if name == screen_name else _PLAIN)
            _align(button)


def _align(button: Button) -> None:
    """Text from the left, so that keys and titles stand below each other; the style is this bar's alone."""
    style = str(button.cget("style"))
    if not style.startswith("Side."):
        Style().configure(f"Side.{style}", anchor="w")
        button.configure(style=f"Side.{style}")
