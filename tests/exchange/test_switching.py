"""The exports of ten other programs come over whole: counts, names, phones, addresses, keys, notes, totals."""

from __future__ import annotations

from pathlib import Path

import pytest

from cleanflow.cli import main
from cleanflow.dao.customers import Customer, customers_named, search_customers
from cleanflow.dao.jobs import job_by_external_key
from cleanflow.dao.services import list_services
from cleanflow.dao.shop import change_settings
from cleanflow.db import Database, open_database
from cleanflow.exchange.importing import Report, run_import
from cleanflow.exchange.preview import Preview, read_file
from cleanflow.safekeeping.verify import verify
from tests.exchange.conftest import column, counts, everything

FOLDER = Path(__file__).resolve().parents[1] / "fixtures" / "switching"

#: In the order in which a shop would bring them over: kind, file, program, records added.
STEPS = (
    ("customers", "google-contacts", "Google Contacts", 2),
    ("customers", "xero-contacts", "Xero contacts", 2),
    ("customers", "square-customers", "Square customers", 2),
    ("customers", "excel-ruined-phones", "", 2),
    ("customers", "turkish-1254", "", 2),
    ("services", "loyverse-items", "Loyverse items", 3),
    ("jobs", "freshbooks-invoices", "FreshBooks invoices", 2),
    ("payments", "freshbooks-invoices", "FreshBooks invoices", 1),
    ("jobs", "invoicely-invoices", "Invoicely invoices", 1),
    ("jobs", "loyverse-receipts", "Loyverse receipts", 1),
    ("payments", "loyverse-receipts", "Loyverse receipts", 1),
    ("jobs", "square-transactions", "Square transactions", 2),
    ("payments", "square-transactions", "Square transactions", 3),
)


def read(db: Database, kind: str, name: str) -> Preview:
    return read_file(db, kind, FOLDER / f"{name}.csv")


def brought(db: Database, kind: str, name: str) -> Report:
    return run_import(db, read(db, kind, name).plan)


def named(db: Database, name: str) -> Customer:
    (customer,) = customers_named(db, name)
    return customer


def described(customer: Customer) -> tuple[str, str, str | None, str]:
    key = customer.external_key
    return (
        customer.phone,
        customer.address,
        None if key and key.startswith("import:") else key,
        customer.notes,
    )


@pytest.fixture
def moved(db: Database) -> Database:
    """A shop that all files were brought to."""
    for kind, name, _program, added in STEPS:
        assert brought(db, kind, name).added == added, (kind, name)
    return db


@pytest.mark.parametrize(("kind", "name", "program", "added"), STEPS)
def test_each_file_is_known_for_what_it_is(
    db: Database, kind: str, name: str, program: str, added: int
) -> None:
    preview = read(db, kind, name)
    assert preview.plan.program == program
    assert [problem.field for problem in preview.problems] == ["record_type"] * (name == "loyverse-receipts")


def test_all_of_it_is_there_once_and_the_books_are_in_order(moved: Database) -> None:
    assert len(search_customers(moved, "")) == 10
    assert column(moved, "SELECT sum(amount_minor) FROM jobs") == [114510 + 102000 + 9000 + 127000]
    assert column(moved, "SELECT sum(amount_minor) FROM payments") == [1000 + 9000 + 127000]
    assert verify(moved).is_clean
    before = everything(moved)
    for kind, name, _program, _added in STEPS:
        assert brought(moved, kind, name).added == 0
    assert everything(moved) == before


def test_google_contacts_keep_all_phones_and_who_has_no_name_is_the_company(db: Database) -> None:
    preview = read(db, "customers", "google-contacts")
    assert preview.left_out == ["Birthday", "Labels", "E-mail 1 - Label", "Phone 1 - Label"]
    brought(db, "customers", "google-contacts")
    assert described(named(db, "Carla Monteiro")) == (
        "(93) 99222-0001, (93) 3522-0001",
        "Rua A 10, Santarem, 68005-000",
        None,
        "Notes: old client\nE-mail 1 - Value: carla@mail.example",
    )
    assert described(named(db, "Padaria Sol")) == ("(93) 3522-7777", "", None, "")


