"""What people call a record: its reference, name or key, or that of the record that it belongs to."""

from __future__ import annotations

from cleanflow.db import Database
from cleanflow.records import RECORDS

#: The label of a drawer, which is no record of its own: the codes of the PCs that share it.
_DRAWER = "(SELECT group_concat(code, ', ') FROM devices WHERE drawer_id = {id})"


def label_sql(table: str) -> str:
    """The SQL of a row's label, where ``table`` is what is read."""
    label = RECORDS[table][RECORDS[table].label]
    column = f"{table}.{label.name}"
    return label_by_id(label.points_to, column) if label.points_to else column


def label_by_id(table: str, id_sql: str) -> str:
    """The SQL of the label of ``table``'s row whose id is ``id_sql``."""
    return f"(SELECT {label_sql(table)} FROM {table} WHERE {table}.id = {id_sql})"


def called(db: Database, table: str, column: str, record_id: str) -> str | None:
    """What people call the record that ``column`` of ``table`` points to; None where it points to nothing."""
    if column == "drawer_id":
        return db.value(f"SELECT {_DRAWER.format(id=':id')}", {"id": record_id}) or ""
    field = RECORDS[table].get(column) if table in RECORDS else None
    target = table if column == "merged_into" else field.points_to if field is not None else ""
    if field is None or not target:
        return None
    return str(db.value(f"SELECT {label_by_id(target, ':id')}", {"id": record_id}) or "")
