"""Import customers, services, jobs, payments or expenses from a file of another program."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cleanflow.cli.console import ProgressLine, complain, open_shop, print_json
from cleanflow.dao.shop import DATE_ORDERS
from cleanflow.errors import NotSaved, Refusal, harmless
from cleanflow.exchange.entries import KINDS
from cleanflow.exchange.importing import ADDED, Choices, Outcome, Plan, Report, run_import
from cleanflow.exchange.preview import Preview, Problem, read_file


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``import``."""
    parser.add_argument("kind", choices=tuple(KINDS), help="what the file's lines are")
    parser.add_argument("file", type=Path, metavar="FILE", help=".csv, .txt, .xlsx, .vcf or .iif")
    parser.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="COLUMN=FIELD",
        help="which column gives which field, where the guess is wrong; COLUMN=- leaves a column out",
    )
    parser.add_argument(
        "--encoding", default="", metavar="NAME", help="like windows-1254, if letters look wrong"
    )
    parser.add_argument("--sheet", default="", metavar="NAME", help="of an Excel file; else its first sheet")
    parser.add_argument(
        "--date-order",
        default="",
        choices=("", *DATE_ORDERS),
        help="how the file writes dates, if it is read wrongly",
    )
    parser.add_argument(
        "--dates-are-right", action="store_true", help="import dates more than a year ahead as they are"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="show what would happen to each line, and write nothing"
    )
    parser.add_argument("--strict", action="store_true", help="import nothing when any line is bad")
    parser.add_argument("--json", action="store_true", help="the result as one JSON object")


def run(options: argparse.Namespace) -> int:
    """Import the file; 1 when a line was refused or the disk failed, 130 when it was stopped."""
    choices = Choices(options.encoding, options.sheet, options.date_order, options.dates_are_right)
    with open_shop(options) as db:
        preview = read_file(db, options.kind, options.file, options.map, choices)
        plan = preview.plan
        if not options.json:
            _show_preview(preview)
        _warn(preview)
        progress = _Progress("lines (checked first, then imported)" if options.strict else "lines")
        try:
            report = run_import(
                db, plan, dry_run=options.dry_run, strict=options.strict, advance=progress.advance
            )
        except (NotSaved, KeyboardInterrupt) as error:
            progress.finish()
            if isinstance(error, NotSaved):
                complain(str(error))
            complain(str(Refusal("import_stopped")))
            return 1 if isinstance(error, NotSaved) else 130
        progress.finish()
    if options.json:
        print_json(_as_json(preview, report, options))
    else:
        _show_report(plan, report, options)
    if report.known_by_content:
        complain(
            f"{report.known_by_content:,} lines are there already, known by their content only: if they are"
            " new, add a column with a number of their own and map it to external_key."
        )
    return 1 if report.refused else 0


class _Progress:
    """Says how far the import is as soon as it has taken more than a second."""

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


def _show_preview(preview: Preview) -> None:
    """How the file is read: its program and encoding, its columns, and its first lines as understood."""
    plan = preview.plan
    file = plan.file
    facts = [plan.program or file.file_type, file.encoding]
    if file.delimiter:
        facts.append(f"cells divided by {file.delimiter!r}")
    complain(f"{file.path.name}: {', '.join(filter(None, facts))}")
    if preview.sample:
        _tell(f"  {'(looks like)':16} {preview.sample}")
    for name, columns in preview.fields.items():
        _tell(f"  {name:16} <- {' + '.join(columns)}")
    if preview.left_out:
        _tell(f"  {'(ignored)':16} <- {', '.join(preview.left_out)}")
    if preview.has_dates:
        _tell(f"  {'(dates)':16} {_date_order(plan)}")
    for row in preview.rows:
        _tell(
            f"  line {row.line}: " + "; ".join(f"{name} {_short(text)}" for name, text in row.values.items())
        )
    if preview.joined_count:
        complain(f"Lines with one invoice number are one: {preview.joined_count:,} belong to a line above.")


