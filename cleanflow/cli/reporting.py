"""Show a report: on the terminal, as JSON, as a PDF or as an Excel workbook."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cleanflow.cli.console import complain, open_shop, print_json
from cleanflow.cli.report_choices import chosen_customer, chosen_date, chosen_month, chosen_period
from cleanflow.dao.shop import Shop
from cleanflow.db import Database
from cleanflow.rendering.document import Document
from cleanflow.reports.cash_flow import cash_flow_report
from cleanflow.reports.daily import daily_report
from cleanflow.reports.monthly import monthly_report
from cleanflow.reports.pages.cash_flow_page import cash_flow_document
from cleanflow.reports.pages.daily_page import daily_document
from cleanflow.reports.pages.monthly_page import monthly_document
from cleanflow.reports.plain import plain
from cleanflow.reports.profit import profit_document, profit_report
from cleanflow.reports.receivables import receivables_document, receivables_report
from cleanflow.reports.statement import first_entry_date, statement, statement_document
from cleanflow.reports.trial_balance import trial_balance, trial_balance_document

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
        child.add_argument(
            "--print",
            action="store_true",
            help="print it as this PC prints reports (see the window's print page)",
        )
        child.add_argument("--xlsx", type=Path, metavar="FILE", help="write an Excel workbook")


def run(options: argparse.Namespace) -> int:
    """Make the report and bring it where it was asked for; the terminal when nothing was."""
    with open_shop(options) as db:
        made = _REPORTS[options.report].make(db, options)
        if options.print:
            _print(db, made.document)
    if options.pdf is not None:
        from cleanflow.rendering.pdf import save_pdf

        save_pdf(made.document, options.pdf, paper=options.paper)
        complain(f"{options.pdf} is written.")
    if options.xlsx is not None:
        from cleanflow.rendering.xlsx import save_xlsx

        save_xlsx(made.document, options.xlsx)
        complain(f"{options.xlsx} is written.")
    if options.json:
        print_json(made.numbers)
    elif options.pdf is None and options.xlsx is None and not options.print:
        from cleanflow.rendering.text import as_text

        print(as_text(made.document), end="")
    return 0


def _print(db: Database, document: Document) -> None:
    """Refuses as the printer does; the pages then wait beside the shop, for the window to print later."""
    from cleanflow.printing.choices import load_choice
    from cleanflow.printing.spool import FOLDER_NAME, Spool

    choice = load_choice(db, "document")
    Spool(db.path.parent / FOLDER_NAME).print_document(document, choice)
    complain(f"Sent to {choice.printer or 'the usual printer'}.")


_DATE_HELP = "YYYY-MM-DD, the shop's own order, today or yesterday"


class _OfOtherReports(argparse.Action):
    """Says which days in the way of other reports: ends the command with the name of this one's option."""

    def __call__(self, parser: argparse.ArgumentParser, *given: Any) -> None:
        """``const`` is what this report takes."""
        parser.error(f"the {parser.prog.split()[-1]} report takes {self.const}, not {given[-1]}")


def _refuse(parser: argparse.ArgumentParser, *others: str, right: str) -> None:
    for other in others:
        parser.add_argument(other, nargs="?", action=_OfOtherReports, const=right, help=argparse.SUPPRESS)


def _date_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--date", default="today", metavar="DATE", help=f"{_DATE_HELP} (today)")
    _refuse(parser, "--month", "--from", "--to", right="--date DATE")


def _month_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--month", default="", metavar="YYYY-MM", help="which month (this one)")
    _refuse(parser, "--date", "--from", "--to", right="--month YYYY-MM")


def _period_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--from", dest="first", metavar="DATE", help=f"{_DATE_HELP} (the first of the last day's month)"
    )
    parser.add_argument("--to", dest="last", default="today", metavar="DATE", help="likewise (today)")
    _refuse(parser, "--date", "--month", right="--from DATE --to DATE")


def _ledger_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--customer", required=True, metavar="WHO", help="part of the name, the phone number, or the id"
    )
    parser.add_argument(
        "--from", dest="first", metavar="DATE", help=f"{_DATE_HELP} (the customer's first entry)"
    )
    parser.add_argument("--to", dest="last", default="today", metavar="DATE", help="likewise (today)")
    _refuse(parser, "--date", "--month", right="--from DATE --to DATE")


