"""Importing a shop's old records: each line once, bad lines named, and nothing half done."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cleanflow.cli import main
from cleanflow.dao.customers import (
    add_customer,
    customer_by_external_key,
    customers_named,
    search_customers,
    set_customer_active,
)
from cleanflow.dao.expenses import list_categories
from cleanflow.dao.jobs import create_job, job_by_external_key
from cleanflow.dao.payments import payment_by_external_key
from cleanflow.dao.services import add_service, edit_service, list_services
from cleanflow.dao.shop import change_settings
from cleanflow.dao.stamps import new_id
from cleanflow.db import Database, bulk, open_database
from cleanflow.errors import NotSaved, Refusal
from cleanflow.exchange import importing
from cleanflow.exchange.importing import plan_import, run_import
from tests.exchange.conftest import Importer, column, counts, everything

# --- what each kind brings -------------------------------------------------------------------------


def test_a_customer_comes_with_all_fields_and_what_they_owed_before(
    db: Database, import_text: Importer
) -> None:
    report = import_text(
        "customers",
        "Id;Name;Phone;Address;City;Email;Note;Balance\n"
        "7;Ann Lee;0300 1;1 Main;Oslo;ann@x.no;VIP;1.250,50\n"
        "8;Bob;;;;;;-20\n"
        "9;Carl;;;;;;0\n",
    )
    assert (*counts(report), report.total_minor) == (3, 0, 0, 123050)
    ann, bob, carl = (customer_by_external_key(db, key) for key in "789")
    assert ann and bob and carl
    assert (ann.name, ann.phone, ann.address) == ("Ann Lee", "0300 1", "1 Main, Oslo")
    assert ann.notes == "Email: ann@x.no\nNote: VIP"
    assert [one.balance_minor for one in (ann, bob, carl)] == [125050, -2000, 0]


def test_a_bad_opening_balance_leaves_no_half_customer_behind(db: Database, import_text: Importer) -> None:
    report = import_text("customers", "Name,Balance\nAnn,12.5O\nBob,9999999999999\n")
    assert counts(report) == (0, 0, 2)
    assert column(db, "SELECT name FROM customers") == []


def test_services_come_with_their_price_and_those_of_a_known_name_are_left(
    db: Database, import_text: Importer
) -> None:
    add_service(db, name="Ironing", price_minor=100)
    report = import_text("services", "Service,Price\nWashing,5.50\nIRONING,9\nFolding,\nPressing,-1\n")
    assert counts(report) == (2, 1, 1)
    assert {service.name: service.price_minor for service in list_services(db)} == {
        "Folding": 0,
        "Ironing": 100,
        "Washing": 550,
    }


def test_a_service_that_was_renamed_or_taken_out_of_use_does_not_come_back(
    db: Database, import_text: Importer
) -> None:
    content = "Name,Price\nWashing,5\nFolding,2\n"
    import_text("services", content)
    folding, washing = list_services(db)
    edit_service(db, washing.id, name="Big wash")
    edit_service(db, folding.id, is_active=False)
    assert counts(import_text("services", content)) == (0, 2, 0)
    assert [service.name for service in list_services(db)] == ["Big wash"]


def test_a_job_comes_with_all_fields(db: Database, import_text: Importer) -> None:
    add_customer(db, name="Ann", external_key="7")
    add_service(db, name="Dry cleaning")
    report = import_text(
        "jobs",
        "Ticket,Customer ID,Amount,Date,Due Date,Service,Description,Notes,Status\n"
        'T1,7,"$1,200.50",24/12/2025,2026-01-05,dry CLEANING,2 coats,"fragile\nblue",Picked up\n',
    )
    assert counts(report) == (1, 0, 0)
    job = job_by_external_key(db, "T1")
    assert job
    assert (job.amount_minor, job.business_date, job.due_date) == (120050, "2025-12-24", "2026-01-05")
    assert (job.description, job.notes, job.work_status) == ("2 coats", "fragile\nblue", "DELIVERED")
    assert job.service_type_id == list_services(db)[0].id


def test_a_jobs_customer_is_found_by_key_first_and_else_by_a_name_that_is_unique(
    db: Database, import_text: Importer
) -> None:
    add_customer(db, name="Ann", external_key="Bob")
    for name in ("Bob", "Twin", "Twin", "Gone", "Back", "Back"):
        add_customer(db, name=name)
    set_customer_active(db, customers_named(db, "Gone")[0].id, False)
    set_customer_active(db, customers_named(db, "Back")[0].id, False)
    report = import_text(
        "jobs", "Customer,Amount\nBob,1\nAnn,2\nTwin,3\nNobody,4\nann,5\nGone,6\nBack,7\n,8\n"
    )
    assert column(db, "SELECT amount_minor FROM jobs ORDER BY reference") == [100, 200, 700]
    names = column(db, "SELECT name FROM jobs JOIN customers ON customers.id = customer_id")
    assert sorted(names) == ["Ann", "Ann", "Back"]
    assert [(line.line, line.reason) for line in report.lines] == [
        (4, "There are 2 customers named “Twin”; use their key from the old system."),
        (5, "There is no customer “Nobody”."),
        (6, "There is no customer “ann”."),
        (7, "This customer is not active."),
        (9, "The customer is missing."),
    ]


def test_what_a_job_must_have_and_what_it_cannot_be_is_said_line_by_line(
    db: Database, import_text: Importer
) -> None:
    add_customer(db, name="Ann")
    report = import_text(
        "jobs",
        "Customer,Amount,Date,Service,Status\nAnn,,,,\nAnn,0,,,\nAnn,-5,,,\nAnn,5,31.02.2026,,\n"
        "Ann,5,,Polishing,\nAnn,5,,,cancelled\nAnn,1.005.5,,,\nAnn,5\nAnn,5,,,,6\nAnn,5,,,\n",
    )
    assert (*counts(report), report.left_out) == (1, 0, 8, 1)
    assert [line.line for line in report.lines] == list(range(2, 11))
    assert [line.reason for line in report.lines] == [
        "The amount is missing.",
        "The amount must be more than zero.",
        "The amount must be more than zero.",
        "“31.02.2026” is not a date.",
        "There is no service “Polishing”.",
        "“cancelled”: not imported.",
        "“1.005.5” is not an amount.",
        "The line has 2 cells; “Date” would be cell 3.",
        "The line has 6 cells, the heading 5.",
    ]


def test_the_dates_of_a_file_are_read_in_its_own_order_where_that_is_plain(
    db: Database, import_text: Importer
) -> None:
    add_customer(db, name="Ann")
    import_text("jobs", "Customer,Amount,Date\nAnn,1,03/04/2026\nAnn,2,03/24/2026\n")
    assert column(db, "SELECT business_date FROM jobs ORDER BY reference") == ["2026-03-04", "2026-03-24"]


def test_ambiguous_dates_are_read_in_the_shops_order(db: Database, import_text: Importer) -> None:
    add_customer(db, name="Ann")
    import_text("jobs", "Customer,Amount,Date\nAnn,1,03/04/2026\n")
    change_settings(db, {"date_order": "MDY"})
    import_text("jobs", "Customer,Amount,Date\nAnn,2,03/04/2026\n")
    assert column(db, "SELECT business_date FROM jobs ORDER BY reference") == ["2026-04-03", "2026-03-04"]


def test_a_payment_settles_the_job_it_names_by_old_key_or_reference(
    db: Database, import_text: Importer
) -> None:
    ann = add_customer(db, name="Ann")
    first = create_job(db, customer_id=ann.id, amount_minor=1000)
    second = create_job(db, customer_id=ann.id, amount_minor=1000, external_key="INV-2")
    report = import_text(
        "payments",
        f"Receipt,Customer,Amount,Job,Method,Date\nR1,Ann,4,INV-2,card,2026-01-02\nR2,Ann,10,{first.reference},,\n",
    )
    assert (*counts(report), report.total_minor) == (2, 0, 0, 1400)
    dues = column(db, "SELECT due_minor FROM job_totals JOIN jobs ON id = job_id ORDER BY reference")
    assert dues == [0, 600]
    payment = payment_by_external_key(db, "R1")
    assert payment and (payment.method, payment.business_date) == ("BANK", "2026-01-02")
    assert second.external_key == "INV-2"


def test_a_payment_without_a_job_settles_the_oldest_and_the_rest_is_credit(
    db: Database, import_text: Importer
) -> None:
    ann = add_customer(db, name="Ann")
    create_job(db, customer_id=ann.id, amount_minor=500)
    import_text("payments", "Customer,Amount,Job\nAnn,20,\n")
    assert column(db, "SELECT due_minor FROM job_totals") == [0]
    assert customers_named(db, "Ann")[0].balance_minor == -1500


def test_a_payment_that_does_not_fit_its_job_is_refused(db: Database, import_text: Importer) -> None:
    ann, bob = add_customer(db, name="Ann"), add_customer(db, name="Bob")
    create_job(db, customer_id=ann.id, amount_minor=500, external_key="A")
    create_job(db, customer_id=bob.id, amount_minor=500, external_key="B")
    before = everything(db)
    report = import_text(
        "payments", "Customer,Amount,Job,Method\nAnn,6,A,\nAnn,5,B,\nAnn,5,C,\nAnn,5,A,barter\n"
    )
    assert [line.reason for line in report.lines] == [
        "This is more than what is due on the job.",
        "The job belongs to another customer.",
        "There is no job “C”.",
        "“barter” is not one of: CASH, BANK.",
    ]
    assert everything(db)["payments"] == before["payments"]
    assert everything(db)["reference_counters"] == before["reference_counters"]


def test_an_invoice_that_was_paid_in_equal_parts_keeps_all_of_them(
    db: Database, import_text: Importer
) -> None:
    ann = add_customer(db, name="Ann")
    create_job(db, customer_id=ann.id, amount_minor=1000, external_key="12")
    content = "Invoice,Customer,Amount,Date\n12,Ann,5,2026-01-02\n12,Ann,5,2026-01-02\n"
    assert counts(import_text("payments", content)) == (2, 0, 0)
    assert counts(import_text("payments", content)) == (0, 2, 0)
    assert customers_named(db, "Ann")[0].balance_minor == 0


def test_expenses_make_the_categories_that_are_new_and_say_so(db: Database, import_text: Importer) -> None:
    report = import_text(
        "expenses",
        "Date,Category,Amount,Paid by,Vendor\n2026-01-02,rent,100,bank,Landlord\n"
        "2026-01-03,Soap,5,,Shop\n2026-01-04,SOAP,6,,\n2026-01-05,Bad,x,,\n2026-01-05,,1,,\n",
    )
    assert (*counts(report), report.total_minor) == (3, 0, 2, 11100)
    assert report.new_categories == ["Soap"]
    names = [category.name for category in list_categories(db)]
    assert "Soap" in names and "Bad" not in names


# --- twice is once ---------------------------------------------------------------------------------

FILES = {
    "customers": "Name,Phone,Balance\nAnn,1,5\nBob,2,\nAnn,1,5\n",
    "services": "Name,Price\nWashing,5\nIroning,2\n",
    "jobs": "Customer,Amount,Date\nZoe,5,2026-01-02\nZoe,5,2026-01-02\nZoe,6,\n",
    "payments": "Customer,Amount,Date\nZoe,5,2026-01-02\nZoe,5,2026-01-02\nZoe,6,\n",
    "expenses": "Category,Amount\nRent,5\nRent,5\nSoap,6\n",
}


@pytest.mark.parametrize("kind", list(FILES))
def test_importing_a_file_twice_adds_nothing_twice_though_equal_lines_are_all_kept(
    db: Database, import_text: Importer, kind: str
) -> None:
    add_customer(db, name="Zoe")
    lines = FILES[kind].count("\n") - 1
    assert counts(import_text(kind, FILES[kind])) == (lines, 0, 0)
    before = everything(db)
    assert counts(import_text(kind, FILES[kind])) == (0, lines, 0)
    assert everything(db) == before


@pytest.mark.parametrize("kind", list(FILES))
def test_a_file_that_has_grown_adds_its_new_lines_alone(
    db: Database, import_text: Importer, kind: str
) -> None:
    add_customer(db, name="Zoe")
    heading, first, *rest = FILES[kind].splitlines()
    import_text(kind, f"{heading}\n{first}\n")
    assert counts(import_text(kind, FILES[kind])) == (len(rest), 1, 0)


def test_lines_in_another_order_are_known_again(db: Database, import_text: Importer) -> None:
    lines = ["Ann,1", "Bob,2", "Ann,1", "Carl,3"]
    import_text("customers", "\n".join(["Name,Phone", *lines]))
    assert counts(import_text("customers", "\n".join(["Name,Phone", *reversed(lines)]))) == (0, 4, 0)


def test_a_key_of_the_old_system_identifies_a_line_though_columns_moved_and_came(
    db: Database, import_text: Importer
) -> None:
    import_text("customers", "Id,Name\n1,Ann\n")
    report = import_text("customers", "Name,Id,Phone\nAnn,1,5\nBob,2,\n")
    assert (*counts(report), report.known_by_content) == (1, 1, 0, 0)
    assert [one.name for one in search_customers(db, "")] == ["Ann", "Bob"]


def test_a_key_that_the_books_have_for_something_else_is_refused_with_the_difference(
    db: Database, import_text: Importer
) -> None:
    import_text("customers", "Id,Name\n1,Ann\n2,Bob\n")
    import_text("jobs", "InvoiceId,Customer,Amount,Date\n7,1,5,2026-01-02\n")
    import_text("payments", "Receipt,Customer,Amount,Date\n7,Ann,5,2026-01-02\n")
    import_text("expenses", "Voucher,Category,Amount,Date\n7,Rent,5,2026-01-02\n")
    before = everything(db)
    start = "The key “7” is already in the books, with other content: "
    for kind, content, reason in (
        ("customers", "Id,Name\n1,Anna\n", start.replace("7", "1") + "name “Anna” here, “Ann” there."),
        ("jobs", "InvoiceId,Customer,Amount\n7,Ann,6\n", start + "amount “6.00” here, “5.00” there."),
        ("jobs", "InvoiceId,Customer,Amount\n7,Bob,5\n", start + "customer “Bob” here, “Ann” there."),
        (
            "payments",
            "Receipt,Customer,Amount,Date\n7,2,8,2026-01-03\n",
            start + "amount “8.00” here, “5.00” there, date “2026-01-03” here, “2026-01-02” there,"
            " customer “2” here, “Ann” there.",
        ),
        ("expenses", "Voucher,Category,Amount\n7,Rent,6\n", start + "amount “6.00” here, “5.00” there."),
    ):
        report = import_text(kind, content)
        assert [line.reason for line in report.lines] == [reason]
    assert everything(db) == before
    assert counts(import_text("jobs", "InvoiceId,Customer,Amount,Date\n7,Ann,5,\n")) == (0, 1, 0)


def test_another_choice_of_columns_adds_no_line_of_the_same_file_again(
    db: Database, import_text: Importer
) -> None:
    content = "Name,Alias,No2\nAnn,A,1\nAnn,A,1\nBob,B,2\n"
    assert counts(import_text("customers", content)) == (3, 0, 0)
    for assignments in (["Alias=name"], ["Alias=notes"], ["No2=phone", "Alias=-"], ["No2=external_key"]):
        report = import_text("customers", content, *assignments)
        assert (*counts(report), report.known_by_content) == (0, 3, 0, 3)


def test_a_refused_line_is_counted_among_its_equals_by_every_choice_of_columns(
    db: Database, import_text: Importer
) -> None:
    content = "Name,Balance\nAnn,x\nAnn,x\n"
    assert counts(import_text("customers", content)) == (0, 0, 2)
    assert counts(import_text("customers", content, "Balance=notes")) == (2, 0, 0)
    assert counts(import_text("customers", content, "Balance=phone")) == (0, 2, 0)


def test_a_renamed_file_is_known_again_and_lines_skipped_for_their_content_are_counted(
    db: Database, tmp_path: Path
) -> None:
    add_customer(db, name="K1")
    reports = []
    for name, content in (
        ("jan.csv", "Customer,Amount\nK1,10\n"),
        ("renamed.csv", "Customer,Amount\nK1,10\n"),
        ("feb.csv", "Customer,Amount,Line\nK1,10,F1\n"),
    ):
        (tmp_path / name).write_text(content)
        reports.append(run_import(db, plan_import(db, "jobs", tmp_path / name)))
    assert [(*counts(report), report.known_by_content) for report in reports] == [
        (1, 0, 0, 0),
        (0, 1, 0, 1),
        (1, 0, 0, 0),
    ]


def test_equal_lines_of_two_kinds_are_two_records(db: Database, import_text: Importer) -> None:
    add_customer(db, name="Ann")
    for kind in ("jobs", "payments"):
        assert counts(import_text(kind, "Customer,Amount\nAnn,5\n")) == (1, 0, 0)
    keys = column(db, "SELECT external_key FROM jobs UNION SELECT external_key FROM payments")
    assert len(keys) == 2


def test_a_key_that_stands_twice_in_a_file_for_different_things_is_refused_and_not_skipped(
    db: Database, import_text: Importer
) -> None:
    add_customer(db, name="Ann")
    content = "ReceiptNo,Customer,Amount\n1,Ann,5\n1,Ann,7\n1,Ann,5\n"
    report = import_text("payments", content)
    assert counts(report) == (1, 1, 1)
    assert report.lines[0].reason == "The key “1” is already on line 2, with other values."
    assert counts(import_text("payments", content)) == (0, 2, 1)


def test_lines_with_one_invoice_number_are_one_job_of_their_sum_wherever_they_stand(
    db: Database, import_text: Importer
) -> None:
    for name in ("Ann", "Bob"):
        add_customer(db, name=name)
    content = (
        "InvoiceId,Customer,Amount,Description,Notes\n1,Ann,5,Shirt,\n2,Bob,3,Coat,\n1,Ann,7,Suit,stain\n"
        "1,Ann,-2,Discount,\n1,Ann,5,Shirt,\n"
    )
    report = import_text("jobs", content)
    assert (*counts(report), report.joined, report.total_minor) == (2, 0, 0, 3, 1800)
    job = job_by_external_key(db, "1")
    assert job and (job.amount_minor, job.description) == (1500, "Shirt; Suit; Discount")
    assert job.notes == "stain"
    assert (*counts(import_text("jobs", content)), db.value("SELECT count(*) FROM jobs")) == (0, 2, 0, 2)


@given(
    st.lists(
        st.tuples(st.integers(1, 4), st.decimals("-5", "99", places=2)),
        min_size=1,
        max_size=12,
    )
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_lines_an_invoice_has_its_job_is_their_sum(
    db: Database, import_text: Importer, lines: list[tuple[int, Decimal]]
) -> None:
    if not customers_named(db, "Ann"):
        add_customer(db, name="Ann")
    prefix = new_id()
    content = "".join(f"{prefix}-{number},Ann,{amount}\n" for number, amount in lines)
    report = import_text("jobs", f"Invoice No,Customer,Amount\n{content}")
    sums: dict[int, Decimal] = {}
    for number, amount in lines:
        sums[number] = sums.get(number, Decimal()) + amount
    for number, total in sums.items():
        job = job_by_external_key(db, f"{prefix}-{number}")
        assert (job.amount_minor if job else None) == (int(total * 100) if total > 0 else None)
    assert report.total_minor == sum(int(total * 100) for total in sums.values() if total > 0)
    assert report.added + report.refused + report.joined == len(lines)


def test_a_total_that_is_repeated_on_each_line_of_an_invoice_is_taken_once(
    db: Database, import_text: Importer
) -> None:
    add_customer(db, name="Ann")
    import_text("jobs", "Invoice No,Customer,Item,Item Total,Total\n1,Ann,A,5,12\n1,Ann,B,7,12\n")
    import_text("jobs", "Invoice No,Customer,Item,Total\n2,Ann,A,12\n2,,B,\n")
    assert column(db, "SELECT amount_minor FROM jobs") == [1200, 1200]


def test_an_invoice_whose_lines_contradict_or_cannot_be_read_is_refused_whole(
    db: Database, import_text: Importer
) -> None:
    for name in ("Ann", "Bob"):
        add_customer(db, name=name)
    report = import_text(
        "jobs", "InvoiceId,Customer,Amount\n1,Ann,5\n1,Bob,7\n2,Ann,5\n2,Ann,x\n3,Ann,1\n3,Ann\n4,Ann,4\n"
    )
    assert (*counts(report), report.joined) == (1, 0, 3, 3)
    assert [line.reason for line in report.lines] == [
        "The key “1” is already on line 2, with other values.",
        "“x” is not an amount.",
        "The line has 2 cells; “Amount” would be cell 3.",
    ]


def test_a_description_of_many_lines_is_whole_in_the_notes(db: Database, import_text: Importer) -> None:
    add_customer(db, name="Ann")
    items = [f"Carpet number {number} of the long corridor" for number in range(40)]
    import_text("jobs", "InvoiceId,Customer,Amount,Item\n" + "".join(f"1,Ann,1,{item}\n" for item in items))
    job = job_by_external_key(db, "1")
    assert job and len(job.description) == 1000 and job.description.endswith(" …")
    assert job.notes.splitlines() == items


def test_a_key_made_from_content_is_nothing_that_a_search_finds(db: Database, import_text: Importer) -> None:
    import_text("customers", "Name\nAnn\nBob\n")
    assert search_customers(db, "import") == []
    assert column(db, "SELECT count(*) FROM customers WHERE external_key LIKE 'import:%'") == [2]


# --- all, nothing, or as if ------------------------------------------------------------------------


def test_a_bad_line_stops_no_other(db: Database, import_text: Importer) -> None:
    report = import_text("customers", 'Name,Balance\nAnn,1\nBob,x\n"Carl"y,2\nDora,3\n')
    assert counts(report) == (2, 0, 2)
    assert [line.line for line in report.lines] == [3, 4]
    assert [one.name for one in search_customers(db, "")] == ["Ann", "Dora"]


@pytest.mark.parametrize("kind", list(FILES))
def test_with_strict_one_bad_line_keeps_the_whole_file_out(
    db: Database, import_text: Importer, kind: str
) -> None:
    add_customer(db, name="Zoe")
    before = everything(db)
    bad = FILES[kind] + FILES[kind].splitlines()[-1].replace(",", ",x,", 1) + "\n"
    report = import_text(kind, bad, strict=True)
    assert (report.added, report.total_minor, report.new_categories, report.refused) == (0, 0, [], 1)
    assert [line.line for line in report.lines] == [len(bad.splitlines())]
    assert everything(db) == before
    assert import_text(kind, FILES[kind], strict=True).refused == 0
    assert everything(db) != before


@pytest.mark.parametrize("kind", list(FILES))
def test_a_dry_run_tells_exactly_what_would_happen_and_writes_nothing(
    db: Database, import_text: Importer, kind: str
) -> None:
    add_customer(db, name="Zoe")
    heading, first, *_rest = FILES[kind].splitlines()
    import_text(kind, f"{heading}\n{first}\n")
    before = everything(db)
    content = FILES[kind] + "\x01,5,\n"
    tried = import_text(kind, content, dry_run=True)
    assert everything(db) == before
    done = import_text(kind, content)
    assert (counts(tried), tried.total_minor, tried.new_categories) == (
        counts(done),
        done.total_minor,
        done.new_categories,
    )
    assert [line.line for line in tried.lines] == list(range(2, len(content.splitlines()) + 1))
    assert [line for line in tried.lines if line.outcome == "refused"] == done.lines


def test_a_job_reference_too_large_for_any_database_is_a_refused_line(
    db: Database, import_text: Importer
) -> None:
    add_customer(db, name="Ann")
    content = "Customer,Amount,Job\nAnn,5,C1-99999999999999999999\nAnn,5,\n"
    report = import_text("payments", content)
    assert counts(report) == (1, 0, 1)
    assert report.lines[0].reason == "There is no job “C1-99999999999999999999”."


@pytest.mark.parametrize("options", [{"dry_run": True}, {"strict": True}])
def test_trying_a_file_out_needs_no_lock_on_the_shop(
    db: Database, import_text: Importer, options: dict[str, bool]
) -> None:
    with open_database(db.path) as other:
        other.connection.execute("BEGIN IMMEDIATE")
        report = import_text("customers", "Name,Balance\nAnn,5\nBob,x\n", **options)
        other.connection.execute("ROLLBACK")
    assert report.is_undone and report.refused == 1
    assert column(db, "SELECT count(*) FROM customers") == [0]


@pytest.mark.parametrize("strict", [False, True])
def test_a_sale_meanwhile_waits_until_the_file_is_in_and_is_saved(
    db: Database, import_text: Importer, strict: bool
) -> None:
    sales, is_over = 0, threading.Event()

    def sell() -> None:
        nonlocal sales
        with open_database(db.path) as till:
            while not is_over.is_set():
                add_customer(till, name="Sold")
                sales += 1
                time.sleep(0.01)

    seller = threading.Thread(target=sell)
    seller.start()
    try:
        lines = "".join(f"Customer {number},5\n" for number in range(1500))
        report = import_text("customers", f"Name,Balance\n{lines}", strict=strict)
    finally:
        is_over.set()
        seller.join()
    assert counts(report) == (1500, 0, 0)
    assert sales > 0
    assert column(db, "SELECT count(*) FROM customers WHERE name = 'Sold'") == [sales]


class Stop(BaseException):
    """What ends a program from outside."""


@pytest.mark.parametrize("how", [KeyboardInterrupt, Stop, "asked"])
def test_a_stop_in_the_middle_keeps_nothing_and_the_next_import_brings_all(
    db: Database, import_text: Importer, how: type[BaseException] | str
) -> None:
    content = "Name,Balance\n" + "".join(f"Customer {number},5\n" for number in range(500))
    before, handled = everything(db), 0

    def advance() -> None:
        nonlocal handled
        handled += 1
        if handled == 450 and not isinstance(how, str):
            raise how

    if isinstance(how, str):
        with pytest.raises(Refusal) as caught:
            import_text("customers", content, advance=advance, is_stopped=lambda: handled == 450)
        assert caught.value.code == "import_stopped"
    else:
        with pytest.raises(how):
            import_text("customers", content, advance=advance)
    assert handled == 450
    assert everything(db) == before
    assert counts(import_text("customers", content)) == (500, 0, 0)


def test_a_stop_that_comes_right_after_the_commit_is_too_late_and_the_report_says_so(
    db: Database, import_text: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def stopped_late(db: Database) -> Iterator[None]:
        with bulk(db):
            yield
        raise KeyboardInterrupt

    monkeypatch.setattr(importing, "bulk", stopped_late)
    assert counts(import_text("customers", "Name\nAnn\nBob\n")) == (2, 0, 0)
    assert column(db, "SELECT count(*) FROM customers") == [2]


def test_every_record_of_an_import_has_its_own_time(db: Database, import_text: Importer) -> None:
    import_text("customers", "Name\n" + "".join(f"Customer {number}\n" for number in range(450)))
    assert column(db, "SELECT count(DISTINCT updated_at) FROM customers") == [450]


def test_a_disk_that_fails_in_the_middle_keeps_nothing_and_the_next_import_brings_all(
    db: Database, import_text: Importer
) -> None:
    content = "Name,Balance\n" + "".join(f"Customer {number},5\n" for number in range(1000))
    before, pages = everything(db), db.value("PRAGMA page_count")
    db.execute(f"PRAGMA max_page_count = {pages + 600}")
    with pytest.raises(NotSaved):
        import_text("customers", content)
    assert everything(db) == before
    db.execute("PRAGMA max_page_count = 1000000")
    assert counts(import_text("customers", content)) == (1000, 0, 0)
    assert db.value("SELECT sum(balance_minor) FROM customer_balances") == 500_000


def test_a_killed_import_leaves_nothing_and_the_next_one_brings_all(tmp_path: Path) -> None:
    lines, data = 4000, tmp_path / "shop"
    path = tmp_path / "customers.csv"
    path.write_text("Id,Name,Balance\n" + "".join(f"{n},Customer {n},5\n" for n in range(lines)))
    init = ["init", "--shop", "S", "--currency", "USD", "--owner", "O", "--pin", "1234"]
    assert main(["--data", str(data), *init]) == 0
    command = [sys.executable, "-m", "cleanflow", "--data", str(data), "import", "customers", str(path)]
    child = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        while not is_locked(data / "cleanflow.db"):
            assert child.poll() is None
            time.sleep(0.01)
        time.sleep(0.2)
        assert child.poll() is None
    finally:
        child.kill()
        child.wait()
    with open_database(data / "cleanflow.db") as db:
        assert db.value("SELECT count(*) FROM customers") == 0
        report = run_import(db, plan_import(db, "customers", path))
        assert counts(report) == (lines, 0, 0)
        assert db.value("SELECT sum(balance_minor) FROM customer_balances") == lines * 500
    assert main(["--data", str(data), "verify"]) == 0


def is_locked(path: Path) -> bool:
    """Whether somebody writes to the database just now."""
    connection = sqlite3.connect(path, timeout=0, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
        return False
    except sqlite3.OperationalError:
        return True
    finally:
        connection.close()
