"""Time in the books: UTC timestamps as text, and the shop's business date.

:mod:`cleanflow.db` makes sure that the timestamps of a PC only rise.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone, tzinfo
from typing import Protocol

from cleanflow.errors import Refusal, declare
from cleanflow.language import _l

declare(
    {
        "date_invalid": _l("“{text}” is not a date."),
    }
)

#: CleanFlow did not exist before this day: an earlier clock has lost the time.
FIRST_DAY = date(2026, 1, 1)

_LENGTH = len("2026-11-23T08:15:00.000000Z")
_MICROSECOND = timedelta(microseconds=1)
_DAY = timedelta(days=1)
#: Going back this far from the small hours gives yesterday, despite daylight saving changes.
_WITHIN_YESTERDAY = timedelta(hours=20)


class Clock(Protocol):
    """The program's source of time; tests and the demo have their own."""

    def now(self) -> datetime:
        """The present moment, with UTC as its time zone."""
        ...

    @property
    def is_certain(self) -> bool:
        """Whether the time needs no confirmation by a person, as in the demo."""
        ...

    @property
    def zone(self) -> tzinfo | None:
        """The shop's time zone; ``None`` is the PC's own, with its daylight saving."""
        ...


class SystemClock:
    """The PC's clock, which may have been set back or lost the time with its battery."""

    zone: tzinfo | None = None
    is_certain = False

    def now(self) -> datetime:
        return datetime.now(timezone.utc)


def timestamp(moment: datetime) -> str:
    """``2026-11-23T08:15:00.000000Z``: fixed width, so that text order is time order."""
    plain = moment.astimezone(timezone.utc).replace(tzinfo=None)
    return plain.isoformat(timespec="microseconds") + "Z"


def parse_timestamp(text: str) -> datetime:
    """The moment that :func:`timestamp` wrote. Raises ValueError for other text."""
    if len(text) != _LENGTH or text[10] != "T" or text[-1] != "Z":
        raise ValueError(f"no timestamp: {text[:40]!r}")
    return datetime.fromisoformat(text)


def local_time(text: str, zone: tzinfo | None = None) -> datetime:
    """The moment that :func:`timestamp` wrote, in local time: the PC's, or that of ``zone``."""
    return _local(parse_timestamp(text), zone)


def _local(moment: datetime, zone: tzinfo | None) -> datetime:
    """In ``zone``; unchanged at the ends of the calendar, which only a broken clock reaches."""
    try:
        return moment.astimezone(zone)
    except (OverflowError, ValueError, OSError):
        return moment


def next_timestamp(now: datetime, last: str) -> str:
    """``max(now, last + 1 µs)``: greater than ``last`` even when the clock was set back."""
    present = timestamp(now)
    return present if present > last else timestamp(parse_timestamp(last) + _MICROSECOND)


def business_date(clock: Clock, day_starts_at: int) -> date:
    """The shop's date: before ``day_starts_at`` o'clock (local, 0 to 23) it is still yesterday."""
    return business_date_at(clock.now(), clock.zone, day_starts_at)


def business_date_at(moment: datetime, zone: tzinfo | None, day_starts_at: int) -> date:
    """The shop's date at ``moment``, by local time: a day that daylight saving makes longer or shorter
    still begins at ``day_starts_at`` o'clock.

    Yesterday is the actual previous day: where the date line moved, a date was skipped (Apia, 2011).
    """
    local = _local(moment, zone)
    if local.hour >= day_starts_at or local.date() == date.min:
        return local.date()
    return min(local.date() - _DAY, _local(moment - _WITHIN_YESTERDAY, zone).date())


def standard_offset_minutes(clock: Clock) -> int:
    """Minutes by which the zone is ahead of UTC without daylight saving, which always adds to it.

    The minimum over a year, because daylight saving never lasts for a whole year.
    """
    year = max(clock.now().year, 1971)  # Windows knows no local time before 1970
    noons = (datetime(year, month, 1, 12, tzinfo=clock.zone) for month in range(1, 13))
    offsets = (_offset(noon if clock.zone else noon.astimezone()) for noon in noons)
    return min(int(offset.total_seconds()) // 60 for offset in offsets)


def _offset(moment: datetime) -> timedelta:
    offset = moment.utcoffset()
    assert offset is not None
    return offset


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
