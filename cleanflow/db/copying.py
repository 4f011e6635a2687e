"""Copies of the database, made while the shop goes on working: for backups and for trial runs."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

from cleanflow.db.connection import open_file
from cleanflow.db.database import Database
from cleanflow.db.failures import translated
from cleanflow.db.transactions import snapshot

#: Pages copied between two progress reports: about a megabyte.
_PAGES_AT_ONCE = 256


def copy_to(db: Database, path: Path, progress: Callable[[int, int], object] | None = None) -> None:
    """Copy the committed state into a new file at ``path`` without blocking writers.

    The copy is one consistent snapshot. ``progress`` is called with (pages copied, total pages) and may raise
    to cancel. Raises :class:`~cleanflow.errors.NotSaved` when the disk of ``path`` fails or is full.
    """

    def report(_status: int, remaining: int, total: int) -> None:
        if progress is not None:
            progress(total - remaining, total)

    try:
        copy = open_file(path)
        try:
            with snapshot(db):  # otherwise a commit in between would restart the copy
                db.value("SELECT count(*) FROM app_settings")
                db.connection.backup(copy, pages=_PAGES_AT_ONCE, progress=report)
        finally:
            copy.close()
    except sqlite3.Error as error:
        raise translated(error) from error


def copy_damaged(path: Path, target: Path) -> None:
    """Copy a database that may be damaged, page by page and unread; ``path`` is not changed.

    SQLite makes the copy if it can open the file at all: on POSIX, opening and closing the file outside of
    SQLite would drop the locks of every connection that this process has to it. Raises OSError.
    """
    if is_emptied(path) or not _copied(path, target):
        for suffix in ("", "-wal"):
            if os.path.exists(f"{path}{suffix}"):
                shutil.copyfile(f"{path}{suffix}", f"{target}{suffix}")


def is_emptied(path: Path) -> bool:
    """Whether the file is empty. SQLite must not open such a file: it would delete the WAL beside it."""
    return os.stat(path).st_size == 0


def _copied(path: Path, target: Path) -> bool:
    """Whether SQLite could copy the file."""
    try:
        source, copy = open_file(path), open_file(target)
        try:
            source.backup(copy)
        finally:
            copy.close()
            source.close()
    except sqlite3.Error:
        return False
    return True


def make_single_file(path: Path) -> None:
    """Switch the copy at ``path`` to a rollback journal: without a WAL file it can lie on any drive."""
    try:
        copy = open_file(path)
        try:
            copy.execute("PRAGMA locking_mode = EXCLUSIVE")  # reads the WAL without shared memory
            copy.execute("PRAGMA journal_mode = DELETE")
        finally:
            copy.close()
    except sqlite3.Error as error:
        raise translated(error) from error


def is_open_elsewhere(path: Path) -> bool:
    """Whether another connection of any program has the database at ``path`` open."""
    if is_emptied(path):
        return False
    connection = open_file(path, timeout_s=0.2)
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        return getattr(error, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))
    except sqlite3.DatabaseError:  # damaged or not a database: nobody has it open
        return False
    finally:
        connection.close()
    return False


def quick_check(db: Database) -> str | None:
    """The first error that SQLite's quick check finds in the file, in SQLite's words, or ``None``.

    Reads the whole file once. Raises sqlite3.Error, as any query does, when a page cannot be read at all.
    """
    found: str = db.value("PRAGMA quick_check(1)")
    return None if found == "ok" else found
