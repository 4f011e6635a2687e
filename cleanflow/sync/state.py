"""The state of this PC's synchronisation: its server, its cursors, its last attempts.

Queries for screens and commands, and the small writes between the stages of a synchronisation.
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

#: Number of attempts kept for the Sync screen.
_KEPT_ATTEMPTS = 200


@dataclass(frozen=True)
class SyncState:
    """The only row of sync_state. Times are UTC timestamps whose text order is time order."""

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
    """One synchronisation: its row counts, and its result (``code`` is '' after success)."""

    started_at: str
    finished_at: str
    pushed: int
    pulled: int
    refused: int
    code: str
    words: str


@dataclass(frozen=True)
class Waiting:
    """What is not synchronised: unsent rows, how many of them the server has refused, and parked operations.

    ``parked`` operations of other PCs wait for a record they belong to or contradict the books. ``oldest_at``
    is the timestamp of the oldest unsent row.
    """

    unsent: int
    refused: int
    parked: int
    oldest_at: str | None


def get_state(db: Database) -> SyncState:
    """The current state."""
    row = db.one(
        "SELECT server_url, token, shop_id, shop_name, left_url, left_token, fetching, fetch_cursor,"
        " takes_over, pull_cursor, same_books_at, difference, clock_ahead_s FROM sync_state"
    )
    assert row is not None
    return SyncState(**dict(row))


def joined_state(db: Database) -> SyncState:
    """The current state. Refuses with ``not_joined`` if there is no server."""
    state = get_state(db)
    if not state.is_joined:
        raise Refusal("not_joined")
    return state


@with_transaction
def note(db: Database, /, **facts: Any) -> None:
    """Change columns of sync_state; the names must be literals."""
    assignments = ", ".join(f"{name} = :{name}" for name in facts)
    db.execute(f"UPDATE sync_state SET {assignments}", facts)


@with_transaction
def note_attempt(db: Database, attempt: Attempt) -> None:
    """Store an attempt. It replaces the last one if both moved nothing and ended with the same code."""
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
    """Store when each PC last synchronised."""
    for device_id, last in last_syncs.items():
        db.execute(
            "INSERT INTO sync_peers (device_id, pushed_at, pulled_at) VALUES (:id, :pushed_at, :pulled_at)"
            " ON CONFLICT DO UPDATE SET pushed_at = excluded.pushed_at, pulled_at = excluded.pulled_at",
            {"id": device_id, "pushed_at": last.pushed_at, "pulled_at": last.pulled_at},
        )


def attempts(db: Database, limit: int = _KEPT_ATTEMPTS) -> list[Attempt]:
    """The last synchronisations, newest first."""
    query = """
        SELECT started_at, finished_at, pushed, pulled, refused, code, words
          FROM sync_attempts ORDER BY number DESC LIMIT :limit
    """
    return [Attempt(*row) for row in db.rows(query, {"limit": limit})]


def last_attempt(db: Database) -> Attempt | None:
    """The last synchronisation, or None."""
    return next(iter(attempts(db, 1)), None)


def waiting(db: Database, at_most: int = -1) -> Waiting:
    """Count what is not synchronised, using partial indexes, so that the cost depends on the result only.

    ``at_most`` limits the rows examined per table: the window asks every few seconds, and a shop that joins
    may have millions. The age of an edited record is that of its last edit.
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
    """The column that gives the order of ``table``'s rows in a push: the time of creation.

    The time of the last edit would not do, because a row must come before those that point to it. For facts
    both times are equal, and updated_at has the index.
    """
    return "updated_at" if RECORDS[table].is_fact else "created_at"


def identities(db: Database) -> tuple[str, ...]:
    """This PC's id, followed by its former ones."""
    former = [row[0] for row in db.rows("SELECT device_id FROM former_devices ORDER BY device_id")]
    return (db.device_id, *former)


def own_records(db: Database) -> dict[str, int]:
    """Table -> number of rows, as the server counts them: without those that every PC starts with."""
    counts = {
        name: db.value(f"SELECT count(*) FROM {name} WHERE device_id <> :none", {"none": NO_DEVICE})
        for name in RECORDS
    }
    return {name: count for name, count in counts.items() if count}
