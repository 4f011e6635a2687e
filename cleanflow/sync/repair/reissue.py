"""A PC that was copied or restored: where its records part from the shop's, and saving what it recorded.

Two PCs that go on from the same file give the same chain and reference numbers to different records. The
server keeps those of the one that came first. What the other recorded since is real all the same: it is
recorded anew under that PC's own, new identity, with its ids, amounts and times as they were, with new
references (the old ones stand in the audit trail) and in the new identity's chain. Nothing of it has ever
been on the server, so nobody else knows it under its old numbers.

One case is left to people: of three copies that hold the same unsent records two may reissue them. The later
one is told that the server has them already under another PC's name.
"""

from __future__ import annotations

import json
from typing import Any, Final

from cleanflow.dao.stamps import next_reference
from cleanflow.db import Database, with_transaction
from cleanflow.records import RECORDS, SERIES
from cleanflow.records.chain import CHAIN_FIELDS, GENESIS, entry_hash
from cleanflow.sync.waiting import Operation


def fork_point(db: Database, operation: Operation, own: set[str]) -> tuple[str, str] | None:
    """(former identity, time) from which on this PC's unsent records contradict ``operation``; or None.

    That is where a number of a former identity belongs to another record here.
    """
    for table, row in operation:
        device = row["device_id"]
        if device == db.device_id or device not in own:
            continue
        number = "chain_number" if table == "ledger_entries" else "reference_number"
        if number not in row:
            continue
        query = f"""
            SELECT created_at FROM {table}
             WHERE device_id = :device AND {number} = :number AND id <> :id AND sync_status <> 'SYNCED'
        """
        at = db.value(query, {"device": device, "number": row[number], "id": row["id"]})
        if at is not None:
            return device, at
    return None


@with_transaction
def reissue(db: Database, former: str, since: str) -> None:
    """Give this PC's present identity all unsent rows that ``former`` made from ``since`` on.

    The schema lets no other row be touched: sql/0001_books/70_rules.sql says when its switch may be set, and
    notes in the audit trail that it was.
    """
    db.execute("UPDATE app_settings SET reissuing_from = :former", {"former": former})
    chain = _move_entries(db, former, since)
    _move_heads(db, former, chain)
    for table, series in SERIES.items():
        _move_referenced(db, table, series, former, since)
    for table in RECORDS:
        if table not in SERIES and table not in ("devices", "ledger_entries"):
            _move_others(db, table, former, since)
    db.execute("UPDATE app_settings SET reissuing_from = NULL")


def _unsent(db: Database, table: str, columns: str, former: str, since: str, order: str) -> list[Any]:
    query = f"""
        SELECT rowid, {columns} FROM {table}
         WHERE sync_status <> 'SYNCED' AND device_id = :former AND created_at >= :since
         ORDER BY {order}
    """
    return list(db.rows(query, {"former": former, "since": since}))


def _move_entries(db: Database, former: str, since: str) -> dict[int, int]:
    """Chain the entries anew; old number -> new number."""
    columns = ", ".join((*CHAIN_FIELDS, "extra"))
    entries = _unsent(db, "ledger_entries", columns, former, since, "chain_number")
    head = db.one("SELECT chain_number, hash FROM chain_heads WHERE device_id = :id", {"id": db.device_id})
    number, previous = (head["chain_number"], head["hash"]) if head else (0, GENESIS)
    moved = {}
    for row in entries:
        number += 1
        moved[row["chain_number"]] = number
        entry = dict(row) | {
            "device_id": db.device_id, "chain_number": number, "previous_hash": previous,
        }  # fmt: skip
        previous = entry_hash(entry)
        db.execute(
            "UPDATE ledger_entries SET device_id = :device_id, chain_number = :chain_number,"
            " previous_hash = :previous_hash, hash = :hash, sync_status = 'PENDING', sync_error = NULL"
            " WHERE rowid = :rowid",
            {**entry, "hash": previous},
        )
    return moved


def _move_referenced(db: Database, table: str, series: str, former: str, since: str) -> None:
    """New references; the audit trail says which the old ones were."""
    is_record = not RECORDS[table].is_fact
    for row in _unsent(db, table, "id, reference", former, since, "reference_number"):
        reference = next_reference(db, series)
        db.execute(
            f"UPDATE {table} SET device_id = :device, reference_number = :number, reference = :text,"
            f" {_AS_WRITTEN_HERE if is_record else ''} sync_status = 'PENDING', sync_error = NULL"
            " WHERE rowid = :rowid",
            {
                "device": db.device_id,
                "number": reference.number,
                "text": reference.text,
                "former": former,
                "rowid": row["rowid"],
            },
        )
        db.insert(
            "audit_logs",
            {
                "device_id": db.device_id,
                "user_id": None,
                "action": "UPDATE",
                "table_name": table,
                "record_id": row["id"],
                "old_value": json.dumps({"reference": row["reference"]}),
                "new_value": json.dumps({"reference": reference.text}),
                "created_at": db.session.at,
                "updated_at": db.session.at,
            },
        )


_AS_WRITTEN_HERE: Final = "written_by = CASE written_by WHEN :former THEN :device ELSE written_by END,"


def _move_others(db: Database, table: str, former: str, since: str) -> None:
    author = "" if RECORDS[table].is_fact else _AS_WRITTEN_HERE
    db.execute(
        f"UPDATE {table} SET device_id = :device, {author} sync_status = 'PENDING', sync_error = NULL"
        " WHERE sync_status <> 'SYNCED' AND device_id = :former AND created_at >= :since",
        {"device": db.device_id, "former": former, "since": since},
    )


def _move_heads(db: Database, former: str, chain: dict[int, int]) -> None:
    """A closed day says up to which entry of each PC it tells: those entries have other numbers now."""
    if not chain:
        return
    first = min(chain)
    for table in ("day_closings", "closing_addenda"):
        query = f"""
            SELECT rowid, heads FROM {table}
             WHERE sync_status <> 'SYNCED' AND device_id IN (:device, :former)
        """
        for rowid, told_heads in list(db.rows(query, {"device": db.device_id, "former": former})):
            heads = json.loads(told_heads)
            told = heads.get(former, 0)
            if told >= first:
                heads[db.device_id] = max(heads.get(db.device_id, 0), chain.get(told, 0))
                heads[former] = first - 1
                if first == 1:
                    del heads[former]
                db.execute(
                    f"UPDATE {table} SET heads = :heads WHERE rowid = :rowid",
                    {"heads": json.dumps(heads), "rowid": rowid},
                )
