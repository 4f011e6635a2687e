"""Jobs."""

from __future__ import annotations

from cleanflow.gui.screen import Screen
from cleanflow.i18n import _


class Jobs(Screen):
    """Jobs."""

    name = "jobs"
    title = _("Jobs")
    key = "F4"
    icon = "list-check"

    def build(self) -> None:
        """Nothing yet."""
