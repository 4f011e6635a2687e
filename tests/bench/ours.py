"""CleanFlow's side of the comparisons: the same work done by its own operations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

from cleanflow.dao.customers import add_customer
from cleanflow.dao.payments import record_payment
from cleanflow.dao.shop import set_up_shop
from cleanflow.db import Database, open_database
from cleanflow.reports.monthly import monthly_report
from cleanflow.sync.client import Summary, synchronise
from tests.bench.scale import LAST_DAY, Scale, build
from tests.bench.sync import join_code, joined, markers, sign_in
from tests.server.live import serving

_CUSTOMERS = 50
_REPORTS = 7


@dataclass(frozen=True)
class Synchronised:
    """Seconds for recording payments, sending them and fetching them on another PC; ``rows`` were sent."""

    record_s: float
    push_s: float
    pull_s: float
    report_s: float
    rows: int


@contextmanager
def shop_of(path: Path, entries: int) -> Iterator[Database]:
    """A shop with a given number of ledger entries, and its owner signed in."""
    scale = Scale.full()
    build(path, scale.times(entries / (scale.jobs + scale.payments + scale.expenses)))
    with open_database(path) as db:
        sign_in(db)
        yield db


def record(db: Database, payments: int) -> float:
    """Seconds for a number of payments, each on disk before the next."""
    customers = [add_customer(db, name=f"Payer {number}").id for number in range(_CUSTOMERS)]
    started = perf_counter()
    for number in range(payments):
        record_payment(db, customer_id=customers[number % _CUSTOMERS], amount_minor=1000, method="CASH")
    return perf_counter() - started


def report(db: Database, month: str) -> float:
    """Median seconds of a monthly report."""
    times = []
    for _time in range(_REPORTS):
        started = perf_counter()
        monthly_report(db, month)
        times.append(perf_counter() - started)
    return median(times)


def record_and_synchronise(folder: Path, payments: int) -> Synchronised:
    """Record in a new shop, send to its server, and fetch on a second, empty PC."""
    with (
        markers(folder),
        serving(folder / "server") as server,
        open_database(folder / "first.db", create=True) as first,
        open_database(folder / "second.db", create=True) as second,
    ):
        set_up_shop(first, name="Bench", currency="EUR", pc_code="C1", owner="Olga", pin="1234")
        sign_in(first)
        record_s = record(first, payments)
        joined(server, first, "", str(server.told["join_code"]))
        push_s, sent = _timed(first)
        joined(server, second, "C2", join_code(folder))
        pull_s, _fetched = _timed(second)
        return Synchronised(record_s, push_s, pull_s, report(second, f"{LAST_DAY:%Y-%m}"), sent.pushed)


def _timed(db: Database) -> tuple[float, Summary]:
    started = perf_counter()
    summary = synchronise(db)
    seconds = perf_counter() - started
    assert summary.is_same_books, summary
    return seconds, summary
