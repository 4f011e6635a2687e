"""The window's side of synchronising: starts and stops the worker, and tells screens what has arrived.

Until this PC has joined a server there is no worker and no timer. The worker never touches Tk; a timer on
Tk's loop polls it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from ttkbootstrap import Label

from cleanflow.db.failures import DatabaseError, read_failure
from cleanflow.gui.appearance import warning_style
from cleanflow.gui.desk import (
    SETTINGS_CHANGED,
    SYNC_CHANGED,
    USERS_CHANGED,
    Desk,
)
from cleanflow.gui.dialogs.owner_back import tell_owner_back
from cleanflow.records import RECORDS

if TYPE_CHECKING:
    from cleanflow.gui.sync_words import Standing
    from cleanflow.sync.worker import Progress, Worker

_LOOK_EVERY_MS = 500
_COUNT_EVERY_S = 3.0


def events_of(tables: Iterable[str]) -> set[str]:
    """The virtual events for rows that have arrived in ``tables``."""
    return {RECORDS[table].changed for table in tables if RECORDS[table].changed}


class Syncing:
    """Runs the sync worker of one window; belongs to Tk's thread."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._window = desk.window
        self._worker: Worker | None = None
        self._timer = ""
        self._label: Label | None = None
        self._last: object = None
        self._standing: Standing | None = None
        self._count_at = 0.0
        #: Whether the change being announced arrived from another PC, not from this window.
        self.is_telling = False

    # --- from start to end -------------------------------------------------------------------------

    def begin_after(self, pause_ms: int) -> None:
        """Call :meth:`begin` after ``pause_ms``, so that the first frame is not delayed."""
        self._cancel_timer()
        self._timer = self._window.after(pause_ms, self.begin)

    def begin(self) -> None:
        """Start the worker if this PC has joined a server and none runs yet."""
        from cleanflow.sync.state import get_state

        self._cancel_timer()
        if self._worker is None and get_state(self._desk.db).is_joined:
            from cleanflow.sync.worker import Worker

            self._worker = Worker(self._desk.db.path, clock=self._desk.db.clock)
            self._worker.start()
        if self._worker is not None:
            self._look()

    def pause(self) -> None:
        """Stop synchronising until :meth:`begin`; a running attempt ends within a second."""
        self._cancel_timer()
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.stop()

    def close(self) -> None:
        """Stop the worker; the window closes."""
        self._label = None
        self.pause()

    # --- what screens ask --------------------------------------------------------------------------

    @property
    def progress(self) -> Progress | None:
        """What the worker is doing; None where there is none."""
        return None if self._worker is None else self._worker.progress

    def now(self) -> None:
        """Synchronise as soon as possible."""
        if self._worker is not None:
            self._worker.sync_now()

    def read_settings(self) -> None:
        """Wait by the settings of this PC as they are now."""
        if self._worker is not None:
            self._worker.read_settings()

    def settle(self) -> None:
        """Start anew after this PC has joined, left, or become another one.

        It synchronises at once, except on a PC that synchronises only when asked.
        """
        from cleanflow.sync.worker import is_by_hand

        self.pause()
        self._desk.db.forget_identity()
        self._standing, self._count_at = None, 0.0
        self.begin()
        if not is_by_hand(self._desk.db):
            self.now()
        self._say()
        self._desk.changed(SETTINGS_CHANGED, SYNC_CHANGED)

    def show_on(self, label: Label) -> None:
        """Show the state in this label from now on. Call after the shop's settings were read."""
        self._label = label
        self._say()

    # --- the timer ---------------------------------------------------------------------------------

    def _cancel_timer(self) -> None:
        if self._timer:
            self._window.after_cancel(self._timer)
            self._timer = ""

    def _look(self) -> None:
        self._timer = self._window.after(_LOOK_EVERY_MS, self._look)
        worker = self._worker
        if worker is None:
            return
        progress = worker.progress
        events = events_of(worker.take_changes())
        if progress.last is not self._last:  # another attempt has ended
            self._last, self._count_at = progress.last, 0.0
            events.add(SYNC_CHANGED)
        self._say()
        if events:
            self.is_telling = True
            try:
                self._desk.changed(*sorted(events))
            finally:
                self.is_telling = False
        if USERS_CHANGED in events:  # never at every attempt: a cashier who closed it works on
            tell_owner_back(self._desk)

    def _say(self) -> None:
        if self._label is None or not self._label.winfo_exists():
            return
        words, is_warning = "", False
        if self._worker is not None:
            from cleanflow.gui.sync_words import bar_words

            now = self._desk.db.clock.now().astimezone()
            try:
                words, is_warning = bar_words(self._read(self._worker.progress), now)
            except DatabaseError as error:  # comes twice a second: a dialog would not do
                words, is_warning = read_failure(error), True
        if self._label.cget("text") != words:
            self._label.configure(text=words, bootstyle=warning_style() if is_warning else "secondary")

    def _read(self, progress: Progress) -> Standing:
        """The worker's present progress, with the database's counts of a few seconds ago at most."""
        from cleanflow.gui.sync_words import COUNTED, Standing
        from cleanflow.sync.state import get_state, last_attempt, waiting

        db = self._desk.db
        if self._standing is None or (time.monotonic() >= self._count_at and not progress.is_running):
            order = self._desk.shop.date_order
            self._standing = Standing(get_state(db), waiting(db, COUNTED), last_attempt(db), progress, order)
            self._count_at = time.monotonic() + _COUNT_EVERY_S
        return replace(self._standing, progress=progress)
