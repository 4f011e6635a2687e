"""Back up the whole shop into one verified file, while work goes on."""

from __future__ import annotations

import argparse
from pathlib import Path

from cleanflow.cli.console import complain, open_shop
from cleanflow.errors import harmless
from cleanflow.safekeeping.backup import back_up


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``backup``."""
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="the file to write; an older backup there is replaced"
    )


def run(options: argparse.Namespace) -> int:
    """Exit status 1 if no backup was made, or if verifying it found problems in the books."""
    with open_shop(options) as db:
        made = back_up(db, options.file)
    size = made.path.stat().st_size
    print(f"{harmless(str(made.path))} is written: {size / 1_000_000:,.1f} MB.")
    if made.is_good:
        print("It was opened and verified: every number agrees.")
        return 0
    complain(f"Verifying it found {len(made.findings)} problems in the books; see `verify`:")
    for finding in made.findings:
        complain(f"  - {finding}")
    return 1
