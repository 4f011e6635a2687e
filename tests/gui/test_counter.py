"""The counter from one customer to the next: defaults, dates, credit, doubles, numbers on paper."""

from __future__ import annotations

from typing import Any

import pytest
from ttkbootstrap import Combobox

from cleanflow.dao.customers import add_customer, get_customer
from cleanflow.dao.jobs import create_job, get_job
from cleanflow.dao.payments import get_payment, record_payment
from cleanflow.dao.shop import change_settings
from cleanflow.db import Database
from tests.gui.conftest import Hands


def page(hands: Hands) -> Any:
    hands.settle()
    return hands.window.navigation.current


def ann_owes(db: Database, amount_minor: int = 10000, credit_minor: int = 0) -> str:
    ann = add_customer(db, name="Ann Baker").id
    if credit_minor:
        record_payment(db, customer_id=ann, amount_minor=credit_minor, method="CASH", jobs={})
    create_job(db, customer_id=ann, amount_minor=amount_minor, description="Suit")
    return ann


# --- from one record to the next -------------------------------------------------------------------------


def test_the_way_of_payment_of_a_job_does_not_stay_for_the_next(hands: Hands) -> None:
    add_customer(hands.window.db, name="Ann Baker")
    hands.sign_in()
    hands.press("F3")
    hands.type("ann")
    hands.press("Return", "Return", "Return")
    hands.type("50")
    page(hands)._method.set("Bank")
    hands.press("Control-s")
    assert "Saved: job C1-000001" in hands.texts()
    assert page(hands)._method.text() == "Cash"


def test_the_way_of_payment_of_an_expense_does_not_stay_for_the_next(hands: Hands) -> None:
    hands.sign_in()
    hands.press("F7")
    hands.type("rent")
    hands.press("Return")
    hands.type("50")
    hands.press("Return")
    hands.type("b")
    hands.press("Control-s")
    assert "Saved: expense C1-E000001" in hands.texts()
    assert page(hands)._method.text() == "Cash"
    assert page(hands)._day.text() == "t"


@pytest.mark.parametrize("key", ["F3", "F5", "F6", "F7", "Shift-F7", "F9"])
def test_escape_empties_every_form_and_going_to_another_screen_none(hands: Hands, key: str) -> None:
    hands.sign_in("Olga")
    hands.press(key)
    hands.press(*{"F6": ["Control-n"]}.get(key, []))
    focus = hands.window.focus_get()
    hands.type("7")
    hands.press("F2", key)
    assert focus.get() == "7"  # type: ignore[union-attr]
    hands.press("Escape", key)
    assert focus.get() == ""  # type: ignore[union-attr]


def test_the_wheel_changes_no_closed_choice(hands: Hands) -> None:
    hands.sign_in()
    hands.press("F5")
    field = page(hands)._method.widget
    for sequence in ("<Button-4>", "<Button-5>"):
        field.event_generate(sequence)
        hands.settle()
    field.event_generate("<MouseWheel>", delta=-120)
    hands.settle()
    assert field.get() == "Cash"


def test_a_choice_that_was_begun_is_whole_when_the_focus_goes_on(hands: Hands) -> None:
    hands.sign_in()
    hands.press("F7")
    hands.type("re")
    hands.press("Tab")
    assert page(hands)._category.text() == "Rent"


def test_a_period_that_was_typed_is_what_the_list_shows(hands: Hands) -> None:
    ann_owes(hands.window.db)
    record_payment(
        hands.window.db, customer_id=get_ann(hands), amount_minor=500, method="CASH", on="2026-03-09"
    )
    hands.sign_in()
    hands.press("Shift-F5")
    field = page(hands)._filters._fields["period"]
    field.focus_set()
    field.delete(0, "end")
    hands.type("y")
    hands.press("Tab")
    assert len(hands.rows()) == 1
    assert isinstance(field, Combobox)


def get_ann(hands: Hands) -> str:
    return str(hands.window.db.value("SELECT id FROM customers WHERE name = 'Ann Baker'"))


# --- dates and notes at intake ---------------------------------------------------------------------------


