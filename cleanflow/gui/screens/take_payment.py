"""Take money."""

from __future__ import annotations

from cleanflow.gui.screen import Screen
from cleanflow.i18n import _


class TakePayment(Screen):
    """Take money."""

    name = "take_payment"
    title = _("Take money")
    key = "F5"
    icon = "cash-coin"

    def build(self) -> None:
        """Nothing yet."""