def _date_order(plan: Plan) -> str:
    parts = {"D": "day", "M": "month", "Y": "year"}
    words = ", ".join(parts[part] for part in plan.date_order)
    if plan.is_order_from_file:
        return f"{words}: the file has dates that can only be read so"
    return f"{words}, where a date could be read in two ways"


def _short(text: str) -> str:
    line = " / ".join(text.splitlines())
    return line if len(line) <= 60 else f"{line[:59]}…"


def _warn(preview: Preview) -> None:
    """What will be refused, changed or left out, before anything is imported."""
    plan, fields = preview.plan, preview.fields
    _list("Not understood, and refused:", preview.problems)
    _list("Changed:", preview.warnings)
    _list("Left out:", preview.not_records)
    if any(problem.text.endswith("more than a year ahead.") for problem in preview.problems):
        complain("If these dates are right, add --dates-are-right.")
    if "external_key" not in fields:
        complain(
            "No column gives the external_key: lines are known again by their content only, and a new line"
            " that equals one imported before is taken for the same."
        )
    is_split = "cash_amount" in fields or "bank_amount" in fields
    if plan.kind in _CASH_WARNINGS and "method" not in fields and not is_split:
        complain(f"No column gives the method: {_CASH_WARNINGS[plan.kind]}")


def _list(title: str, problems: Iterable[Problem]) -> None:
    for number, problem in enumerate(problems):
        if not number:
            complain(title)
        lines = ", ".join(map(str, problem.lines)) + (", …" if problem.count > len(problem.lines) else "")
        field = f"{problem.field}: " if problem.field else ""
        _tell(f"  {field}{problem.text} ({'line' if problem.count == 1 else 'lines'} {lines})")


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
        f" {report.refused:,} refused{_others(report)}."
    )
    if _is_stopped(report, options):
        complain("Nothing of the file was imported (--strict).")
    elif options.dry_run:
        complain("Nothing was written (--dry-run).")


def _others(report: Report) -> str:
    """What else became of lines, where there are such."""
    words = {"joined to a line above": report.joined, "left out": report.left_out}
    return "".join(f", {count:,} {name}" for name, count in words.items() if count)


def _tell(line: str) -> None:
    if sys.stderr is not None:  # closed by whoever started us
        print(harmless(line), file=sys.stderr)


def _sentence(outcome: Outcome) -> str:
    return f"line {outcome.line}: {outcome.outcome}" + (f": {outcome.reason}" if outcome.reason else "")


def _is_stopped(report: Report, options: argparse.Namespace) -> bool:
    return bool(options.strict and report.refused and report.is_undone)


def _as_json(preview: Preview, report: Report, options: argparse.Namespace) -> dict[str, Any]:
    plan = preview.plan
    return {
        "kind": plan.kind,
        "file": str(plan.file.path),
        "file_type": plan.file.file_type,
        "program": plan.program,
        "encoding": plan.file.encoding,
        "sample": preview.sample,
        "delimiter": plan.file.delimiter,
        "date_order": plan.date_order,
        "mapping": preview.fields,
        "ignored": preview.left_out,
        "problems": list(map(_problem_as_json, preview.problems)),
        "warnings": list(map(_problem_as_json, preview.warnings)),
        "dry_run": options.dry_run,
        "stopped": _is_stopped(report, options),
        "added": report.added,
        "skipped": report.skipped,
        "known_by_content": report.known_by_content,
        "refused": report.refused,
        "joined": report.joined,
        "left_out": report.left_out,
        "total": plan.currency.text(report.total_minor),
        "new_categories": report.new_categories,
        "lines": [_line_as_json(outcome) for outcome in report.lines],
    }


def _problem_as_json(problem: Problem) -> dict[str, Any]:
    return {
        "field": problem.field,
        "text": problem.text,
        "lines": list(problem.lines),
        "count": problem.count,
    }


def _line_as_json(outcome: Outcome) -> dict[str, Any]:
    record: dict[str, Any] = {"line": outcome.line, "outcome": outcome.outcome}
    return record if outcome.outcome == ADDED else {**record, "reason": outcome.reason}
