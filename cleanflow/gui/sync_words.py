"""The state of synchronising in a few words for the status bar. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from cleanflow.clock import local_time
from cleanflow.gui.widgets.labels import short_date
from cleanflow.language import _
from cleanflow.sync.state import Attempt, SyncState, Waiting
from cleanflow.sync.worker import Progress

#: Records that wait longer than this are a warning.
_TOO_OLD = timedelta(days=1)
#: Seconds by which a clock may differ before it puts the PCs' edits in the wrong order.
_TOO_WRONG_S = 120
#: Waiting records are counted up to this many.
COUNTED = 2_000
#: Failures that pass by themselves; every other one needs a person.
_NO_CONNECTION = ("unreachable", "not_a_server")
_BUSY = ("unavailable", "busy", "internal", "too_many_failures", "refused")


@dataclass(frozen=True)
class Standing:
    """The facts from which the words are made."""

    state: SyncState
    waiting: Waiting
    last: Attempt | None
    progress: Progress
    date_order: str


def bar_words(standing: Standing, now: datetime) -> tuple[str, bool]:
    """The words, and whether they are a warning; ``""`` for a PC that has not joined. ``now`` is local."""
    if not standing.state.is_joined:
        return "", False
    words, is_warning = _words(standing, now)
    clock = clock_words(standing.state.clock_ahead_s)
    return (f"{words} · {clock}", True) if clock else (words, is_warning)


def _words(standing: Standing, now: datetime) -> tuple[str, bool]:
    state, waiting, last = standing.state, standing.waiting, standing.last
    code = last.code if last else ""
    if standing.progress.is_running and not (standing.progress.stage == "connect" and code):
        rows = standing.progress.rows
        return _("Synchronising …") + (f" {rows:,}" if rows else ""), False
    if needs_somebody(code) or waiting.refused:
        return _("Synchronising needs you: Shift+F11"), True
    is_old = waiting.oldest_at is not None and now - local_time(waiting.oldest_at) > _TOO_OLD
    if code in _NO_CONNECTION:
        return _with_waiting(_("No connection"), standing, now), is_old
    if code:
        return _with_waiting(_("The server is busy"), standing, now), is_old
    if waiting.unsent and is_old:
        return _with_waiting("", standing, now), True
    at = shown_time(last.finished_at, now, standing.date_order) if last else _("never synchronised yet")
    if waiting.unsent:
        return _("{count} to send · {at}").format(count=count_words(waiting), at=at), False
    if last is None:
        return _("Not synchronised yet"), False
    if state.difference or waiting.parked:
        return _("Not the same books yet · {at}").format(at=at), False
    return _("Up to date · {at}").format(at=at), False


def _with_waiting(words: str, standing: Standing, now: datetime) -> str:
    waiting = standing.waiting
    if not waiting.unsent or waiting.oldest_at is None:
        return words
    since = shown_time(waiting.oldest_at, now, standing.date_order)
    to_send = _("{count} to send since {at}").format(count=count_words(waiting), at=since)
    return ", ".join(filter(None, (words, to_send)))


def count_words(waiting: Waiting) -> str:
    """The number of records to send, as far as counted."""
    if waiting.unsent >= COUNTED:
        return _("more than {n}").format(n=f"{COUNTED:,}")
    return str(waiting.unsent)


def needs_somebody(code: str) -> bool:
    """Whether an attempt failed in a way that only a person can resolve."""
    return code not in ("", *_NO_CONNECTION, *_BUSY)


def clock_words(ahead_s: int) -> str:
    """``this PC's clock is 5 minutes fast``; ``""`` while it is accurate enough."""
    if abs(ahead_s) <= _TOO_WRONG_S:
        return ""
    for unit_s, words in (
        (86_400, _("{number} days")),
        (3_600, _("{number} hours")),
        (60, _("{number} minutes")),
    ):
        if abs(ahead_s) >= 2 * unit_s:
            much = words.format(number=round(abs(ahead_s) / unit_s))
            break
    way = _("this PC's clock is {much} fast") if ahead_s > 0 else _("this PC's clock is {much} slow")
    return way.format(much=much)


def shown_time(at: str, now: datetime, date_order: str) -> str:
    """A timestamp for people: the time, with the day before it unless that is today."""
    moment = local_time(at)
    day = "" if moment.date() == now.date() else short_date(moment.date().isoformat(), date_order)
    return f"{day} {moment:%H:%M}".strip()
