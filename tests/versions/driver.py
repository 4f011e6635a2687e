"""Runs inside a copy of the program and does what it is told: one JSON command a line, one JSON answer a line.

It imports nothing of the tests: several programs with different declarations run at once, each in a process.
"""

from __future__ import annotations

import asyncio
import dataclasses
import importlib
import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg

from cleanflow.dao.customers import index_for_search, search_customers
from cleanflow.dao.shop import set_up_shop
from cleanflow.dao.stamps import fact_stamp, new_id, record_stamp, update_record
from cleanflow.dao.users import first_owner
from cleanflow.db import Database, open_database, with_transaction
from cleanflow.db.database import open_for_reading
from cleanflow.errors import Refusal
from cleanflow.records import RECORDS
from cleanflow.safekeeping.backup import back_up
from cleanflow.safekeeping.restore import prepare
from cleanflow.safekeeping.salvage import salvage
from cleanflow.safekeeping.verify import verify
from cleanflow.sync.client import synchronise
from cleanflow.sync.enrolling import join
from cleanflow.sync.repair.conflicts import overwritten, put_back
from cleanflow.sync.repair.identity import settle_here
from server import admin
from server.app import make_app
from server.database import use_schema
from server.rates import FailureLimit
from server.running import listening_socket, server_for

_DERIVED = {
    "customer_balances": "SELECT customer_id, balance_minor FROM customer_balances WHERE balance_minor <> 0",
    "job_totals": "SELECT job_id, customer_id, total_minor, allocated_minor FROM job_totals",
    "payment_totals": "SELECT payment_id, customer_id, received_minor, allocated_minor FROM payment_totals",
    "account_days": "SELECT account_id, business_date, device_id, debit_minor, credit_minor FROM account_days",
    "chain_heads": "SELECT device_id, chain_number, hash FROM chain_heads",
}
_NO_DEVICE = "00000000-0000-0000-0000-000000000000"


class Pcs:
    """The data folders that are open."""

    def __init__(self) -> None:
        self._open: dict[str, Database] = {}

    def __getitem__(self, folder: str) -> Database:
        os.environ["CLEANFLOW_MARKERS"] = str(Path(folder) / "markers")
        return self._open[folder]

    def open(self, folder: str) -> None:
        db = open_database(Path(folder) / "cleanflow.db", create=True)
        self._open[folder] = db
        self.sign_in(folder)

    def sign_in(self, folder: str) -> None:
        db = self[folder]
        if db.value("SELECT device_id FROM app_settings") and (owner := first_owner(db)):
            db.session.user_id = owner.id

    def close(self, folder: str) -> None:
        self._open.pop(folder).close()


PCS = Pcs()


def open_(folder: str) -> None:
    PCS.open(folder)


def close(folder: str) -> None:
    PCS.close(folder)


def set_up(folder: str, pc_code: str) -> None:
    set_up_shop(PCS[folder], name="Sparkle", currency="USD", pc_code=pc_code, owner="Olga", pin="1234")
    PCS.sign_in(folder)


def join_(folder: str, url: str, code: str, pc_code: str) -> None:
    join(PCS[folder], url, code, pc_code)


def move_in(folder: str, url: str) -> None:
    """The folder was copied here by the test, and its server is elsewhere."""
    db = PCS[folder]
    settle_here(db)
    db.execute("UPDATE sync_state SET server_url = :url", {"url": url})


def sync(folder: str) -> dict[str, Any]:
    told = dataclasses.asdict(synchronise(PCS[folder]))
    PCS.sign_in(folder)
    return told | {"tables": sorted(told["tables"])}


def call(folder: str, function: str, values: dict[str, Any]) -> str:
    """An operation of the DAO; the id of what it made."""
    module, name = function.rsplit(".", 1)
    made = getattr(importlib.import_module(f"cleanflow.{module}"), name)(PCS[folder], **values)
    return str(getattr(made, "id", ""))


