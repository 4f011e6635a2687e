"""Show a report: on the terminal, as JSON, as a PDF or as an Excel workbook."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import Any

from cleanflow.cli.console import complain, open_shop, print_json
from cleanflow.cli.owner_pin import act_as_asked, add_owner_argument
from cleanflow.cli.reading import read_customer, read_date, read_month, read_period
from cleanflow.db import Database
from cleanflow.rendering.document import Document
from cleanflow.reports.catalogue import Asked, Days, ReportKind, catalogue
from cleanflow.reports.periods import month_period

PAPERS = ("A4", "LETTER")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the reports, each a command of its own with the same outputs."""
    reports = parser.add_subparsers(dest="report", metavar="REPORT", required=True)
    for kind in catalogue():
        child = reports.add_parser(kind.name, help=kind.summary, description=kind.summary)
        _add_choices(kind, child)
        child.add_argument("--json", action="store_true", help="print one JSON object")
        child.add_argument("--pdf", type=Path, metavar="FILE", help="write a PDF")
        child.add_argument("--paper", type=str.upper, choices=PAPERS, default="A4", help="for --pdf (A4)")
        child.add_argument(
            "--print",
            action="store_true",
            help="print it on the printer that the window uses for reports",
        )
        child.add_argument("--xlsx", type=Path, metavar="FILE", help="write an Excel workbook")
        add_owner_argument(child)


def run(options: argparse.Namespace) -> int:
    """Make the report and write it to each output that was asked for, or else to the terminal."""
    with open_shop(options) as db:
        act_as_asked(db, options)
        kind = next(kind for kind in catalogue() if kind.name == options.report)
        asked = _asked(kind, db, options)
        report = kind.make(db, asked)
        document = kind.drawn(db, asked, report)
        if options.print:
            _print(db, document)
    if options.pdf is not None:
        from cleanflow.rendering.pdf import save_pdf

        save_pdf(document, options.pdf, paper=options.paper)
        complain(f"{options.pdf} is written.")
    if options.xlsx is not None:
        from cleanflow.rendering.xlsx import save_xlsx

        save_xlsx(document, options.xlsx)
        complain(f"{options.xlsx} is written.")
    if options.json:
        print_json(kind.as_json(report))
    elif options.pdf is None and options.xlsx is None and not options.print:
        from cleanflow.rendering.text import as_text

        print(as_text(document), end="")
    return 0


def _print(db: Database, document: Document) -> None:
    """Print the document. Refuses as the printer does; the pages then wait for the window to print them."""
    from cleanflow.printing.choices import load_choice
    from cleanflow.printing.spool import FOLDER_NAME, Spool

    choice = load_choice(db, "document")
    Spool(db.path.parent / FOLDER_NAME).print_document(document, choice)
    complain(f"Sent to {choice.printer or 'the default printer'}.")


_DATE_HELP = "YYYY-MM-DD, the shop's date order, today or yesterday"


class _OfOtherReports(argparse.Action):
    """An option of other reports: ends the command and names this report's own option."""

    def __call__(self, parser: argparse.ArgumentParser, *given: Any) -> None:
        """``const`` names the options that this report takes."""
        parser.error(f"the {parser.prog.split()[-1]} report takes {self.const}, not {given[-1]}")


def _refuse(parser: argparse.ArgumentParser, *others: str, right: str) -> None:
    for other in others:
        parser.add_argument(other, nargs="?", action=_OfOtherReports, const=right, help=argparse.SUPPRESS)


def _date_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--date", default="today", metavar="DATE", help=f"{_DATE_HELP} (today)")
    _refuse(parser, "--month", "--from", "--to", right="--date DATE")


def _dates_arguments(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--date", metavar="DATE", help=f"{_DATE_HELP} (today)")
    which.add_argument("--from", dest="first", metavar="DATE", help="the first of several days, a page each")
    parser.add_argument("--to", dest="last", metavar="DATE", help="the last of them (today)")
    _refuse(parser, "--month", right="--date DATE or --from DATE --to DATE")


def _month_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--month", default="", metavar="YYYY-MM", help="which month (this one)")
    _refuse(parser, "--date", "--from", "--to", right="--month YYYY-MM")


def _period_arguments(parser: argparse.ArgumentParser, beginning: str) -> None:
    parser.add_argument("--from", dest="first", metavar="DATE", help=f"{_DATE_HELP} ({beginning})")
    parser.add_argument("--to", dest="last", default="today", metavar="DATE", help="likewise (today)")
    _refuse(parser, "--date", "--month", right="--from DATE --to DATE")


def _add_choices(kind: ReportKind[Any], parser: argparse.ArgumentParser) -> None:
    """Declare the report's own arguments."""
    if kind.of_customer:
        parser.add_argument(
            "--customer", required=True, metavar="WHO", help="part of the name, the phone number, or the id"
        )
    if kind.days is Days.DATE:
        _date_arguments(parser)
    elif kind.days is Days.DATES:
        _dates_arguments(parser)
    elif kind.days is Days.MONTH:
        _month_arguments(parser)
    else:
        _period_arguments(
            parser, "the customer's first entry" if kind.of_customer else "the first of the last day's month"
        )


def _asked(kind: ReportKind[Any], db: Database, options: argparse.Namespace) -> Asked:
    """The chosen days and customer; refuses as :mod:`cleanflow.cli.reading` does."""
    customer_id = read_customer(db, options.customer) if kind.of_customer else None
    if kind.days is Days.DATE:
        day = date.fromisoformat(read_date(db, options.date))
        return Asked(day, day)
    if kind.days is Days.DATES and options.first is None and options.last is None:
        day = date.fromisoformat(read_date(db, "today" if options.date is None else options.date))
        return Asked(day, day)
    if kind.days is Days.DATES:
        if options.first is None:
            complain("--to needs --from." if options.date is None else "--to does not go with --date.")
            raise SystemExit(2)
        first, last = map(
            date.fromisoformat,
            read_period(db, options.first, "today" if options.last is None else options.last),
        )
        return Asked(first, last)
    if kind.days is Days.MONTH:
        month = month_period(read_month(db, options.month))
        return Asked(date.fromisoformat(month.first), date.fromisoformat(month.last))
    if kind.of_customer and options.first is None:
        return Asked(None, date.fromisoformat(read_date(db, options.last)), customer_id)
    first, last = map(date.fromisoformat, read_period(db, options.first, options.last))
    return Asked(first, last, customer_id)
