"""Time as the books use it: UTC timestamps as text, and the shop's business date.

Leaves to :mod:`cleanflow.db` that timestamps of one PC only ever rise.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone, tzinfo
from typing import Protocol

from cleanflow.errors import Refusal

_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"
_MICROSECOND = timedelta(microseconds=1)


class Clock(Protocol):
    """Where the program asks for the time; tests and the demo bring their own."""

    def now(self) -> datetime:
        """The present moment, with UTC as its time zone."""
        ...

    @property
    def zone(self) -> tzinfo | None:
        """The shop's time zone; ``None`` is the PC's own, with its daylight saving."""
        ...


class SystemClock:
    """The clock of the PC."""

    zone: tzinfo | None = None

    def now(self) -> datetime:
        return datetime.now(timezone.utc)


def timestamp(moment: datetime) -> str:
    """``2026-11-23T08:15:00.000000Z``: fixed width, so that text order is time order."""
    plain = moment.astimezone(timezone.utc).replace(tzinfo=None)
    return plain.isoformat(timespec="microseconds") + "Z"


def parse_timestamp(text: str) -> datetime:
    """The moment that :func:`timestamp` wrote."""
    return datetime.strptime(text, _FORMAT).replace(tzinfo=timezone.utc)


def next_timestamp(now: datetime, last: str) -> str:
    """``max(now, last + 1 µs)``: greater than ``last`` even when the clock was set back."""
    present = timestamp(now)
    return present if present > last else timestamp(parse_timestamp(last) + _MICROSECOND)


def business_date(clock: Clock, day_starts_at: int) -> date:
    """The shop's date: before ``day_starts_at`` o'clock (local, 0 to 23) it is still yesterday."""
    local = clock.now().astimezone(clock.zone)
    return local.date() if local.hour >= day_starts_at else local.date() - timedelta(days=1)


def check_date(value: date | str) -> str:
    """``value`` as ``YYYY-MM-DD``. Refuses with ``date_invalid`` what is not a day of the calendar."""
    text = value.isoformat() if type(value) is date else str(value)
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise Refusal("date_invalid", text=text)
    try:
        date.fromisoformat(text)
    except ValueError:
        raise Refusal("date_invalid", text=text) from None
    return text
