"""Splits long writing into short transactions, so that a cashier's operation never waits for it.

Only for independent steps: each is a whole operation or only marks rows.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from cleanflow.db import Database, with_transaction
from cleanflow.db.turns import is_wanted

T = TypeVar("T")

#: Time after which a transaction starts no further step, even if nobody waits. People notice a tenth of a
#: second; on a slow disk the commit itself takes the rest of it.
_HOLD_S = 0.04


def in_pieces(
    db: Database,
    steps: Iterable[T],
    do: Callable[[Database, T], object],
    *,
    merging: bool = False,
    go_on: Callable[[], object] = lambda: None,
) -> None:
    """Call ``do(db, step)`` for each step, in as many transactions as needed.

    ``merging``: the rows come from other PCs, so the rules for this PC's own operations do not apply.
    ``go_on`` is called between transactions and may raise to stop.
    """
    remaining = iter(steps)
    while _some(db, remaining, do, merging):
        go_on()


@with_transaction
def _some(db: Database, remaining: Iterator[T], do: Callable[[Database, T], object], merging: bool) -> bool:
    """Do steps until the time is up; returns whether there may be more."""
    if merging:
        db.execute("UPDATE app_settings SET is_merging = 1")
    until = time.monotonic() + _HOLD_S
    more = False
    for step in remaining:
        do(db, step)
        if time.monotonic() > until or is_wanted(db.wal_path):
            more = True
            break
    if merging:
        db.execute("UPDATE app_settings SET is_merging = 0")
    return more
