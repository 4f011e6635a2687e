"""Migrations: apply the numbered folders of ``sql/`` that a database lacks, one transaction each.

A folder such as ``0001_books`` is one step; its .sql files run in the order of their names.
``PRAGMA user_version`` is the number of steps applied to a file.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from importlib.resources.abc import Traversable
from pathlib import Path

from cleanflow.db.connection import open_file
from cleanflow.db.search_index import index_after_step
from cleanflow.errors import Refusal
from cleanflow.paths import schema_folder
from cleanflow.records import FORMAT

#: Marks the file as ours ("CFlw"), so that a foreign database is never migrated.
APPLICATION_ID = 0x43466C77

#: The tables in which ANALYZE keeps its statistics; a database has them if anybody ran it.
_COUNTED = {
    "CREATE TABLE sqlite_stat1(tbl,idx,stat)",
    "CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)",
}

#: Timeout and retry interval for switching to WAL mode while another program does the same.
_WAL_TIMEOUT_S, _WAL_RETRY_S = 5.0, 0.02

#: Number of steps this program knows; a test compares it with the folders of ``sql/``.
LATEST = FORMAT


def migrate(connection: sqlite3.Connection, path: Path, *, create: bool, is_stranger: bool = False) -> None:
    """Apply the steps that ``connection``'s file lacks.

    Refuses with ``database_newer``, ``database_foreign`` or (unless ``create``) ``database_empty`` before
    anything is written, WAL mode included. With ``is_stranger`` it also refuses, with ``backup_changed``, a
    schema that differs from that of its format, before any of its triggers can run.
    """
    version = check_format(connection, path)
    if version == 0 and not create:
        raise Refusal("database_empty", path=path)
    if is_stranger:
        _check_rules(connection, path, version)
    _begin_log(connection)
    for step in range(version + 1, LATEST + 1):
        _apply(connection, step)


def _begin_log(connection: sqlite3.Connection) -> None:
    """Switch the file to WAL mode for good, retrying for :data:`_WAL_TIMEOUT_S`.

    When two programs do this at the same moment, SQLite refuses one at once, whatever its busy timeout.
    """
    until = time.monotonic() + _WAL_TIMEOUT_S
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if not error.sqlite_errorname.startswith("SQLITE_BUSY") or time.monotonic() > until:
                raise
            time.sleep(_WAL_RETRY_S)


def _check_rules(connection: sqlite3.Connection, path: Path, version: int) -> None:
    expected, stored = expected_schema(version), stored_schema(connection)
    for name in sorted(expected.keys() | stored.keys()):
        if stored.get(name) != expected.get(name):
            raise Refusal("backup_changed", path=path, reason=f"“{name}” in it is not CleanFlow's.")


def expected_schema(latest: int = LATEST) -> dict[str, str]:
    """Name -> SQL of every table, index and trigger of a database of format ``latest``."""
    connection = open_file(":memory:")
    try:
        for step in range(1, latest + 1):
            _apply(connection, step)
        return stored_schema(connection)
    finally:
        connection.close()


def stored_schema(connection: sqlite3.Connection) -> dict[str, str]:
    """Name -> SQL of every table, index, trigger and view in ``connection``'s database.

    Only the exact tables of ANALYZE are left out, not whatever is named like SQLite's own. Two objects of
    one name, such as a trigger and an index, both appear.
    """
    found: dict[str, str] = {}
    for kind, given, sql in connection.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL"
    ):
        name = str(given)  # bytes if somebody edited sqlite_master
        if sql not in _COUNTED:
            found[f"{name} ({kind})" if name in found else name] = sql
    return found


def steps() -> list[Traversable]:
    """The folders of ``sql/``, in order, in a checkout, an installed package or a zipapp."""
    folders = [entry for entry in schema_folder().iterdir() if entry.name[:4].isdigit() and entry.is_dir()]
    return sorted(folders, key=lambda entry: entry.name)


def statements(script: str) -> Iterator[str]:
    """The statements of a script one by one, because ``executescript`` would commit the open transaction."""
    gathered = ""
    for line in script.splitlines(keepends=True):
        gathered += line
        if line.rstrip().endswith(";") and sqlite3.complete_statement(gathered):
            yield gathered
            gathered = ""
    if any(line.strip() and not line.lstrip().startswith("--") for line in gathered.splitlines()):
        raise ValueError(f"an unfinished statement: {gathered[:80]!r}")


def check_format(connection: sqlite3.Connection, path: Path) -> int:
    """The number of steps applied to the file. Refuses with ``database_foreign`` or ``database_newer``."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    owner: int = connection.execute("PRAGMA application_id").fetchone()[0]
    is_empty = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    if owner != APPLICATION_ID and not (is_empty and owner == 0 and version == 0):
        raise Refusal("database_foreign", path=path)
    if version > LATEST:
        raise Refusal("database_newer", found=version, known=LATEST)
    return version


def _apply(connection: sqlite3.Connection, step: int) -> None:
    folder = steps()[step - 1]
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Another program may have applied this step while we waited for the lock.
        if connection.execute("PRAGMA user_version").fetchone()[0] < step:
            for script in sorted(folder.iterdir(), key=lambda entry: entry.name):
                for statement in statements(script.read_text(encoding="utf-8")):
                    connection.execute(statement)
            index_after_step(connection, step)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {step}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
