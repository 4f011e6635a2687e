"""PCs driven by commands, each command in a process of its own."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

from cleanflow.dao import customers, jobs, payments
from cleanflow.dao.users import first_owner
from cleanflow.db import Database, open_database
from cleanflow.safekeeping.verify import verify
from server.database import Shop
from tests.server.live import ROOT, run_sql
from tests.sync.pcs import contents


class CommandPc:
    """A PC driven by commands; ``code`` is its PC code."""

    def __init__(self, folder: Path, code: str) -> None:
        self.folder, self.code = folder, code
        self.path = folder / "cleanflow.db"
        self.environment = os.environ | {"CLEANFLOW_MARKERS": str(folder / "markers")}

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "cleanflow", "--data", str(self.folder), *words],
            cwd=ROOT, env=self.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self, *words: str, status: int = 0) -> str:
        """Run a command and check its exit status; returns what it printed, or its error message."""
        with self.start(*words) as process:
            out, complaints = process.communicate(timeout=120)
        assert process.returncode == status, (words, process.returncode, out, complaints)
        assert "Traceback" not in complaints
        return out if status == 0 or "--json" in words else complaints

    def told(self, *words: str, status: int = 0) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.run(*words, "--json", status=status))
        return answer

    def sync(self, status: int = 0) -> dict[str, Any]:
        return self.told("sync", status=status)

    def open(self) -> Database:
        db = open_database(self.path)
        owner = first_owner(db)
        db.session.user_id = owner.id if owner else None
        return db

    def cursors(self) -> tuple[int, int]:
        with self.open() as db:
            row = db.one("SELECT fetch_cursor, pull_cursor FROM sync_state")
            assert row is not None
            return row[0], row[1]


def new_shop(folder: Path) -> CommandPc:
    pc = CommandPc(folder, "C1")
    pc.run("init", "--shop", "Sparkle", "--currency", "PKR", "--pc", "C1", "--owner", "Olga", "--pin", "1234")
    return pc


def work(db: Database, operations: int, seed: int = 1) -> None:
    """A day at the counter: customers, jobs and payments."""
    numbers = random.Random(seed)
    for number in range(operations):
        known = [row[0] for row in db.rows("SELECT id FROM customers ORDER BY id LIMIT 50")]
        if not known or number % 5 == 0:
            customers.add_customer(db, name=f"Customer {number} of {seed}")
        elif number % 5 < 3:
            jobs.create_job(db, customer_id=numbers.choice(known), amount_minor=numbers.randint(1, 9999))
        else:
            payments.record_payment(
                db, customer_id=numbers.choice(known), amount_minor=numbers.randint(1, 9999), method="CASH"
            )


def assert_same(*pcs: CommandPc) -> None:
    """All PCs hold the same books, and `verify` finds nothing wrong."""
    found = []
    for pc in pcs:
        with pc.open() as db:
            found.append(contents(db))
            assert verify(db).findings == [], pc.code
            assert db.value("SELECT count(*) FROM sync_waiting") == 0
    for other in found[1:]:
        for table, rows in found[0].items():
            assert other[table] == rows, table


def assert_on_server(database: str, shop: Shop, pc: CommandPc) -> None:
    """The server has each record of ``pc`` exactly once."""
    with pc.open() as db:
        for table in ("customers", "jobs", "payments", "payment_allocations", "ledger_entries"):
            there = [str(row[0]) for row in run_sql(database, f"SELECT id FROM {table}", shop=shop)]
            assert sorted(there) == [row[0] for row in db.rows(f"SELECT id FROM {table} ORDER BY id")], table
