"""Words for the codes in records, and dates as the shop writes them."""

from __future__ import annotations

from cleanflow.clock import local_time
from cleanflow.dao.payments import METHODS
from cleanflow.language import _
from cleanflow.money import Currency
from cleanflow.rendering.document import shown_date, shown_moment
from cleanflow.reports.words import entry_word, method_word

WORK_STATUSES = {
    "RECEIVED": _("Received"),
    "IN_PROGRESS": _("In progress"),
    "READY": _("Ready"),
    "DELIVERED": _("Delivered"),
    "CANCELLED": _("Cancelled"),
}
PAYMENT_STATUSES = {"UNPAID": _("Unpaid"), "PARTIAL": _("Part paid"), "PAID": _("Paid")}
#: Choices of a field: word -> code.
METHOD_CHOICES = {method_word(code): code for code in METHODS}
ROLES = {"OWNER": _("Owner"), "CASHIER": _("Cashier")}


def short_date(day: str | None, date_order: str) -> str:
    """A business date as the shop writes it, like ``24/12/2026``; ``""`` for ``None``."""
    return shown_date(day, date_order) if day else ""


def short_moment(at: str, date_order: str) -> str:
    """A record's timestamp as local time to the minute, like ``24/12/2026 18:02``."""
    return shown_moment(local_time(at), date_order)


def balance_words(balance_minor: int, unit: Currency) -> str:
    """A customer's balance in words: ``owes 1,200.00``, ``has credit 300.00`` or ``nothing open``."""
    if balance_minor > 0:
        return _("owes {amount}").format(amount=unit.format(balance_minor))
    if balance_minor < 0:
        return _("has credit {amount}").format(amount=unit.format(-balance_minor))
    return _("nothing open")


def payment_word(kind: str) -> str:
    """The word for a kind of payment."""
    if kind == "OPENING":
        return _("Credit from before")
    return entry_word("PAYMENT_REVERSAL" if kind == "REVERSAL" else kind)


def shortened(text: str, most: int) -> str:
    """The first ``most`` characters of a text, with an ellipsis where it was cut."""
    return text if len(text) <= most else f"{text[:most].rstrip()} …"