def begin_job(hands: Hands) -> None:
    hands.press("F3")
    hands.type("ann")
    hands.press("Return", "Return", "Return")
    hands.type("50")


def test_a_job_is_taken_in_with_notes_for_yesterday(hands: Hands) -> None:
    add_customer(hands.window.db, name="Ann Baker")
    hands.sign_in()
    begin_job(hands)
    page(hands)._notes.set("Fragile")
    page(hands)._day.set("y")
    hands.press("Control-s")
    job = get_job(hands.window.db, page(hands)._last_id)
    assert (job.notes, job.business_date) == ("Fragile", "2026-03-09")
    assert (page(hands)._notes.text(), page(hands)._day.text()) == ("", "t")


def test_enter_on_the_way_of_payment_still_saves_the_job(hands: Hands) -> None:
    add_customer(hands.window.db, name="Ann Baker")
    hands.sign_in()
    begin_job(hands)
    hands.press("Return", "Return", "Return", "Return")
    assert "Saved: job C1-000001" in hands.texts()


@pytest.mark.parametrize("key", ["F3", "F5"])
def test_further_back_than_yesterday_takes_the_owners_pin(hands: Hands, key: str) -> None:
    ann_owes(hands.window.db)
    hands.sign_in()
    if key == "F3":
        begin_job(hands)
    else:
        hands.press("F5")
        hands.type("ann")
        hands.press("Return")
    page(hands)._day.set("1/3")
    hands.press("Control-s")
    assert "An owner's PIN, please" in hands.texts()
    hands.type("1234")
    hands.press("Return")
    assert "Saved: " in hands.texts()
    table = "jobs" if key == "F3" else "payments"
    days = {row[0] for row in hands.window.db.rows(f"SELECT business_date FROM {table}")}
    assert "2026-03-01" in days


def test_a_day_in_the_future_is_refused(hands: Hands) -> None:
    ann_owes(hands.window.db)
    hands.sign_in()
    hands.press("F5")
    hands.type("ann")
    hands.press("Return")
    page(hands)._day.set("+1")
    hands.press("Control-s")
    assert "2026-03-11 is in the future." in hands.texts()
    assert hands.window.db.value("SELECT count(*) FROM payments") == 0


@pytest.mark.parametrize(
    ("typed", "question"),
    [("1/3", "01/03/2026 is in the past. Is that right?"), ("24/12/62", "24/12/2062: is 2062 right?")],
)
def test_an_unlikely_ready_date_is_asked_about(hands: Hands, typed: str, question: str) -> None:
    add_customer(hands.window.db, name="Ann Baker")
    hands.sign_in()
    begin_job(hands)
    page(hands)._due.set(typed)
    hands.press("Control-s")
    assert question in hands.texts()
    hands.press("Return")  # once too often: it means no
    assert hands.window.db.value("SELECT count(*) FROM jobs") == 0
    assert page(hands)._due.text() == typed
    hands.press("Control-s", "Control-r")
    assert "Saved: job C1-000001" in hands.texts()


def test_the_ready_date_of_a_job_is_asked_about_as_well(hands: Hands) -> None:
    ann_owes(hands.window.db)
    hands.sign_in()
    hands.press("F4", "Down", "Return", "Control-d")
    hands.type("1/1/2099")
    hands.press("Return")
    assert "01/01/2099: is 2099 right?" in hands.texts()
    hands.press("Escape")
    assert hands.window.db.value("SELECT due_date FROM jobs") is None


# --- credit ----------------------------------------------------------------------------------------------


def test_what_is_left_after_the_credit_is_proposed_and_both_settle_the_job(hands: Hands) -> None:
    db = hands.window.db
    ann = ann_owes(db, credit_minor=3000)
    hands.sign_in()
    hands.press("F5")
    hands.type("ann")
    hands.press("Return")
    assert page(hands)._amount.text() == "70.00"
    assert "The credit of 30.00 is used first; the rest is proposed." in hands.texts()
    hands.press("Control-s")
    assert "Saved: receipt C1-R000002, Ann Baker, 70.00" in hands.texts()
    assert db.value("SELECT due_minor FROM job_totals") == 0
    assert get_customer(db, ann).balance_minor == 0
    paid = db.value("SELECT id FROM payments WHERE reference = 'C1-R000002'")
    assert get_payment(db, paid).unallocated_minor == 0


