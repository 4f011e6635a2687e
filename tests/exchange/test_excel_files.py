"""Excel workbooks are read as what they show: numbers, dates and texts, and no bomb goes off."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from cleanflow.dao.customers import add_customer, customer_by_external_key, search_customers
from cleanflow.dao.jobs import job_by_external_key
from cleanflow.dao.shop import change_settings
from cleanflow.db import Database
from cleanflow.errors import Refusal
from cleanflow.exchange import xlsx_file
from cleanflow.exchange.files import open_table
from cleanflow.exchange.importing import Choices, plan_import, run_import
from cleanflow.exchange.table import Table
from tests.exchange.conftest import column, counts

Rows = list[list[Any]]


@pytest.fixture
def workbook(tmp_path: Path) -> Callable[..., Path]:
    def make(*sheets: Rows) -> Path:
        book = openpyxl.Workbook()
        for number, rows in enumerate(sheets):
            sheet = book.active if number == 0 else book.create_sheet(f"List {number}")
            assert sheet is not None
            for row in rows:
                sheet.append(row)
        path = tmp_path / "file.xlsx"
        book.save(path)
        return path

    return make


def cells(table: Table) -> list[list[str]]:
    return [record.cells for record in table.records()]


def test_cells_are_what_they_are(workbook: Callable[..., Path]) -> None:
    path = workbook(
        [
            ["Name", "Phone", "Price", "Since", "At", "Active"],
            ["=1+1 Ltd", 3001234567, 1.2, date(2026, 3, 4), datetime(2026, 3, 4, 13, 33), True],
            ["'0300", '="0300123"', 0.1 + 0.2, None, None, False],
            [None, None, None, None, None, None],
            ["Zoë", "03001234567", 1234.5, "03/04/2026", "", None],
        ]
    )
    table = open_table(path)
    assert (table.file_type, table.encoding, table.columns[:2]) == ("Excel", "", ["Name", "Phone"])
    assert cells(table) == [
        ["=1+1 Ltd", "3001234567", "1.2", "2026-03-04", "2026-03-04 13:33:00", "yes"],
        ["0300", "0300123", "0.3", "", "", "no"],
        ["Zoë", "03001234567", "1234.5", "03/04/2026", "", ""],
    ]
    assert [record.line for record in table.records()] == [2, 3, 5]


def test_a_number_is_never_taken_for_a_grouped_one_and_dates_need_no_order(
    db: Database, workbook: Callable[..., Path]
) -> None:
    change_settings(db, {"currency": "KWD"})
    add_customer(db, name="Ann")
    rows = [["Invoice", "Customer", "Amount", "Date"], [1, "Ann", 1234.567, date(2026, 3, 4)]]
    rows.append([2, "Ann", 1.2, datetime(2026, 4, 3)])
    report = run_import(db, plan_import(db, "jobs", workbook(rows)))
    assert counts(report) == (2, 0, 0)
    first, second = (job_by_external_key(db, key) for key in "12")
    assert first and second
    assert (first.amount_minor, first.business_date) == (1234567, "2026-03-04")
    assert (second.amount_minor, second.business_date) == (1200, "2026-04-03")


def test_the_first_sheet_is_read_or_the_one_that_is_named(
    db: Database, workbook: Callable[..., Path]
) -> None:
    path = workbook([["Name"], ["Ann"]], [["Id", "Name"], [7, "Bob"]])
    assert cells(open_table(path)) == [["Ann"]]
    assert cells(open_table(path, sheet=" list 1 ")) == [["7", "Bob"]]
    run_import(db, plan_import(db, "customers", path, choices=Choices(sheet="List 1")))
    assert customer_by_external_key(db, "7")
    with pytest.raises(Refusal) as caught:
        open_table(path, sheet="Liste")
    assert caught.value.code == "sheet_unknown"
    assert "Sheet, List 1" in str(caught.value)


def test_the_heading_is_found_below_a_reports_title(workbook: Callable[..., Path]) -> None:
    path = workbook(
        [["Sparkle Ltd"], ["Customer Contact List"], [], ["Name", "Phone"], ["Ann", "1"], ["Bob", "2"]]
    )
    table = open_table(path)
    assert (table.columns, cells(table)) == (["Name", "Phone"], [["Ann", "1"], ["Bob", "2"]])
    assert open_table(workbook([["Name"], ["Ann"], ["Bob"]])).columns == ["Name"]


def test_a_formula_counts_as_its_stored_value_and_without_one_as_its_text(
    workbook: Callable[..., Path], tmp_path: Path
) -> None:
    path = workbook([["Name", "Price"], ["Wash", "=1+4"], ["Iron", "=2+4"]])
    assert cells(open_table(path)) == [["Wash", "=1+4"], ["Iron", "=2+4"]]
    data = rewritten(path, "xl/worksheets/sheet1.xml", b"<f>1+4</f><v />", b"<f>1+4</f><v>5</v>")
    (tmp_path / "stored.xlsx").write_bytes(data)
    assert cells(open_table(tmp_path / "stored.xlsx")) == [["Wash", "5"], ["Iron", "=2+4"]]


def rewritten(path: Path, part: str, before: bytes, after: bytes) -> bytes:
    """The workbook with one part changed."""
    result = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == part:
                assert before in content
                content = content.replace(before, after)
            new.writestr(name, content)
    return result.getvalue()


def test_a_bomb_is_refused_before_it_is_unpacked(workbook: Callable[..., Path], tmp_path: Path) -> None:
    result = io.BytesIO()
    with zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/workbook.xml", b"<workbook/>")
        with bomb.open("xl/worksheets/sheet1.xml", "w") as part:
            for _block in range(xlsx_file.LARGEST_UNPACKED_BYTES // 10_000_000 + 1):
                part.write(bytes(10_000_000))
    path = tmp_path / "bomb.xlsx"
    path.write_bytes(result.getvalue())
    assert path.stat().st_size < 1_000_000
    started = time.monotonic()
    with pytest.raises(Refusal) as caught:
        open_table(path)
    assert (caught.value.code, time.monotonic() - started < 2) == ("file_too_large", True)


def test_a_sheet_that_claims_to_be_endless_is_read_for_what_it_has(
    workbook: Callable[..., Path], tmp_path: Path
) -> None:
    path = workbook([["Name", "Phone"], ["Ann", "1"]])
    claims = rewritten(
        path, "xl/worksheets/sheet1.xml", b'<dimension ref="A1:B2" />', b'<dimension ref="A1:XFD1048576" />'
    )
    (tmp_path / "claims.xlsx").write_bytes(claims)
    assert cells(open_table(tmp_path / "claims.xlsx")) == [["Ann", "1"]]
    far = rewritten(path, "xl/worksheets/sheet1.xml", b'r="2"', b'r="99999999"')
    (tmp_path / "far.xlsx").write_bytes(far)
    with pytest.raises(Refusal):
        open_table(tmp_path / "far.xlsx")


def test_too_many_rows_are_refused_in_words(
    workbook: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx_file, "MOST_ROWS", 2)
    with pytest.raises(Refusal) as caught:
        open_table(workbook([["Name"], ["Ann"], ["Bob"]]))
    assert "2 rows" in str(caught.value)


@pytest.mark.parametrize(
    "damage",
    [lambda data: data[: len(data) // 2], lambda data: b"PK\x03\x04" + bytes(200), lambda data: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)],
)  # fmt: skip
def test_a_damaged_or_foreign_workbook_is_refused_in_words(
    workbook: Callable[..., Path], tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "damaged.xlsx"
    path.write_bytes(damage(workbook([["Name"], ["Ann"]]).read_bytes()))
    with pytest.raises(Refusal) as caught:
        open_table(path)
    assert caught.value.code == "file_not_table"


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml"])
@pytest.mark.parametrize("content", [b"", b"<", b"<x/>", b"\xff\xfe" * 50])
def test_whatever_a_part_of_a_workbook_is_it_is_answered_in_words(
    workbook: Callable[..., Path], tmp_path: Path, part: str, content: bytes
) -> None:
    path = workbook([["Name"], ["Ann"]])
    with zipfile.ZipFile(path) as old:
        whole = old.read(part)
    (tmp_path / "odd.xlsx").write_bytes(rewritten(path, part, whole, content))
    try:
        list(open_table(tmp_path / "odd.xlsx").records())
    except Refusal as refusal:
        assert refusal.code in ("file_not_table", "file_empty", "sheet_unknown")


def test_customers_come_from_a_workbook_as_from_a_text(db: Database, workbook: Callable[..., Path]) -> None:
    rows = [
        ["Customer ID", "First Name", "Last Name", "Mobile", "Home Phone", "Street", "City", "Balance"],
        [17, "Özgür", "Çağlar", 5320001122, "0212 000 11 22", "14 Mill Lane", "Ridgeton", 12.5],
        [18, "Şule", None, 3.00124e9, None, None, None, None],
    ]
    assert counts(run_import(db, plan_import(db, "customers", workbook(rows)))) == (2, 0, 0)
    ozgur, sule = search_customers(db, "")
    assert (ozgur.name, ozgur.external_key, ozgur.phone, ozgur.address, ozgur.balance_minor) == (
        *("Özgür Çağlar", "17", "5320001122, 0212 000 11 22", "14 Mill Lane, Ridgeton", 1250),
    )
    assert (sule.name, sule.phone) == ("Şule", "3001240000")
    assert column(db, "SELECT count(*) FROM jobs") == [1]
