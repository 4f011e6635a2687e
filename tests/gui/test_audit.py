"""The audit trail on screen: who changed what, before and after, in people's words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cleanflow.dao.customers import add_customer, edit_customer
from cleanflow.dao.jobs import create_job, edit_job
from cleanflow.dao.payments import record_payment
from cleanflow.dao.shop import change_settings
from cleanflow.dao.users import edit_user, list_users
from tests.conftest import TestClock
from tests.gui.conftest import Hands


@pytest.fixture
def worked(hands: Hands, clock: TestClock) -> Hands:
    """Ann is entered and moves house; her suit is ready; she pays; Carl gets a new PIN."""
    db = hands.window.db
    hands.sign_in("Olga")
    ann = add_customer(db, name="Ann Baker", phone="555 1", address="Old Street\n1")
    clock.moment += timedelta(hours=1)
    edit_customer(db, ann.id, address="New Street\n2")
    job = create_job(db, customer_id=ann.id, amount_minor=150_000, description="Suit", due_date="2026-03-12")
    edit_job(db, job.id, work_status="READY", due_date="2026-03-13")
    record_payment(db, customer_id=ann.id, amount_minor=50_000, method="CASH")
    edit_user(db, next(user.id for user in list_users(db) if user.name == "Carl"), pin="3333")
    hands.press("Shift-F10")
    return hands


def fields(hands: Hands) -> list[list[str]]:
    """Field, before, after and mark of the chosen line."""
    table = hands.window.navigation.current._fields  # type: ignore[union-attr]
    return [[str(text) for text in table.item(row, "values")] for row in table.get_children()]


def choose(hands: Hands, *columns: str) -> None:
    """Walk down to the line with these words."""
    hands.focus_list()
    hands.press("Home")
    for row in hands.rows():
        if all(words in row for words in columns):
            return
        hands.press("Down")
    raise AssertionError(f"no line with {columns}")


def test_the_newest_change_comes_first_and_says_who_when_where(worked: Hands) -> None:
    rows = worked.rows()
    assert rows[0] == ["10/03/2026 10:00", "Olga", "C1", "Changed", "User", "Carl"]
    assert [row[3:] for row in rows[1:6]] == [
        ["Added", "Payment", "C1-R000001"],
        ["Changed", "Job", "C1-000001"],
        ["Added", "Job", "C1-000001"],
        ["Changed", "Customer", "Ann Baker"],
        ["Added", "Customer", "Ann Baker"],
    ]


def test_a_change_shows_before_and_after_and_marks_in_words_what_differs(worked: Hands) -> None:
    choose(worked, "Changed", "Job")
    assert fields(worked) == [
        ["Ready on", "12/03/2026", "13/03/2026", "changed"],
        ["Work", "Received", "Ready", "changed"],
        ["Notes", "–", "–", ""],
    ]
    choose(worked, "Changed", "Customer")
    assert ["Address", "Old Street 1", "New Street 2", "changed"] in fields(worked)
    assert ["Name", "Ann Baker", "Ann Baker", ""] in fields(worked)


def test_a_new_record_shows_money_dates_and_people_in_words(worked: Hands) -> None:
    choose(worked, "Added", "Payment")
    assert fields(worked) == [
        ["No.", "", "C1-R000001", ""],
        ["Kind", "", "Payment", ""],
        ["Paid by", "", "Cash", ""],
        ["Customer", "", "Ann Baker", ""],
        ["Amount", "", "500.00", ""],
        ["Date", "", "10/03/2026", ""],
        ["Entered by", "", "Olga", ""],
    ]


def test_a_new_pin_is_told_but_never_shown(worked: Hands) -> None:
    choose(worked, "Changed", "User")
    assert ["PIN", "", "a new one", "changed"] in fields(worked)
    assert "scrypt" not in str(fields(worked))


def test_a_setting_is_called_what_it_sets(worked: Hands) -> None:
    change_settings(worked.window.db, {"date_order": "MDY", "variance_limit": "500"})
    worked.window.show("audit")
    choose(worked, "Setting", "How dates are written")
    assert fields(worked) == [["How dates are written", "24/12/2026", "12/24/2026", "changed"]]
    choose(worked, "Setting", "Drawer difference a cashier may close with")
    assert [row[1:] for row in fields(worked)] == [["–", "5.00", "changed"]]


def test_filters_show_a_persons_changes_or_a_kind_of_record(worked: Hands) -> None:
    worked.press("Control-f", "Tab", "Tab", "Control-a")
    worked.type("Payment")
    worked.press("Return")
    assert [row[4] for row in worked.rows()] == ["Payment"]
    worked.press("Shift-Tab", "Control-a")
    worked.type("Carl")
    worked.press("Return")
    assert worked.rows() == []
    assert "Nothing was added or changed here." in worked.texts()


def test_one_records_history_is_asked_for_by_other_screens_and_by_a_key(worked: Hands) -> None:
    choose(worked, "Changed", "Customer")
    worked.press("Control-o")
    assert "Only this record: Customer Ann Baker." in worked.texts()
    assert [row[3] for row in worked.rows()] == ["Changed", "Added"]
    worked.press("Control-l")
    assert len(worked.rows()) > 5
    job_id = worked.window.db.value("SELECT id FROM jobs")
    worked.window.show("audit", record_id=job_id)
    assert "Only this record: Job C1-000001." in worked.texts()
    assert [row[3:5] for row in worked.rows()] == [
        ["Added", "Payment"], ["Changed", "Job"], ["Added", "Job"]], "and the money that was used for it"  # fmt: skip


def test_enter_opens_the_record(worked: Hands) -> None:
    for kind, screen in (("Payment", "payment_page"), ("Customer", "customer_page"), ("User", "users")):
        choose(worked, kind)
        worked.press("Return")
        assert worked.window.navigation.current.name == screen  # type: ignore[union-attr]
        worked.window.show("audit")


def test_a_long_field_is_shown_whole_below(worked: Hands) -> None:
    choose(worked, "Changed", "Customer")
    worked.press("Tab")
    assert "Address: Old Street\n1 → New Street\n2" in worked.texts()
    worked.press("Up")
    assert "Phone: 555 1 → 555 1" in worked.texts()
