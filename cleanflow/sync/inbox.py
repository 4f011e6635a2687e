"""The inbox: pages that have been pulled and are not merged yet.

A page is stored together with its cursor in one transaction, and merged later in short ones. So a kill at any
point loses no row and fetches none twice, and nobody waits for a long merge.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from cleanflow.db import Database, with_transaction
from cleanflow.sync.carried import keep_carried
from cleanflow.sync.protocol import PullAnswer, Rows, decode_rows, encode_rows
from cleanflow.sync.waiting import set_aside


@dataclass(frozen=True)
class Page:
    """A stored page; its number gives the order of arrival."""

    number: int
    rows: Rows


@with_transaction
def keep_page(db: Database, page: PullAnswer, *, only_records: bool = False) -> None:
    """Store a page with its cursor; set aside the rows that cannot be merged.

    With ``only_records`` those are left out: they come again, with the rest of their operation.
    """
    rows = page.rows if only_records else set_aside(db, page.odd, page.rows)
    if rows:
        db.insert("sync_pages", {"body": zlib.compress(encode_rows(rows), 1)})
    keep_carried(db, page.unknown)
    cursor = "fetch_cursor" if only_records else "pull_cursor"
    db.execute(f"UPDATE sync_state SET {cursor} = :cursor", {"cursor": page.cursor})


def kept_page(db: Database) -> Page | None:
    """The oldest page that is not merged yet, or None."""
    row = db.one("SELECT number, body FROM sync_pages ORDER BY number LIMIT 1")
    if row is None:
        return None
    return Page(row["number"], decode_rows(zlib.decompress(row["body"])))


@with_transaction
def drop_page(db: Database, page: Page) -> None:
    """Delete a page after it has been merged."""
    db.execute("DELETE FROM sync_pages WHERE number = :number", {"number": page.number})
