"""`python3 -m tests bench`: measures each budget of the design against its limit in the same run.

After the budgets it measures other programs that do the same work.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from math import nan
from pathlib import Path

from tests.bench.alternatives import ALTERNATIVES, measure_alternatives, print_alternatives
from tests.bench.budget import Failure
from tests.bench.parts import PARTS, measure_parts
from tests.bench.shops import Shops
from tests.bench.table import print_table


def main(argv: list[str]) -> int:
    """Build the data, measure, print the tables; returns 1 if a budget is exceeded or was not measured."""
    names = [part.name for part in PARTS]
    parser = argparse.ArgumentParser(prog="python3 -m tests bench", description=__doc__)
    parser.add_argument(
        "--scale", type=float, default=1.0, help="part of 100,000 jobs and 1,000,000 entries (1.0)"
    )
    parser.add_argument(
        "--only", nargs="+", choices=[*names, *ALTERNATIVES], metavar="PART",
        help="measure these alone: " + ", ".join([*names, *ALTERNATIVES]),
    )  # fmt: skip
    options = parser.parse_args(argv)
    wanted = options.only or [*names, *ALTERNATIVES]
    busy_before = _busy()
    with tempfile.TemporaryDirectory(prefix="cleanflow-bench-") as folder:
        shops = Shops(Path(folder), options.scale)
        results = measure_parts([part for part in PARTS if part.name in wanted], shops)
        others = measure_alternatives([name for name in ALTERNATIVES if name in wanted], shops)
    print(_circumstances(busy_before))
    if results:
        print_table(results)
    if others:
        print_alternatives(others)
    held = [not isinstance(result, Failure) and result.is_held for result in results]
    return 0 if all(held) else 1


def _busy() -> float:
    """The load average of the last minute; nan where the system has none."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else nan


def _circumstances(busy_before: float) -> str:
    """A line about the machine's load, which slows everything when there are few cores."""
    return (
        f"{os.cpu_count()} cores; at work in the minute before: {busy_before:.1f} processes,"
        f" in the last one: {_busy():.1f}"
    )
