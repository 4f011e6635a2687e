"""What this PC knows of its server: where it is, how far things have come, how the last attempts went.

Reading for screens and commands, and the small writes between the stages of a synchronisation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cleanflow.db import Database, Row, snapshot, with_transaction
from cleanflow.errors import Refusal
from cleanflow.records import RECORDS
from cleanflow.records.types import NO_DEVICE
from cleanflow.sync.protocol import LastSync

#: So many attempts are kept for the Sync screen.
_KEPT_ATTEMPTS = 200


@dataclass(frozen=True)
class SyncState:
    """The one row of sync_state. Times as everywhere: UTC, text order is time order."""

    server_url: str | None
    token: str | None
    shop_id: str | None
    shop_name: str | None
    left_url: str | None
    left_token: str | None
    fetching: str | None
    fetch_cursor: int
    takes_over: int
    pull_cursor: int
    same_books_at: str | None
    difference: str | None
    clock_ahead_s: int

    @property
    def is_joined(self) -> bool:
        """Whether there is a server to synchronise with."""
        return self.server_url is not None


@dataclass(frozen=True)
class Attempt:
    """One synchronisation: what it moved, and how it ended (``code`` is '' when it went well)."""

    started_at: str
    finished_at: str
    pushed: int
    pulled: int
    refused: int
    code: str
    words: str


@dataclass(frozen=True)
class Waiting:
    """What is not synchronised: rows still to be sent, of those refused by the server, and rows from other
    PCs that wait for a record they belong to. ``oldest_at``: when the oldest unsent one was recorded."""

    unsent: int
    refused: int
    parked: int
    oldest_at: str | None


def get_state(db: Database) -> SyncState:
    """What is known of the server."""
    row = db.one(
        "SELECT server_url, token, shop_id, shop_name, left_url, left_token, fetching, fetch_cursor,"
        " takes_over, pull_cursor, same_books_at, difference, clock_ahead_s FROM sync_state"
    )
    assert row is not None
    return SyncState(**dict(row))


def joined_state(db: Database) -> SyncState:
    """The same. Refuses with ``not_joined`` where there is no server."""
    state = get_state(db)
    if not state.is_joined:
        raise Refusal("not_joined")
    return state


@with_transaction
def note(db: Database, /, **facts: Any) -> None:
    """Change columns of sync_state; the names are the callers' literals."""
    assignments = ", ".join(f"{name} = :{name}" for name in facts)
    db.execute(f"UPDATE sync_state SET {assignments}", facts)


@with_transaction
def note_attempt(db: Database, attempt: Attempt) -> None:
    """Keep how a synchronisation went. Of several in a row that failed alike, or did nothing, the last."""
    last = last_attempt(db)
    moved = attempt.pushed or attempt.pulled or (last and (last.pushed or last.pulled))
    if last and not moved and last.code == attempt.code:
        db.execute("DELETE FROM sync_attempts WHERE number = (SELECT max(number) FROM sync_attempts)")
    db.insert("sync_attempts", vars(attempt))
    db.execute(
        "DELETE FROM sync_attempts WHERE number <= (SELECT max(number) FROM sync_attempts) - :kept",
        {"kept": _KEPT_ATTEMPTS},
    )


@with_transaction
def note_peers(db: Database, last_syncs: Mapping[str, LastSync]) -> None:
    """Keep when each PC last synchronised."""
    for device_id, last in last_syncs.items():
        db.execute(
            "INSERT INTO sync_peers (device_id, pushed_at, pulled_at) VALUES (:id, :pushed_at, :pulled_at)"
            " ON CONFLICT DO UPDATE SET pushed_at = excluded.pushed_at, pulled_at = excluded.pulled_at",
            {"id": device_id, "pushed_at": last.pushed_at, "pulled_at": last.pulled_at},
        )


def attempts(db: Database, limit: int = _KEPT_ATTEMPTS) -> list[Attempt]:
    """How the last synchronisations went, the newest first."""
    query = """
        SELECT started_at, finished_at, pushed, pulled, refused, code, words
          FROM sync_attempts ORDER BY number DESC LIMIT :limit
    """
    return [Attempt(*row) for row in db.rows(query, {"limit": limit})]


def last_attempt(db: Database) -> Attempt | None:
    """How the last synchronisation went."""
    return next(iter(attempts(db, 1)), None)


def waiting(db: Database, at_most: int = -1) -> Waiting:
    """What is not synchronised; counted in the partial indexes, so it costs what is waiting.

    With ``at_most`` no more rows of a table are looked at: the window asks every few seconds, and a shop that
    joins may have millions. A customer of old whose phone was changed just now has waited since now.
    """
    unsent, refused, oldest = 0, 0, None
    with snapshot(db):
        for table in RECORDS:
            row = _one(
                db,
                "SELECT count(*), min(updated_at), coalesce(sum(sync_status = 'FAILED'), 0) FROM"
                f" (SELECT updated_at, sync_status FROM {table} WHERE sync_status <> 'SYNCED' LIMIT :most)",
                {"most": at_most},
            )
            unsent += row[0]
            oldest = min(filter(None, (oldest, row[1])), default=None)
            refused += row[2]
        parked = db.value("SELECT count(*) FROM sync_waiting WHERE reason <> 'table_unknown'")
    return Waiting(unsent, refused, parked, oldest)


def _one(db: Database, query: str, parameters: Mapping[str, Any]) -> Row:
    row = db.one(query, parameters)
    assert row is not None
    return row


def position(table: str) -> str:
    """The column that places a row of ``table`` in the order of a push: when it was made.

    Not when it was last edited: a row must not come after those that point to it. Of facts both are one,
    and updated_at has the index.
    """
    return "updated_at" if RECORDS[table].is_fact else "created_at"


def identities(db: Database) -> tuple[str, ...]:
    """This PC's id and those that it had before."""
    former = [row[0] for row in db.rows("SELECT device_id FROM former_devices ORDER BY device_id")]
    return (db.device_id, *former)


def own_records(db: Database) -> dict[str, int]:
    """Table -> how many rows there are beside those that every PC starts with, as the server counts."""
    counts = {
        name: db.value(f"SELECT count(*) FROM {name} WHERE device_id <> :none", {"none": NO_DEVICE})
        for name in RECORDS
    }
    return {name: count for name, count in counts.items() if count}