@with_transaction
def _add(db: Database, table: str, values: dict[str, Any]) -> str:
    record, row_id = RECORDS[table], new_id()
    stamp = fact_stamp(db) if record.is_fact else record_stamp(db)
    if record.get("user_id") is None:
        stamp.pop("user_id", None)
    db.insert(table, {"id": row_id, **stamp, **values})
    if table == "customers":
        index_for_search(db, row_id)
    return row_id


def add(folder: str, table: str, values: dict[str, Any]) -> str:
    return _add(PCS[folder], table, values)


@with_transaction
def _edit(db: Database, table: str, row_id: str, changes: dict[str, Any]) -> None:
    update_record(db, table, row_id, changes)
    if table == "customers":
        index_for_search(db, row_id)


def edit(folder: str, table: str, row_id: str, changes: dict[str, Any]) -> None:
    _edit(PCS[folder], table, row_id, changes)


def execute(folder: str, statement: str, values: dict[str, Any]) -> list[list[Any]]:
    """Any SQL, by hand."""
    return [list(row) for row in PCS[folder].rows(statement, values)]


def contents(folder: str) -> dict[str, list[list[Any]]]:
    """Every synchronised row, later fields as this program reads them among its columns, and what is derived."""
    db = PCS[folder]
    found: dict[str, list[list[Any]]] = {}
    for record in RECORDS.values():
        names = (*record.names, *(field.name for field in record.later))
        seeded = "" if record.is_fact else f"WHERE written_by <> '{_NO_DEVICE}'"
        found[record.name] = sorted(
            list(row) for row in db.rows(f"SELECT {', '.join(names)} FROM {record.name} {seeded}")
        )
    for name, query in _DERIVED.items():
        found[name] = sorted(list(row) for row in db.rows(query))
    carried = db.rows("SELECT table_name, body FROM carried_rows")
    found["carried"] = sorted([name, json.dumps(json.loads(body), sort_keys=True)] for name, body in carried)
    found["set aside"] = sorted(
        [reason, body] for reason, body in db.rows("SELECT reason, body FROM sync_waiting")
    )
    found["pages"] = [list(row) for row in db.rows("SELECT number FROM sync_pages")]
    found["failed"] = [
        [name, row[0], row[1]]
        for name in RECORDS
        for row in db.rows(f"SELECT id, sync_error FROM {name} WHERE sync_status <> 'SYNCED'")
    ]
    return found


def check(folder: str) -> list[dict[str, Any]]:
    return [dataclasses.asdict(finding) for finding in verify(PCS[folder]).findings]


def search(folder: str, text: str) -> list[str]:
    return [customer.id for customer in search_customers(PCS[folder], text)]


def backup(folder: str, file: str) -> None:
    back_up(PCS[folder], Path(file))


def restore(folder: str, file: str) -> None:
    """Bring a backup back, as a person does: the PC is a new one afterwards."""
    path = Path(folder) / "cleanflow.db"
    PCS.close(folder)
    prepare(Path(file), path).put_in_place()
    PCS.open(folder)


def audit(folder: str, record_id: str) -> list[list[str]]:
    """What the window tells of a record's changes: (field, before, after)."""
    from cleanflow.dao.audit_lists import list_audit
    from cleanflow.dao.paging import Slice
    from cleanflow.dao.shop import get_shop
    from cleanflow.gui.widgets.audit_words import field_changes

    db = PCS[folder]
    lines = list_audit(db, Slice(sort="time", limit=50), record_id=record_id).rows
    return [
        [change.field, change.before, change.after]
        for line in lines
        for change in field_changes(db, get_shop(db), line)
    ]


def lost_edits(folder: str) -> list[dict[str, Any]]:
    return [dataclasses.asdict(one) for one in overwritten(PCS[folder])]


def bring_back_edit(folder: str, audit_id: str) -> None:
    put_back(PCS[folder], audit_id)


