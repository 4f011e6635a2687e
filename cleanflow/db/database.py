"""One connection to the shop's database file, opened the one safe way."""

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

#: STRICT tables; the oldest SQLite that a CPython 3.11 installer brought is newer.
OLDEST_SQLITE = (3, 37, 0)

#: The WAL keeps this size when it starts again, so that a commit need not enlarge the file. Only a larger one
#: (one giant operation) is truncated, after an immediate checkpoint.
WAL_KEPT_BYTES = 32_000_000

# Why each: DESIGN section 4. Automatic checkpoints are off because of the WAL-reset bug; see checkpoints.py.
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

# Before 3.41 SQLite took its own JSON functions for unsafe in a trigger (fixed in January 2023), and the
# audit triggers need them. Nothing is lost there: we register no function that a schema could misuse.
if sqlite3.sqlite_version_info >= (3, 41, 0):
    _PRAGMAS = (*_PRAGMAS, "PRAGMA trusted_schema = OFF")


class Database:
    """A connection to the database file, with its session and its clock.

    Belongs to the thread that opened it. Reading is free; writing goes through functions marked
    :func:`~cleanflow.db.transactions.with_transaction`. ``session`` holds who works on this connection.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, clock: Clock) -> None:
        self.path = path
        self.wal_path = f"{path}-wal"
        self.connection = connection
        self.clock = clock
        self.session = Session()
        self.in_bulk = False
        self.in_background = False  # lets other connections of this process write first
        self.operations_since_checkpoint = 0
        self.needs_checkpoint = False  # after the next operation, however few there were
        self._device_id: str | None = None

    @property
    def device_id(self) -> str:
        """This PC's id. Refuses with ``not_set_up`` before the shop exists."""
        if self._device_id is None:
            self._device_id = self.value("SELECT device_id FROM app_settings")
            if self._device_id is None:
                raise Refusal("not_set_up")
        return self._device_id

    def know_identity(self, device_id: str | None) -> None:
        """This PC's id as an operation finds it: another connection may have taken a new one."""
        self._device_id = device_id

    def forget_identity(self) -> None:
        """Read ``device_id`` afresh next time: it changed, or the change was rolled back."""
        self._device_id = None

    def execute(self, sql: str, parameters: Mapping[str, Any] | None = None) -> sqlite3.Cursor:
        """Run one statement with named parameters. Refuses half a character (``text_unprintable``)."""
        try:
            return self.connection.execute(sql, parameters or {})
        except UnicodeEncodeError as error:  # a lone surrogate: no record holds one, none is found by one
            raise Refusal("text_unprintable", field="The text") from error

    def rows(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Iterator[Row]:
        """The rows of a query, one by one."""
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
        """Insert one row; ``table`` and the column names are the caller's literals, never input.

        Of a synchronised record, what is no column is a later field, and goes into ``extra``.
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
        """Stop the query that is running, from any thread; nothing happens when there is none."""
        with suppress(sqlite3.ProgrammingError):  # closed meanwhile
            self.connection.interrupt()

    def close(self) -> None:
        """Close the connection. The last one to close leaves no WAL behind."""
        self.connection.close()

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()


def connect(path: Path) -> sqlite3.Connection:
    """A connection with every safety pragma set, in autocommit: our own BEGIN is the only one."""
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
    """A new file is its owner's alone to read: it will hold PINs' hashes. Its logs take after it."""
    with suppress(OSError):  # there already, or not to be made: SQLite says so better
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def open_database(
    path: Path, *, clock: Clock | None = None, create: bool = False, is_stranger: bool = False
) -> Database:
    """Open the shop's database and bring its schema up to date.

    ``is_stranger``: nobody knows where the file comes from. Refuses then with ``backup_changed`` what carries
    other rules than CleanFlow's, before any of them can run.

    Refuses, in words and without touching the file: ``database_missing`` and
    ``database_empty`` (unless ``create``), ``database_lost``, ``name_too_long``,
    ``network_drive``, ``database_unreachable``, ``database_foreign``, ``database_damaged``,
    ``database_newer``, ``sqlite_too_old``. Raises :class:`NotSaved` when another program holds it.
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
    db.needs_checkpoint = create  # a new shop's first operation is not left in the WAL alone
    return db


def open_for_reading(path: Path, *, clock: Clock | None = None) -> Database:
    """Open a copy of the books that needs no log (a backup) to look at; not a byte of it changes.

    An older format stays what it is. Refuses with ``database_missing``, ``database_empty``,
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
    """The address by which SQLite opens a file; that of another machine's has no host in it, unlike a URL."""
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
