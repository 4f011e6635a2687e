"""Runs a worker in a test, waits for its synchronisations, and times a cashier's writes beside it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cleanflow.dao.remembered import remember
from cleanflow.db import Database, bulk
from cleanflow.sync.client import Summary
from cleanflow.sync.worker import Worker
from tests.server.live import wait_until
from tests.sync.pcs import ShopPc


@contextmanager
def working(pc: ShopPc) -> Iterator[Worker]:
    started = Worker(pc.path, clock=pc.clock)
    started.start()
    try:
        yield started
    finally:
        started.stop()
        wait_until(lambda: not started._thread.is_alive())


def finished(one: Worker, code: str = "") -> Summary:
    """Wait until a synchronisation has ended; returns its summary."""
    wait_until(lambda: not one.progress.is_running and one.progress.last is not None)
    last = one.progress.last
    assert last is not None and last.code == code, last
    return last


def another(one: Worker, code: str = "") -> Summary:
    """Request a synchronisation and wait until it has ended."""
    before = one.progress.last
    one.sync_now()
    wait_until(lambda: one.progress.last is not before and not one.progress.is_running)
    return finished(one, code)


def many_customers(pc: ShopPc, count: int) -> None:
    with bulk(pc.db):
        for number in range(count):
            pc.customer(f"Customer {number}")


def write_times(db: Database, goes_on: Callable[[int], bool]) -> list[float]:
    """Seconds of small writes made one after another with short pauses, shortest first."""
    took: list[float] = []
    while goes_on(len(took)):
        started = time.perf_counter()
        remember(db, "place", len(took))
        took.append(time.perf_counter() - started)
        time.sleep(0.005)
    return sorted(took)