def test_xeros_customer_is_the_company_and_the_person_is_noted(db: Database) -> None:
    brought(db, "customers", "xero-contacts")
    assert described(named(db, "Birchwood Joinery Ltd")) == (
        "02 9000 1111, 0401 220 556",
        "12 Lathe St, Parrin, 2150",
        "BIR001",
        "Contact: Gita Birch\na@birchwood.example",
    )
    assert described(named(db, "Ash & Sons")) == ("0412 000 111", "", "ASH001", "")


def test_squares_customers_keep_streets_cities_keys_and_notes(db: Database) -> None:
    brought(db, "customers", "square-customers")
    assert described(named(db, "Dilnoza Rashidova")) == (
        "+15550001111",
        "14 Mill Lane, Flat 3, Ridgeton, CA, 90001",
        "K7XQ2",
        "Reference ID: R-17\nMemo: likes starch",
    )
    assert described(named(db, "Harbour Hotel")) == ("(555) 000-2222", "1 Quay, Ridgeton", "K7XQ3", "")


def test_a_phone_in_a_formula_is_a_phone_and_a_ruined_one_is_said_and_noted(db: Database) -> None:
    (warning,) = read(db, "customers", "excel-ruined-phones").warnings
    assert (warning.lines, "3.00124E+09" in warning.text) == ((3,), True)
    brought(db, "customers", "excel-ruined-phones")
    assert described(named(db, "Ali Raza")) == ("03001234567", "", None, "")
    assert described(named(db, "Sara Khan")) == (
        "",
        "",
        None,
        "Phone as shortened by a spreadsheet: 3.00124E+09",
    )


def test_turkish_letters_of_an_old_windows_program_are_turkish(db: Database) -> None:
    preview = read(db, "customers", "turkish-1254")
    assert (preview.plan.file.encoding, preview.sample) == ("cp1254", "Özgür İnce Çağlar, 0532 000 11 22")
    brought(db, "customers", "turkish-1254")
    assert [customer.name for customer in search_customers(db, "")] == ["Özgür İnce Çağlar", "Şule Işık"]
    assert named(db, "Şule Işık").phone == "0533 000 11 22"


def test_loyverses_price_is_the_price_and_not_the_cost(db: Database) -> None:
    preview = read(db, "services", "loyverse-items")
    assert preview.left_out == ["Handle", "Category", "Sold by weight", "Cost", "Track stock"]
    assert [row.values["price"] for row in preview.rows] == ["2.50", "4.75", "asked each time"]
    brought(db, "services", "loyverse-items")
    found = {(one.name, one.price_minor, one.external_key) for one in list_services(db)}
    assert found == {
        ("Shirt, washed and ironed", 250, "10001"),
        ("Carpet", 475, "10002"),
        ("Small repair", 0, "10003"),
    }


def test_freshbooks_lines_of_one_invoice_are_one_job_and_only_what_was_paid_is_a_payment(
    db: Database,
) -> None:
    brought(db, "customers", "xero-contacts")
    preview = read(db, "jobs", "freshbooks-invoices")
    assert (preview.line_count, preview.joined_count, preview.problems) == (3, 1, [])
    report = run_import(db, preview.plan)
    assert (*counts(report), report.joined, report.total_minor) == (2, 0, 0, 1, 114510)
    first, second = (job_by_external_key(db, key) for key in ("0000001", "0000002"))
    assert first and second
    assert (first.amount_minor, first.description, first.business_date, first.work_status) == (
        113510,
        "Curtains, washed; Fitting, 5 h",
        "2026-01-28",
        "RECEIVED",
    )
    report = brought(db, "payments", "freshbooks-invoices")
    assert (*counts(report), report.left_out, report.total_minor) == (1, 0, 0, 2, 1000)
    assert named(db, "Birchwood Joinery Ltd").balance_minor == 113510
    assert named(db, "Ash & Sons").balance_minor == 0
    assert column(db, "SELECT business_date FROM payments") == ["2026-02-02"]


