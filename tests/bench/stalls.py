"""The window's longest stall and a cashier's wait during a synchronisation of 100,000 rows.

A real window runs in a process of its own, and a payment is recorded now and then. It is measured first at
rest, then while the worker's thread fetches and sends.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from cleanflow.db import open_database
from cleanflow.sync.client import synchronise
from tests.bench.budget import Budget
from tests.bench.scale import Scale, build
from tests.bench.sync import join_code, joined, markers, sign_in
from tests.server.live import ROOT, serving

#: Scale of the other PCs' records to fetch, and of this PC's unsent records.
_THEIRS, _OURS = 0.038, 0.01

_WINDOW = """
import json, sys, time
from pathlib import Path
from cleanflow.dao.jobs import create_job
from cleanflow.dao.payments import record_payment
from cleanflow.dao.users import list_users
from cleanflow.db import open_database
from cleanflow.gui.window import open_window
from cleanflow.dao.remembered import remember
from cleanflow.sync.worker import AT_START, EVERY_MINUTES

db = open_database(Path(sys.argv[1]))
remember(db, AT_START, False)
remember(db, EVERY_MINUTES, 0)
window = open_window(db)
window.start(True)
window.update()
window.stages.signed_in(list_users(db)[0])
window.update()
customers = [row[0] for row in db.rows("SELECT id FROM customers LIMIT 200")]

def measure(goes_on):
    turns, operations = [], []
    next_operation = time.perf_counter()
    while goes_on(len(operations)):
        started = time.perf_counter()
        window.update()
        time.sleep(0.001)
        turns.append(time.perf_counter() - started)
        if started > next_operation:
            customer = customers[len(operations) % len(customers)]
            started = time.perf_counter()
            record_payment(db, customer_id=customer, amount_minor=100, method="CASH")
            operations.append(time.perf_counter() - started)
            next_operation = time.perf_counter() + 0.1
    turns.sort(), operations.sort()
    return {
        "stall_ms": turns[-1] * 1000,
        "turn_p99_ms": turns[int(len(turns) * 0.99)] * 1000,
        "operation_p99_ms": operations[int(len(operations) * 0.99)] * 1000,
        "operation_p50_ms": operations[len(operations) // 2] * 1000,
        "operations": len(operations),
    }

at_rest = measure(lambda done: done < 100)
window.syncing.begin()
window.syncing.now()
meanwhile = measure(lambda done: window.syncing.progress.last is None)
last = window.syncing.progress.last
window.destroy()
print(json.dumps({
    "at_rest": at_rest, "meanwhile": meanwhile, "code": last.code, "words": last.words,
    "pushed": last.pushed, "pulled": last.pulled,
}))
"""


@dataclass(frozen=True)
class Stalls:
    """The longest stall and the p99 of an operation in milliseconds, at rest and while synchronising."""

    rows: int
    rest_stall_ms: float
    rest_operation_ms: float
    stall_ms: float
    operation_ms: float


def measure_stalls(folder: Path, scale: float = 1.0) -> list[Budget]:
    """The longest stall compared with 50 ms."""
    stalls = stalls_of(folder, scale)
    print(
        f"{stalls.rows:,} rows synchronised beside a window: longest stall {stalls.stall_ms:.0f} ms"
        f" (at rest {stalls.rest_stall_ms:.0f}), p99 of a payment {stalls.operation_ms:.0f} ms"
        f" (at rest {stalls.rest_operation_ms:.0f})"
    )
    return [Budget("longest stall of the window in a sync", stalls.stall_ms / 1000, 0.05, "s", "50 ms")]


def stalls_of(folder: Path, scale: float) -> Stalls:
    """Let another PC fill the server, then synchronise while a window runs."""
    theirs = build(folder / "theirs.db", Scale.full().times(_THEIRS * scale))
    ours = build(folder / "ours.db", Scale.full().times(_OURS * scale))
    with markers(folder), serving(folder / "server") as server:
        with open_database(theirs) as db:
            sign_in(db)
            joined(server, db, "", str(server.told["join_code"]))
            summary = synchronise(db)
            assert summary.is_same_books, summary
        with open_database(ours) as db:
            sign_in(db)
            joined(server, db, "C2", join_code(folder))
        command = [sys.executable, "-s", "-c", _WINDOW, str(ours)]
        told = subprocess.run(
            command, cwd=ROOT, env={**os.environ}, capture_output=True, text=True, check=False
        )
    assert told.returncode == 0, told.stderr
    facts = json.loads(told.stdout.splitlines()[-1])
    assert facts["code"] == "", facts
    return Stalls(
        facts["pushed"] + facts["pulled"],
        facts["at_rest"]["stall_ms"],
        facts["at_rest"]["operation_p99_ms"],
        facts["meanwhile"]["stall_ms"],
        facts["meanwhile"]["operation_p99_ms"],
    )


if __name__ == "__main__":
    import tempfile

    from tests.display import display

    with display(), tempfile.TemporaryDirectory(prefix="cleanflow-bench-") as place:
        for budget in measure_stalls(Path(place)):
            print(budget)
