"""Long work in threads, off Tk's loop.

A worker never touches a widget: its results go into a queue that Tk's loop polls. Nor may it finalise one:
Python collects garbage in whatever thread happens to allocate, and the finaliser of an image or a Tk variable
calls Tk. So while a window is open, garbage is collected on Tk's loop alone.
"""

from __future__ import annotations

import gc
import logging
import queue
import threading
import tkinter
from collections.abc import Callable
from typing import TypeVar

from cleanflow.errors import NotSaved, Refusal

T = TypeVar("T")

_POLL_MS = 50
_COLLECT_EVERY_MS = 1000
_log = logging.getLogger(__name__)


class Cancelled(Exception):
    """The task was cancelled."""


class Task:
    """One piece of work: its progress, and its cancellation."""

    def __init__(self) -> None:
        self.words = ""
        self.is_cancelled = False
        self._interrupt: Callable[[], object] | None = None

    def progress(self, words: str) -> None:
        """Called by the worker: say what it is doing. Raises :class:`Cancelled` after :meth:`cancel`."""
        self.words = words
        if self.is_cancelled:
            raise Cancelled

    def interrupt_with(self, interrupt: Callable[[], object]) -> None:
        """Called by the worker: set the function that interrupts its long steps from another thread."""
        self._interrupt = interrupt

    def cancel(self) -> None:
        """Called on Tk's loop: stop the worker as soon as possible."""
        self.is_cancelled = True
        if self._interrupt is not None:
            self._interrupt()


class Background:
    """Runs work in threads for one window, as long as that is open."""

    def __init__(self, root: tkinter.Misc) -> None:
        self._root = root
        self._waiting: queue.SimpleQueue[Callable[[], object]] = queue.SimpleQueue()
        self._running = 0
        self._timer: str | None = None
        gc.disable()
        self._collecting = root.after(_COLLECT_EVERY_MS, self._collect)

    def close(self) -> None:
        """Stop listening to what still runs; the window closes."""
        self._root.after_cancel(self._collecting)
        if self._timer is not None:
            self._root.after_cancel(self._timer)
        gc.enable()

    def _collect(self) -> None:
        """Do what Python's automatic collection would have done meanwhile, one generation at a time."""
        for generation in (2, 1, 0):
            if gc.get_count()[generation] > gc.get_threshold()[generation]:
                gc.collect(generation)
                break
        self._collecting = self._root.after(_COLLECT_EVERY_MS, self._collect)

    def run(
        self,
        work: Callable[[Task], T],
        done: Callable[[T], object],
        failed: Callable[[BaseException], object],
    ) -> Task:
        """Run ``work`` in a thread, then ``done`` with its result or ``failed``, on Tk's loop.

        Neither is called for a task that was cancelled.
        """
        task = Task()

        def call() -> None:
            try:
                result = work(task)
            except BaseException as error:  # noqa: BLE001 - handed to `failed`, whatever it is
                caught = error
                if not (task.is_cancelled or isinstance(error, Refusal | NotSaved)):
                    _log.error("background work failed", exc_info=error)
                self._waiting.put(lambda: task.is_cancelled or failed(caught))
            else:
                self._waiting.put(lambda: task.is_cancelled or done(result))

        self._running += 1
        threading.Thread(target=call, name="background", daemon=True).start()
        if self._timer is None:  # never at once: the caller does not have its task yet
            self._timer = self._root.after(_POLL_MS, self._poll)
        return task

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
