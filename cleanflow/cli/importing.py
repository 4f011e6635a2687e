"""Import customers, services, jobs, payments or expenses from a CSV file."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from cleanflow.cli.console import Progress, complain, open_shop, print_json
from cleanflow.exchange.entries import KINDS
from cleanflow.exchange.importing import ADDED, Outcome, Plan, Report, plan_import, run_import


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``import``."""
    parser.add_argument("kind", choices=tuple(KINDS), help="what the file's lines are")
    parser.add_argument("file", type=Path, metavar="FILE.csv")
    parser.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="COLUMN=FIELD",
        help="which column gives which field, where the guess is wrong; COLUMN=- ignores a column",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would happen to each line, write nothing"
    )
    parser.add_argument("--strict", action="store_true", help="import nothing when any line is bad")
    parser.add_argument("--json", action="store_true", help="the result as one JSON object")


def run(options: argparse.Namespace) -> int:
    """Import the file; 1 when a line was refused."""
    with open_shop(options) as db:
        plan = plan_import(db, options.kind, options.file, options.map)
        _show_plan(plan)
        progress = Progress("lines")
        report = run_import(
            db, plan, dry_run=options.dry_run, strict=options.strict, advance=progress.advance
        )
        progress.finish()
    if options.json:
        print_json(_as_json(plan, report, options))
    else:
        _print(plan, report, options)
    return 1 if report.refused else 0


def _show_plan(plan: Plan) -> None:
    complain(f"{plan.file.path.name}: {plan.file.encoding}, cells divided by {plan.file.delimiter!r}")
    for name, columns in plan.mapping.shown().items():
        print(f"  {name:16} <- {' + '.join(columns)}", file=sys.stderr)
    if ignored := plan.mapping.ignored():
        print(f"  {'(ignored)':16} <- {', '.join(ignored)}", file=sys.stderr)


def _print(plan: Plan, report: Report, options: argparse.Namespace) -> None:
    stream = sys.stdout if options.dry_run else sys.stderr
    for outcome in report.lines:
        print(_sentence(outcome), file=stream)
    if report.new_categories:
        complain(f"New expense categories: {', '.join(report.new_categories)}.")
    total = f"{plan.currency.format(report.total_minor)} {plan.currency.code}"
    print(
        f"{plan.kind.capitalize()}: {report.added:,} added ({total}), {report.skipped:,} there already,"
        f" {report.refused:,} refused."
    )
    if _is_stopped(report, options):
        complain("Nothing of the file was imported (--strict).")
    elif options.dry_run:
        complain("Nothing was written (--dry-run).")


def _sentence(outcome: Outcome) -> str:
    return f"line {outcome.line}: {outcome.outcome}" + (f": {outcome.reason}" if outcome.reason else "")


def _is_stopped(report: Report, options: argparse.Namespace) -> bool:
    return bool(options.strict and report.refused)


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
        "refused": report.refused,
        "total": plan.currency.text(report.total_minor),
        "new_categories": report.new_categories,
        "lines": [_line_as_json(outcome) for outcome in report.lines],
    }


def _line_as_json(outcome: Outcome) -> dict[str, Any]:
    record: dict[str, Any] = {"line": outcome.line, "outcome": outcome.outcome}
    return record if outcome.outcome == ADDED else {**record, "reason": outcome.reason}
