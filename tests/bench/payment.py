"""A whole payment, durably saved, compared with a commit of one row."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from statistics import median
from time import perf_counter

from cleanflow.dao.customers import add_customer
from cleanflow.dao.jobs import create_job
from cleanflow.dao.payments import record_payment
from cleanflow.dao.users import first_owner
from cleanflow.db import open_database
from tests.bench.budget import Budget

ROUNDS = 400


def measure_payment(path: Path, folder: Path) -> Budget:
    """Median time of payments that settle a job, each measured beside a one-row commit on the same disk."""
    raw = sqlite3.connect(folder / "raw.db", isolation_level=None)
    raw.execute("PRAGMA journal_mode = WAL")
    raw.execute("PRAGMA synchronous = FULL")
    raw.execute("PRAGMA wal_autocheckpoint = 0")
    raw.execute("CREATE TABLE line (id TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT")
    ours, limit = [], []
    with open_database(path) as db:
        owner = first_owner(db)
        db.session.user_id = owner.id if owner else None
        customer = add_customer(db, name="Payer").id
        for number in range(ROUNDS):
            create_job(db, customer_id=customer, amount_minor=1000)
            started = perf_counter()
            record_payment(db, customer_id=customer, amount_minor=1000, method="CASH")
            ours.append(perf_counter() - started)
            started = perf_counter()
            raw.execute("BEGIN IMMEDIATE")
            raw.execute("INSERT INTO line VALUES (?, ?)", (f"{number:036d}", "x" * 200))
            raw.execute("COMMIT")
            limit.append(perf_counter() - started)
    raw.close()
    return Budget(
        "one payment, whole operation, durable",
        median(ours) * 1000,
        median(limit) * 1000,
        "ms",
        "one row, one commit, synchronous=FULL",
        allowed=2.5,
    )
