"""Throttling of PIN attempts: from the third wrong PIN on, each one makes that person wait longer."""

from __future__ import annotations

import time

from cleanflow.dao.users import is_pin_right
from cleanflow.db import Database

_FREE_TRIES, _LONGEST_WAIT_S = 3, 32

#: Default minutes without a key or a click until the window locks.
LOCK_AFTER_MINUTES = 10


class Attempts:
    """Counts the wrong PINs of each person, wherever the window asks for one."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._wrong: dict[str, int] = {}
        self._free_at: dict[str, float] = {}

    def wait_s(self, user_id: str) -> int:
        """Whole seconds until this person may try again; 0 means now."""
        left = self._free_at.get(user_id, 0.0) - time.monotonic()
        return max(0, int(left + 0.999))

    def is_right(self, user_id: str, pin: str) -> bool:
        """Check a PIN and count it if wrong. Call only when :meth:`wait_s` is 0."""
        if is_pin_right(self._db, user_id, pin):
            self._wrong.pop(user_id, None)
            return True
        wrong = self._wrong[user_id] = self._wrong.get(user_id, 0) + 1
        if wrong >= _FREE_TRIES:
            self._free_at[user_id] = time.monotonic() + min(_LONGEST_WAIT_S, 2 ** (wrong - _FREE_TRIES + 1))
        return False
