"""Write priority among the connections of one process: the window goes before the synchronisation.

SQLite alone lets a waiting connection poll at growing intervals, so a thread that writes again and again
would keep the cashier waiting. Here a background writer waits as long as any foreground writer does.
Between processes only SQLite's lock and its busy timeout decide.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

#: As long as SQLite's busy timeout; after it the writer goes on and SQLite itself reports that it is busy.
_LONGEST_WAIT_S = 5.0
#: Interval at which a background writer tries again.
_RETRY_S = 0.001


class _Turns:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.waiting = 0  # foreground writers

    def is_free(self) -> bool:
        """Whether no foreground writer waits."""
        return self.waiting == 0


_of_files: dict[str, _Turns] = {}
_guard = threading.Lock()


@contextmanager
def turn(wal_path: str, *, in_background: bool) -> Iterator[None]:
    """Hold this process's write lock on one database file, or go on without it after the longest wait."""
    with _guard:
        turns = _of_files.setdefault(wal_path, _Turns())
    is_held = _take_behind(turns) if in_background else _take(turns)
    try:
        yield
    finally:
        if is_held:
            turns.lock.release()


def is_wanted(wal_path: str) -> bool:
    """Whether a foreground writer of this process waits to write to that file."""
    turns = _of_files.get(wal_path)
    return turns is not None and not turns.is_free()


def _take(turns: _Turns) -> bool:
    with _guard:
        turns.waiting += 1
    try:
        return turns.lock.acquire(timeout=_LONGEST_WAIT_S)
    finally:
        with _guard:
            turns.waiting -= 1


def _take_behind(turns: _Turns) -> bool:
    until = time.monotonic() + _LONGEST_WAIT_S
    while time.monotonic() < until:
        if turns.is_free() and turns.lock.acquire(timeout=_RETRY_S):
            if turns.is_free():  # no foreground writer came in between
                return True
            turns.lock.release()
        time.sleep(_RETRY_S)
    return False
