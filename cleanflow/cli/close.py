"""Close a business date: store the count of the drawer and the day's report."""

from __future__ import annotations

import argparse
from pathlib import Path

from cleanflow.cli.console import complain, open_shop, print_json
from cleanflow.cli.owner_pin import act_as_asked, add_owner_argument
from cleanflow.cli.reading import read_date
from cleanflow.dao.blind_count import require_drawer_shown
from cleanflow.dao.closings import DayClosing, closings_of, late_entries
from cleanflow.dao.shop import get_shop
from cleanflow.db import Database
from cleanflow.errors import NotSaved, Refusal
from cleanflow.money import Currency, parse_amount
from cleanflow.reports.closed_day import addenda_reports, close_the_day, closed_report, make_addendum
from cleanflow.safekeeping.automatic import back_up_today


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``close``."""
    parser.add_argument("--date", default="today", metavar="DATE", help="which day (today)")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--counted", metavar="AMOUNT", help="the cash in the drawer; 0 for an empty one")
    what.add_argument("--again", action="store_true", help="show the report of a day that is closed already")
    what.add_argument(
        "--addendum",
        action="store_true",
        help="make an addendum of what was recorded for the day after it was closed",
    )
    parser.add_argument("--reason", default="", metavar="WORDS", help="why the drawer differs")
    add_owner_argument(parser)
    parser.add_argument("--pdf", type=Path, metavar="FILE", help="write the closed report as a PDF")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """Close the day, or show the report of a closed one."""
    with open_shop(options) as db:
        act_as_asked(db, options)
        day = read_date(db, options.date, to_write=options.counted is not None)
        unit = get_shop(db).currency
        if options.counted is not None:
            counted = _read_count(options.counted, unit)
            closing = close_the_day(db, counted_minor=counted, reason=options.reason, on=day)
            _back_up(db)
        else:
            closing = _last_closing(db, day)
        require_drawer_shown(db, closing.drawer_id)
        if options.addendum:
            make_addendum(db, closing.id)
            document = addenda_reports(db, closing.id)[-1]
        else:
            document = closed_report(db, closing.id)
        late = late_entries(db, closing)
    if options.pdf is not None:
        from cleanflow.rendering.pdf import save_pdf

        try:
            save_pdf(document, options.pdf)
        except Refusal:
            complain(f"{day} is closed ({closing.reference}); for its report run: close --date {day} --again")
            raise
        complain(f"{options.pdf} is written.")
    if options.json:
        print_json({
            "reference": closing.reference,
            "date": closing.business_date,
            "currency": unit.code,
            "expected": unit.text(closing.expected_minor),
            "counted": unit.text(closing.counted_minor),
            "difference": unit.text(closing.variance_minor),
            "later_entries": late,
        })  # fmt: skip
    elif options.pdf is None:
        from cleanflow.rendering.text import as_text

        print(as_text(document), end="")
    return 0


def _back_up(db: Database) -> None:
    """Back up; the day stays closed even if that fails."""
    try:
        outcome = back_up_today(db)
    except NotSaved as error:
        complain(str(error))
    else:
        if outcome.is_news:
            complain(outcome.trouble)


def _read_count(text: str, unit: Currency) -> int:
    return 0 if text.strip() and not text.strip().strip("0.,") else parse_amount(text, unit)


def _last_closing(db: Database, day: str) -> DayClosing:
    closings = closings_of(db, day)
    if not closings:
        raise Refusal("not_closed", day=day)
    return closings[-1]
