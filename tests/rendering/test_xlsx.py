"""The workbook: typed cells, totals that a spreadsheet program recomputes, and text that stays text."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from cleanflow.dao import customers, expenses, jobs, payments
from cleanflow.db import Database
from cleanflow.errors import Refusal
from cleanflow.money import Currency
from cleanflow.rendering.document import Column, Document, Fact, Section, Table
from cleanflow.rendering.xlsx import save_xlsx
from cleanflow.reports.cash_flow import cash_flow_report
from cleanflow.reports.daily import daily_report
from cleanflow.reports.monthly import monthly_report
from cleanflow.reports.pages.cash_flow_page import cash_flow_document
from cleanflow.reports.pages.daily_page import daily_document
from cleanflow.reports.pages.monthly_page import monthly_document
from cleanflow.reports.profit import profit_document, profit_report
from cleanflow.reports.receivables import receivables_document, receivables_report
from cleanflow.reports.statement import statement, statement_document
from cleanflow.reports.trial_balance import trial_balance, trial_balance_document
from tests.conftest import TestClock
from tests.reports.stories import TODAY, full_day

NAMES = (
    "=1+1",
    "+44 20",
    "-5",
    "@SUM(A1)",
    "محمد <b>",
    "=cmd|' /C calc'!A0",
    'Tom & "Jerry"',
    "王小明",
    "'quoted'",
)


def every_document(db: Database) -> Iterator[Document]:
    """Every report on a shop's last month."""
    last = str(db.value("SELECT max(business_date) FROM ledger_entries"))
    first = f"{last[:7]}-01"
    yield daily_document(daily_report(db, last))
    yield monthly_document(monthly_report(db, last[:7]))
    yield cash_flow_document(cash_flow_report(db, first, last))
    yield cash_flow_document(cash_flow_report(db, "2009-01-01", last))
    yield receivables_document(receivables_report(db, last))
    yield trial_balance_document(trial_balance(db, last))
    yield profit_document(profit_report(db, first, last))
    customer = db.value("SELECT customer_id FROM customer_balances ORDER BY balance_minor DESC LIMIT 1")
    yield statement_document(statement(db, customer, "2009-01-01", last))


def saved(document: Document, folder: Path) -> Any:
    path = folder / "report.xlsx"
    save_xlsx(document, path)
    return load_workbook(path)


def computed(sheet: Any, cell: Any) -> Decimal:
    """The value of a formula such as ``=SUM(B2:B9)``."""
    found = re.fullmatch(r"=SUM\(([A-Z])(\d+):\1(\d+)\)", cell.value)
    assert found, cell.value
    assert int(found[2]) <= int(found[3]) < cell.row, "a total sums what stands above it"
    values = (sheet[f"{found[1]}{row}"].value for row in range(int(found[2]), int(found[3]) + 1))
    return sum((Decimal(str(value)) for value in values if isinstance(value, int | float)), Decimal(0))


def formulas(book: Any) -> list[tuple[Any, Any]]:
    return [
        (sheet, cell) for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"
    ]


def test_every_formula_of_every_report_gives_the_total_that_the_document_says(
    books: Database, tmp_path: Path
) -> None:
    for document in every_document(books):
        book = saved(document, tmp_path)
        tables = [table for section in document.sections for table in section.tables if table.rows]
        assert formulas(book) or not tables, document.title
        for table in tables:
            sheet = next(item for item in book if heading(item) == [column.title for column in table.columns]
                         and item.max_row == len(table.rows) + 1 + bool(table.totals))  # fmt: skip
            book.remove(sheet)
            for place, value in enumerate(table.totals or ()):
                cell = sheet.cell(len(table.rows) + 2, place + 1)
                if cell.data_type == "f":
                    assert isinstance(value, int)
                    kind = table.columns[place].kind
                    expected = document.currency.decimal(value) if kind == "money" else Decimal(value)
                    assert computed(sheet, cell) == expected
        facts = [fact for section in document.sections for fact in section.facts if fact.is_total]
        for sheet, cell in formulas(book):
            label = sheet.cell(cell.row, 1).value
            amounts = [
                document.currency.decimal(int(fact.value or 0)) for fact in facts if fact.label == label
            ]
            assert computed(sheet, cell) in amounts


def heading(sheet: Any) -> list[str]:
    return [cell.value for cell in sheet[1]]


def test_the_sums_that_a_table_shows_are_formulas(db: Database, clock: TestClock, tmp_path: Path) -> None:
    full_day(db, clock)
    book = saved(cash_flow_document(cash_flow_report(db, "2026-03-01", TODAY)), tmp_path)
    sheet = book["Cash and bank"]
    last = sheet.max_row
    assert [cell.value for cell in sheet[last]][2:] == [f"=SUM({c}2:{c}{last - 1})" for c in "CDE"]
    book = saved(daily_document(daily_report(db, TODAY)), tmp_path)
    assert {cell.value for _sheet, cell in formulas(book)} >= {"=SUM(D2:D4)", "=SUM(E2:E4)"}


