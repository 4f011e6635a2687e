"""The sync client's budgets: a push from a PC's file to PostgreSQL, a pull into another PC's file.

The server is a process of its own, as in a shop. A new PC's first fetch is measured, too.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cleanflow.dao.users import first_owner
from cleanflow.db import Database, open_database, with_transaction
from cleanflow.records import RECORDS
from cleanflow.records.types import NO_DEVICE, Row
from cleanflow.sync.client import Summary, synchronise
from cleanflow.sync.enrolling import join
from cleanflow.sync.merge import INSERTS
from cleanflow.sync.outbox import batches
from tests.bench.budget import Budget
from tests.bench.scale import Scale, build
from tests.bench.server import copy_seconds
from tests.server.live import ROOT, Serving, serve_command, serving

#: Scale that gives about 100,000 rows of all kinds.
_PART = 0.042


@dataclass(frozen=True)
class SyncRates:
    """Seconds for ``rows`` rows; and seconds, bytes and memory of a new PC's first fetch."""

    rows: int
    pushed_s: float
    copied_s: float
    pulled_s: float
    inserted_s: float
    fetched_s: float
    fetched_bytes: int
    sent_bytes: int
    peak_kb: int


def measure_sync(folder: Path, scale: float = 1.0) -> list[Budget]:
    """Push compared with COPY, pull and merge compared with executemany, for the same rows."""
    rates = measure_sync_rates(folder, scale)
    print(
        f"a new PC fetches {rates.rows:,} rows in {rates.fetched_s:.1f} s,"
        f" {rates.fetched_bytes / 2**20:.1f} MB on the wire, {rates.peak_kb / 1024:.0f} MB of memory at most"
    )
    return [
        Budget(f"push of {rates.rows:,} rows, PC to PostgreSQL", rates.pushed_s, rates.copied_s, "s", "asyncpg COPY", 4.0),
        Budget(f"pull and merge of {rates.rows:,} rows", rates.pulled_s, rates.inserted_s, "s", "executemany", 3.0),
    ]  # fmt: skip


def measure_sync_rates(folder: Path, scale: float = 1.0) -> SyncRates:
    """One PC pushes everything, another pulls it, and a third one fetches the whole shop."""
    path = build(folder / "pushing.db", Scale.full().times(_PART * scale))
    with markers(folder), serving(folder / "server") as server, open_database(path) as pushing:
        sign_in(pushing)
        rows = [batch.rows for batch in batches(pushing)]
        count = sum(len(part) for batch in rows for part in batch.values())
        copied_s = copy_seconds(rows)
        inserted_s = _insert_seconds(folder / "inserted.db", rows)
        with open_database(folder / "pulling.db", create=True) as pulling:
            joined(server, pulling, "C2", server.told["join_code"])
            synchronise(pulling)
            joined(server, pushing, "", join_code(folder))
            pushed_s, pushed = _timed(pushing)
            pulled_s, _pulled = _timed(pulling)
        with open_database(folder / "fetching.db", create=True) as fetching:
            joined(server, fetching, "C3", join_code(folder))
            fetched_s, fetched = _timed(fetching)
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return SyncRates(
        count, pushed_s, copied_s, pulled_s, inserted_s, fetched_s,
        fetched.bytes_received, pushed.bytes_sent, peak_kb,
    )  # fmt: skip


@contextmanager
def markers(folder: Path) -> Iterator[None]:
    os.environ["CLEANFLOW_MARKERS"] = str(folder / "markers")
    try:
        yield
    finally:
        del os.environ["CLEANFLOW_MARKERS"]


def sign_in(db: Database) -> None:
    owner = first_owner(db)
    db.session.user_id = owner.id if owner else None


def join_code(folder: Path) -> str:
    """Another join code, made by a command as by an administrator."""
    command = [*serve_command(folder / "server", "new-code", "My shop"), "--json"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return str(json.loads(told.stdout)["join_code"])


def joined(server: Serving, db: Database, pc_code: str, join_code: str) -> None:
    join(db, server.url, join_code, pc_code)


def _timed(db: Database) -> tuple[float, Summary]:
    started = time.perf_counter()
    summary = synchronise(db)
    seconds = time.perf_counter() - started
    assert summary.is_same_books, (summary, db.value("SELECT difference FROM sync_state"))
    return seconds, summary


def _insert_seconds(path: Path, batches_of_rows: list[dict[str, list[Row]]]) -> float:
    """executemany of the same rows with the same triggers, table by table, one transaction per batch."""
    with open_database(path, create=True) as db:
        started = time.perf_counter()
        for name in RECORDS:
            for rows in batches_of_rows:
                made = [row for row in rows.get(name, ()) if row["device_id"] != NO_DEVICE]
                if made:
                    _insert_all(db, name, made)
        return time.perf_counter() - started


@with_transaction
def _insert_all(db: Database, table: str, rows: list[Row]) -> None:
    db.execute("UPDATE app_settings SET is_merging = 1")
    db.connection.executemany(INSERTS[table], rows)
    db.execute("UPDATE app_settings SET is_merging = 0")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="cleanflow-bench-") as place:
        for budget in measure_sync(Path(place)):
            print(budget)
