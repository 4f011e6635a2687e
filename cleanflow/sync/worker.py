"""The background thread that synchronises while people work: schedule, pauses after failures, shutdown.

It has its own connection, lets every other connection of the program write first, and never touches the
window: the window polls it for its progress and for what has changed.
"""

from __future__ import annotations

import logging
import random
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from cleanflow.clock import Clock
from cleanflow.dao.remembered import recall, remember
from cleanflow.db import Database, open_database
from cleanflow.db.failures import DatabaseError, read_failure
from cleanflow.errors import NotSaved, Refusal
from cleanflow.sync.client import Stopped, Summary, synchronise
from cleanflow.sync.network import own_addresses
from cleanflow.sync.state import get_state

#: Remembered on this PC: whether it synchronises when the program starts, and the minutes between two times
#: (0: never).
AT_START: Final = "sync_at_start"
EVERY_MINUTES: Final = "sync_every_minutes"
DEFAULT_MINUTES: Final = 5

_MINUTE_S: Final = 60.0
#: The pause after failures doubles from the first to the longest.
_FIRST_PAUSE_S: Final = 15.0
_LONGEST_PAUSE_S: Final = 30 * _MINUTE_S
#: Seconds between two looks at this PC's addresses while the server cannot be reached.
_LOOK_EVERY_S: Final = 5.0
#: Seconds between two tries to open records whose disk is away.
_AWAY_S: Final = 60.0
#: Seconds that a closing program waits for the step under way; a step cut off is done again next time.
_LONGEST_GOODBYE_S: Final = 1.0
#: Python switches threads every 5 ms: too long for a window whose every step asks the database.
_SWITCH_EVERY_S: Final = 0.0005

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Progress:
    """What the worker is doing.

    ``stage`` is 'connect', 'push', 'fetch', 'pull', 'merge', or '' between synchronisations. ``rows`` is the
    number of rows done, ``last`` the result of the last synchronisation (None before the first).
    """

    stage: str = ""
    rows: int = 0
    last: Summary | None = None

    @property
    def is_running(self) -> bool:
        """Whether a synchronisation is running."""
        return self.stage != ""


class _Wake(Enum):
    """Why the thread goes on."""

    STOP = "stop"
    SYNC = "sync"
    NETWORK = "network"  # this PC is in another network than when the server could not be reached
    SETTINGS = "settings"


def is_by_hand(db: Database) -> bool:
    """Whether this PC synchronises only when a person asks for it."""
    return not recall(db, AT_START, True) and recall(db, EVERY_MINUTES, DEFAULT_MINUTES) <= 0


def set_by_hand(db: Database, by_hand: bool) -> None:
    """Let this PC synchronise only when asked, or by itself again; an interval that was chosen stays."""
    if by_hand != is_by_hand(db):
        remember(db, AT_START, not by_hand)
        remember(db, EVERY_MINUTES, 0 if by_hand else DEFAULT_MINUTES)


