"""Customers by keyboard: found, shown with their whole story, corrected."""

from __future__ import annotations

from cleanflow.dao.customers import Customer, add_customer, get_customer
from cleanflow.dao.jobs import Job, create_job
from cleanflow.dao.payments import record_payment
from cleanflow.db import Database
from cleanflow.safekeeping.verify import verify
from tests.gui.conftest import Hands


def ann_owes(db: Database) -> tuple[Customer, Job]:
    """Ann, who owes 60.00 of a suit of 100.00 and has a deposit of 15.00."""
    ann = add_customer(db, name="Ann Baker", phone="555 123", address="Main Road\n12")
    job = create_job(db, customer_id=ann.id, amount_minor=10_000, description="Suit")
    record_payment(db, customer_id=ann.id, amount_minor=4000, method="CASH", jobs={job.id: 4000})
    record_payment(db, customer_id=ann.id, amount_minor=1500, method="BANK", jobs={})
    return ann, job


def show_ann(hands: Hands) -> None:
    hands.press("F6")
    hands.type("ann")
    hands.press("Down", "Return")


def test_the_list_follows_the_typing_and_finds_by_reference(hands: Hands) -> None:
    db = hands.window.db
    ann_owes(db)
    add_customer(db, name="Zoe", phone="0300 777")
    hands.sign_in()
    hands.press("F6")
    assert hands.rows() == [["Ann Baker", "555 123", "45.00"], ["Zoe", "0300 777", ""]]
    hands.type("zo")
    assert [row[0] for row in hands.rows()] == ["Zoe"]
    for reference in ("C1-000001", "C1-R000002"):
        hands.press("Control-f", "Delete")
        hands.type(reference)
        assert [row[0] for row in hands.rows()] == ["Ann Baker"]
    hands.press("Control-f", "Delete")
    hands.type("nobody")
    assert "Nobody found. Ctrl+N makes a new customer." in hands.texts()


def test_who_owe_are_one_choice_away_and_today_leads_there(hands: Hands) -> None:
    db = hands.window.db
    ann_owes(db)
    add_customer(db, name="Zoe")
    hands.sign_in()
    hands.window.show("customers", owing=True)
    assert [row[0] for row in hands.rows()] == ["Ann Baker"]
    assert "1 in all" in hands.texts()


def test_a_number_that_was_searched_is_the_new_customers_phone(hands: Hands) -> None:
    hands.sign_in()
    hands.press("F6")
    hands.type("0300 99")
    hands.press("Control-n")
    hands.type("Bob")
    hands.press("Control-s", "Control-s")
    assert "Saved: Bob" in hands.texts()
    row = hands.window.db.one("SELECT name, phone FROM customers")
    assert row is not None and tuple(row) == ("Bob", "0300 99")
    assert hands.window.db.value("SELECT count(*) FROM customers") == 1


def test_the_page_shows_the_account_the_reasons_and_the_jobs(hands: Hands) -> None:
    ann_owes(hands.window.db)
    hands.sign_in()
    show_ann(hands)
    assert "Owes 45.00" in hands.texts()
    assert hands.rows() == [
        ["10/03/2026", "C1-R000002", "Payment, Bank", "-15.00", "45.00"],
        ["10/03/2026", "C1-R000001", "Payment, Cash", "-40.00", "60.00"],
        ["10/03/2026", "C1-000001", "Job: Suit", "100.00", "100.00"],
    ]
    hands.press("Control-w")
    assert "Still due 60.00, less credit 15.00: owes 45.00" in hands.texts()
    assert [row[1:] for row in hands.rows()] == [
        ["C1-000001", "Suit", "100.00", "60.00"],
        ["C1-R000001", "      paid", "-40.00", ""],
        ["C1-R000002", "Payment, not used up", "-15.00", "-15.00"],
    ]
    hands.press("Control-j")
    assert [row[1:3] + row[5:] for row in hands.rows()] == [
        ["C1-000001", "Suit", "Part paid", "100.00", "60.00"]
    ]


