"""Reads what is left of a damaged database, skipping broken pages instead of stopping at the first one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from cleanflow.db.connection import open_file
from cleanflow.db.database import open_database
from cleanflow.db.schema_pages import lend_schema_pages

#: Number of row ids behind a broken page that are tried one by one.
_MOST_PROBED = 2_000_000


class Wreck:
    """A throw-away copy of a damaged database; it must be a copy because SQLite may write when it opens it.

    If its schema cannot be read, the schema pages of a new database, created beside it, replace it. Raises
    :class:`~cleanflow.db.failures.DatabaseError` when it cannot be opened even so.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._connection = _opened(path)
        except sqlite3.Error:
            new = path.with_name(f"{path.name}-new")
            open_database(new, create=True).close()
            lend_schema_pages(new, path)
            self._connection = _opened(path)

    def close(self) -> None:
        """Close the connection."""
        try:
            self._connection.close()
        except sqlite3.Error:  # the checkpoint on closing met a broken page
            pass

    def __enter__(self) -> Wreck:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def rows(self, table: str, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """The readable rows of ``table`` in the order of their row ids, which is the order of writing.

        Scans forward to the first broken page and backward to the last one; between the two it looks up each
        row id. ``table`` and ``columns`` must be literals.
        """
        read = f"SELECT rowid, {', '.join(columns)} FROM {table} NOT INDEXED"
        reached = 0
        front = self._up_to_a_break(f"{read} WHERE rowid > 0 ORDER BY rowid")
        for row in front:
            reached = row[0]
            yield row[1:]
        rest = [*self._up_to_a_break(f"{read} WHERE rowid > {reached} ORDER BY rowid DESC")]
        resumed = rest[-1][0] if rest else reached + 1 + min(self._span(table, reached), _MOST_PROBED)
        for rowid in range(reached + 1, min(resumed, reached + 1 + _MOST_PROBED)):
            yield from (row[1:] for row in self._up_to_a_break(f"{read} WHERE rowid = {rowid}"))
        for row in reversed(rest):
            yield row[1:]

    def all(self, table: str, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """The rows of a small table up to the first broken page."""
        return self._up_to_a_break(f"SELECT {', '.join(columns)} FROM {table}")

    @property
    def latest(self) -> int:
        """The format of the database; 0 when that cannot be read."""
        return next((int(row[0]) for row in self._up_to_a_break("PRAGMA user_version")), 0)

    def written(self, table: str) -> int | None:
        """Number of rows ever inserted into ``table``, of which none is deleted; None if unreadable."""
        found = [*self._up_to_a_break(f"SELECT max(rowid) FROM {table}")]
        return (found[0][0] or 0) if found else None

    def _span(self, table: str, reached: int) -> int:
        """Number of row ids to try behind ``reached`` when the end of the table cannot be read."""
        return max(0, (self.written(table) or reached + 10_000) - reached)

    def _up_to_a_break(self, query: str) -> Iterator[tuple[Any, ...]]:
        try:
            yield from self._connection.execute(query)
        except sqlite3.Error:
            return


def _opened(path: Path) -> sqlite3.Connection:
    connection = open_file(path)
    # Text that is not UTF-8 must not stop the scan; the check of the row refuses it later.
    connection.text_factory = lambda text: text.decode("utf-8", "surrogateescape")
    try:
        connection.execute("PRAGMA cell_size_check = ON")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error:
        connection.close()
        raise
    return connection
