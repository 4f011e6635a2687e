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
from collections.abc import Iterator
from typing import Any, Final

from cleanflow.dao.chain import FIELDS, GENESIS, entry_hash
from cleanflow.dao.stamps import next_reference
from cleanflow.db import Database, with_transaction
from cleanflow.sync.inbox import Operation
from cleanflow.sync.protocol import TABLES

#: Tables whose rows carry a reference -> the series of its numbers.
_SERIES: Final = {
    "jobs": "JOB",
    "payments": "RECEIPT",
    "expenses": "EXPENSE",
    "drawer_movements": "DRAWER",
    "day_closings": "CLOSING",
}


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
    """Give this PC's present identity all unsent rows that ``former`` made from ``since`` on."""
    with _unlocked(db):
        chain = _move_entries(db, former, since)
        for table, series in _SERIES.items():
            _move_referenced(db, table, series, former, since)
        for table in TABLES:
            if table not in _SERIES and table not in ("devices", "ledger_entries"):
                _move_others(db, table, former, since)
        _move_heads(db, former, chain)


class _unlocked:  # noqa: N801 - used like a function
    """The triggers that keep facts from being edited, put away within the transaction and put back as they
    were: what is rewritten here has never left this PC."""

    def __init__(self, db: Database) -> None:
        self._db = db
        query = """
            SELECT name, sql FROM sqlite_master
             WHERE type = 'trigger' AND name GLOB '*_before_update_immutable'
        """
        self._triggers = {row["name"]: row["sql"] for row in db.rows(query)}

    def __enter__(self) -> None:
        for name in self._triggers:
            self._db.execute(f"DROP TRIGGER {name}")

    def __exit__(self, *_exc: object) -> None:
        # After an error the whole operation is rolled back, these with it.
        for sql in self._triggers.values():
            self._db.execute(sql)


def _unsent(db: Database, table: str, columns: str, former: str, since: str, order: str) -> list[Any]:
    query = f"""
        SELECT rowid, {columns} FROM {table}
         WHERE sync_status <> 'SYNCED' AND device_id = :former AND created_at >= :since
         ORDER BY {order}
    """
    return list(db.rows(query, {"former": former, "since": since}))


def _move_entries(db: Database, former: str, since: str) -> dict[int, int]:
    """Chain the entries anew; old number -> new number."""
    entries = _unsent(
        db, "ledger_entries", ", ".join((*FIELDS, "hash")), former, since, "device_id, chain_number"
    )
    head = db.one("SELECT chain_number, hash FROM chain_heads WHERE device_id = :id", {"id": db.device_id})
    number, previous = (head["chain_number"], head["hash"]) if head else (0, GENESIS)
    moved = {}
    for row in entries:
        number += 1
        moved[row["chain_number"]] = number
        entry = {name: row[name] for name in FIELDS} | {
            "device_id": db.device_id, "chain_number": number, "previous_hash": previous,
        }  # fmt: skip
        previous = entry_hash(entry)
        db.execute(
            "UPDATE ledger_entries SET device_id = :device_id, chain_number = :chain_number,"
            " previous_hash = :previous_hash, hash = :hash, sync_status = 'PENDING', sync_error = NULL"
            " WHERE rowid = :rowid",
            {**entry, "hash": previous, "rowid": row["rowid"]},
        )
        _move_turnover(db, entry, former)
    if moved:
        _set_head(db, db.device_id, number, previous)
        left = db.one(
            "SELECT chain_number, hash FROM ledger_entries WHERE device_id = :id"
            " ORDER BY chain_number DESC LIMIT 1",
            {"id": former},
        )
        _set_head(db, former, *((left["chain_number"], left["hash"]) if left else (0, "")))
    return moved


def _set_head(db: Database, device_id: str, number: int, digest: str) -> None:
    db.execute("DELETE FROM chain_heads WHERE device_id = :id", {"id": device_id})
    if number:
        db.insert("chain_heads", {"device_id": device_id, "chain_number": number, "hash": digest})


def _move_turnover(db: Database, entry: dict[str, Any], former: str) -> None:
    """The sums a day and a month are kept per PC: take the entry's from the one to the other."""
    date, amount = entry["business_date"], entry["amount_minor"]
    for account, column in (
        (entry["debit_account_id"], "debit_minor"),
        (entry["credit_account_id"], "credit_minor"),
    ):
        for table, period, value in (
            ("account_days", "business_date", date),
            ("account_months", "month", date[:7]),
        ):
            for device, signed in ((former, -amount), (db.device_id, amount)):
                db.execute(
                    f"INSERT INTO {table} (account_id, {period}, device_id, {column})"
                    " VALUES (:account, :value, :device, :amount)"
                    f" ON CONFLICT DO UPDATE SET {column} = {column} + excluded.{column}",
                    {"account": account, "value": value, "device": device, "amount": signed},
                )
            db.execute(
                f"DELETE FROM {table} WHERE account_id = :account AND {period} = :value"
                " AND device_id = :device AND debit_minor = 0 AND credit_minor = 0",
                {"account": account, "value": value, "device": former},
            )


def _move_referenced(db: Database, table: str, series: str, former: str, since: str) -> None:
    """New references; the audit trail says which the old ones were."""
    is_record = not TABLES[table].is_fact
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
                "old_values": json.dumps({"reference": row["reference"]}),
                "new_values": json.dumps({"reference": reference.text}),
                "created_at": db.session.at,
                "updated_at": db.session.at,
            },
        )


_AS_WRITTEN_HERE: Final = "written_by = CASE written_by WHEN :former THEN :device ELSE written_by END,"


def _move_others(db: Database, table: str, former: str, since: str) -> None:
    author = "" if TABLES[table].is_fact else _AS_WRITTEN_HERE
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
        query = f"SELECT rowid, heads FROM {table} WHERE sync_status <> 'SYNCED' AND device_id = :device"
        for rowid, heads in _closings(db, query):
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


def _closings(db: Database, query: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for row in list(db.rows(query, {"device": db.device_id})):
        yield row["rowid"], json.loads(row["heads"])
