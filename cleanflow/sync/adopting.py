"""Applies another PC's edit to a record: its editable columns, its timestamp, its author."""

from __future__ import annotations

from cleanflow.dao.customers import index_for_search
from cleanflow.db import Database
from cleanflow.records.types import Record, Row

#: Timestamps from here on do not move this PC's clock: a faulty or hostile server could stop all work with
#: one.
_NONSENSE = "2200"


def adopt(db: Database, table: Record, row: Row) -> None:
    """Overwrite the local record with ``row``. Part of a running merge."""
    names = (*table.editable, "updated_at", "written_by")
    db.execute(
        f"UPDATE {table.name} SET {', '.join(f'{name} = :{name}' for name in names)},"
        " sync_status = 'SYNCED', sync_error = NULL WHERE id = :id",
        {"id": row["id"], **{name: row[name] for name in names}},
    )
    keep_up(db, table, row)


def keep_up(db: Database, table: Record, row: Row) -> None:
    """Update the search index for a received record, and make this PC's next timestamp a later one."""
    if table.name == "customers":
        index_for_search(db, row["id"])
    db.execute(
        "UPDATE app_settings SET last_at = :at WHERE last_at < :at AND :at < :nonsense",
        {"at": row["updated_at"], "nonsense": _NONSENSE},
    )
