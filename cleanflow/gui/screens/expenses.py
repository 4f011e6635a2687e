"""Expenses."""

from __future__ import annotations

from cleanflow.gui.screen import Screen
from cleanflow.i18n import _


class Expenses(Screen):
    """Expenses."""

    name = "expenses"
    title = _("Expenses")
    key = "F7"
    icon = "receipt"

    def build(self) -> None:
        """Nothing yet."""
