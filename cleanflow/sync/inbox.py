"""What has arrived and is not in the books yet: pages as they were pulled, and operations that have to wait.

A page is kept together with the cursor behind it, in one transaction; it is merged in short ones afterwards.
So a kill at any point neither loses a row nor asks for one twice, and nobody waits for a long merge.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from cleanflow.db import Database, with_transaction
from cleanflow.records.types import Row
from cleanflow.sync.protocol import PullAnswer, Rows, rows_of_text, rows_text

#: The rows of one operation, parents first: (table, row).
Operation = Sequence[tuple[str, Row]]


@dataclass(frozen=True)
class Page:
    """A page that is kept; the number gives the order of arrival."""

    number: int
    rows: Rows


@with_transaction
def keep_page(db: Database, page: PullAnswer, *, only_records: bool = False) -> None:
    """Keep a page and how far it reaches."""
    if page.rows:
        db.insert(
            "sync_pages", {"body": zlib.compress(rows_text(page.rows).encode("utf-8", "surrogatepass"), 1)}
        )
    cursor = "fetch_cursor" if only_records else "pull_cursor"
    db.execute(f"UPDATE sync_state SET {cursor} = :cursor", {"cursor": page.cursor})


def kept_page(db: Database) -> Page | None:
    """The oldest page that is not merged yet."""
    row = db.one("SELECT number, body FROM sync_pages ORDER BY number LIMIT 1")
    if row is None:
        return None
    return Page(row["number"], rows_of_text(zlib.decompress(row["body"]).decode("utf-8", "surrogatepass")))


@with_transaction
def drop_page(db: Database, page: Page) -> None:
    """The page is merged."""
    db.execute("DELETE FROM sync_pages WHERE number = :number", {"number": page.number})


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
    """(number, operation) of those that contradicted the books, the oldest first."""
    query = "SELECT number, body FROM sync_waiting WHERE missing_id = '' ORDER BY number LIMIT :limit"
    return [
        (line["number"], [(table, row) for table, row in json.loads(line["body"])])
        for line in db.rows(query, {"limit": limit})
    ]
