"""Today."""

from __future__ import annotations

from cleanflow.gui.screen import Screen
from cleanflow.i18n import _


class Today(Screen):
    """Today."""

    name = "today"
    title = _("Today")
    key = "F2"
    icon = "house"

    def build(self) -> None:
        """Nothing yet."""
