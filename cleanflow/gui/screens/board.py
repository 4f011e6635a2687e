"""Board."""

from __future__ import annotations

from cleanflow.gui.screen import Screen
from cleanflow.i18n import _


class Board(Screen):
    """Board."""

    name = "board"
    title = _("Board")
    key = "Shift-F4"
    icon = "kanban"

    def build(self) -> None:
        """Nothing yet."""
