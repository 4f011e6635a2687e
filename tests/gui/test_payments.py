"""Money by keyboard: taken, shared out over jobs, taken back, given back."""

from __future__ import annotations

from cleanflow.dao.customers import add_customer, get_customer
from cleanflow.dao.jobs import create_job, get_job
from cleanflow.dao.payments import record_payment
from cleanflow.db import Database
from cleanflow.safekeeping.verify import verify
from tests.gui.conftest import Hands


def shop(db: Database) -> tuple[str, list[str]]:
    """Ann owes 30.00 for a shirt and 70.00 for a suit; Zoe owes nothing."""
    ann = add_customer(db, name="Ann Baker").id
    jobs = [
        create_job(db, customer_id=ann, amount_minor=amount, description=what).id
        for what, amount in (("Shirt", 3000), ("Suit", 7000))
    ]
    add_customer(db, name="Zoe")
    return ann, jobs


def gets(hands: Hands) -> list[str]:
    """What the open jobs get, as the table says it."""
    table = hands.window.navigation.current._shares.table  # type: ignore[union-attr]
    return [str(table.item(row, "values")[4]) for row in table.get_children()]


def due(db: Database, jobs: list[str]) -> list[int]:
    return [get_job(db, job_id).due_minor for job_id in jobs]


def test_all_that_is_due_is_paid_in_cash_with_change_in_few_keys(hands: Hands) -> None:
    db = hands.window.db
    _ann, jobs = shop(db)
    hands.sign_in()
    hands.keys = 0
    hands.press("F5")
    hands.type("bak")
    hands.press("Return")
    assert "owes 100.00" in hands.texts()
    assert gets(hands) == ["30.00", "70.00"]
    hands.press("Return", "Return")
    hands.type("150")
    assert "Change to give" in hands.texts() and "50.00" in hands.texts()
    hands.press("Return")
    assert hands.keys <= 12
    assert "Saved: receipt C1-R000001, Ann Baker, 100.00, change 50.00" in hands.texts()
    assert due(db, jobs) == [0, 0]
    hands.press("Control-s")
    assert db.value("SELECT count(*) FROM payments") == 1
    assert db.value("SELECT name FROM users JOIN payments ON user_id = users.id") == "Carl"
    assert verify(db).findings == []


def test_a_part_goes_to_the_oldest_job_and_the_rest_is_said(hands: Hands) -> None:
    db = hands.window.db
    _ann, jobs = shop(db)
    hands.sign_in()
    hands.press("F5")
    hands.type("ann")
    hands.press("Return")
    hands.type("40")
    assert gets(hands) == ["30.00", "10.00"]
    assert "owes 60.00" in hands.texts()
    hands.press("Control-s")
    assert due(db, jobs) == [0, 6000]
    assert verify(db).findings == []


def test_what_is_more_than_due_is_said_to_become_credit_before_it_is_saved(hands: Hands) -> None:
    db = hands.window.db
    ann, _jobs = shop(db)
    hands.sign_in()
    hands.press("F5")
    hands.type("ann")
    hands.press("Return")
    hands.type("130")
    assert "Becomes credit" in hands.texts() and "30.00" in hands.texts()
    assert "has credit 30.00" in hands.texts()
    hands.press("Control-s")
    assert get_customer(db, ann).balance_minor == -3000


def test_one_chosen_job_is_paid_alone(hands: Hands) -> None:
    db = hands.window.db
    _ann, jobs = shop(db)
    hands.sign_in()
    hands.press("F5")
    hands.type("ann")
    hands.press("Return", "Control-j", "Down", "Control-o")
    assert "Only for C1-000002" in hands.texts()
    assert gets(hands) == ["", "70.00"]
    hands.press("Control-s")
    assert "Saved: receipt C1-R000001, Ann Baker, 70.00" in hands.texts()
    assert due(db, jobs) == [3000, 0]


def test_a_job_that_leads_here_is_paid_alone(hands: Hands) -> None:
    db = hands.window.db
    _ann, jobs = shop(db)
    hands.sign_in()
    hands.window.show("take_payment", job_id=jobs[1])
    assert "Only for C1-000002" in hands.texts()
    hands.press("Return")
    hands.type("bank")
    hands.press("Return")
    assert "Saved: receipt C1-R000001, Ann Baker, 70.00" in hands.texts()
    assert due(db, jobs) == [3000, 0]
    assert db.value("SELECT method FROM payments") == "BANK"


def of_whom(hands: Hands) -> tuple[str, str]:
    """The customer and the amount that stand on the page of a payment."""
    page = hands.window.navigation.current
    return page._who.text(), page._amount.text()  # type: ignore[union-attr]


