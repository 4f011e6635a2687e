"""Rebuilding lost records from the audit trail, which has every value they ever had.

A user's PIN is never in the trail: a rebuilt user gets :data:`STAND_IN_PIN`, because what the user recorded
cannot be entered without the user. A server that knows the user has the real PIN, and its row wins. Ledger
entries and allocations are not in the trail.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from cleanflow.clock import parse_timestamp, timestamp
from cleanflow.dao.users import hash_pin
from cleanflow.db import Database
from cleanflow.db import Row as Stored
from cleanflow.records import extra_of, split
from cleanflow.records.checks import check_rows
from cleanflow.records.types import Record, Row

#: No secret: whoever can open the file can replace it, and a secret PIN could only be forgotten.
STAND_IN_PIN = "0000"


def rebuilt_rows(db: Database, table: Record) -> Iterator[Row]:
    """The rows of ``table`` that the audit trail has and the table lacks."""
    query = f"""
        SELECT record_id, device_id, created_at, new_value FROM audit_logs
         WHERE table_name = :table AND action = 'INSERT' AND new_value IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM {table.name} WHERE id = record_id)
         ORDER BY created_at
    """
    for made in db.rows(query, {"table": table.name}):
        row = _rebuilt(db, table, made)
        if check_rows(table, [row]) == [None]:
            yield row


def _rebuilt(db: Database, table: Record, made: Stored) -> Row:
    values: dict[str, Any] = json.loads(made["new_value"])
    values |= {"id": made["record_id"], "device_id": made["device_id"], "written_by": made["device_id"]}
    values |= {"created_at": made["created_at"], "updated_at": made["created_at"]}
    query = """
        SELECT device_id, created_at, old_value, new_value FROM audit_logs
         WHERE record_id = :id AND action = 'UPDATE' AND new_value IS NOT NULL ORDER BY created_at
    """
    for change in db.rows(query, {"id": made["record_id"]}):
        told: dict[str, Any] = json.loads(change["new_value"])
        for name in json.loads(change["old_value"] or "{}").keys() - told.keys():
            values.pop(name, None)  # a later field that was emptied
        values |= told
        values |= {"written_by": change["device_id"], "updated_at": change["created_at"]}
    if table.name == "users":
        values["secret_hash"] = hash_pin(STAND_IN_PIN)
        values["updated_at"] = _just_before(values["updated_at"])  # so that a server's row is newer
    values |= {name: bool(values[name]) for name in table.switches if name in values}
    for name in ("secret", *(["written_by"] if table.is_fact else [])):  # no columns of the record
        values.pop(name, None)
    columns, later = split(table, values)
    return {"extra": extra_of(table, later), **columns}


def _just_before(at: str) -> str:
    try:
        return timestamp(parse_timestamp(at) - timedelta(microseconds=1))
    except (ValueError, OverflowError):  # not a time, or the first possible one: left to the check of the row
        return at
