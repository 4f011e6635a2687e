"""What a file is understood as is shown before anything is imported, and nothing in it is guessed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cleanflow.cli import main
from cleanflow.dao.customers import add_customer, customers_named, search_customers
from cleanflow.dao.services import list_services
from cleanflow.dao.shop import change_settings
from cleanflow.db import Database
from cleanflow.exchange.importing import Choices, run_import
from cleanflow.exchange.preview import Preview, read_file
from tests.exchange.conftest import column, counts, everything

Reader = Callable[..., Preview]


@pytest.fixture
def read(db: Database, tmp_path: Path) -> Reader:
    def run(kind: str, content: str, *assignments: str, **choices: object) -> Preview:
        path = tmp_path / "file.csv"
        path.write_text(content, encoding="utf-8")
        return read_file(db, kind, path, assignments, Choices(**choices))  # type: ignore[arg-type]

    return run


def said(preview: Preview) -> list[tuple[str, str, tuple[int, ...]]]:
    return [(one.field, one.text, one.lines) for one in preview.problems]


def test_the_first_lines_are_shown_as_they_would_be_imported(db: Database, read: Reader) -> None:
    before = everything(db)
    preview = read("jobs", "Customer,Total,Date,Status,Shoe\nAnn,1.200,3/24/26 1:33 PM,Picked up,42\n" * 1)
    assert preview.fields == {
        "customer": ["Customer"],
        "amount": ["Total"],
        "date": ["Date"],
        "work_status": ["Status"],
    }
    assert preview.left_out == ["Shoe"]
    assert [(row.line, row.values) for row in preview.rows] == [
        (2, {"customer": "Ann", "amount": "1,200.00", "date": "2026-03-24", "work_status": "DELIVERED"})
    ]
    assert everything(db) == before


def test_words_and_dates_that_are_not_understood_are_all_said_with_their_lines(
    db: Database, read: Reader
) -> None:
    add_customer(db, name="Ann")
    preview = read(
        "jobs",
        "Customer,Amount,Date,Status\nAnn,1,2026-01-02,In the clouds\nAnn,1,soon,ready\nAnn,x,2026-01-02,READY\n"
        "Ann,1,2026-01-02,in the clouds\nAnn,1,2026-01-02,In the clouds\n",
    )
    choices = "RECEIVED, IN_PROGRESS, READY, DELIVERED"
    assert said(preview) == [
        ("work_status", f"“In the clouds” is not one of: {choices}.", (2, 6)),
        ("date", "“soon” is not a date.", (3,)),
        ("amount", "“x” is not an amount.", (4,)),
        ("work_status", f"“in the clouds” is not one of: {choices}.", (5,)),
    ]
    for dry_run in (True, False):
        assert counts(run_import(db, preview.plan, dry_run=dry_run)) == (0, 0, 5)


def test_the_command_says_it_before_it_imports_dry_or_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["--data", str(tmp_path / "data")]
    init = ["init", "--shop", "S", "--currency", "USD", "--owner", "O", "--pin", "1234"]
    assert main([*command, *init]) == 0
    path = tmp_path / "file.csv"
    path.write_text("Name,Active,Balance\nAnn,perhaps,5\nBob,no,\n")
    capsys.readouterr()
    for arguments in (["--dry-run"], []):
        assert main([*command, "import", "customers", str(path), *arguments]) == 1
        err = capsys.readouterr().err
        sentence = "active: “perhaps” is not one of: yes, no, active, inactive. (line 2)"
        assert err.index(f"Not understood, and refused:\n  {sentence}") < err.index("1 added")


@pytest.mark.parametrize(
    ("column_name", "words"),
    [
        ("Active", {"Yes": True, "no": False, "TRUE": True, "0": False, "": True}),
        ("Status", {"Active": True, "Inactive": False, "archived": False, "": True}),
        ("Archived", {"Yes": False, "No": True, "": True}),
        ("Active Status", {"Active": True, "Not-active": False}),
        ("Is Inactive", {"Y": False, "N": True, "inactive": False}),
        ("Aktiv", {"Ja": True, "Nein": False}),
    ],
)
@pytest.mark.parametrize("kind", ["customers", "services"])
def test_inactive_stays_inactive(
    db: Database, read: Reader, kind: str, column_name: str, words: dict[str, bool]
) -> None:
    lines = "".join(f"N{number},{word}\n" for number, word in enumerate(words))
    preview = read(kind, f"Name,{column_name}\n{lines}")
    assert preview.left_out == [] and preview.problems == []
    assert counts(run_import(db, preview.plan)) == (len(words), 0, 0)
    if kind == "customers":
        found = [customers_named(db, f"N{number}")[0].is_active for number in range(len(words))]
    else:
        services = {one.name: one.is_active for one in list_services(db, with_inactive=True)}
        found = [services[f"N{number}"] for number in range(len(words))]
    assert found == list(words.values())
    assert counts(run_import(db, preview.plan)) == (0, len(words), 0)


def test_a_status_of_customers_that_is_no_activity_is_left_out_and_named(db: Database, read: Reader) -> None:
    assert read("customers", "Name,Status\nAnn,Gold\nBob,Silver\n").left_out == ["Status"]


def test_who_is_inactive_and_owes_comes_in_active_and_it_is_said(db: Database, read: Reader) -> None:
    preview = read("customers", "Name,Active,Balance\nAnn,no,5\nBob,no,0\n")
    assert [one.lines for one in preview.warnings] == [(2,)]
    run_import(db, preview.plan)
    assert [(one.name, one.balance_minor) for one in search_customers(db, "")] == [("Ann", 500)]


def test_a_date_more_than_a_year_ahead_is_refused_until_somebody_says_that_it_is_right(
    db: Database, read: Reader
) -> None:
    add_customer(db, name="Ann")
    content = (
        "Customer,Amount,Date,Due Date\nAnn,1,2062-03-04,\nAnn,2,2026-03-04,04/03/2062\nAnn,3,2027-03-11,\n"
    )
    assert said(read("jobs", content)) == [
        ("date", "“2062-03-04” (2062-03-04) is more than a year ahead.", (2,)),
        ("due_date", "“04/03/2062” (2062-03-04) is more than a year ahead.", (3,)),
    ]
    assert counts(run_import(db, read("jobs", content).plan)) == (1, 0, 2)
    confirmed = read("jobs", content, dates_are_right=True)
    assert confirmed.problems == []
    assert counts(run_import(db, confirmed.plan)) == (2, 1, 0)


def test_the_order_of_dates_is_one_for_the_file_and_said(db: Database, read: Reader) -> None:
    heading = "Customer,Amount,Date,Due Date\n"
    plain = read("jobs", heading + "Ann,1,03/04/2026,05/06/2026\n").plan
    assert (plain.date_order, plain.is_order_from_file) == ("DMY", False)
    by_other_column = read("jobs", heading + "Ann,1,03/04/2026,05/24/2026\n")
    assert (by_other_column.plan.date_order, by_other_column.plan.is_order_from_file) == ("MDY", True)
    assert by_other_column.rows[0].values["date"] == "2026-03-04"
    change_settings(db, {"date_order": "YMD"})
    assert said(read("jobs", heading + "Ann,1,03/04/2026,\n")) == [
        ("date", "“03/04/2026” could be two dates; write it as YYYY-MM-DD.", (2,))
    ]
    chosen = read("jobs", heading + "Ann,1,03/04/2026,\n", date_order="MDY")
    assert chosen.rows[0].values["date"] == "2026-03-04"


def test_a_due_column_is_a_date_or_an_amount_by_what_stands_in_it(db: Database, read: Reader) -> None:
    assert read("jobs", "Customer,Total,Due\nAnn,5,2026-01-02\n").fields["due_date"] == ["Due"]
    assert read("jobs", "Customer,Total,Due\nAnn,5,2.50\n").left_out == ["Due"]
    assert read("customers", "Name,Due\nAnn,2.50\n").fields["opening_balance"] == ["Due"]
    assert read("customers", "Name,Due\nAnn,2026-01-02\n").left_out == ["Due"]


@pytest.mark.parametrize("word", ["unpaid", "sent", "Overdue", "draft", "VOID", "pending"])
def test_an_invoice_that_was_not_paid_is_no_payment(db: Database, read: Reader, word: str) -> None:
    add_customer(db, name="Ann")
    preview = read(
        "payments", f"Customer,Total,Status\nAnn,5,paid\nAnn,6,{word}\nAnn,7,partial\nAnn,8,weird\n"
    )
    assert [one.lines for one in preview.not_records] == [(3,)]
    assert [lines for _field, _text, lines in said(preview)] == [(4,), (5,)]
    report = run_import(db, preview.plan)
    assert (*counts(report), report.left_out) == (1, 0, 2, 1)
    assert column(db, "SELECT amount_minor FROM payments") == [500]


def test_a_way_of_paying_that_does_not_add_up_is_refused(db: Database, read: Reader) -> None:
    add_customer(db, name="Ann")
    preview = read("payments", "Customer,Amount,cash_amount,bank_amount\nAnn,5,2,2\nAnn,5,2,3\nAnn,5,,\n")
    assert said(preview) == [("", "The total is 5.00, but 4.00 was paid in cash and by bank together.", (2,))]
    assert counts(run_import(db, preview.plan)) == (3, 0, 1)


def test_keys_that_a_spreadsheet_has_shortened_are_not_used_and_said(db: Database, read: Reader) -> None:
    preview = read("customers", "Id,Name\n1.00E+12,Ann\n1.00E+12,Bob\n")
    assert [(one.lines, one.count) for one in preview.warnings] == [((2, 3), 2)]
    assert counts(run_import(db, preview.plan)) == (2, 0, 0)


def test_many_lines_of_one_problem_are_counted_and_the_first_named(db: Database, read: Reader) -> None:
    (problem,) = read("customers", "Name,Balance\n" + "Ann,x\n" * 100).problems
    assert (problem.count, problem.lines) == (100, tuple(range(2, 22)))


def test_more_phones_than_the_field_takes_go_to_the_notes_and_doubles_are_dropped(
    db: Database, read: Reader
) -> None:
    phones = " ::: ".join(f"+1 212 555 {number:04}" for number in range(9))
    preview = read("customers", f"Name,Phone,Mobile\nAnn,{phones},(212) 555-0000\n")
    run_import(db, preview.plan)
    (ann,) = search_customers(db, "")
    assert ann.phone == ", ".join(f"+1 212 555 {number:04}" for number in range(6))
    assert ann.notes.splitlines() == [f"+1 212 555 {number:04}" for number in (8, 7, 6)]
