"""Settings."""

from __future__ import annotations

from cleanflow.gui.screen import Screen
from cleanflow.i18n import _


class Settings(Screen):
    """Settings."""

    name = "settings"
    title = _("Settings")
    key = "F11"
    icon = "gear"

    def build(self) -> None:
        """Nothing yet."""
