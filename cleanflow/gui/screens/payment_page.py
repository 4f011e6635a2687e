"""Payment."""

from __future__ import annotations

from cleanflow.gui.screen import Screen
from cleanflow.i18n import _


class PaymentPage(Screen):
    """Payment."""

    name = "payment_page"
    title = _("Payment")

    def build(self) -> None:
        """Nothing yet."""
