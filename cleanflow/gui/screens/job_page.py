"""Job."""

from __future__ import annotations

from cleanflow.gui.screen import Screen
from cleanflow.i18n import _


class JobPage(Screen):
    """Job."""

    name = "job_page"
    title = _("Job")

    def build(self) -> None:
        """Nothing yet."""
