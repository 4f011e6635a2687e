"""Services."""

from __future__ import annotations

from cleanflow.gui.screen import Screen
from cleanflow.i18n import _


class Services(Screen):
    """Services."""

    name = "services"
    title = _("Services")
    key = "Shift-F7"
    icon = "tags"

    def build(self) -> None:
        """Nothing yet."""
