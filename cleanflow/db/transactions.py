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
    """Make ``operation(db, …)`` one business operation: all of it is on disk when it returns, or none.

    The transaction model of CleanFlow, whole:

    - **Outermost call**: ``BEGIN IMMEDIATE`` (the write lock is taken first, so that a read is never
      overtaken by another writer and SQLITE_BUSY_SNAPSHOT cannot happen), the operation, ``COMMIT``.
      With ``synchronous=FULL`` the commit returns once the WAL has been synced: a power cut one instant
      later loses nothing.
    - **Any exception rolls back** everything the operation wrote and leaves the connection usable.
    - **A nested call joins**: it runs in a savepoint of the outer transaction. When it fails its own
      rows are gone; the outer operation fails too unless it catches the refusal.
    - **One timestamp an operation** (``db.session.at``), strictly greater than any this PC has used. All rows
      of the operation share it, nested calls included. In :func:`bulk` each operation has its own.
    - **Who**: ``db.session.user_id`` is published to the audit triggers while the operation runs.
    - **NOT saved means so**: what a failed commit left in the log is overwritten; see :func:`_commit`.
    - **Whose turn**: a connection that works ``in_background`` lets all others of this process go first.
    - Errors that a person may see: :class:`~cleanflow.errors.Refusal` (the schema's ``RAISE(ABORT, code)``
      arrives as one) and :class:`~cleanflow.errors.NotSaved` (disk, lock). All else is a bug.
    - It is never held across HTTP, printing or a dialog, and nobody else commits.
    """

    @wraps(operation)
    def run(db: Database, /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            if db.session.operation_at is not None:
                with _savepoint(db):
                    return operation(db, *args, **kwargs)
            if db.connection.in_transaction and not db.in_bulk:
                raise RuntimeError("a write inside of a snapshot would be lost")
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
    """Many operations, one commit: for imports and the demo, where a sync a row would take hours.

    Each operation inside keeps its own savepoint and its own timestamp, so a refused one leaves
    no trace and the others stand; a failure that leaves the block rolls all of them back.
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
    """Several reads that see one state of the books, whatever is written meanwhile.

    Inside an operation or another snapshot it joins that.
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
    """Commit; and when the disk fails in it, see to it that “NOT saved” stays true.

    SQLite rolls back a commit whose sync failed, but its pages are in the log by then, whole: whoever reads
    the log afresh, after a power cut or once the program was closed, would take them for saved. The next
    commit writes over them, so one that changes nothing is made at once. A disk that fails in that, too,
    leaves it to chance, and the message says so; not where it was full: then the last page cannot be there.
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
    """A transaction that writes a page as it is: SQLite does so for this number, whatever it was."""
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
