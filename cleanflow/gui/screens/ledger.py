"""Ledger."""

from __future__ import annotations

from cleanflow.gui.screen import Screen
from cleanflow.i18n import _


class Ledger(Screen):
    """Ledger."""

    name = "ledger"
    title = _("Ledger")
    key = "F10"
    icon = "journal-text"

    def build(self) -> None:
        """Nothing yet."""
