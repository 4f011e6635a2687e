"""Writing a record as another PC left it: its editable columns, its time, its author."""

from __future__ import annotations

from cleanflow.dao.customers import index_for_search
from cleanflow.db import Database
from cleanflow.records.types import Record, Row

#: No clock is that far ahead; a server that is broken or hostile could say so, and stop all work here.
_NONSENSE = "2200"


def adopt(db: Database, table: Record, row: Row) -> None:
    """Make the record here what ``row`` says. Part of a running merge."""
    names = (*table.editable, "updated_at", "written_by")
    db.execute(
        f"UPDATE {table.name} SET {', '.join(f'{name} = :{name}' for name in names)},"
        " sync_status = 'SYNCED', sync_error = NULL WHERE id = :id",
        {"id": row["id"], **{name: row[name] for name in names}},
    )
    keep_up(db, table, row)


def keep_up(db: Database, table: Record, row: Row) -> None:
    """What follows from a record that arrived: search knows it, and this PC's next edit is newer."""
    if table.name == "customers":
        index_for_search(db, row["id"])
    db.execute(
        "UPDATE app_settings SET last_at = :at WHERE last_at < :at AND :at < :nonsense",
        {"at": row["updated_at"], "nonsense": _NONSENSE},
    )