class Worker:
    """Synchronises one shop's database in a thread of its own, from :meth:`start` to :meth:`stop`."""

    def __init__(self, path: Path, *, clock: Clock | None = None) -> None:
        self._path, self._clock = path, clock
        self._wake = threading.Condition()
        self._is_wanted = False
        self._is_stopping = False
        self._has_new_settings = False
        self._host = ""
        self._addresses: tuple[str, ...] = ()
        self._progress = Progress()
        self._changed: set[str] = set()
        self._failures = 0
        self._thread = threading.Thread(target=self._run, name="sync", daemon=True)

    # --- called by the window on its own thread ----------------------------------------------------

    def start(self) -> None:
        """Start the thread; it synchronises at once if that setting is on."""
        self._thread.start()

    def sync_now(self) -> None:
        """Synchronise as soon as possible, regardless of the schedule."""
        with self._wake:
            self._is_wanted = True
            self._wake.notify()

    def read_settings(self) -> None:
        """Wait by the settings as they are now, without synchronising."""
        with self._wake:
            self._has_new_settings = True
            self._wake.notify()

    def stop(self) -> None:
        """Stop within a second: the current step is finished, or cut off and repeated next time."""
        with self._wake:
            self._is_stopping = True
            self._wake.notify()
        if self._thread.is_alive():
            self._thread.join(_LONGEST_GOODBYE_S)

    @property
    def progress(self) -> Progress:
        """The current progress."""
        return self._progress

    def take_changes(self) -> set[str]:
        """The tables that have received rows since the last call."""
        with self._wake:
            changed, self._changed = self._changed, set()
        return changed

    # --- the thread --------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._is_stopping:
            try:
                with open_database(self._path, clock=self._clock) as db:
                    db.in_background = True
                    self._rounds(db)
            except (Refusal, NotSaved, DatabaseError) as error:  # a missing disk may come back
                words = read_failure(error) if isinstance(error, DatabaseError) else str(error)
                _log.warning("sync cannot open the records: %s", error)
                self._progress = Progress(last=Summary(code="not_saved", words=words))
                with self._wake:
                    self._is_wanted = False
                    self._wake.wait_for(lambda: self._is_stopping or self._is_wanted, _AWAY_S)

    def _rounds(self, db: Database) -> None:
        due = time.monotonic() if recall(db, AT_START, True) else self._next_time(db)
        while (why := self._sleep_until(due)) is not _Wake.STOP:
            if why is _Wake.NETWORK:
                self._failures = 0  # a network that has just come up may need another try soon
            if why is not _Wake.SETTINGS and get_state(db).is_joined:
                self._once(db)
            due = self._next_time(db)

    def _sleep_until(self, due: float | None) -> _Wake:
        """Wait until ``due`` (None: until asked), or until the network has changed."""
        with self._wake:
            while not (self._is_stopping or self._is_wanted or self._has_new_settings):
                left = None if due is None else due - time.monotonic()
                if left is not None and left <= 0:
                    break
                watches = left is not None and self._is_unreachable
                self._wake.wait(min(left or 0.0, _LOOK_EVERY_S) if watches else left)
                if watches and self._is_elsewhere():
                    return _Wake.STOP if self._is_stopping else _Wake.NETWORK
            is_asked, self._is_wanted = self._is_wanted, False
            has_new_settings, self._has_new_settings = self._has_new_settings, False
        if self._is_stopping:
            return _Wake.STOP
        return _Wake.SETTINGS if has_new_settings and not is_asked else _Wake.SYNC

    @property
    def _is_unreachable(self) -> bool:
        last = self._progress.last
        return last is not None and last.code == "unreachable"

    def _is_elsewhere(self) -> bool:
        """Whether this PC has other addresses than at the last try, and any at all."""
        addresses = own_addresses(self._host)
        has_changed, self._addresses = addresses != self._addresses, addresses
        return has_changed and any(addresses)

    def _once(self, db: Database) -> None:
        summary = Summary()
        self._host = urlsplit(get_state(db).server_url or "").hostname or ""
        self._addresses = own_addresses(self._host)
        try:
            with _quick_switching():
                summary = synchronise(db, self._report)
        except Stopped:
            return
        except Refusal:  # the owner has just left the server
            pass
        except NotSaved as error:
            summary.code, summary.words = "not_saved", str(error)
        except DatabaseError as error:
            summary.code, summary.words = "not_saved", read_failure(error)
        except Exception:  # noqa: BLE001 - the thread's boundary: a bug must not end synchronising for good
            _log.exception("sync failed")
            summary.code, summary.words = "internal", "The synchronisation failed; the log file says why."
        self._failures = self._failures + 1 if summary.code else 0
        with self._wake:
            self._changed |= summary.tables
        self._progress = Progress(last=summary)

    def _report(self, stage: str, rows: int) -> None:
        if self._is_stopping:
            raise Stopped
        self._progress = Progress(stage, rows, self._progress.last)

    def _next_time(self, db: Database) -> float | None:
        """Monotonic time of the next synchronisation; None: only on request."""
        minutes = recall(db, EVERY_MINUTES, DEFAULT_MINUTES)
        if minutes <= 0:
            return None
        pause_s = float(minutes) * _MINUTE_S
        if self._failures:
            pause_s = min(_FIRST_PAUSE_S * 2 ** min(self._failures - 1, 20), _LONGEST_PAUSE_S)
            asked = float(self._progress.last.retry_after_s) if self._progress.last else 0.0
            pause_s = max(pause_s * random.uniform(0.5, 1.0), asked)
        return time.monotonic() + pause_s


@contextmanager
def _quick_switching() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_EVERY_S)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
