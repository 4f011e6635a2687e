"""The daily report's data: 20 ms, and no more for a long history than for a short one."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

from cleanflow.db import open_database
from cleanflow.reports.daily import daily_report
from tests.bench.budget import Budget
from tests.bench.scale import LAST_DAY


def measure_daily_report(large: Path, small: Path) -> list[Budget]:
    """The last days of both histories, in turn."""
    times: dict[Path, list[float]] = {large: [], small: []}
    with open_database(large) as many, open_database(small) as few:
        for back in range(20):
            for path, db in ((large, many), (small, few)):
                started = perf_counter()
                daily_report(db, LAST_DAY - timedelta(days=back))
                times[path].append(perf_counter() - started)
    long_ms, short_ms = median(times[large]) * 1000, median(times[small]) * 1000
    return [
        Budget("daily report data, long history", long_ms, 20.0, "ms", "20 ms"),
        Budget(
            "daily report data, long against short history",
            long_ms,
            short_ms,
            "ms",
            "1/100 of the history",
            2.0,  # deeper indexes and colder pages are allowed, growth with the history is not
        ),
    ]
