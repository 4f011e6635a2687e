"""What has arrived and is not in the books yet: pages, operations that wait, rows set aside.

A page is kept together with its cursor in one transaction and merged in short ones afterwards: being killed
at any point loses no row and fetches none twice, and nobody waits for a long merge.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import msgspec

from cleanflow.db import Database, with_transaction
from cleanflow.sync.protocol import (
    NO_DEVICE,
    TABLES,
    OddRow,
    PullAnswer,
    Row,
    Rows,
    check_rows,
    decode_rows,
    encode_rows,
)

#: Why rows of a table that this program does not know are set aside.
TABLE_UNKNOWN: Final = "table_unknown"

#: The rows of one operation, parents first: (table, row).
Operation = Sequence[tuple[str, Row]]


@dataclass(frozen=True)
class Page:
    """A page that is kept; the number gives the order of arrival."""

    number: int
    rows: Rows


@with_transaction
def keep_page(db: Database, page: PullAnswer, *, only_records: bool = False) -> None:
    """Keep a page and how far it reaches; set aside what cannot be merged."""
    rows = set_aside(db, page.odd, page.unknown, page.rows)
    if rows:
        db.insert("sync_pages", {"body": zlib.compress(encode_rows(rows), 1)})
    cursor = "fetch_cursor" if only_records else "pull_cursor"
    db.execute(f"UPDATE sync_state SET {cursor} = :cursor", {"cursor": page.cursor})


def kept_page(db: Database) -> Page | None:
    """The oldest page that is not merged yet."""
    row = db.one("SELECT number, body FROM sync_pages ORDER BY number LIMIT 1")
    if row is None:
        return None
    return Page(row["number"], decode_rows(zlib.decompress(row["body"])))


@with_transaction
def drop_page(db: Database, page: Page) -> None:
    """Delete a page after its merge."""
    db.execute("DELETE FROM sync_pages WHERE number = :number", {"number": page.number})


@with_transaction
def set_aside(db: Database, odd: Iterable[OddRow], unknown: Rows, rows: Rows) -> Rows:
    """Keep rows that cannot be stored here, each with its reason: a later program may be able to.

    What was made in one operation with an odd row is kept aside with it, so that no job shows without its
    ledger entry; the others of ``rows`` are returned. A row is kept as an object, or as its text where it is
    none or holds further objects.
    """
    known = {row[0] for row in db.rows("SELECT body FROM sync_waiting WHERE missing_id = ''")}
    operations: dict[object, list[tuple[str, Row | str]]] = {}
    reasons: dict[object, str] = {}
    for number, one in enumerate(odd):
        row = _flat(one.row)
        key = _operation_of(row) or number
        operations.setdefault(key, []).append((one.table, row or one.row))
        reasons.setdefault(key, one.reason)
    left: dict[str, list[Row]] = {}
    for table, part in rows.items():
        for row in part:
            mates = operations.get(_operation_of(row))
            if mates is None:
                left.setdefault(table, []).append(row)
            else:
                mates.append((table, row))
    for table, part in unknown.items():
        for place, row in enumerate(part):
            text = msgspec.json.encode(row).decode()
            operations[table, place] = [(table, _flat(text) or text)]
            reasons[table, place] = TABLE_UNKNOWN
    for made_in, operation in operations.items():
        body = json.dumps(operation, ensure_ascii=False)
        if body not in known:
            known.add(body)
            db.insert("sync_waiting", {"missing_id": "", "reason": reasons[made_in], "body": body})
    return left


def _operation_of(row: Row | None) -> tuple[str, str] | None:
    """The PC and time that rows of one operation share; None for a row that stands alone."""
    maker, moment = (row.get("device_id"), row.get("created_at")) if row else (None, None)
    known = isinstance(maker, str) and isinstance(moment, str) and maker != NO_DEVICE
    return (maker, moment) if known else None  # type: ignore[return-value]


def _flat(text: str) -> Row | None:
    try:
        row = msgspec.json.decode(text, type=dict[str, Any])
    except (ValueError, RecursionError):
        return None
    return None if any(isinstance(value, dict | list) for value in row.values()) else row


def wait_for(db: Database, operation: Operation, missing_id: str, reason: str) -> None:
    """Keep an operation until ``missing_id`` arrives; '' when it cannot be merged for another reason."""
    body = json.dumps(operation, ensure_ascii=False)
    query = "SELECT 1 FROM sync_waiting WHERE missing_id = '' AND body = :body"
    if not missing_id and db.value(query, {"body": body}):
        return  # told already
    db.insert("sync_waiting", {"missing_id": missing_id, "reason": reason, "body": body})


def awaited_ids(db: Database) -> set[str]:
    """Ids of the records that operations wait for."""
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
        table in TABLES and isinstance(row, dict) and check_rows(TABLES[table], [row]) == [None]
        for table, row in operation
    )