def test_credit_that_covers_everything_proposes_no_money(hands: Hands) -> None:
    ann_owes(hands.window.db, credit_minor=20000)
    hands.sign_in()
    hands.press("F5")
    hands.type("ann")
    hands.press("Return")
    assert page(hands)._amount.text() == ""
    assert "The credit of 200.00 covers what is due: Ctrl+U uses it, no money is needed." in hands.texts()


def test_a_deposit_leaves_the_credit_alone(hands: Hands) -> None:
    ann_owes(hands.window.db, credit_minor=3000)
    hands.sign_in()
    hands.press("F5")
    hands.type("ann")
    hands.press("Return", "Control-y")
    hands.type("20")
    hands.press("Control-s")
    assert hands.window.db.value("SELECT due_minor FROM job_totals") == 10000


# --- numbers on paper, and doubles -----------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["C1-R000001", "c1-r1", "R1", "R١"])
def test_a_receipts_number_opens_its_payment(hands: Hands, typed: str) -> None:
    ann_owes(hands.window.db, credit_minor=3000)
    hands.sign_in()
    hands.press("F4", "Control-g")
    hands.window.focus_get().insert(0, typed)  # type: ignore[union-attr]
    hands.press("Return")
    assert "C1-R000001" in hands.texts()
    assert page(hands).name == "payment_page"


def test_payments_are_searched_by_receipt_in_every_period(hands: Hands) -> None:
    ann = ann_owes(hands.window.db)
    for day, amount in (("2026-01-05", 700), ("2026-03-10", 500), ("2026-03-10", 600)):
        record_payment(hands.window.db, customer_id=ann, amount_minor=amount, method="CASH", on=day)
    hands.sign_in()
    hands.press("Shift-F5", "Control-f")
    hands.type("5.00")
    hands.wait_until(lambda: [row[5] for row in hands.rows()] == ["5.00"])
    hands.press("Control-f")
    field = hands.window.focus_get()
    field.delete(0, "end")  # type: ignore[union-attr]
    hands.type("C1-R1")
    hands.wait_until(lambda: [row[1] for row in hands.rows()] == ["C1-R000001"])


@pytest.mark.parametrize("typed", ["0300-1234567", "+92 300 1234567", "00923001234567", "٠٣٠٠١٢٣٤٥٦٧"])
def test_a_number_that_somebody_has_is_seen_at_intake_however_it_is_written(hands: Hands, typed: str) -> None:
    db = hands.window.db
    change_settings(db, {"country": "PK"})
    ann = add_customer(db, name="Ann Baker", phone="0300 1234567")
    hands.sign_in()
    hands.press("F3")
    hands.type("zoe")
    hands.press("Control-n")
    hands.window.focus_get().insert(0, typed)  # type: ignore[union-attr]
    hands.press("Return")
    assert "Ann Baker has this number." in hands.texts()
    hands.press("Control-t")
    assert page(hands)._picker.customer.id == ann.id
    assert db.value("SELECT count(*) FROM customers") == 1


def test_a_family_may_share_a_number(hands: Hands) -> None:
    db = hands.window.db
    add_customer(db, name="Ann Baker", phone="0300 1234567")
    hands.sign_in()
    hands.press("F6", "Control-n")
    hands.type("Bob")
    hands.press("Return")
    hands.type("03001234567")
    hands.press("Control-s")
    assert "Ann Baker has this number. Save again to add another customer with it." in hands.texts()
    hands.press("Control-s")
    assert "Saved: Bob" in hands.texts()


def test_a_report_that_was_begun_to_be_typed_is_the_one_that_is_shown(hands: Hands) -> None:
    hands.sign_in("Olga")
    hands.press("F8")
    hands.type("mon")
    hands.press("Tab")
    assert page(hands)._kind.get() == "Monthly report"
    assert "Monthly report" in page(hands)._view.words()
