"""Opening the shop's database file, and :class:`Database`, a connection to it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import quote

from cleanflow.clock import Clock, SystemClock
from cleanflow.db.connection import open_file
from cleanflow.db.failures import not_saved_reason
from cleanflow.db.migrations import check_format, migrate
from cleanflow.db.session import Session
from cleanflow.errors import NotSaved, Refusal
from cleanflow.paths import is_too_long, on_network_drive
from cleanflow.records import RECORDS, extra_of, split

Row = sqlite3.Row

#: The first version with STRICT tables. Every CPython 3.11 installer brings a newer one.
OLDEST_SQLITE = (3, 37, 0)

#: Size that the WAL file keeps when it restarts, so that commits need not grow it again. A larger WAL (after
#: one very large operation) is checkpointed at once and truncated to this size.
WAL_KEPT_BYTES = 32_000_000

# DESIGN section 4 gives the reasons. Automatic checkpoints are off for the WAL-reset bug: see checkpoints.py.
_PRAGMAS: tuple[str, ...] = (
    "PRAGMA wal_autocheckpoint = 0",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA recursive_triggers = ON",
    "PRAGMA cell_size_check = ON",
    "PRAGMA mmap_size = 0",
    "PRAGMA cache_size = -16000",
    f"PRAGMA journal_size_limit = {WAL_KEPT_BYTES}",
)

# Before 3.41 (January 2023) trusted_schema=OFF also forbade SQLite's own JSON functions in triggers, and the
# audit triggers need them. Leaving it on there is safe: we register no function that a schema could misuse.
if sqlite3.sqlite_version_info >= (3, 41, 0):
    _PRAGMAS = (*_PRAGMAS, "PRAGMA trusted_schema = OFF")


class Database:
    """A connection to the database file, with its session and its clock.

    It belongs to the thread that opened it. Anyone may read; only functions decorated with
    :func:`~cleanflow.db.transactions.with_transaction` write. ``session`` holds the signed-in user.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, clock: Clock) -> None:
        self.path = path
        self.wal_path = f"{path}-wal"
        self.connection = connection
        self.clock = clock
        self.session = Session()
        self.in_bulk = False
        self.in_background = False  # yields the write lock to this process's other connections
        self.operations_since_checkpoint = 0
        self.needs_checkpoint = False  # checkpoint after the next operation, whatever the count
        self._device_id: str | None = None

    @property
    def device_id(self) -> str:
        """This PC's id. Refuses with ``not_set_up`` if no shop has been set up."""
        if self._device_id is None:
            self._device_id = self.value("SELECT device_id FROM app_settings")
            if self._device_id is None:
                raise Refusal("not_set_up")
        return self._device_id

    def know_identity(self, device_id: str | None) -> None:
        """Cache the device id that an operation has read: another connection may have changed it."""
        self._device_id = device_id

    def forget_identity(self) -> None:
        """Drop the cached ``device_id`` because it changed or its change was rolled back."""
        self._device_id = None

    def execute(self, sql: str, parameters: Mapping[str, Any] | None = None) -> sqlite3.Cursor:
        """Run one statement with named parameters. Refuses a lone surrogate with ``text_unprintable``."""
        try:
            return self.connection.execute(sql, parameters or {})
        except UnicodeEncodeError as error:  # a lone surrogate, which no record can hold
            raise Refusal("text_unprintable", field="The text") from error

    def rows(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Iterator[Row]:
        """Iterate over the rows of a query."""
        return iter(self.execute(sql, parameters))

    def one(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Row | None:
        """The first row of a query, or ``None``."""
        row: Row | None = self.execute(sql, parameters).fetchone()
        return row

    def value(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Any:
        """The first column of the first row, or ``None``."""
        row = self.one(sql, parameters)
        return None if row is None else row[0]

    def insert(self, table: str, values: Mapping[str, Any]) -> None:
        """Insert one row. ``table`` and the column names must be literals, never input.

        In a synchronised record, a value without a column is a later version's field and goes into ``extra``.
        """
        record = RECORDS.get(table)
        if record is not None:
            columns_of, later = split(record, dict(values))
            if later:
                values = {**columns_of, "extra": extra_of(record, later)}
        columns = ", ".join(values)
        self.execute(
            f"INSERT INTO {table} ({columns}) VALUES ({', '.join(':' + name for name in values)})", values
        )

    def interrupt(self) -> None:
        """Stop the running query, if any. May be called from any thread."""
        with suppress(sqlite3.ProgrammingError):  # closed meanwhile
            self.connection.interrupt()

    def close(self) -> None:
        """Close the connection. The last connection to close removes the WAL file."""
        self.connection.close()

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()


def connect(path: Path) -> sqlite3.Connection:
    """An autocommit connection with every safety pragma set; transactions start only with our own BEGIN."""
    connection = open_file(path)
    connection.row_factory = sqlite3.Row
    try:
        for pragma in _PRAGMAS:
            connection.execute(pragma)
    except BaseException:
        connection.close()
        raise
    return connection


def _make_private(path: Path) -> None:
    """Create the file readable by its owner alone: it will hold PIN hashes. Its WAL gets the same mode."""
    with suppress(OSError):  # it exists, or cannot be created: SQLite reports that better
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def open_database(
    path: Path, *, clock: Clock | None = None, create: bool = False, is_stranger: bool = False
) -> Database:
    """Open the shop's database and bring its schema up to date.

    ``is_stranger``: the file is of unknown origin. If its schema differs from CleanFlow's it is then refused
    with ``backup_changed`` before any of its triggers can run.

    Refuses, in words and without touching the file: ``database_missing`` and
    ``database_empty`` (unless ``create``), ``database_lost``, ``name_too_long``,
    ``network_drive``, ``database_unreachable``, ``database_foreign``, ``database_damaged``,
    ``database_newer``, ``sqlite_too_old``. Raises :class:`NotSaved` when another program has locked it.
    """
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise Refusal(
            "sqlite_too_old", found=sqlite3.sqlite_version, needed=".".join(map(str, OLDEST_SQLITE))
        )
    _check_place(path, create)
    if create:
        _make_private(path)
    try:
        connection = connect(path)
    except sqlite3.Error as error:
        raise _open_failure(path, error) from error
    try:
        migrate(connection, path, create=create, is_stranger=is_stranger)
    except sqlite3.Error as error:
        connection.close()
        raise _open_failure(path, error) from error
    except BaseException:
        connection.close()
        raise
    db = Database(path, connection, clock or SystemClock())
    db.needs_checkpoint = create  # a new shop must not exist in the WAL alone
    return db


def open_for_reading(path: Path, *, clock: Clock | None = None) -> Database:
    """Open a backup (a copy without a WAL) read-only; not a byte of it changes.

    An older format is not migrated. Refuses with ``database_missing``, ``database_empty``,
    ``database_foreign``, ``database_damaged``, ``database_newer``, ``database_unreachable``.
    """
    if is_too_long(path.absolute()):
        raise Refusal("name_too_long", path=path)
    if not path.is_file():
        raise Refusal("database_missing", path=path)
    try:
        connection = open_file(f"{file_uri(path.resolve())}?mode=ro", uri=True)
    except sqlite3.Error as error:
        raise _open_failure(path, error) from error
    connection.row_factory = sqlite3.Row
    try:
        for pragma in (*_PRAGMAS, "PRAGMA query_only = ON"):
            connection.execute(pragma)
        if check_format(connection, path) == 0:
            raise Refusal("database_empty", path=path)
    except sqlite3.Error as error:
        connection.close()
        raise _open_failure(path, error) from error
    except BaseException:
        connection.close()
        raise
    return Database(path, connection, clock or SystemClock())


def file_uri(path: PurePath) -> str:
    """The ``file:`` URI of ``path`` for SQLite, which allows no host in it, not even for a network share."""
    text = quote(path.as_posix(), safe="/:", errors="surrogateescape")  # names that are not UTF-8
    return f"file://{text}" if text.startswith("/") else f"file:///{text}"


def _check_place(path: Path, create: bool) -> None:
    """Everything that must be known before SQLite touches a file: it deletes the log of an empty one."""
    if is_too_long(path.absolute()):
        raise Refusal("name_too_long", path=path)
    try:
        is_empty = not path.is_file() or path.stat().st_size == 0
        if is_empty and Path(f"{path}-wal").is_file() and Path(f"{path}-wal").stat().st_size > 0:
            raise Refusal("database_lost", path=path)
        if not create and is_empty:
            raise Refusal("database_empty" if path.is_file() else "database_missing", path=path)
        if create:
            path.parent.mkdir(parents=True, exist_ok=True)
        if on_network_drive(path.parent):
            raise Refusal("network_drive", path=path)
    except OSError as error:
        raise Refusal("database_unreachable", path=path, reason=error.strerror or error) from error
    if path.exists() and not os.access(path, os.W_OK):
        raise Refusal("database_unreachable", path=path, reason="it is read-only.")


def _open_failure(path: Path, error: sqlite3.Error) -> Refusal | NotSaved:
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith("SQLITE_NOTADB"):
        return Refusal("database_foreign", path=path)
    if name.startswith("SQLITE_CORRUPT"):
        return Refusal("database_damaged", path=path)
    reason = not_saved_reason(error)
    return NotSaved(reason) if reason else Refusal("database_unreachable", path=path, reason=error)