def look_at(folder: str, file: str) -> list[int]:
    """Open a backup for reading: its format, and how many jobs it has."""
    with open_for_reading(Path(file)) as db:
        return [db.value("PRAGMA user_version"), db.value("SELECT count(*) FROM jobs")]


def rescue(folder: str) -> list[str]:
    """Save what can be read of damaged records, and go on with that; the tables that were read in part."""
    path = Path(folder) / "cleanflow.db"
    prepared = salvage(path)
    prepared.put_in_place()
    PCS.open(folder)
    return [part.table for part in prepared.partly_read]


class Serving:
    """The server of this program over one database."""

    def __init__(self, database: str, port: int) -> None:
        generous = {"join_failures": FailureLimit(1000, 1), "bad_tokens": FailureLimit(1000, 1)}
        self._server = server_for(make_app(database, **generous))
        self._listening = listening_socket("127.0.0.1", port)
        self.port = self._listening.getsockname()[1]
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._listening]}, daemon=True
        )
        self._thread.start()
        until = time.monotonic() + 30
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > until:
                raise RuntimeError("the server did not start")
            time.sleep(0.01)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(60)
        self._listening.close()


SERVING: dict[int, Serving] = {}


def serve(database: str, port: int) -> int:
    serving = Serving(database, port)
    SERVING[serving.port] = serving
    return serving.port


def stop_serving(port: int) -> None:
    SERVING.pop(port).stop()


def _asked(database: str, work: Callable[[Any], Any]) -> Any:
    async def connected() -> Any:
        connection = await asyncpg.connect(database)
        try:
            return await work(connection)
        finally:
            await connection.close()

    return asyncio.run(connected())


def new_shop(database: str) -> dict[str, str]:
    return dataclasses.asdict(_asked(database, lambda connection: admin.new_shop(connection, "Sparkle")))


def new_code(database: str, shop: dict[str, str]) -> str:
    from server.database import Shop

    return str(_asked(database, lambda connection: admin.new_code(connection, Shop(**shop))))


def on_server(database: str, shop: dict[str, str]) -> dict[str, Any]:
    """Every row as the server hands it on, what it carries, and how many rows it counts."""
    from server.database import Shop

    async def work(connection: Any) -> dict[str, Any]:
        await use_schema(connection, Shop(**shop))
        found: dict[str, Any] = {}
        for name, record in RECORDS.items():
            rows = await connection.fetchval(
                f"SELECT coalesce(json_agg(to_jsonb(t)), '[]')::text FROM (SELECT {', '.join(record.names)} FROM {name}_wire) t"
            )
            found[name] = [[row[column] for column in record.names] for row in json.loads(rows)]
        carried = await connection.fetch("SELECT table_name, row::text FROM carried_rows")
        found["carried"] = sorted([row[0], json.dumps(json.loads(row[1]), sort_keys=True)] for row in carried)
        found["counts"] = {
            row[0]: row[1] for row in await connection.fetch("SELECT name, records FROM synced_tables")
        }
        return found

    return _asked(database, work)


COMMANDS: dict[str, Callable[..., Any]] = {
    command.__name__.rstrip("_"): command
    for command in (
        open_, close, set_up, join_, move_in, sync, call, add, edit, execute, contents, check, search, backup,
        restore, look_at, audit, lost_edits, bring_back_edit, rescue, serve, stop_serving, new_shop, new_code, on_server,
    )
}  # fmt: skip


def main() -> None:
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever prints, prints elsewhere
    for line in sys.stdin:
        name, arguments = json.loads(line)
        try:
            answer: dict[str, Any] = {"value": COMMANDS[name](**arguments)}
        except Refusal as refusal:
            answer = {"refused": refusal.code, "words": str(refusal)}
        except Exception:
            answer = {"error": traceback.format_exc()}
        out.write(json.dumps(answer) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
