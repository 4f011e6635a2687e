"""Edits that were overwritten by newer ones whose author had not seen them, and putting one back.

overlaps/ handles what two PCs did twice to the same money, doubles.py customers that were entered twice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cleanflow.dao.customers import index_for_search
from cleanflow.dao.stamps import known, update_record
from cleanflow.dao.users import require_owner
from cleanflow.db import Database, Row, with_transaction
from cleanflow.errors import Refusal
from cleanflow.records import RECORDS
from cleanflow.records.checks import fits
from cleanflow.records.types import FIELD_NAME, Kind, Record


@dataclass(frozen=True)
class Overwritten:
    """A lost edit: ``old`` are its values, ``new`` those that replaced them; ``pc_code`` is its PC, ``at``
    when the loss was found. ``is_put_back``: the record has the lost values again."""

    audit_id: str
    at: str
    table: str
    record_id: str
    record: str
    pc_code: str
    old: Mapping[str, Any]
    new: Mapping[str, Any]
    is_put_back: bool


# Of a table that this version does not know nothing can be put back.
_SELECT = f"""
    SELECT audit_logs.id, audit_logs.created_at AS at, table_name, record_id, old_value, new_value,
           coalesce(devices.code, '?') AS pc_code
      FROM audit_logs LEFT JOIN devices ON devices.id = audit_logs.device_id
     WHERE action = 'OVERWRITTEN'
       AND table_name IN ({", ".join(f"'{record.name}'" for record in RECORDS.values() if record.editable)})
"""


def overwritten(db: Database, limit: int = 200) -> list[Overwritten]:
    """The edits that were overwritten on any PC, newest first."""
    found = db.rows(f"{_SELECT} ORDER BY audit_logs.created_at DESC LIMIT :limit", {"limit": limit})
    return [_read(db, row) for row in list(found)]


def _read(db: Database, row: Row) -> Overwritten:
    old, new = _told(row["old_value"]), _told(row["new_value"])
    now = _record(db, row["table_name"], row["record_id"])
    label = next((now[name] for name in ("reference", "name", "key", "code") if name in now), "")
    lost = _lost(RECORDS[row["table_name"]], old, new)
    return Overwritten(
        audit_id=row["id"],
        at=row["at"],
        table=row["table_name"],
        record_id=row["record_id"],
        record=str(label),
        pc_code=row["pc_code"],
        old=old,
        new=new,
        is_put_back=all(now.get(name) == value for name, value in lost.items()),
    )


def _told(text: str | None) -> dict[str, Any]:
    """Values as the trail has them; another PC's program may have written anything there."""
    value = json.loads(text or "{}")
    return value if isinstance(value, dict) else {}


def _record(db: Database, table: str, record_id: str) -> dict[str, Any]:
    """The record's values, later fields beside the others."""
    columns = ", ".join(RECORDS[table].names)
    row = db.one(f"SELECT {columns} FROM {table} WHERE id = :id", {"id": record_id})
    return {} if row is None else dict(row) | json.loads(row["extra"] or "{}")


def _lost(record: Record, old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """The values to write to restore the lost edit, later fields among them; the trail has no secret."""
    return {
        name: value
        for name, value in old.items()
        if new.get(name) != value and _can_be_written(record, name, value)
    }


def _can_be_written(record: Record, name: str, value: Any) -> bool:
    field = record.get(name)
    if field is None:  # a field that this version does not know
        is_free = name not in record.columns and name not in (one.secret_as for one in record.fields)
        return is_free and FIELD_NAME.fullmatch(name) is not None
    if not field.editable or field.kind is Kind.EXTRA or field.secret_as:
        return False
    return fits(field, bool(value) if field.kind is Kind.BOOL and value in (0, 1) else value)


@with_transaction
def put_back(db: Database, audit_id: str) -> None:
    """Write the lost values again, as a new edit. Refuses with ``owner_needed`` or ``record_unknown``, and
    a job's work status as the job's own rules do."""
    require_owner(db)
    row = known(db.one(f"{_SELECT} AND audit_logs.id = :id", {"id": audit_id}), "overwritten edit")
    table, record_id = row["table_name"], row["record_id"]
    lost = _lost(RECORDS[table], _told(row["old_value"]), _told(row["new_value"]))
    if table == "jobs" and "work_status" in lost:
        _check_work_status(db, record_id, lost["work_status"])
    if lost:
        update_record(db, table, record_id, lost)
    if table == "customers":
        index_for_search(db, record_id)


def _check_work_status(db: Database, job_id: str, wanted: str) -> None:
    row = known(
        db.one(
            "SELECT work_status, total_minor FROM jobs JOIN job_totals ON job_id = id WHERE id = :id",
            {"id": job_id},
        ),
        "job",
    )
    if wanted == "CANCELLED" and row["total_minor"] != 0:
        raise Refusal("job_not_cancelled_this_way")
    if row["work_status"] == "CANCELLED" and wanted != "CANCELLED":
        raise Refusal("job_cancelled")
