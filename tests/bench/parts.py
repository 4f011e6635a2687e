"""Runs the benchmark's parts independently: one that fails or takes too long does not stop the next."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from types import FrameType

from tests.bench.budget import Budget, Failure
from tests.bench.built_file import measure_built_file
from tests.bench.lists import measure_lists
from tests.bench.payment import measure_payment
from tests.bench.reports import measure_daily_report, measure_other_reports, measure_pdf
from tests.bench.search import measure_search
from tests.bench.server import measure_push
from tests.bench.shops import Shops
from tests.bench.stalls import measure_stalls
from tests.bench.sync import measure_sync
from tests.bench.window import measure_window

#: Time limit of a part: at full scale, none needs half of it on two idle cores.
PART_LIMIT_S = 600
#: Time limit for building the shops, which several parts share.
_BUILDING_LIMIT_S = 1800


@dataclass(frozen=True)
class Part:
    """A part: ``measure`` returns its budgets, ``name`` is for ``--only``, ``shops`` are built before."""

    name: str
    measure: Callable[[Shops], list[Budget]]
    shops: Sequence[Callable[[Shops], Path]] = ()


class TooLong(Exception):
    """A part exceeded its time limit."""


_LARGE, _SETTLED = (Shops.large,), (Shops.settled,)

PARTS = (
    Part("payment", lambda shops: [measure_payment(shops.large(), shops.folder)], _LARGE),
    Part("daily", lambda shops: measure_daily_report(shops.large(), shops.small()), (*_LARGE, Shops.small)),
    Part("pdf", lambda shops: [measure_pdf(shops.folder)]),
    Part("search", lambda shops: [measure_search(shops.large())], _LARGE),
    Part("window", lambda shops: measure_window(shops.large()), _LARGE),
    Part("zipapp", lambda shops: measure_built_file(shops.new_folder("release"), shops.large()), _LARGE),
    Part("reports", lambda shops: measure_other_reports(shops.settled()), _SETTLED),
    Part("lists", lambda shops: measure_lists(shops.settled()), _SETTLED),
    Part("push", lambda shops: [measure_push(shops.scale)]),
    Part("sync", lambda shops: measure_sync(shops.new_folder("sync"), shops.scale)),
    Part("stalls", lambda shops: measure_stalls(shops.new_folder("stalls"), shops.scale)),
)


def measure_parts(
    parts: Sequence[Part], shops: Shops, limit_s: float = PART_LIMIT_S
) -> list[Budget | Failure]:
    """The budgets of all parts in order; prints each part and its seconds to standard error."""
    results: list[Budget | Failure] = []
    for part in parts:
        started = perf_counter()
        print(f"{part.name} …", file=sys.stderr, flush=True)
        results += _measured(part, shops, limit_s)
        print(f"{part.name}: {perf_counter() - started:.0f} s", file=sys.stderr, flush=True)
    return results


def _measured(part: Part, shops: Shops, limit_s: float) -> list[Budget | Failure]:
    try:
        with within(_BUILDING_LIMIT_S):
            for build in part.shops:
                build(shops)
        with within(limit_s):
            return [*part.measure(shops)]
    except Exception as error:  # the boundary: the other parts are still measured
        return [Failure(part.name, reason(error))]


def reason(error: Exception) -> str:
    """The error in one line."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[-1]}"[:200] if lines else type(error).__name__


@contextmanager
def within(limit_s: float) -> Iterator[None]:
    """Raise :class:`TooLong` after ``limit_s`` seconds, if the system can; only in the main thread."""
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def end(_number: int, _frame: FrameType | None) -> None:
        raise TooLong(f"not done after {limit_s:g} s")

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, limit_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
