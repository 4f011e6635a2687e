"""What every connection to a database file has in common, whatever it is for."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any


class Connection(sqlite3.Connection):
    """A connection whose every failure is an :class:`sqlite3.Error`.

    SQLite quotes what is broken in its message, and Python decodes that message: a damaged table definition
    would arrive as UnicodeDecodeError, which nobody expects of a query.
    """

    def execute(self, *words: Any) -> sqlite3.Cursor:
        """Run one statement."""
        try:
            return super().execute(*words)
        except UnicodeDecodeError as error:
            damage = sqlite3.DatabaseError("malformed database schema")
            damage.sqlite_errorname = "SQLITE_CORRUPT"
            raise damage from error


def open_file(path: Path | str, *, timeout_s: float = 5.0, uri: bool = False) -> sqlite3.Connection:
    """A connection in autocommit that waits ``timeout_s`` for a lock. ``uri``: ``path`` is an address."""
    return sqlite3.connect(path, timeout=timeout_s, isolation_level=None, factory=Connection, uri=uri)