def _make_daily(db: Database, options: argparse.Namespace) -> Made:
    report = daily_report(db, chosen_date(db, options.date))
    sums = {"taken_in_minor": report.taken_in_minor, "paid_out_minor": report.paid_out_minor}
    return Made(_numbers("daily", report, report.shop, sums), daily_document(report))


def _make_monthly(db: Database, options: argparse.Namespace) -> Made:
    report = monthly_report(db, chosen_month(db, options.month))
    sums = {
        "income_total_minor": report.income_minor,
        "income_total_before_minor": report.income_before_minor,
        "expenses_total_minor": report.expenses_minor,
        "expenses_total_before_minor": report.expenses_before_minor,
        "profit_minor": report.profit_minor,
        "profit_before_minor": report.profit_before_minor,
    }
    return Made(_numbers("monthly", report, report.shop, sums), monthly_document(report))


def _make_ledger(db: Database, options: argparse.Namespace) -> Made:
    customer_id = chosen_customer(db, options.customer)
    begun = first_entry_date(db, customer_id)
    last = chosen_date(db, options.last)
    first = options.first or (begun if begun and begun < last else last)
    report = statement(db, customer_id, *chosen_period(db, first, last))
    sums = {
        "charged_minor": report.charged_minor,
        "credited_minor": report.credited_minor,
        "closing_minor": report.closing_minor,
    }
    return Made(_numbers("ledger", report, report.shop, sums), statement_document(report))


def _make_cash_flow(db: Database, options: argparse.Namespace) -> Made:
    report = cash_flow_report(db, *chosen_period(db, options.first, options.last))
    sums = {
        "opening_minor": report.opening_minor,
        "in_minor": report.in_minor,
        "out_minor": report.out_minor,
        "closing_minor": report.closing_minor,
    }
    return Made(_numbers("cashflow", report, report.shop, sums), cash_flow_document(report))


def _make_receivables(db: Database, options: argparse.Namespace) -> Made:
    report = receivables_report(db, chosen_date(db, options.date))
    sums = {"total_minor": report.total_minor, "other_credit_minor": report.other_credit_minor}
    return Made(_numbers("receivables", report, report.shop, sums), receivables_document(report))


def _make_trial_balance(db: Database, options: argparse.Namespace) -> Made:
    report = trial_balance(db, chosen_date(db, options.date))
    sums = {"debit_minor": report.debit_minor, "credit_minor": report.credit_minor}
    return Made(_numbers("trial-balance", report, report.shop, sums), trial_balance_document(report))


def _make_profit(db: Database, options: argparse.Namespace) -> Made:
    report = profit_report(db, *chosen_period(db, options.first, options.last))
    sums = {
        "income_total_minor": report.income_minor,
        "expenses_total_minor": report.expenses_minor,
        "profit_minor": report.profit_minor,
    }
    return Made(_numbers("profit", report, report.shop, sums), profit_document(report))


def _numbers(name: str, report: Any, shop: Shop, sums_minor: dict[str, int]) -> dict[str, Any]:
    """What ``--json`` prints: which report of which PC, its sums, and all of its parts."""
    unit = shop.currency
    sums = {key.removesuffix("_minor"): unit.text(value) for key, value in sums_minor.items()}
    whole = {"report": name, "pc": shop.pc_code, "currency": unit.code, **sums}
    return {**whole, **plain(report, unit)}


_REPORTS = {
    "daily": ReportCommand("One day: money, drawer, jobs, who owes what.", _date_arguments, _make_daily),
    "monthly": ReportCommand("One month beside the month before.", _month_arguments, _make_monthly),
    "ledger": ReportCommand(
        "A customer's account: every entry, and the balance.", _ledger_arguments, _make_ledger
    ),
    "cashflow": ReportCommand("Money in and out, cash and bank.", _period_arguments, _make_cash_flow),
    "receivables": ReportCommand("Who owes what, and for how long.", _date_arguments, _make_receivables),
    "trial-balance": ReportCommand("Every account's balance.", _date_arguments, _make_trial_balance),
    "profit": ReportCommand("Profit and loss.", _period_arguments, _make_profit),
}
