"""Day close."""

from __future__ import annotations

from cleanflow.gui.screen import Screen
from cleanflow.i18n import _


class DayClose(Screen):
    """Day close."""

    name = "day_close"
    title = _("Day close")
    key = "F9"
    icon = "calendar-check"

    def build(self) -> None:
        """Nothing yet."""
