"""Periods of business dates: any, a month, the month before."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from cleanflow.clock import check_date
from cleanflow.errors import Refusal
from cleanflow.rendering.document import shown_date


@dataclass(frozen=True)
class Period:
    """Business dates from ``first`` to ``last``, both of them included, as ``YYYY-MM-DD``."""

    first: str
    last: str

    def shown(self, date_order: str) -> str:
        """``01/03/2026 – 31/03/2026`` in the shop's order; a single day stands alone."""
        first = shown_date(self.first, date_order)
        return first if self.first == self.last else f"{first} – {shown_date(self.last, date_order)}"

    def days(self) -> list[str]:
        """Every day of it."""
        first = date.fromisoformat(self.first)
        count = (date.fromisoformat(self.last) - first).days + 1
        return [(first + timedelta(days=number)).isoformat() for number in range(count)]

    def months(self) -> list[str]:
        """Every month that it overlaps, as ``YYYY-MM``."""
        first, last = (_month_number(day) for day in (self.first, self.last))
        return [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in range(first, last + 1)]


def period(first: date | str, last: date | str) -> Period:
    """From ``first`` to ``last``. Refuses with ``date_invalid``, also if it ends before it begins."""
    chosen = Period(check_date(first), check_date(last))
    if chosen.first > chosen.last:
        raise Refusal("date_invalid", text=f"{chosen.first} … {chosen.last}")
    return chosen


def month_period(month: str) -> Period:
    """The days of ``YYYY-MM``. Refuses with ``date_invalid``."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}", month):
        raise Refusal("date_invalid", text=month)
    first = check_date(f"{month}-01")
    return Period(first, f"{month}-{monthrange(int(month[:4]), int(month[5:]))[1]:02d}")


def month_before(month: str) -> str:
    """``2025-12`` of ``2026-01``. Refuses with ``date_invalid`` before the calendar begins."""
    number = _month_number(f"{month}-01") - 1
    if number < 12:
        raise Refusal("date_invalid", text=month)
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def _month_number(day: str) -> int:
    return int(day[:4]) * 12 + int(day[5:7]) - 1
