"""Another thread can interrupt a long query; interrupting a closed connection does nothing."""

from __future__ import annotations

import sqlite3
import threading
import time

import pytest

from cleanflow.db import Database


def test_a_query_that_runs_is_stopped_and_the_connection_goes_on(db: Database) -> None:
    timer = threading.Timer(0.2, db.interrupt)
    timer.start()
    started = time.monotonic()
    with pytest.raises(sqlite3.OperationalError, match="interrupted"):
        db.value("WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n")
    assert time.monotonic() - started < 5
    timer.join()
    assert db.value("SELECT 1") == 1


def test_interrupting_a_closed_connection_does_nothing(db: Database) -> None:
    db.close()
    db.interrupt()
