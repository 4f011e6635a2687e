"""Making a demo shop in a new file, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from cleanflow.clock import SystemClock
from cleanflow.dao.clock_doubts import confirm_clock
from cleanflow.dao.shop import get_shop, is_set_up, set_up_shop
from cleanflow.db import open_database
from cleanflow.demo.shop import DemoClock, fill_shop
from cleanflow.errors import Refusal

OWNER_PIN, CASHIER_PIN = "1234", "2222"


def make_demo(
    path: Path,
    *,
    jobs: int = 1000,
    days: int = 90,
    seed: int = 1,
    currency: str = "PKR",
    advance: Callable[[int], None] = lambda made: None,
) -> None:
    """Make a shop that has worked for ``days`` days up to today, in a new file at ``path``.

    ``advance`` is called with the number of jobs of each day; what it raises stops the work, and nothing is
    left.
    Refuses with ``already_set_up``: invented records are never mixed with a shop's.
    """
    _refuse_a_shop(path)
    last_day = SystemClock().now().astimezone().date()
    clock = DemoClock(datetime.combine(last_day - timedelta(days=days - 1), time(7, 0), tzinfo=UTC))
    building = path.with_name(path.name + ".building")
    _remove(building)
    try:
        with open_database(building, clock=clock, create=True) as db:
            set_up_shop(
                db,
                name="Sparkle Cleaners (demo)",
                currency=currency,
                pc_code="C1",
                owner="Olga (owner)",
                pin=OWNER_PIN,
                address="12 Mall Road",
                phone="+92 42 555 0100",
            )
            fill_shop(db, clock, jobs=jobs, last_day=last_day, days=days, seed=seed, advance=advance)
            db.clock = SystemClock()  # whoever tries the shop continues today, in their own time zone
            confirm_clock(db)
        building.replace(path)  # so that an interrupted demo never looks like a shop
    finally:
        _remove(building)


def _remove(path: Path) -> None:
    for leftover in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
        leftover.unlink(missing_ok=True)


def _refuse_a_shop(path: Path) -> None:
    if path.exists():
        with open_database(path, create=True) as db:
            if is_set_up(db):
                raise Refusal("already_set_up", shop=get_shop(db).name)
