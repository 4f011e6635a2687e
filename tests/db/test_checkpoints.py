"""Checkpoints: no process commits during one, and the WAL stays bounded."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cleanflow.dao.customers import add_customer
from cleanflow.db import Database, bulk, checkpoints, open_database
from cleanflow.db.checkpoints import checkpoint, has_wal_reset_bug, wal_bytes
from cleanflow.db.database import WAL_KEPT_BYTES

ROOT = Path(__file__).resolve().parents[2]

#: Commits as fast as possible; prints the times at which each commit took the write lock and was done.
WRITER = """
import sys, time
from pathlib import Path
from cleanflow.db import open_database
with open_database(Path(sys.argv[1])) as db:
    print("ready", flush=True)
    stop = time.monotonic() + float(sys.argv[2])
    number = 0
    while time.monotonic() < stop:
        db.connection.execute("BEGIN IMMEDIATE")
        held = time.monotonic_ns()
        db.connection.execute("INSERT INTO local_settings VALUES ('k' || hex(randomblob(8)), 'v')")
        done = time.monotonic_ns()
        db.connection.execute("COMMIT")
        print(held, done)
"""


def test_no_commit_of_another_process_runs_beside_a_checkpoint(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The writer holds the lock from ``held`` until after ``done``; no checkpoint may overlap with that."""
    moving: list[tuple[int, int]] = []

    class Timed(sqlite3.Connection):
        def execute(self, sql: str, *rest: object) -> object:  # type: ignore[override]
            began = time.monotonic_ns()
            cursor = super().execute(sql, *rest)  # type: ignore[arg-type]
            if "wal_checkpoint" in sql:
                moving.append((began, time.monotonic_ns()))
            return cursor

    monkeypatch.setattr(
        checkpoints, "open_file", lambda path: sqlite3.connect(path, isolation_level=None, factory=Timed)
    )
    command = [sys.executable, "-c", WRITER, str(db.path), "3"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        until = time.monotonic() + 2.5
        while time.monotonic() < until:
            checkpoint(db)
        commits = [tuple(map(int, line.split())) for line in child.stdout]
    assert child.returncode == 0
    assert moving  # only a few on a busy PC
    assert len(commits) > 20
    overlaps = [(m, c) for m in moving for c in commits if m[0] < c[1] and c[0] < m[1]]
    assert overlaps == []
    assert db.value("PRAGMA integrity_check") == "ok"
    assert db.value("SELECT count(*) FROM local_settings") == len(commits)


def test_a_checkpoint_moves_every_page_and_keeps_every_record(db: Database) -> None:
    for number in range(20):
        add_customer(db, name=f"Customer {number}")
    done = checkpoint(db)
    assert done is not None
    assert done.wal_pages == done.moved_pages > 0
    assert db.value("SELECT count(*) FROM customers") == 20


def test_a_checkpoint_gives_way_to_a_writer(db: Database) -> None:
    with open_database(db.path) as other:
        other.connection.execute("BEGIN IMMEDIATE")
        db.execute("PRAGMA busy_timeout = 20")
        assert checkpoint(db) is None
        other.connection.execute("ROLLBACK")
    assert checkpoint(db) is not None


def test_the_wal_stays_bounded_during_a_long_day(db: Database) -> None:
    largest = 0
    for number in range(1500):
        add_customer(db, name=f"Customer {number}", notes="x" * 8000)
        largest = max(largest, wal_bytes(db))
    assert largest < 20_000_000
    assert db.path.stat().st_size > 1400 * 8000  # the rest is in the database file


def test_one_giant_operation_is_followed_by_a_checkpoint_and_the_wal_shrinks_again(db: Database) -> None:
    with bulk(db):
        for number in range(40):
            add_customer(db, name=f"Customer {number}")
        db.execute("INSERT INTO local_settings VALUES ('big', hex(zeroblob(20000000)))")
    assert wal_bytes(db) > WAL_KEPT_BYTES
    assert db.path.stat().st_size > 40_000_000
    add_customer(db, name="Next")
    assert wal_bytes(db) <= WAL_KEPT_BYTES


def test_sqlite_never_checkpoints_on_its_own_while_the_shop_is_open(db: Database) -> None:
    """Beyond SQLite's default threshold of 1000 pages the WAL still holds everything."""
    with open_database(db.path) as other:
        other.connection.execute("BEGIN IMMEDIATE")
        other.execute("INSERT INTO local_settings VALUES ('big', hex(zeroblob(3000000)))")
        other.connection.execute("COMMIT")
        assert wal_bytes(other) > 1000 * 4096
        assert other.path.stat().st_size < 1000 * 4096


def test_the_versions_with_the_bug_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    for version, has_bug in (
        ((3, 40, 1), True),
        ((3, 44, 6), False),
        ((3, 45, 0), True),
        ((3, 50, 7), False),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 52, 0), False),
    ):
        monkeypatch.setattr(checkpoints.sqlite3, "sqlite_version_info", version)
        assert has_wal_reset_bug() is has_bug, version