def test_enter_on_a_line_leads_to_the_payment_and_escape_back(hands: Hands) -> None:
    ann_owes(hands.window.db)
    hands.sign_in()
    show_ann(hands)
    hands.press("Return")
    assert "Payment C1-R000002" in hands.texts()
    hands.press("Escape")
    assert "Owes 45.00" in hands.texts()
    hands.press("Escape")
    assert "Search" in hands.texts()


def test_a_period_says_what_was_open_before_it(hands: Hands) -> None:
    db = hands.window.db
    ann = add_customer(db, name="Ann")
    create_job(db, customer_id=ann.id, amount_minor=2000, on="2026-02-01")
    create_job(db, customer_id=ann.id, amount_minor=500)
    hands.sign_in()
    show_ann(hands)
    hands.press("Control-f", "Delete")
    hands.type("1/3..")
    hands.press("Return")
    assert "Before 01/03/2026: owes 20.00" in hands.texts()
    assert [row[3:] for row in hands.rows()] == [["5.00", "25.00"]]


def test_credit_settles_what_fits_and_may_be_a_part(hands: Hands) -> None:
    db = hands.window.db
    ann, _job = ann_owes(db)
    hands.sign_in()
    show_ann(hands)
    hands.press("Control-u")
    hands.type("20")
    hands.press("Return")
    assert "The customer has less credit than that." in hands.texts()
    hands.press("Escape", "Control-u")
    hands.type("5")
    hands.press("Return")
    assert "5.00 of the credit used" in hands.texts()
    hands.press("Control-u", "Return")
    assert "10.00 of the credit used" in hands.texts()
    hands.press("Control-u")
    assert "There is no credit to use." in hands.texts()
    assert get_customer(db, ann.id).balance_minor == 4500
    assert verify(db).findings == []


def test_credit_is_given_back_with_an_owners_pin(hands: Hands) -> None:
    db = hands.window.db
    ann, _job = ann_owes(db)
    hands.sign_in()
    show_ann(hands)
    hands.press("Control-r", "Return", "Return")
    hands.type("Moved")
    hands.press("Return")
    hands.type("1234")
    hands.press("Return")
    assert "Saved: refund C1-R000003, 15.00" in hands.texts()
    assert get_customer(db, ann.id).balance_minor == 6000
    assert verify(db).findings == []


def test_an_old_debt_is_entered_by_an_owner(hands: Hands) -> None:
    db = hands.window.db
    ann = add_customer(db, name="Ann")
    hands.sign_in("Olga")
    show_ann(hands)
    assert "Nothing open" in hands.texts()
    hands.press("Control-o")
    hands.type("350")
    hands.press("Return", "Return")
    assert "Saved: the opening balance" in hands.texts()
    assert "Owes 350.00" in hands.texts()
    hands.press("Control-o", "Shift-Tab")
    hands.type("has")
    hands.press("Return")
    hands.type("50")
    hands.press("Control-s")
    assert get_customer(db, ann.id).balance_minor == 30_000
    assert verify(db).findings == []


def test_who_owes_stays_active_and_who_does_not_comes_back_when_wanted(hands: Hands) -> None:
    db = hands.window.db
    ann_owes(db)
    zoe = add_customer(db, name="Zoe")
    hands.sign_in()
    show_ann(hands)
    hands.press("Control-q")
    assert "This customer's balance is not zero." in hands.texts()
    hands.window.show("customer_page", customer_id=zoe.id)
    hands.press("Control-q")
    assert "Zoe is not active any more." in hands.texts()
    assert "Zoe (not active)" in hands.texts()
    assert not get_customer(db, zoe.id).is_active
    hands.press("Control-q")
    assert get_customer(db, zoe.id).is_active


def test_editing_from_the_page_comes_back_to_it_and_keeps_lines_that_were_not_touched(hands: Hands) -> None:
    db = hands.window.db
    ann, _job = ann_owes(db)
    hands.sign_in()
    show_ann(hands)
    hands.press("Control-i")
    hands.type("Anna")
    hands.press("Control-s")
    assert "Saved: Anna" in hands.texts()
    assert "Owes 45.00" in hands.texts()
    changed = get_customer(db, ann.id)
    assert (changed.name, changed.address) == ("Anna", "Main Road\n12")
    hands.press("F6")
    assert "New customer" in hands.texts()
