"""Moving the WAL into the database file, safely on every SQLite.

SQLite 3.7.0 to 3.51.2 can lose committed pages when a checkpoint runs while another connection's
commit restarts the WAL (sqlite.org/wal.html, "the WAL-reset bug"). So automatic checkpoints are off on
every connection, and :func:`checkpoint` runs while a connection of ours holds the write lock: no
commit of any process can run beside it. (The checkpoint of the last connection that closes holds an
exclusive lock already.)
"""

from __future__ import annotations

import os
import sqlite3
from dataclasses import dataclass

from cleanflow.db.connection import open_file
from cleanflow.db.database import WAL_KEPT_BYTES, Database
from cleanflow.db.turns import turn

#: Operations of a connection between two checkpoints: at some 100 kB each the WAL stays near 10 MB.
CHECKPOINT_EVERY_OPERATIONS = 100


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint did: pages in the WAL, and how many of them it moved into the database file."""

    wal_pages: int
    moved_pages: int


def checkpoint(db: Database) -> Checkpoint | None:
    """Move the WAL's pages into the database file as far as possible; ``None`` when another writer was busy.

    PASSIVE, because the stronger modes want the write lock that our own connection holds; the next
    commit then starts the WAL from its beginning, as long as no reader still needs its old pages.
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
    """Count an operation, and checkpoint after :data:`CHECKPOINT_EVERY_OPERATIONS` or a giant one.

    The operation before it is already safe: a checkpoint that fails is tried again after the next one.
    """
    db.operations_since_checkpoint += 1
    is_due = db.needs_checkpoint or db.operations_since_checkpoint >= CHECKPOINT_EVERY_OPERATIONS
    try:
        if is_due or wal_bytes(db) > WAL_KEPT_BYTES:
            checkpoint(db)
    except (OSError, sqlite3.Error):
        return


def wal_bytes(db: Database) -> int:
    """Size of the WAL: what the next checkpoints will move. 0 when there is none."""
    try:
        return os.stat(db.wal_path).st_size
    except FileNotFoundError:
        return 0


def has_wal_reset_bug() -> bool:
    """Whether this Python's SQLite has the bug; for `status`, since our checkpoints avoid it anyway."""
    version = sqlite3.sqlite_version_info
    fixed = version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51, 0) or (3, 44, 6) <= version < (3, 45, 0)
    return version >= (3, 7, 0) and not fixed
