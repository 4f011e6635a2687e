"""Export the ledger as a journal for Beancount or hledger."""

from __future__ import annotations

import argparse
from pathlib import Path

from cleanflow.cli.console import ProgressLine, complain, open_shop
from cleanflow.cli.owner_pin import act_as_asked, add_owner_argument
from cleanflow.dao.blind_count import require_cash_shown
from cleanflow.exchange.journal import FORMATS, journal_lines
from cleanflow.files import written_whole


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``export``."""
    what = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    journal = what.add_parser("journal", help="every ledger entry, with balances that the reader checks")
    journal.add_argument("--format", choices=FORMATS, default="beancount")
    journal.add_argument("file", type=Path, metavar="FILE")
    add_owner_argument(journal)


def run(options: argparse.Namespace) -> int:
    """Write the file, whole or not at all."""
    progress = ProgressLine("lines written")
    with open_shop(options) as db:
        act_as_asked(db, options)
        require_cash_shown(db)
        with written_whole(options.file) as file:
            for line in journal_lines(db, options.format):
                file.write(f"{line}\n".encode())
                progress.advance()
    complain(f"The journal is in {options.file}.")
    return 0
