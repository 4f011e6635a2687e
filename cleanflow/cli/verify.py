"""Check the books from scratch and say what is wrong."""

from __future__ import annotations

import argparse

from cleanflow.cli.console import complain, print_json, records_path
from cleanflow.dao.users import first_owner
from cleanflow.db import open_database
from cleanflow.errors import Refusal
from cleanflow.safekeeping.verify import verify


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``verify``."""
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """Exit status 1 if anything is wrong."""
    with open_database(records_path(options)) as db:
        verdict = verify(db, lambda stage: None if options.json else complain(f"checking {stage} …"))
        # Checked last, because a changed table may not be queried.
        if verdict.is_clean and first_owner(db) is None:
            raise Refusal("not_set_up")
    if options.json:
        findings = [{"code": f.code, "where": f.where, "words": f.words} for f in verdict.findings]
        print_json({"clean": verdict.is_clean, "ledger_entries": verdict.entries, "findings": findings})
    elif verdict.is_clean:
        print(f"The books are in order: {verdict.entries:,} ledger entries checked, every number agrees.")
    else:
        print(f"{len(verdict.findings)} problems:")
        for finding in verdict.findings:
            print(f"  - {finding}")
    return 0 if verdict.is_clean else 1
