"""Customer."""

from __future__ import annotations

from cleanflow.gui.screen import Screen
from cleanflow.i18n import _


class CustomerPage(Screen):
    """Customer."""

    name = "customer_page"
    title = _("Customer")

    def build(self) -> None:
        """Nothing yet."""
