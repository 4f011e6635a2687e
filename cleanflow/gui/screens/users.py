"""Users."""

from __future__ import annotations

from cleanflow.gui.screen import Screen
from cleanflow.i18n import _


class Users(Screen):
    """Users."""

    name = "users"
    title = _("Users")
    key = "Shift-F9"
    icon = "person-badge"

    def build(self) -> None:
        """Nothing yet."""
