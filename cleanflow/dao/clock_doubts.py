"""Checks whether the PC's clock is plausible before a record gets today's date by default.

A clock that is wrong by days puts records on days where nobody looks for them, so the user must confirm it
first. Reading is never held up, nor is a record whose date a person or a file gives. The check is made once
per business day and connection. It compares with the last day that was believed on this PC and with the last
ledger entries. ``app_settings.last_at`` would not do: a clock that once stood in 2099 has moved it there for
good.

Without other PCs, a clock that is up to a week ahead looks the same as a PC that was off for a week.
"""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from cleanflow.clock import FIRST_DAY, business_date_at, parse_timestamp, standard_offset_minutes
from cleanflow.dao.remembered import recall, remember
from cleanflow.db import Database, with_transaction
from cleanflow.errors import Refusal

_log = logging.getLogger(__name__)

#: Longest time without records that raises no doubt: the shop may have been closed.
LONGEST_PAUSE = timedelta(days=7)
#: Correcting a clock by less than this around midnight raises no doubt.
_TOLERANCE = timedelta(hours=1)
#: A larger difference from the server's clock is no mistake of time zone.
_SERVER_DIFFERS_S = 12 * 3600
_KEY = "clock_believed"


class Reason(StrEnum):
    """Why the clock is in doubt."""

    BEFORE = "before"  # it is before this program was written, and there is no record yet
    BACK = "back"  # it is before the last record's day
    AHEAD = "ahead"  # it is long after the last record's day
    SERVER = "server"  # the server found it wrong today
    ZONE = "zone"  # the PC's time zone has changed


@dataclass(frozen=True)
class Doubt:
    """A reason to doubt the clock, with what it was compared with.

    ``now`` is the PC's local time, ``last`` the last known business date, if any. For ``SERVER``, ``ahead_s``
    is the number of seconds that the clock is ahead of the server's. For ``ZONE``, the offsets are the time
    zone's from UTC, without daylight saving.
    """

    reason: Reason
    now: datetime
    last: date | None
    ahead_s: int
    offset_before_minutes: int
    offset_minutes: int


@dataclass(frozen=True)
class _Belief:
    """The business date and the zone's offset from UTC when the clock was last believed.

    ``confirmed``: a person said so. Records dated up to ``disbelieved`` were then taken for those of a wrong
    clock.
    """

    day: str
    offset_minutes: int
    confirmed: bool = False
    disbelieved: str = ""


def day_at(db: Database, moment: datetime) -> date:
    """The shop's business date at ``moment``. Refuses with ``settings_damaged``."""
    starts_at = db.value("SELECT value FROM settings WHERE key = 'day_starts_at'")
    try:
        hour = int(starts_at)
    except (TypeError, ValueError) as error:
        raise Refusal("settings_damaged") from error
    return business_date_at(moment, db.clock.zone, hour)


def doubt_now(db: Database) -> Doubt | None:
    """The doubt about the clock's current date, if it has not been settled yet today."""
    day = day_at(db, db.clock.now())
    return None if day == db.session.trusted_day else find_doubt(db, day)


def find_doubt(db: Database, day: date) -> Doubt | None:
    """The doubt about ``day``, the business date by the clock; ``None`` if it is plausible."""
    if db.clock.is_certain:
        return None
    belief = _belief(db)
    last, ahead_s = _last_day(db, belief), _ahead_of_server_s(db, day)
    offset = standard_offset_minutes(db.clock)
    is_confirmed = belief is not None and belief.confirmed and belief.day == day.isoformat()
    if last is None and day < FIRST_DAY:
        reason = Reason.BEFORE
    elif last and day < last and day_at(db, db.clock.now() + _TOLERANCE) < last:
        reason = Reason.BACK
    elif last and day > last + LONGEST_PAUSE:
        reason = Reason.AHEAD
    elif abs(ahead_s) > _SERVER_DIFFERS_S and not is_confirmed:
        reason = Reason.SERVER
    elif belief and belief.offset_minutes != offset:
        reason = Reason.ZONE
    else:
        return None
    now = db.clock.now().astimezone(db.clock.zone)
    return Doubt(reason, now, last, ahead_s, belief.offset_minutes if belief else offset, offset)


