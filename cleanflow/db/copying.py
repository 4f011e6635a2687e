"""Copies of the books, taken while the shop goes on selling: to try things on, and as backups."""

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

#: So many pages are copied between two reports: about a megabyte.
_PAGES_AT_ONCE = 256


def copy_to(db: Database, path: Path, progress: Callable[[int, int], object] | None = None) -> None:
    """Copy what is committed into a new file at ``path``; nobody's writing is held up meanwhile.

    All pages are of one state of the books. ``progress`` hears (pages copied, pages in all) and may raise
    to stop. Raises :class:`~cleanflow.errors.NotSaved` when ``path``'s disk cannot take them.
    """

    def report(_status: int, remaining: int, total: int) -> None:
        if progress is not None:
            progress(total - remaining, total)

    try:
        copy = open_file(path)
        try:
            with snapshot(db):  # held, so that no commit meanwhile lets the copy begin again
                db.value("SELECT count(*) FROM app_settings")
                db.connection.backup(copy, pages=_PAGES_AT_ONCE, progress=report)
        finally:
            copy.close()
    except sqlite3.Error as error:
        raise translated(error) from error


def copy_damaged(path: Path, target: Path) -> None:
    """Copy a database that may be damaged, page by page, whatever is in them; ``path`` is not changed.

    Through SQLite where it opens the file at all: to open and close a database beside SQLite would take the
    locks from every connection that this program has to it. Raises OSError.
    """
    if is_emptied(path) or not _copied(path, target):
        for suffix in ("", "-wal"):
            if os.path.exists(f"{path}{suffix}"):
                shutil.copyfile(f"{path}{suffix}", f"{target}{suffix}")


def is_emptied(path: Path) -> bool:
    """Whether there is nothing in the file: SQLite, asked to open it, would delete the log beside it."""
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
    """Let the copy at ``path`` need no log beside it: it can lie on a stick or on another machine's drive."""
    try:
        copy = open_file(path)
        try:
            copy.execute("PRAGMA locking_mode = EXCLUSIVE")  # a log without shared memory
            copy.execute("PRAGMA journal_mode = DELETE")
        finally:
            copy.close()
    except sqlite3.Error as error:
        raise translated(error) from error


def is_open_elsewhere(path: Path) -> bool:
    """Whether another connection, of whatever program, has the database at ``path`` open."""
    if is_emptied(path):
        return False
    connection = open_file(path, timeout_s=0.2)
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        return getattr(error, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))
    except sqlite3.DatabaseError:  # damaged, or no database: nobody works with it
        return False
    finally:
        connection.close()
    return False


def quick_check(db: Database) -> str | None:
    """What SQLite's quick check finds wrong with the file, in its words; ``None`` when it is sound.

    Reads the whole file once. Raises as every query does when a page cannot be read at all.
    """
    found: str = db.value("PRAGMA quick_check(1)")
    return None if found == "ok" else found
