"""Checkpoints: moving the WAL into the database file, safely on every version of SQLite.

SQLite 3.7.0 to 3.51.2 can lose committed pages when a checkpoint runs while another connection's
commit restarts the WAL (sqlite.org/wal.html, "the WAL-reset bug"). Automatic checkpoints are therefore
off on every connection, and :func:`checkpoint` runs while one of our connections holds the write lock,
so that no process can commit at the same time. (The checkpoint made when the last connection closes
holds an exclusive lock already.)
"""

from __future__ import annotations

import os
import sqlite3
from dataclasses import dataclass

from cleanflow.db.connection import open_file
from cleanflow.db.database import WAL_KEPT_BYTES, Database
from cleanflow.db.turns import turn

#: Operations of one connection between two checkpoints: at about 100 kB each the WAL stays near 10 MB.
CHECKPOINT_EVERY_OPERATIONS = 100


@dataclass(frozen=True)
class Checkpoint:
    """Result of a checkpoint: pages in the WAL, and how many of them it moved into the database file."""

    wal_pages: int
    moved_pages: int


def checkpoint(db: Database) -> Checkpoint | None:
    """Move as many WAL pages as possible into the database file; ``None`` if another writer was busy.

    The mode is PASSIVE because the stronger modes need the write lock, which our own connection holds.
    The next commit restarts the WAL from its beginning unless a reader still needs its old pages.
    """
    holder = db.connection
    worker = open_file(db.path)
    try:
        worker.execute("PRAGMA wal_autocheckpoint = 0")
        worker.execute("PRAGMA synchronous = FULL")
        with turn(db.wal_path, in_background=db.in_background):
            try:
                holder.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return None
            try:
                _busy, wal_pages, moved_pages = worker.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            finally:
                holder.execute("ROLLBACK")
            db.operations_since_checkpoint, db.needs_checkpoint = 0, False
    finally:
        worker.close()
    return Checkpoint(wal_pages, moved_pages)


def checkpoint_if_due(db: Database) -> None:
    """Count an operation; checkpoint after :data:`CHECKPOINT_EVERY_OPERATIONS` of them or a very large one.

    The operation is already on disk, so a failed checkpoint raises nothing and is retried after the next one.
    """
    db.operations_since_checkpoint += 1
    is_due = db.needs_checkpoint or db.operations_since_checkpoint >= CHECKPOINT_EVERY_OPERATIONS
    try:
        if is_due or wal_bytes(db) > WAL_KEPT_BYTES:
            checkpoint(db)
    except (OSError, sqlite3.Error):
        return


def wal_bytes(db: Database) -> int:
    """Size of the WAL file in bytes; 0 when there is none."""
    try:
        return os.stat(db.wal_path).st_size
    except FileNotFoundError:
        return 0


def has_wal_reset_bug() -> bool:
    """Whether this Python's SQLite has the bug. For `status` only: our checkpoints avoid it anyway."""
    version = sqlite3.sqlite_version_info
    fixed = version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51, 0) or (3, 44, 6) <= version < (3, 45, 0)
    return version >= (3, 7, 0) and not fixed
