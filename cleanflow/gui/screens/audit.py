"""Audit."""

from __future__ import annotations

from cleanflow.gui.screen import Screen
from cleanflow.i18n import _


class Audit(Screen):
    """Audit."""

    name = "audit"
    title = _("Audit")
    key = "Shift-F10"
    icon = "clock-history"

    def build(self) -> None:
        """Nothing yet."""