def test_what_a_job_put_here_is_gone_for_the_next_person(hands: Hands) -> None:
    _ann, jobs = shop(hands.window.db)
    hands.sign_in()
    for way_out in ("Escape", "F6"):
        hands.window.show("job_page", job_id=jobs[1])
        hands.press("Control-m")
        assert of_whom(hands) == ("Ann Baker", "70.00")
        hands.type("5")
        hands.press(way_out, "F5")
        assert of_whom(hands) == ("", "")
        assert "Only for" not in hands.texts()


def test_what_was_typed_here_stays_until_it_is_given_up(hands: Hands) -> None:
    shop(hands.window.db)
    hands.sign_in()
    hands.press("F5")
    hands.type("bak")
    hands.press("Return")
    hands.type("12")
    hands.press("F6", "F5")
    assert of_whom(hands) == ("Ann Baker", "12")
    assert "This payment is not saved yet. Ctrl+F: another customer." in hands.texts()
    hands.press("Escape", "F5")
    assert of_whom(hands) == ("", "")


def test_a_payment_that_was_taken_leaves_nothing_behind(hands: Hands) -> None:
    _ann, jobs = shop(hands.window.db)
    hands.sign_in()
    hands.window.show("job_page", job_id=jobs[0])
    hands.press("Control-m", "Return", "Return")
    hands.type("50")
    hands.press("Return")
    assert "Change to give" in hands.texts()
    hands.press("F6", "F5")
    assert of_whom(hands) == ("", "")
    assert "Change to give" not in hands.texts()


def test_a_button_empties_the_page_for_another_customer(hands: Hands) -> None:
    shop(hands.window.db)
    hands.sign_in()
    hands.press("F5")
    hands.type("bak")
    hands.press("Return")
    assert "Ctrl+F  Another customer" in hands.texts()
    hands.window.navigation.current.buttons["start_again"].invoke()  # type: ignore[union-attr]
    assert of_whom(hands) == ("", "")


def test_the_part_of_a_job_can_be_chosen_and_the_others_get_the_rest(hands: Hands) -> None:
    db = hands.window.db
    _ann, jobs = shop(db)
    hands.sign_in()
    hands.press("F5")
    hands.type("ann")
    hands.press("Return")
    hands.type("50")
    hands.press("Control-j", "Return")
    assert "How much for C1-000001?" in hands.texts()
    hands.type("31")
    hands.press("Return")
    assert "This is more than what is due on the job." in hands.texts()
    hands.press("BackSpace", "BackSpace")
    hands.type("5")
    hands.press("Return")
    assert gets(hands) == ["5.00", "45.00"]
    hands.press("Control-l")
    assert gets(hands) == ["30.00", "20.00"]
    hands.press("Control-j", "Return")
    hands.type("5")
    hands.press("Return", "Control-s")
    assert due(db, jobs) == [2500, 2500]
    assert verify(db).findings == []


def test_less_than_what_was_given_to_the_jobs_is_refused(hands: Hands) -> None:
    db = hands.window.db
    shop(db)
    hands.sign_in()
    hands.press("F5")
    hands.type("ann")
    hands.press("Return", "Control-j", "Return")
    hands.type("25")
    hands.press("Return")
    hands.window.navigation.current.focus_first()  # type: ignore[union-attr]
    hands.type("20")
    hands.press("Control-s")
    assert "Less than what you gave to the jobs." in hands.texts()
    assert db.value("SELECT count(*) FROM payments") == 0


def test_a_deposit_settles_nothing_and_credit_is_used_later(hands: Hands) -> None:
    db = hands.window.db
    ann, jobs = shop(db)
    hands.sign_in()
    hands.press("F5")
    hands.type("ann")
    hands.press("Return", "Control-y")
    assert "A deposit: no job gets anything" in hands.texts()
    hands.type("20")
    hands.press("Control-s")
    assert due(db, jobs) == [3000, 7000]
    assert get_customer(db, ann).balance_minor == 8000
    hands.type("ann")
    hands.press("Return")
    assert "The credit of 20.00 is used first; the rest is proposed." in hands.texts()
    hands.press("Control-u", "Return")
    assert due(db, jobs) == [1000, 7000]
    assert "is used first" not in hands.texts()
    hands.press("Control-s")
    assert "Saved: receipt C1-R000002, Ann Baker, 80.00" in hands.texts()
    assert verify(db).findings == []


def test_less_cash_than_the_amount_is_refused_beside_the_field(hands: Hands) -> None:
    db = hands.window.db
    shop(db)
    hands.sign_in()
    hands.press("F5")
    hands.type("ann")
    hands.press("Return", "Return", "Return")
    hands.type("90")
    assert "Still missing" in hands.texts()
    hands.press("Return")
    assert "Less than the amount." in hands.texts()
    assert db.value("SELECT count(*) FROM payments") == 0