def test_cells_are_typed_and_look_like_the_shops_money_and_dates(
    db: Database, clock: TestClock, tmp_path: Path
) -> None:
    full_day(db, clock)
    ann = db.value("SELECT id FROM customers WHERE name = 'Ann'")
    book = saved(statement_document(statement(db, ann, "2026-03-01", TODAY)), tmp_path)
    sheet = book["Entries"]
    assert sheet.freeze_panes == "A2"
    assert sheet.print_title_rows == "$1:$1"
    day, number, _what, charged = sheet[2][:4]
    assert (day.value, day.number_format) == (datetime(2026, 3, 9), "dd/mm/yyyy")
    assert (number.value, number.data_type) == ("C1-000001", "s")
    assert (charged.value, charged.number_format) == (50, "[$USD]\\ #,##0.00;-[$USD]\\ #,##0.00")
    assert sheet.column_dimensions["C"].width > 15


@pytest.mark.parametrize(("decimals", "code", "value"), [(0, "JPY", 1234567), (3, "KWD", 1234.567)])
def test_currencies_without_or_with_three_decimals_are_exact(
    decimals: int, code: str, value: float, tmp_path: Path
) -> None:
    table = Table((Column("What"), Column("Money", "money")), (("a", 1234567), ("b", None)))
    section = Section("List", (Fact("Whole", 1234567),), (table,))
    document = Document("Any", "2026", "Sparkle", (), Currency(code, decimals), "YMD", (section,))
    book = saved(document, tmp_path)
    assert book["List"]["B2"].value == value
    assert (
        book["List"]["B2"].number_format.count("0", book["List"]["B2"].number_format.rfind("##"))
        == decimals + 1
    )
    assert book["List"]["B3"].value is None


def test_no_name_is_ever_a_formula(db: Database, tmp_path: Path) -> None:
    for name in NAMES:
        who = customers.add_customer(db, name=name, phone="=2+2").id
        job = jobs.create_job(db, customer_id=who, amount_minor=10_00, description=name)
        payments.record_payment(db, customer_id=who, amount_minor=1_00, method="CASH", jobs={job.id: 1_00})
        category = expenses.add_category(db, name)
        expenses.record_expense(db, category_id=category.id, amount_minor=5, method="CASH")
    for document in every_document(db):
        book = saved(document, tmp_path)
        for _sheet, cell in formulas(book):
            assert cell.value.startswith("=SUM(")
            assert cell.value != "=SUM(A1)"
    texts = {cell.value for sheet in saved(receivables_document(receivables_report(db)), tmp_path)
             for row in sheet.iter_rows() for cell in row if cell.data_type == "s"}  # fmt: skip
    assert texts >= {*NAMES, "=2+2"}


def test_sheets_have_names_that_excel_takes(tmp_path: Path) -> None:
    table = Table((Column("What"),), (("a",),))
    titles = ("[x]: a/b\\c?*", "'", "Entries", "ENTRIES", "L" * 40, "L" * 41, "Any")
    sections = tuple(Section(title, tables=(table,)) for title in titles)
    book = saved(Document("Any", "", "S", (), Currency("USD", 2), "DMY", sections), tmp_path)
    names = book.sheetnames
    assert len({name.casefold() for name in names}) == len(titles) + 1
    assert all(1 <= len(name) <= 31 and not re.search(r"[\[\]:*?/\\]", name) for name in names)


def test_a_workbook_is_written_whole_or_not_at_all(db: Database, tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        save_xlsx(trial_balance_document(trial_balance(db, TODAY)), tmp_path / "missing" / "a.xlsx")
    assert refused.value.code == "file_unwritable"


@pytest.mark.long
def test_libreoffice_computes_the_same_totals(books: Database, tmp_path: Path) -> None:
    """LibreOffice opens and recomputes every workbook, and no total differs."""
    if shutil.which("soffice") is None:
        pytest.fail("LibreOffice is not installed: apt install libreoffice-calc-nogui")
    for number, document in enumerate(every_document(books)):
        path = tmp_path / f"report{number}.xlsx"
        save_xlsx(document, path)
        profile = f"-env:UserInstallation=file://{tmp_path}/profile"
        command = ["soffice", profile, "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML",
                   "--outdir", str(tmp_path / "out"), str(path)]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True, timeout=180)
        ours, theirs = load_workbook(path), load_workbook(tmp_path / "out" / path.name, data_only=True)
        for sheet, cell in formulas(ours):
            told = theirs[sheet.title][cell.coordinate].value
            assert Decimal(str(round(told, 3))) == computed(sheet, cell), (document.title, cell.coordinate)
