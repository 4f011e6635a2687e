"""Rows of tables that this version does not know: kept as they arrived, and entered once it does.

A newer program of the shop may have recorded them. Everything else of their operation is merged meanwhile;
comparing books leaves them out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from cleanflow.db import Database, with_transaction
from cleanflow.records import RECORDS
from cleanflow.records.checks import check_rows
from cleanflow.sync.protocol import OddRow, Rows
from cleanflow.sync.waiting import set_aside


def keep_carried(db: Database, unknown: Rows) -> None:
    """Keep rows of unknown tables; of two versions of one the newer. Part of keeping a page."""
    query = """
        INSERT INTO carried_rows (table_name, id, device_id, updated_at, body)
        VALUES (:table, :id, :device_id, :updated_at, :body)
        ON CONFLICT DO UPDATE SET updated_at = excluded.updated_at, body = excluded.body
         WHERE excluded.updated_at >= updated_at
    """
    for table, rows in unknown.items():
        for row in rows:
            body = json.dumps(row, ensure_ascii=False)
            key = {name: row[name] for name in ("id", "device_id", "updated_at")}
            db.execute(query, {"table": table, "body": body, **key})


def carried_count(db: Database) -> int:
    """How many rows wait for a newer program."""
    count: int = db.value("SELECT count(*) FROM carried_rows")
    return count


def enter_carried(db: Database, merge: Callable[[Rows], object]) -> None:
    """Enter what this version knows by now: all tables of it together, so that operations stay whole."""
    names = [row[0] for row in db.rows("SELECT DISTINCT table_name FROM carried_rows")]
    known = [name for name in RECORDS if name in names]
    if not known:
        return
    found = {name: [json.loads(body) for (body,) in _bodies(db, name)] for name in known}
    odd = []
    for name, rows in found.items():
        reasons = check_rows(RECORDS[name], rows)
        odd += [
            OddRow(name, json.dumps(row, ensure_ascii=False), reason)
            for row, reason in zip(rows, reasons, strict=True)
            if reason is not None
        ]
        found[name] = [row for row, reason in zip(rows, reasons, strict=True) if reason is None]
    merge(found)
    _end_carrying(db, known, odd)


def _bodies(db: Database, table: str) -> Iterable[Any]:
    query = "SELECT body FROM carried_rows WHERE table_name = :table ORDER BY rowid"
    return db.rows(query, {"table": table})


@with_transaction
def _end_carrying(db: Database, tables: Iterable[str], odd: Iterable[OddRow]) -> None:
    set_aside(db, odd)
    for table in tables:
        db.execute("DELETE FROM carried_rows WHERE table_name = :table", {"table": table})