def test_a_new_customer_leaves_a_deposit(hands: Hands) -> None:
    db = hands.window.db
    hands.sign_in()
    hands.press("F5")
    hands.type("Bob")
    hands.press("Control-n", "Return")
    hands.type("10")
    hands.press("Control-s")
    assert "Saved: receipt C1-R000001, Bob, 10.00" in hands.texts()
    assert db.value("SELECT balance_minor FROM customer_balances") == -1000


def test_somebody_elses_name_takes_the_jobs_away_again(hands: Hands) -> None:
    db = hands.window.db
    shop(db)
    hands.sign_in()
    hands.press("F5")
    hands.type("ann")
    hands.press("Return", "Control-f")
    hands.type("zoe")
    hands.press("Return")
    assert "No open jobs: it becomes credit" in hands.texts()
    assert "nothing open" in hands.texts()
    hands.press("Control-s")
    assert "is not an amount" in hands.texts()
    assert db.value("SELECT count(*) FROM payments") == 0


def test_the_list_filters_by_method_and_kind_and_opens_a_payment(hands: Hands) -> None:
    db = hands.window.db
    ann, _jobs = shop(db)
    record_payment(db, customer_id=ann, amount_minor=4000, method="CASH")
    record_payment(db, customer_id=ann, amount_minor=500, method="BANK")
    hands.sign_in()
    hands.press("Shift-F5")
    assert [row[1:] for row in hands.rows()] == [
        ["C1-R000002", "Ann Baker", "Payment", "Bank", "5.00"],
        ["C1-R000001", "Ann Baker", "Payment", "Cash", "40.00"],
    ]
    hands.window.show("payments", day="2026-03-10", method="CASH")
    assert [row[1] for row in hands.rows()] == ["C1-R000001"]
    hands.press("Return")
    assert "Payment C1-R000001" in hands.texts()
    assert [row[1:] for row in hands.rows()] == [
        ["C1-000001", "Shirt", "30.00", ""],
        ["C1-000002", "Suit", "10.00", "55.00"],
    ]


def test_a_payment_is_reversed_with_an_owners_pin_and_its_jobs_are_due_again(hands: Hands) -> None:
    db = hands.window.db
    ann, jobs = shop(db)
    payment = record_payment(db, customer_id=ann, amount_minor=4000, method="CASH")
    hands.sign_in()
    hands.window.show("payment_page", payment_id=payment.id)
    hands.press("Control-r")
    hands.type("wrong one")
    hands.press("Return")
    hands.type("1234")
    hands.press("Return")
    assert "Reversed, as C1-R000002" in hands.texts()
    assert "Reversed by" in hands.texts()
    assert due(db, jobs) == [3000, 7000]
    assert [row[2] for row in hands.rows()] == ["Shirt (released again)", "Suit (released again)"]
    hands.press("Control-r")
    assert "Reverse C1-R000001" not in hands.texts()
    hands.press("Control-o")
    assert "Payment reversed C1-R000002" in hands.texts()
    assert verify(db).findings == []


def test_a_part_of_a_payment_is_given_back(hands: Hands) -> None:
    db = hands.window.db
    ann, jobs = shop(db)
    payment = record_payment(db, customer_id=ann, amount_minor=4000, method="CASH")
    hands.sign_in("Olga")
    hands.window.show("payment_page", payment_id=payment.id)
    hands.press("Control-g")
    hands.type("50")
    hands.press("Return", "Return")
    hands.type("spoilt")
    hands.press("Return")
    assert "This is more than is left of what was paid." in hands.texts()
    hands.press("Escape", "Control-g")
    hands.type("15")
    hands.press("Return", "Return")
    hands.type("spoilt")
    hands.press("Return")
    assert "Saved: refund C1-R000002, 15.00" in hands.texts()
    assert due(db, jobs) == [500, 7000]
    assert verify(db).findings == []


def test_what_somebody_else_took_meanwhile_is_said_before_it_becomes_credit(hands: Hands) -> None:
    db = hands.window.db
    ann = add_customer(db, name="Ann Baker")
    create_job(db, customer_id=ann.id, amount_minor=28_00)
    hands.sign_in()
    hands.window.show("take_payment", customer_id=ann.id)
    assert "28.00" in hands.texts()
    record_payment(db, customer_id=ann.id, amount_minor=28_00, method="CASH")
    hands.press("Control-s")
    assert "The page shows the present state; please check it." in hands.texts()
    assert db.value("SELECT count(*) FROM payments") == 1
