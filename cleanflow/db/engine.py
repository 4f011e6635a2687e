"""The version of SQLite in this Python, and whether it is new enough."""

from __future__ import annotations

import sqlite3

from cleanflow.db.checkpoints import has_wal_reset_bug
from cleanflow.db.database import OLDEST_SQLITE


def engine_version() -> str:
    """SQLite's version, such as ``3.45.1``."""
    return sqlite3.sqlite_version


def engine_words() -> tuple[bool, str]:
    """Whether this SQLite is new enough, and a line of text that says so."""
    found = sqlite3.sqlite_version
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        return (
            False,
            f"{found}; {'.'.join(map(str, OLDEST_SQLITE))} or newer is needed, a newer Python has it",
        )
    bug = "has the WAL-reset bug, which CleanFlow's own checkpoints avoid" if has_wal_reset_bug() else ""
    return True, f"{found}; {bug}" if bug else found
