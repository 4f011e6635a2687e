"""Payments."""

from __future__ import annotations

from cleanflow.gui.screen import Screen
from cleanflow.i18n import _


class Payments(Screen):
    """Payments."""

    name = "payments"
    title = _("Payments")
    key = "Shift-F5"
    icon = "cash-stack"

    def build(self) -> None:
        """Nothing yet."""
