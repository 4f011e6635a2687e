"""Make a demo shop, filled as if it had worked for months."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from cleanflow.cli.console import Progress, complain, database_path
from cleanflow.clock import SystemClock
from cleanflow.dao.shop import get_shop, is_set_up, set_up_shop
from cleanflow.db import open_database
from cleanflow.demo.shop import DemoClock, fill_shop
from cleanflow.errors import Refusal


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``demo``."""
    parser.add_argument("--jobs", type=_positive, default=1000, metavar="N", help="how many jobs (1000)")
    parser.add_argument("--days", type=_days, default=90, metavar="D", help="in how many days (90)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="another number, another story (1)")
    parser.add_argument("--currency", default="PKR", metavar="CODE", help="ISO 4217 (PKR)")


def run(options: argparse.Namespace) -> int:
    """Fill a new data folder; a shop that exists is never mixed with invented records."""
    path = database_path(options)
    last_day = SystemClock().now().astimezone().date()
    first_morning = datetime.combine(last_day - timedelta(days=options.days - 1), time(7, 0), tzinfo=UTC)
    clock = DemoClock(first_morning)
    _refuse_a_shop(path)
    building = path.with_name(path.name + ".building")
    for leftover in (building, *(building.with_name(building.name + end) for end in ("-wal", "-shm"))):
        leftover.unlink(missing_ok=True)
    with open_database(building, clock=clock, create=True) as db:
        set_up_shop(
            db,
            name="Sparkle Cleaners (demo)",
            currency=options.currency,
            pc_code="C1",
            owner="Olga (owner)",
            pin="1234",
            address="12 Mall Road",
            phone="+92 42 555 0100",
        )
        progress = Progress("jobs made", options.jobs)
        fill_shop(
            db,
            clock,
            jobs=options.jobs,
            last_day=last_day,
            days=options.days,
            seed=options.seed,
            advance=progress.advance,
        )
        progress.finish()
    building.replace(path)  # so that a demo which was interrupted never looks like a shop
    complain(f"The demo shop is ready in {path}. Owner's PIN 1234, cashier's PIN 2222.")
    return 0


def _refuse_a_shop(path: Path) -> None:
    if path.exists():
        with open_database(path, create=True) as db:
            if is_set_up(db):
                raise Refusal("already_set_up", shop=get_shop(db).name)


def _days(text: str) -> int:
    number = _positive(text)
    if number > 3650:
        raise argparse.ArgumentTypeError("at most 3650 days, ten years")
    return number


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return number
