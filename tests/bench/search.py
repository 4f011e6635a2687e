"""Customer search while typing: every keystroke within one frame."""

from __future__ import annotations

from pathlib import Path
from random import Random
from time import perf_counter

from cleanflow.dao.customers import search_customers
from cleanflow.db import open_database
from tests.bench.budget import Budget, percentile

FRAME_MS = 16.0


def measure_search(path: Path) -> Budget:
    """99th percentile of a search while names and phones are typed, from the start and from the middle."""
    random = Random(2)
    times = []
    with open_database(path) as db:
        known = [tuple(row) for row in db.rows("SELECT name, phone FROM customers")]
        for name, phone in random.sample(known, min(60, len(known))):
            for text in (name, name[random.randrange(len(name)) :], phone, phone[-7:]):
                for length in range(1, len(text) + 1):
                    started = perf_counter()
                    search_customers(db, text[:length])
                    times.append((perf_counter() - started) * 1000)
    return Budget("customer search, a keystroke, p99", percentile(times, 0.99), FRAME_MS, "ms", "one frame")
