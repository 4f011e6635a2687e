"""What has arrived and cannot be entered: operations that wait for a record, rows that are set aside."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

import msgspec

from cleanflow.db import Database, with_transaction
from cleanflow.records import RECORDS
from cleanflow.records.checks import check_rows
from cleanflow.records.types import Row
from cleanflow.sync.protocol import OddRow

#: The rows of one operation, parents first: (table, row).
Operation = Sequence[tuple[str, Row]]


@with_transaction
def set_aside(db: Database, odd: Iterable[OddRow]) -> None:
    """Keep rows that cannot be stored here, each with its reason: a later program may be able to.

    A row is kept as an object, or as its text where it is none or holds further objects.
    """
    known = {row[0] for row in db.rows("SELECT body FROM sync_waiting WHERE missing_id = ''")}
    found = [(one.table, one.row, one.reason) for one in odd]
    for table, text, reason in found:
        body = json.dumps([(table, _flat(text) or text)], ensure_ascii=False)
        if body not in known:
            known.add(body)
            db.insert("sync_waiting", {"missing_id": "", "reason": reason, "body": body})


def _flat(text: str) -> Row | None:
    try:
        row = msgspec.json.decode(text, type=dict[str, Any])
    except (ValueError, RecursionError):
        return None
    return None if any(isinstance(value, dict | list) for value in row.values()) else row


def wait_for(db: Database, operation: Operation, missing_id: str, reason: str) -> None:
    """Let an operation wait for ``missing_id``; '' when it cannot be merged for another reason."""
    body = json.dumps(operation, ensure_ascii=False)
    query = "SELECT 1 FROM sync_waiting WHERE missing_id = '' AND body = :body"
    if not missing_id and db.value(query, {"body": body}):
        return  # told already
    db.insert("sync_waiting", {"missing_id": missing_id, "reason": reason, "body": body})


def awaited_ids(db: Database) -> set[str]:
    """The records that operations wait for."""
    return {row[0] for row in db.rows("SELECT DISTINCT missing_id FROM sync_waiting WHERE missing_id <> ''")}


def next_waiting(db: Database, record_id: str) -> tuple[int, Operation] | None:
    """The operation that has waited longest for a record, with its number."""
    row = db.one(
        "SELECT number, body FROM sync_waiting WHERE missing_id = :id ORDER BY number LIMIT 1",
        {"id": record_id},
    )
    return None if row is None else (row["number"], [(table, one) for table, one in json.loads(row["body"])])


@with_transaction
def end_waiting(db: Database, number: int) -> None:
    """An operation no longer waits; part of merging it."""
    db.execute("DELETE FROM sync_waiting WHERE number = :number", {"number": number})


def kept_aside(db: Database, limit: int = 200) -> list[tuple[int, Operation]]:
    """(number, operation) of those that contradicted the books and can be tried again, the oldest first."""
    query = "SELECT number, body FROM sync_waiting WHERE missing_id = '' ORDER BY number"
    found = ((line["number"], json.loads(line["body"])) for line in db.rows(query))
    return list(islice(((number, body) for number, body in found if _can_be_merged(body)), limit))


def _can_be_merged(operation: Operation) -> bool:
    return all(
        table in RECORDS and isinstance(row, dict) and check_rows(RECORDS[table], [row]) == [None]
        for table, row in operation
    )
