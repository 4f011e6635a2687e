"""Salvaging what can be read of a damaged shop into a new file; the damaged file is not touched.

Each row is checked and entered as if it came from another PC. A lost record is rebuilt from the audit trail
if that has it; rows that belong to a record that stays lost wait until a server brings it. Sums and
balances are recomputed.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from cleanflow.dao.stamps import new_id
from cleanflow.db import Database, open_database, with_transaction
from cleanflow.db.copying import copy_damaged
from cleanflow.db.failures import DatabaseError, RuleBroken
from cleanflow.db.wreck import Wreck
from cleanflow.errors import Refusal
from cleanflow.language import _
from cleanflow.records import RECORDS, SERIES
from cleanflow.records.checks import check_rows
from cleanflow.records.types import NO_DEVICE, Record, Row
from cleanflow.safekeeping.backup import Tell
from cleanflow.safekeeping.finding import Finding
from cleanflow.safekeeping.rebuilding import STAND_IN_PIN, rebuilt_rows
from cleanflow.safekeeping.restore import PartlyRead, Prepared, failures_told, look_into, new_copy
from cleanflow.sync.merge import Merger
from cleanflow.sync.outbox import reset_all, wire_row
from cleanflow.sync.state import identities

_ROWS_AT_ONCE = 1000


def salvage(path: Path, tell: Tell = lambda words: None) -> Prepared:
    """Read what is readable of the damaged shop at ``path`` into a shop that can replace it.

    The result tells how much of each table was read. Refuses with ``nothing_readable`` or ``restore_failed``.
    """
    with failures_told(path):
        copy = new_copy(path)
        try:
            wreck_copy = copy.with_name("wreck.db")
            copy_damaged(path, wreck_copy)
            try:
                with Wreck(wreck_copy) as wreck, open_database(copy, create=True) as db:
                    partly_read = _fill(db, wreck, tell)
            except DatabaseError as error:
                raise Refusal("nothing_readable", path=path) from error
            found = replace(look_into(copy, path, path, tell, partly_read), is_salvaged=True)
            return _told_of_pins(found)
        except BaseException:
            shutil.rmtree(copy.parent, ignore_errors=True)
            raise


def _told_of_pins(prepared: Prepared) -> Prepared:
    if not any(part.table == "users" and part.rebuilt for part in prepared.partly_read):
        return prepared
    words = _("Some PINs are lost; they are {pin} for now. An owner should set new ones at once.")
    words = words.format(pin=STAND_IN_PIN)
    return replace(prepared, findings=(Finding("pin_lost", "users", words), *prepared.findings))


def _fill(db: Database, wreck: Wreck, tell: Tell) -> tuple[PartlyRead, ...]:
    _be(db, new_id())  # so that the merge treats every row as another PC's
    merger, partly_read = Merger(db), []
    for table in (RECORDS["audit_logs"], *(one for one in RECORDS.values() if one.name != "audit_logs")):
        if 0 < wreck.latest < table.since:
            continue  # a later format brought it
        tell(table.name)
        read = 0
        for rows in _readable(wreck, table):
            read += len(rows)
            merger.merge({table.name: [row for row in rows if not _is_seeded(row)]})
        rebuilt = [*rebuilt_rows(db, table)]
        merger.merge({table.name: rebuilt})
        written = wreck.written(table.name)
        if written is None or written > read or rebuilt:
            partly_read.append(PartlyRead(table.name, written, read, len(rebuilt)))
    _keep_local(db, wreck)
    reset_all(db, identities(db))
    return tuple(partly_read)


def _is_seeded(row: Row) -> bool:
    """Whether the row is one that every shop starts with."""
    return row.get("written_by") == NO_DEVICE


def _readable(wreck: Wreck, table: Record) -> Iterator[list[Row]]:
    """The valid rows of a table, in batches."""
    make = wire_row(table)
    found = wreck.rows(table.name, table.names)
    while rows := [make(values) for values in islice(found, _ROWS_AT_ONCE)]:
        reasons = check_rows(table, rows)
        yield [row for row, reason in zip(rows, reasons, strict=True) if reason is None or _is_seeded(row)]


@with_transaction
def _be(db: Database, device_id: str) -> None:
    db.execute("UPDATE app_settings SET device_id = :id", {"id": device_id})
    db.forget_identity()


@with_transaction
def _keep_local(db: Database, wreck: Wreck) -> None:
    """Copy this PC's identity, settings and server, as far as they can be read."""
    told = next((values[0] for values in wreck.all("app_settings", ["device_id"])), None)
    known = {row[0] for row in db.rows("SELECT id FROM devices")}
    longest = db.value("SELECT device_id FROM chain_heads ORDER BY chain_number DESC LIMIT 1")
    device_id = next((one for one in (told, longest, *sorted(known)) if one in known), None)
    if device_id is None:
        raise Refusal("nothing_readable", path=db.path)
    _be(db, device_id)
    for table_name, series in SERIES.items():
        query = f"SELECT coalesce(max(reference_number), 0) FROM {table_name} WHERE device_id = :id"
        given = {"number": db.value(query, {"id": device_id}), "series": series}
        db.execute("UPDATE reference_counters SET last_number = :number WHERE series = :series", given)
    for key, value in wreck.all("local_settings", ["key", "value"]):
        query = "INSERT INTO local_settings (key, value) VALUES (:key, :value) ON CONFLICT DO NOTHING"
        _keep(db, query, {"key": key, "value": value})
    for former_id, until in wreck.all("former_devices", ["device_id", "until"]):
        query = "INSERT INTO former_devices (device_id, until) VALUES (:id, :until)"
        _keep(db, query, {"id": former_id, "until": until})
    for values in wreck.all("sync_state", _SERVER):
        facts = dict(zip(_SERVER, values, strict=True))
        if (facts["server_url"] is None) == (facts["token"] is None):
            _keep(db, f"UPDATE sync_state SET {', '.join(f'{name} = :{name}' for name in _SERVER)}", facts)


def _keep(db: Database, statement: str, facts: dict[str, Any]) -> None:
    """Copy unchecked rows; one that breaks a rule is left out."""
    with suppress(Refusal, RuleBroken):
        db.execute(statement, facts)


_SERVER = ("server_url", "token", "shop_id", "shop_name", "left_url", "left_token")
