"""Work off the main loop: the only thread of the window that is not Tk's.

A worker never touches a widget: it puts what it has to say into a queue, and Tk's own loop picks it up.
"""

from __future__ import annotations

import logging
import queue
import threading
import tkinter
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

_POLL_MS = 50
_log = logging.getLogger(__name__)


class Background:
    """Runs work in threads for one window; dies with it."""

    def __init__(self, root: tkinter.Misc) -> None:
        self._root = root
        self._waiting: queue.SimpleQueue[Callable[[], object]] = queue.SimpleQueue()
        self._running = 0
        self._timer: str | None = None

    def run(
        self, work: Callable[[], T], done: Callable[[T], Any], failed: Callable[[BaseException], Any]
    ) -> None:
        """Run ``work`` in a thread, then ``done`` with its result, or ``failed``, on Tk's loop."""

        def call() -> None:
            try:
                result = work()
            except BaseException as error:  # noqa: BLE001 - handed to `failed`, whatever it is
                _log.exception("background work failed")
                self._waiting.put(lambda error=error: failed(error))  # type: ignore[misc]
            else:
                self._waiting.put(lambda: done(result))

        self._running += 1
        threading.Thread(target=call, name="background", daemon=True).start()
        if self._timer is None:
            self._poll()

    def _poll(self) -> None:
        self._timer = None
        while self._running:
            try:
                callback = self._waiting.get_nowait()
            except queue.Empty:
                self._timer = self._root.after(_POLL_MS, self._poll)
                return
            self._running -= 1
            callback()