def check(db: Database, day: date) -> None:
    """Refuse with ``clock_unsure`` if ``day``, the business date by the clock, is in doubt."""
    doubt = find_doubt(db, day)
    if doubt is not None:
        now = f"{written_day(doubt.now.date())}, {doubt.now:%H:%M}"
        raise Refusal("clock_unsure", reason=str(doubt.reason), now=now, why=_why(doubt))


def trust(db: Database, day: date) -> None:
    """:func:`check`, and remember that ``day`` is plausible. Part of an operation."""
    check(db, day)
    db.session.trusted_day = day
    if db.clock.is_certain:
        return
    belief = _belief(db)
    if belief is None or belief.day < day.isoformat():
        disbelieved = belief.disbelieved if belief else ""
        _remember(db, _Belief(day.isoformat(), standard_offset_minutes(db.clock), False, disbelieved))


@with_transaction
def confirm_clock(db: Database) -> None:
    """Record that a person says that the clock is right; nobody is asked again on this business day.

    Existing records of later days are from now on taken for those of a wrong clock.
    """
    now = db.clock.now()
    day = day_at(db, now)
    doubt = find_doubt(db, day)
    later = max((found for found in _record_days(db) if found > day), default=None)
    belief = _belief(db)
    disbelieved = later.isoformat() if later else belief.disbelieved if belief else ""
    _remember(db, _Belief(day.isoformat(), standard_offset_minutes(db.clock), True, disbelieved))
    db.session.trusted_day = day
    if doubt is not None:
        who = db.value("SELECT name FROM users WHERE id = :id", {"id": db.session.user_id})
        _log.warning("%s confirmed the clock: %s is right, but %s", who or "a command", now, _why(doubt))


def written_day(day: date) -> str:
    """``Thursday, 1 January 2015``, in English."""
    return f"{day:%A}, {day.day} {day:%B} {day.year}"


def offset_text(minutes: int) -> str:
    """A zone's offset from UTC: ``UTC+05:30``."""
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}"


def _why(doubt: Doubt) -> str:
    if doubt.reason == Reason.SERVER:
        where = "ahead of" if doubt.ahead_s > 0 else "behind"
        return f"it is {abs(doubt.ahead_s) // 3600} hours {where} the server's"
    if doubt.reason == Reason.ZONE:
        before, now = offset_text(doubt.offset_before_minutes), offset_text(doubt.offset_minutes)
        return f"this PC's time zone was {before} until now and is {now}"
    if doubt.last is None:
        return "CleanFlow is younger than that"
    return f"the last record is of {written_day(doubt.last)}"


def _belief(db: Database) -> _Belief | None:
    kept = recall(db, _KEY, {})
    return _Belief(**kept) if kept else None


def _remember(db: Database, belief: _Belief) -> None:
    remember(db, _KEY, asdict(belief))


def _last_day(db: Database, belief: _Belief | None) -> date | None:
    days = [day for day in _record_days(db) if not belief or day.isoformat() > belief.disbelieved]
    return max([*days, date.fromisoformat(belief.day)] if belief else days, default=None)


def _record_days(db: Database) -> list[date]:
    """The day of each PC's last ledger entry.

    It is the earlier of business date and timestamp: a given date may lie in the future, and a timestamp must
    exceed that of a clock that was wrong long ago.
    """
    query = """
        SELECT business_date, created_at FROM chain_heads JOIN ledger_entries USING (device_id, chain_number)
    """
    return [_earlier_day(db, row["business_date"], row["created_at"]) for row in db.rows(query)]


def _earlier_day(db: Database, given: str, at: str) -> date:
    day = date.fromisoformat(given)
    try:
        return min(day, day_at(db, parse_timestamp(at)))
    except ValueError:  # a damaged timestamp: `verify` reports it, and work goes on
        return day


def _ahead_of_server_s(db: Database, day: date) -> int:
    """The difference that the last synchronisation found; 0 unless that was today by this clock."""
    query = "SELECT finished_at FROM sync_attempts WHERE code = '' ORDER BY number DESC LIMIT 1"
    finished_at = db.value(query)
    if finished_at is None or day_at(db, parse_timestamp(finished_at)) != day:
        return 0
    ahead_s: int = db.value("SELECT clock_ahead_s FROM sync_state")
    return ahead_s
