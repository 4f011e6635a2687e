"""Who writes next, among the connections of one process: the window before the synchronisation.

SQLite alone would let a waiting connection poll with growing pauses, so that a thread that writes again and
again keeps the cashier waiting. Here whoever works in the background stands back as long as anybody else
waits. Between processes SQLite's own lock and its busy timeout decide.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

#: As SQLite's busy timeout: then SQLite itself is asked, and says that it is busy.
_LONGEST_WAIT_S = 5.0
_STAND_BACK_S = 0.001


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
    """Hold the process's turn to write to one database file."""
    with _guard:
        turns = _of_files.setdefault(wal_path, _Turns())
    is_held = _take_behind(turns) if in_background else _take(turns)
    try:
        yield
    finally:
        if is_held:
            turns.lock.release()


def is_wanted(wal_path: str) -> bool:
    """Whether somebody of this process waits to write to that file."""
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
        if turns.is_free() and turns.lock.acquire(timeout=_STAND_BACK_S):
            if turns.is_free():  # nobody came in between
                return True
            turns.lock.release()
        time.sleep(_STAND_BACK_S)
    return False
