"""Reads the rows of a local database in the form of the wire."""

from __future__ import annotations

from cleanflow.db import Database
from cleanflow.records import RECORDS
from cleanflow.records.types import NO_DEVICE, Kind, Row


def rows_of(db: Database) -> dict[str, list[Row]]:
    """All rows that a PC made or edited, in history order."""
    rows: dict[str, list[Row]] = {}
    for table in RECORDS.values():
        found = db.rows(f"SELECT {', '.join(table.names)} FROM {table.name} ORDER BY updated_at, rowid")
        kinds = {column.name: column.kind for column in table.fields}
        made = [{name: _wire(kinds[name], row[name]) for name in table.names} for row in found]
        rows[table.name] = [row for row in made if row.get("written_by") != NO_DEVICE]
    return rows


def _wire(kind: Kind, value: object) -> object:
    return bool(value) if kind is Kind.BOOL else value
