"""Make a demo shop that looks as if it had worked for months."""

from __future__ import annotations

import argparse

from cleanflow.cli.console import ProgressLine, complain, records_path
from cleanflow.demo.making import CASHIER_PIN, OWNER_PIN, make_demo


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``demo``."""
    parser.add_argument("--jobs", type=_positive, default=1000, metavar="N", help="how many jobs (1000)")
    parser.add_argument("--days", type=_days, default=90, metavar="D", help="in how many days (90)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="seed of the random story (1)")
    parser.add_argument("--currency", default="PKR", metavar="CODE", help="ISO 4217 (PKR)")


def run(options: argparse.Namespace) -> int:
    """Fill a new data folder; an existing shop is never mixed with invented records."""
    path = records_path(options)
    progress = ProgressLine("jobs made", options.jobs)
    make_demo(
        path,
        jobs=options.jobs,
        days=options.days,
        seed=options.seed,
        currency=options.currency,
        advance=progress.advance,
    )
    progress.finish()
    complain(f"The demo shop is ready in {path}. Owner's PIN {OWNER_PIN}, cashier's PIN {CASHIER_PIN}.")
    return 0


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
