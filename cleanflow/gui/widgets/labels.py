"""The shop's words for what the records call by codes, and dates as the shop writes them."""

from __future__ import annotations

from datetime import date, datetime

from cleanflow.dao.payments import METHODS
from cleanflow.i18n import _
from cleanflow.reports.words import method_word

WORK_STATUSES = {
    "RECEIVED": _("Received"),
    "IN_PROGRESS": _("In progress"),
    "READY": _("Ready"),
    "DELIVERED": _("Delivered"),
    "CANCELLED": _("Cancelled"),
}
PAYMENT_STATUSES = {"UNPAID": _("Unpaid"), "PARTIAL": _("Part paid"), "PAID": _("Paid")}
#: As choices of a field: what people read -> the code.
METHOD_CHOICES = {method_word(code): code for code in METHODS}
ROLES = {"OWNER": _("Owner"), "CASHIER": _("Cashier")}


def short_date(day: str | None, date_order: str) -> str:
    """A business date as people of the shop write it, like ``24/12/2026``; nothing for ``None``."""
    if not day:
        return ""
    year, month, day_of_month = day.split("-")
    if date_order == "YMD":
        return day
    parts = (day_of_month, month) if date_order == "DMY" else (month, day_of_month)
    return "/".join((*parts, year))


def local_time(at: str) -> datetime:
    """A record's UTC timestamp in the PC's own time."""
    return datetime.fromisoformat(at).astimezone()


def weekday(day: date) -> str:
    """The day's name."""
    names = (
        _("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"),
    )  # fmt: skip
    return names[day.weekday()]
