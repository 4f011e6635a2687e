"""Show a report: on the terminal, as JSON, or as a PDF."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from cleanflow.cli.console import complain, open_shop, print_json
from cleanflow.clock import check_date
from cleanflow.dao.stamps import today
from cleanflow.db import Database
from cleanflow.reports.daily import daily_report
from cleanflow.reports.daily_page import daily_document
from cleanflow.reports.document import Document
from cleanflow.reports.plain import plain

PAPERS = ("A4", "LETTER")


@dataclass(frozen=True)
class Made:
    """A report that has been made: its numbers for ``--json``, and what people see."""

    numbers: dict[str, Any]
    document: Document


@dataclass(frozen=True)
class ReportCommand:
    """One report: its own arguments, and how it is made from them."""

    summary: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    make: Callable[[Database, argparse.Namespace], Made]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the reports, each a command of its own with the same outputs."""
    reports = parser.add_subparsers(dest="report", metavar="REPORT", required=True)
    for name, report in _REPORTS.items():
        child = reports.add_parser(name, help=report.summary, description=report.summary)
        report.add_arguments(child)
        child.add_argument("--json", action="store_true", help="print one JSON object")
        child.add_argument("--pdf", type=Path, metavar="FILE", help="write a PDF")
        child.add_argument("--paper", type=str.upper, choices=PAPERS, default="A4", help="for --pdf (A4)")


def run(options: argparse.Namespace) -> int:
    """Make the report and bring it where it was asked for; the terminal when nothing was."""
    with open_shop(options) as db:
        made = _REPORTS[options.report].make(db, options)
    if options.pdf is not None:
        from cleanflow.reports.pdf import save_pdf

        save_pdf(made.document, options.pdf, paper=options.paper)
        complain(f"{options.pdf} is written.")
    if options.json:
        print_json(made.numbers)
    elif options.pdf is None:
        from cleanflow.reports.text import as_text

        print(as_text(made.document), end="")
    return 0


def chosen_date(db: Database, text: str) -> str:
    """``YYYY-MM-DD``, ``today`` or ``yesterday`` of the shop. Refuses with ``date_invalid``."""
    days_back = {"today": 0, "yesterday": 1}.get(text.strip().lower())
    if days_back is None:
        return check_date(text.strip())
    return check_date(today(db) - timedelta(days=days_back))


def _daily_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--date", default="today", metavar="DATE", help="YYYY-MM-DD, today or yesterday (today)"
    )


def _make_daily(db: Database, options: argparse.Namespace) -> Made:
    report = daily_report(db, chosen_date(db, options.date))
    unit = report.shop.currency
    sums = {
        "report": "daily",
        "pc": report.shop.pc_code,
        "currency": unit.code,
        "taken_in": unit.text(report.taken_in_minor),
        "paid_out": unit.text(report.paid_out_minor),
    }
    return Made({**sums, **plain(report, unit)}, daily_document(report))


_REPORTS = {
    "daily": ReportCommand("One day: money, drawer, jobs, who owes what.", _daily_arguments, _make_daily),
}
