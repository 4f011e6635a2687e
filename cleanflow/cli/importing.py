"""Import customers, services, jobs, payments or expenses from a CSV file."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

from cleanflow.cli.console import ProgressLine, complain, open_shop, print_json
from cleanflow.errors import NotSaved
from cleanflow.exchange.entries import KINDS
from cleanflow.exchange.importing import ADDED, Outcome, Plan, Report, plan_import, run_import


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``import``."""
    parser.add_argument("kind", choices=tuple(KINDS), help="what the lines of the file are")
    parser.add_argument("file", type=Path, metavar="FILE.csv")
    parser.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="COLUMN=FIELD",
        help="the field of a column, where the guess is wrong; COLUMN=- ignores a column",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="show what would happen to each line, and write nothing"
    )
    parser.add_argument("--strict", action="store_true", help="import nothing when any line is bad")
    parser.add_argument("--json", action="store_true", help="the result as one JSON object")


def run(options: argparse.Namespace) -> int:
    """Import the file; 1 when a line was refused or the disk failed, 130 when it was stopped."""
    with open_shop(options) as db:
        plan = plan_import(db, options.kind, options.file, options.map)
        if not options.json:
            _show_plan(plan)
        _warn(plan)
        progress = _PatientProgress("lines (checked first, then imported)" if options.strict else "lines")
        kept = _Kept()
        try:
            report = run_import(
                db,
                plan,
                dry_run=options.dry_run,
                strict=options.strict,
                advance=progress.advance,
                on_kept=kept.note,
            )
        except (NotSaved, KeyboardInterrupt) as error:
            progress.finish()
            complain(str(error) if isinstance(error, NotSaved) else "Stopped.")
            complain(kept.sentence())
            return 1 if isinstance(error, NotSaved) else 130
        progress.finish()
    if options.json:
        print_json(_as_json(plan, report, options))
    else:
        _show_report(plan, report, options)
    if report.known_by_content:
        complain(
            f"{report.known_by_content:,} lines are there already, known by their content only: if they are"
            " new, add a column with a number of their own and map it to external_key."
        )
    return 1 if report.refused else 0


class _Kept:
    """Tells how much of the file has been imported if the import ends early."""

    def __init__(self) -> None:
        self._added = 0

    def note(self, added: int) -> None:
        self._added = added

    def sentence(self) -> str:
        if not self._added:
            return "No line of the file was added. Run the same command again."
        return f"{self._added:,} lines were added and are kept. Run the same command again: it goes on there."


class _PatientProgress:
    """Progress of an import, shown once it has taken more than a second."""

    def __init__(self, what: str) -> None:
        self._progress = ProgressLine(what)
        self._speaks_at = time.monotonic() + 1
        self._untold = 0

    def advance(self) -> None:
        self._untold += 1
        if time.monotonic() >= self._speaks_at:
            self._progress.advance(self._untold)
            self._untold = 0

    def finish(self) -> None:
        if time.monotonic() >= self._speaks_at:
            self._progress.advance(self._untold)
            self._progress.finish()


def _show_plan(plan: Plan) -> None:
    complain(f"{plan.file.path.name}: {plan.file.encoding}, cells divided by {plan.file.delimiter!r}")
    for name, columns in plan.mapping.shown().items():
        _tell(f"  {name:16} <- {' + '.join(columns)}")
    if ignored := plan.mapping.ignored():
        _tell(f"  {'(ignored)':16} <- {', '.join(ignored)}")


def _warn(plan: Plan) -> None:
    fields = plan.mapping.shown()
    if "external_key" not in fields:
        complain(
            "No column gives the external_key: lines are known again by their content only, and a new line"
            " that equals one imported before is taken for the same."
        )
    if plan.kind in _CASH_WARNINGS and "method" not in fields:
        complain(f"No column gives the method: {_CASH_WARNINGS[plan.kind]}")


_CASH_WARNINGS = {
    "payments": "all payments are taken as cash, i.e. they go through the drawer.",
    "expenses": "all expenses are taken as cash, i.e. they go through the drawer.",
}

#: Kind -> what its amounts are; the price of a service is no amount that moved.
_AMOUNT_NAMES = {
    "customers": "opening balances",
    "jobs": "agreed amounts",
    "payments": "money received",
    "expenses": "money spent",
}


def _show_report(plan: Plan, report: Report, options: argparse.Namespace) -> None:
    for outcome in report.lines:
        _tell(_sentence(outcome))
    if report.new_categories:
        complain(f"New expense categories: {', '.join(report.new_categories)}.")
    name = _AMOUNT_NAMES.get(plan.kind)
    total = f", {name} {plan.currency.format(report.total_minor)} {plan.currency.code}" if name else ""
    _tell(
        f"{plan.kind.capitalize()}: {report.added:,} added{total}; {report.skipped:,} there already,"
        f" {report.refused:,} refused."
    )
    if _is_stopped(report, options):
        complain("Nothing of the file was imported (--strict).")
    elif options.dry_run:
        complain("Nothing was written (--dry-run).")


def _tell(line: str) -> None:
    if sys.stderr is not None:  # closed by the parent process
        print(line, file=sys.stderr)


def _sentence(outcome: Outcome) -> str:
    return f"line {outcome.line}: {outcome.outcome}" + (f": {outcome.reason}" if outcome.reason else "")


def _is_stopped(report: Report, options: argparse.Namespace) -> bool:
    return bool(options.strict and report.refused and report.is_undone)


def _as_json(plan: Plan, report: Report, options: argparse.Namespace) -> dict[str, Any]:
    return {
        "kind": plan.kind,
        "file": str(plan.file.path),
        "encoding": plan.file.encoding,
        "delimiter": plan.file.delimiter,
        "date_order": plan.date_order,
        "mapping": plan.mapping.shown(),
        "ignored": plan.mapping.ignored(),
        "dry_run": options.dry_run,
        "stopped": _is_stopped(report, options),
        "added": report.added,
        "skipped": report.skipped,
        "known_by_content": report.known_by_content,
        "refused": report.refused,
        "total": plan.currency.text(report.total_minor),
        "new_categories": report.new_categories,
        "lines": [_line_as_json(outcome) for outcome in report.lines],
    }


def _line_as_json(outcome: Outcome) -> dict[str, Any]:
    record: dict[str, Any] = {"line": outcome.line, "outcome": outcome.outcome}
    return record if outcome.outcome == ADDED else {**record, "reason": outcome.reason}
