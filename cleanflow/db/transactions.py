"""The one way to write: :func:`with_transaction`, and :func:`bulk` for many operations at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from cleanflow.clock import next_timestamp
from cleanflow.db.checkpoints import checkpoint_if_due
from cleanflow.db.database import Database
from cleanflow.db.failures import translated, unsure_reason
from cleanflow.db.turns import turn
from cleanflow.errors import NotSaved

P = ParamSpec("P")
T = TypeVar("T")


def with_transaction(
    operation: Callable[Concatenate[Database, P], T],
) -> Callable[Concatenate[Database, P], T]:
    """Make ``operation(db, …)`` one business operation: when it returns, all of it is on disk, or none.

    The whole transaction model of CleanFlow:

    - **Outermost call**: ``BEGIN IMMEDIATE``, the operation, ``COMMIT``. The write lock is taken first, so
      that no other writer can overtake a read and SQLITE_BUSY_SNAPSHOT cannot happen. With
      ``synchronous=FULL`` the commit returns after the WAL has been synced, so a power cut one instant later
      loses nothing.
    - **Any exception rolls back** everything the operation wrote and leaves the connection usable.
    - **A nested call joins**: it runs in a savepoint of the outer transaction. If it fails, its own rows are
      rolled back; the outer operation fails too unless it catches the refusal.
    - **One timestamp per operation** (``db.session.at``), strictly greater than any this PC has used. All
      rows of the operation share it, nested calls included. In :func:`bulk` each operation has its own.
    - **User**: the audit triggers read ``db.session.user_id`` while the operation runs.
    - **“NOT saved” is true**: what a failed commit left in the WAL is overwritten; see :func:`_commit`.
    - **Fairness**: a connection with ``in_background`` lets the others of this process write first.
    - Errors for people are :class:`~cleanflow.errors.Refusal` (the schema's ``RAISE(ABORT, code)`` becomes
      one) and :class:`~cleanflow.errors.NotSaved` (disk or lock). Anything else is a bug.
    - A transaction is never held across HTTP, printing or a dialog, and nobody else commits.
    """

    @wraps(operation)
    def run(db: Database, /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            if db.session.operation_at is not None:
                with _savepoint(db):
                    return operation(db, *args, **kwargs)
            if db.connection.in_transaction and not db.in_bulk:
                raise RuntimeError("a write inside a snapshot would be lost")
            if db.in_bulk:
                db.operations_since_checkpoint += 1
                with _savepoint(db), _timestamped(db):
                    return operation(db, *args, **kwargs)
            with _transaction(db), _timestamped(db):
                result = operation(db, *args, **kwargs)
        except sqlite3.Error as error:
            raise translated(error) from error
        checkpoint_if_due(db)
        return result

    return run


@contextmanager
def bulk(db: Database) -> Iterator[None]:
    """Run many operations in one commit, for imports and the demo: a disk sync per row would take hours.

    Each operation inside has its own savepoint and timestamp, so a refused one leaves no trace and the
    others stay. An exception that leaves the block rolls all of them back.
    """
    try:
        with _transaction(db):
            db.in_bulk = True
            try:
                yield
            finally:
                db.in_bulk = False
    except sqlite3.Error as error:
        raise translated(error) from error
    checkpoint_if_due(db)


@contextmanager
def snapshot(db: Database) -> Iterator[None]:
    """Let all reads in the block see one state of the database, whatever is written meanwhile.

    Inside an operation or another snapshot it joins that transaction.
    """
    if db.connection.in_transaction:
        yield
        return
    connection = db.connection
    connection.execute("BEGIN")
    try:
        yield
    finally:
        if connection.in_transaction:  # a full disk may have rolled back already
            connection.execute("ROLLBACK")


@contextmanager
def _transaction(db: Database) -> Iterator[None]:
    connection = db.connection
    with turn(db.wal_path, in_background=db.in_background):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("UPDATE app_settings SET user_id = NULL")
            _commit(connection)
        except BaseException:
            if connection.in_transaction:  # a full disk may have rolled back already
                connection.execute("ROLLBACK")
            db.forget_identity()
            raise


def _commit(connection: sqlite3.Connection) -> None:
    """Commit, and make sure that “NOT saved” stays true if the disk fails in it.

    SQLite rolls back a commit whose sync failed, but its complete pages are already in the WAL: a recovery,
    after a power cut or a restart of the program, would take them for committed. The next commit overwrites
    them, so one that changes nothing is made at once. If the disk fails in that too, the outcome is unknown
    and the message says so, unless the disk was full: then the last page cannot be in the WAL.
    """
    try:
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        try:
            _commit_nothing(connection)
        except sqlite3.Error:
            if error.sqlite_errorname.startswith("SQLITE_IOERR"):
                raise NotSaved(unsure_reason(error)) from error
        raise


def _commit_nothing(connection: sqlite3.Connection) -> None:
    """Commit without a change: SQLite writes the page of ``user_version`` even for an equal value."""
    number: int = connection.execute("PRAGMA user_version").fetchone()[0]
    connection.execute(f"PRAGMA user_version = {number}")


@contextmanager
def _savepoint(db: Database) -> Iterator[None]:
    connection = db.connection
    connection.execute("SAVEPOINT operation")
    try:
        yield
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK TO operation")
            connection.execute("RELEASE operation")
        db.forget_identity()
        raise
    connection.execute("RELEASE operation")


@contextmanager
def _timestamped(db: Database) -> Iterator[None]:
    last, device_id = db.connection.execute("SELECT last_at, device_id FROM app_settings").fetchone()
    db.know_identity(device_id)
    session = db.session
    session.operation_at = next_timestamp(db.clock.now(), last)
    try:
        db.connection.execute(
            "UPDATE app_settings SET last_at = :at, user_id = :user_id",
            {"at": session.operation_at, "user_id": session.user_id},
        )
        yield
    finally:
        session.operation_at = None
