"""`python3 -m tests bench`: each budget of the design, measured against its limit in the same run."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tests.bench.budget import Budget, print_table
from tests.bench.built_file import measure_built_file
from tests.bench.lists import measure_lists
from tests.bench.payment import measure_payment
from tests.bench.reports import measure_daily_report, measure_other_reports, measure_pdf
from tests.bench.scale import Scale, build
from tests.bench.search import measure_search
from tests.bench.server import measure_push
from tests.bench.stalls import measure_stalls
from tests.bench.sync import measure_sync
from tests.bench.window import measure_window


def main(argv: list[str]) -> int:
    """Build the data, measure, print the table; 1 when a budget is not held."""
    parser = argparse.ArgumentParser(prog="python3 -m tests bench", description=__doc__)
    parser.add_argument(
        "--scale", type=float, default=1.0, help="part of 100,000 jobs and 1,000,000 entries (1.0)"
    )
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="cleanflow-bench-") as folder:
        budgets = measure(Path(folder), options.scale)
    print_table(budgets)
    return 0 if all(budget.is_held for budget in budgets) else 1


def measure(folder: Path, scale: float) -> list[Budget]:
    """All budgets, on a large history and on a small one of the same shop."""
    large = build(folder / "large.db", Scale.full().times(scale))
    small = build(folder / "small.db", Scale.full().times(scale / 100))
    return [
        measure_payment(large, folder),
        *measure_daily_report(large, small),
        measure_pdf(folder),
        measure_search(large),
        *measure_window(large),
        *measure_built_file(_made(folder / "release"), large),
        *measure_other_reports(large),  # settles the shop's jobs, as lists find them
        *measure_lists(large),
        measure_push(scale),
        *measure_sync(_made(folder / "sync"), scale),
        *measure_stalls(_made(folder / "stalls"), scale),
    ]


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
