"""Synchronise once with the shop's server."""

from __future__ import annotations

import argparse

from cleanflow.cli.console import ProgressLine, complain, database_path, print_json
from cleanflow.db import open_database
from cleanflow.safekeeping.log import log_beside
from cleanflow.sync.client import FORKED, MOVED, Summary, synchronise
from cleanflow.sync.repair.identity import settle_here
from cleanflow.sync.state import get_state, joined_state, waiting


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``sync``."""
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--moved-here", action="store_true", help="this folder was moved here, not copied: continue with it"
    )


def run(options: argparse.Namespace) -> int:
    """Push and pull everything. Exit status 1 if something stays behind or the books differ."""
    progress = ProgressLine("rows")
    through = 0

    def report(_stage: str, rows: int) -> None:
        nonlocal through
        progress.advance(max(0, rows - through))
        through = max(through, rows)

    path = database_path(options)
    with open_database(path) as db:
        log_beside(path)
        joined_state(db)
        if options.moved_here:
            settle_here(db)
        db.in_background = True  # a window that is open on the same shop has priority
        summary = synchronise(db, report)
        left = waiting(db)
        difference = get_state(db).difference if summary.code == "" and not summary.is_same_books else None
    if options.json:
        print_json(
            {
                "code": summary.code,
                "words": summary.words,
                "pushed": summary.pushed,
                "pulled": summary.pulled,
                "refused": summary.refused,
                "overwritten": summary.overwritten,
                "owner_back": summary.owner_back or None,
                "same_books": summary.is_same_books,
                "difference": difference,
                "pending": left.unsent,
                "bytes_sent": summary.bytes_sent,
                "bytes_received": summary.bytes_received,
            }
        )
    else:
        _tell(summary, difference)
    return 0 if summary.code == "" and summary.is_same_books else 1


#: Code -> what to do about it with commands.
_REMEDIES = {
    FORKED: "Run: join URL CODE --as-new --pc NEWCODE, and then sync.",
    MOVED: "If the folder was moved here, run: sync --moved-here. If this is a copy, run: join URL CODE"
    " --as-new --pc NEWCODE.",
}


def _tell(summary: Summary, difference: str | None) -> None:
    print(f"sent {summary.pushed}, fetched {summary.pulled} records")
    if summary.is_same_books:
        print("the same books as the server")
    if summary.overwritten:
        print(f"overwritten by newer edits: {summary.overwritten}; the Sync screen lists them")
    if summary.owner_back:
        complain(f"No owner was left active: {summary.owner_back} is an active owner again.")
    for reason, count in summary.refused.items():
        complain(f"{count} records were refused by the server: {reason}")
    if difference:
        complain(f"Not the same books as the server: {difference}")
    if summary.words:
        complain(f"Not finished: {summary.words}")
    if summary.code in _REMEDIES:
        complain(_REMEDIES[summary.code])
