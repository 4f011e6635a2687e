"""A copy of the books to try things on, taken while the shop goes on selling."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from cleanflow.db.database import Database
from cleanflow.db.failures import translated


def copy_to(db: Database, path: Path) -> None:
    """Copy what is committed into a new file at ``path``; nobody's writing is held up meanwhile.

    All pages in one step: they are one state of the books. Raises :class:`~cleanflow.errors.NotSaved`
    when ``path``'s disk cannot take them.
    """
    try:
        copy = sqlite3.connect(path, isolation_level=None)
        try:
            db.connection.backup(copy)
        finally:
            copy.close()
    except sqlite3.Error as error:
        raise translated(error) from error
