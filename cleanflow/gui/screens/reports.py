"""Reports."""

from __future__ import annotations

from cleanflow.gui.screen import Screen
from cleanflow.i18n import _


class Reports(Screen):
    """Reports."""

    name = "reports"
    title = _("Reports")
    key = "F8"
    icon = "file-earmark-bar-graph"

    def build(self) -> None:
        """Nothing yet."""