def test_invoicelys_due_is_a_date_and_no_status_of_the_work(db: Database) -> None:
    brought(db, "customers", "square-customers")
    assert read(db, "jobs", "invoicely-invoices").problems == []
    brought(db, "jobs", "invoicely-invoices")
    job = job_by_external_key(db, "INV-1")
    assert job and (job.amount_minor, job.business_date, job.due_date, job.work_status) == (
        *(102000, "2026-01-28", "2026-02-11", "RECEIVED"),
    )
    assert job.customer_id == named(db, "Harbour Hotel").id


def test_loyverses_receipts_are_delivered_and_paid_and_a_refund_is_said_not_guessed(db: Database) -> None:
    brought(db, "customers", "square-customers")
    for kind in ("jobs", "payments"):
        preview = read(db, kind, "loyverse-receipts")
        assert [(one.lines, one.text) for one in preview.problems] == [
            ((3,), "This gives money back. Please record the refund by hand.")
        ]
        assert (preview.plan.date_order, preview.plan.is_order_from_file) == ("MDY", True)
        assert counts(run_import(db, preview.plan)) == (1, 0, 1)
    job = job_by_external_key(db, "4-10378")
    assert job and (job.amount_minor, job.business_date, job.work_status, job.due_minor) == (
        *(9000, "2026-07-28", "DELIVERED", 0),
    )
    assert column(db, "SELECT method FROM payments") == ["BANK"]


def test_squares_sale_paid_in_two_ways_is_two_payments_and_the_drawer_has_the_cash_alone(
    db: Database,
) -> None:
    brought(db, "customers", "square-customers")
    assert brought(db, "jobs", "square-transactions").total_minor == 127000
    report = brought(db, "payments", "square-transactions")
    assert (*counts(report), report.total_minor) == (3, 0, 0, 127000)
    query = "SELECT method, amount_minor, business_date FROM payments ORDER BY business_date, method"
    assert [tuple(row) for row in db.rows(query)] == [
        ("BANK", 100000, "2026-11-10"),
        ("CASH", 24000, "2026-11-10"),
        ("CASH", 3000, "2026-11-11"),
    ]
    assert column(db, "SELECT DISTINCT due_minor FROM job_totals") == [0]


def test_an_imported_phone_is_found_in_every_writing(db: Database) -> None:
    change_settings(db, {"currency": "PKR"})
    brought(db, "customers", "excel-ruined-phones")
    for typed in ("0300-1234567", "+92 300 1234567", "00923001234567"):
        assert [one.name for one in search_customers(db, typed)] == ["Ali Raza"]


def test_the_command_brings_all_files_over_and_shows_what_it_understood(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["--data", str(tmp_path)]
    init = ["init", "--shop", "S", "--currency", "USD", "--owner", "O", "--pin", "1234"]
    assert main([*command, *init]) == 0
    capsys.readouterr()
    for kind, name, program, added in STEPS:
        file = str(FOLDER / f"{name}.csv")
        refused = name == "loyverse-receipts"
        assert main([*command, "import", kind, file, "--dry-run"]) == int(refused)
        dry = capsys.readouterr().err
        assert main([*command, "import", kind, file]) == int(refused)
        shown = capsys.readouterr().err
        assert f"cleanflow: {name}.csv: {program}" in shown
        assert f"{kind.capitalize()}: {added} added" in shown
        # Both say the same before anything is imported.
        assert dry.split("line 2: added")[0].split("line 2: left out")[0] in shown
    with open_database(tmp_path / "cleanflow.db") as db:
        assert column(db, "SELECT count(*) FROM customers") == [10]
        assert column(db, "SELECT sum(amount_minor) FROM jobs") == [352510]
        assert column(db, "SELECT sum(amount_minor) FROM payments") == [137000]
        assert verify(db).is_clean
