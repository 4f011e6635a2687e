"""Opens every connection to a database file; the only place that calls ``sqlite3.connect``."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any


class Connection(sqlite3.Connection):
    """A connection whose failures are all :class:`sqlite3.Error`.

    SQLite quotes the damaged text in its error message, and Python decodes that message. A damaged table
    definition would therefore raise UnicodeDecodeError, which no caller expects from a query.
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
    """An autocommit connection that waits ``timeout_s`` for a lock. ``uri``: ``path`` is a ``file:`` URI."""
    return sqlite3.connect(path, timeout=timeout_s, isolation_level=None, factory=Connection, uri=uri)
