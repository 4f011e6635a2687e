"""Other programs doing the same work as CleanFlow: for comparison, not a budget.

A GnuCash book through piecash, and PouchDB with its server. Both run in their own processes and environments
(alternative_setup.py); neither is a dependency of the program or of its tests.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter

from tests.bench import ours
from tests.bench.alternative_setup import NotHere, piecash_python, pouchdb_modules
from tests.bench.parts import reason
from tests.bench.scale import LAST_DAY
from tests.bench.shops import Shops

_HERE = Path(__file__).resolve().parent
_LIMIT_S = 240


@dataclass(frozen=True)
class Comparison:
    """Seconds of CleanFlow and of the other program for the same work."""

    what: str
    ours_s: float
    theirs_s: float


@dataclass(frozen=True)
class Alternative:
    """One other program: what was measured, and how its work differs from ours."""

    name: str
    comparisons: tuple[Comparison, ...] = ()
    differences: tuple[str, ...] = ()
    not_measured: str = ""


def measure_alternatives(names: Sequence[str], shops: Shops) -> list[Alternative]:
    """Measure each of ``names`` beside CleanFlow; one that is missing or fails reports why."""
    results = []
    for name in names:
        started = perf_counter()
        print(f"{name} …", file=sys.stderr, flush=True)
        results.append(_measured(name, shops))
        print(f"{name}: {perf_counter() - started:.0f} s", file=sys.stderr, flush=True)
    return results


def _measured(name: str, shops: Shops) -> Alternative:
    try:
        return ALTERNATIVES[name](shops)
    except NotHere as words:
        return Alternative(name, not_measured=str(words))
    except Exception as error:  # the boundary: the other programs are still measured
        return Alternative(name, not_measured=reason(error))


def _measure_piecash(shops: Shops) -> Alternative:
    python = piecash_python()
    folder = shops.new_folder("piecash")
    payments, history = max(20, int(1_000 * shops.scale)), max(500, int(50_000 * shops.scale))
    first, last = _month()
    words = [str(folder), str(payments), str(history), str(LAST_DAY), str(first), str(last)]
    theirs = _told([python, "-I", "-W", "ignore", str(_HERE / "with_piecash.py"), *words])
    with ours.shop_of(folder / "ours.db", history) as db:
        record_s = ours.record(db, payments)
        report_s = ours.report(db, f"{first:%Y-%m}")
    month = f"a month of {history:,} transactions"
    return Alternative(
        f"GnuCash's book through piecash {theirs['version']}",
        (
            Comparison(f"{payments:,} payments, each saved", record_s, theirs["record_s"]),
            Comparison(f"{month}, its objects", report_s, theirs["objects_s"]),
            Comparison(f"{month}, SQL on its tables", report_s, theirs["sql_s"]),
        ),
        (
            "both: double entry, durable before the next (SQLite, synchronous=FULL; it with a rollback journal,"
            " CleanFlow with a WAL)",
            "CleanFlow alone: reference, hash chain, audit row, the customer's balance; entries nobody can edit",
            "its sums are income, expenses and receivables; CleanFlow's report also has the month before, each"
            " day and the jobs, from sums that its triggers keep while recording",
        ),
    )


def _measure_pouchdb(shops: Shops) -> Alternative:
    modules = pouchdb_modules()
    folder = shops.new_folder("pouchdb")
    count = max(100, int(5_000 * shops.scale))
    command = ["node", str(_HERE / "with_pouchdb.js"), str(folder), str(count)]
    theirs = _told(command, NODE_PATH=str(modules), NODE_ENV="production")
    mine = ours.record_and_synchronise(shops.new_folder("pouchdb-ours"), count)
    return Alternative(
        f"PouchDB {theirs['version']} with express-pouchdb",
        (
            Comparison(f"{count:,} payments, one put each", mine.record_s, theirs["record_s"]),
            Comparison(f"{count:,} payments to the server", mine.push_s, theirs["push_s"]),
            Comparison(f"{count:,} payments to a second PC", mine.pull_s, theirs["pull_s"]),
            Comparison("the month's sums, first time", mine.report_s, theirs["index_s"]),
            Comparison("the month's sums, again", mine.report_s, theirs["report_s"]),
        ),
        (
            "its puts are not fsynced: a power cut loses the last of them; CleanFlow's are",
            f"it moves {count:,} documents, CleanFlow {mine.rows:,} rows: payment, ledger entry, audit row",
            "CleanFlow alone: double entry that is checked, hash chain checked on arrival, audit, balances"
            " derived again; its server is PostgreSQL (durable), the other's LevelDB (not fsynced)",
            "its month is a view that is indexed when first asked; CleanFlow's sums are kept while recording",
        ),
    )


#: Name for ``--only`` -> function that measures the program.
ALTERNATIVES: dict[str, Callable[[Shops], Alternative]] = {
    "piecash": _measure_piecash,
    "pouchdb": _measure_pouchdb,
}


def _month() -> tuple[date, date]:
    """The latest month that is at least half over."""
    first = (LAST_DAY - timedelta(days=15)).replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _told(command: Sequence[str], limit_s: float = _LIMIT_S, **variables: str) -> dict[str, float]:
    """The JSON in the last line that ``command`` prints; all its processes are ended afterwards."""
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=os.environ | variables, start_new_session=True,
    )  # fmt: skip
    try:
        printed, complaints = process.communicate(timeout=limit_s)
    except subprocess.TimeoutExpired:
        raise NotHere(f"it was not done after {limit_s:g} s") from None
    finally:
        _end(process)
    if process.returncode:
        raise NotHere("it failed: " + (complaints.strip().splitlines() or ["without a word"])[-1])
    told: dict[str, float] = json.loads(printed.splitlines()[-1])
    return told


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def print_alternatives(results: Sequence[Alternative]) -> None:
    """Print a table for each program, with notes on how to read it."""
    print("\nwhat one could use instead; for orientation, no budget")
    lines = [comparison for result in results for comparison in result.comparisons]
    width = max((len(line.what) for line in lines), default=0)
    for result in results:
        print(f"\n{result.name}")
        if result.not_measured:
            print(f"  not measured: {result.not_measured}")
            continue
        print(f"  {'':<{width}}  {'CleanFlow':>11}  {'the other':>11}  the other takes")
        for line in result.comparisons:
            print(f"  {line.what:<{width}}  {_row(line)}")
        for difference in result.differences:
            print(f"  - {difference}")


def _row(line: Comparison) -> str:
    times = line.theirs_s / line.ours_s
    return f"{line.ours_s * 1000:>8.1f} ms  {line.theirs_s * 1000:>8.1f} ms  {times:>8.2f} times as long"
