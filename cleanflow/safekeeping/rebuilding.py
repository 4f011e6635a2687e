"""Making lost records anew from the audit trail, which has every value they were made with and changed to.

Not a user's PIN, which never enters the trail; nor ledger entries and allocations, which are not repeated
there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from cleanflow.db import Database
from cleanflow.db import Row as Stored
from cleanflow.sync.protocol import Row, Table, check_rows
from cleanflow.sync.protocol.tables import Kind


def rebuilt_rows(db: Database, table: Table) -> Iterator[Row]:
    """The rows of ``table`` that the audit trail knows of and that are not there."""
    query = f"""
        SELECT record_id, device_id, created_at, new_values FROM audit_logs
         WHERE table_name = :table AND action = 'INSERT' AND new_values IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM {table.name} WHERE id = record_id)
         ORDER BY created_at
    """
    for made in db.rows(query, {"table": table.name}):
        row = _rebuilt(db, table, made)
        if check_rows(table, [row]) == [None]:
            yield row


def _rebuilt(db: Database, table: Table, made: Stored) -> Row:
    values: dict[str, Any] = json.loads(made["new_values"])
    values |= {"id": made["record_id"], "device_id": made["device_id"], "written_by": made["device_id"]}
    values |= {"created_at": made["created_at"], "updated_at": made["created_at"]}
    query = """
        SELECT device_id, created_at, new_values FROM audit_logs
         WHERE record_id = :id AND action = 'UPDATE' AND new_values IS NOT NULL ORDER BY created_at
    """
    for change in db.rows(query, {"id": made["record_id"]}):
        values |= json.loads(change["new_values"])
        values |= {"written_by": change["device_id"], "updated_at": change["created_at"]}
    switches = {column.name for column in table.columns if column.kind is Kind.BOOL}
    return {
        name: bool(values[name]) if name in switches else values[name]
        for name in table.names
        if name in values
    }
