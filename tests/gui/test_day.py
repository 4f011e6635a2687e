"""A cashier's day by keyboard alone."""

from __future__ import annotations

from cleanflow.dao.customers import add_customer, get_customer, search_customers
from cleanflow.dao.jobs import job_by_reference
from cleanflow.dao.remembered import LAST_USER, remember
from cleanflow.dao.shop import get_shop
from cleanflow.dao.users import add_user
from cleanflow.db import Database
from cleanflow.safekeeping.verify import verify
from tests.gui.conftest import Hands, window_on


def test_a_first_start_needs_a_minute_and_ends_at_work(empty_hands: Hands) -> None:
    hands = empty_hands
    hands.press("Return")
    hands.type("Sparkle")
    hands.press("Return", "Return", "Return")
    hands.type("usd")
    hands.press("Return", "Return", "Return")
    hands.type("Olga")
    hands.press("Return")
    hands.type("1234")
    hands.press("Return")
    hands.type("1234")
    hands.press("Return")
    assert "Signed in: Olga" in hands.texts()
    assert get_shop(hands.window.db).currency.code == "USD"


def test_a_wrong_answer_is_said_beside_its_field_and_the_input_is_kept(empty_hands: Hands) -> None:
    hands = empty_hands
    hands.press("Return")
    hands.type("Sparkle")
    hands.press("Return", "Return", "Return")
    hands.type("XXX")
    hands.press("Return")
    assert "“XXX” is not a currency code" in hands.texts()
    hands.press("Return", "Return")
    hands.type("Olga")
    hands.press("Return")
    hands.type("12")
    hands.press("Return")
    assert "A PIN has at least 4 characters." in hands.texts()
    hands.press("Return")
    assert "“XXX” is not a currency code" in hands.texts()
    assert hands.window.db.value("SELECT device_id FROM app_settings") is None


def test_only_the_right_pin_signs_in_and_wrong_ones_make_one_wait(hands: Hands) -> None:
    for _try in range(3):
        hands.type("9999")
        hands.press("Return")
        assert "This is not the PIN." in hands.texts()
    assert "Wait 2 seconds" in hands.texts()
    hands.type("2222")
    hands.press("Return")
    assert "Signed in" not in hands.texts()


def test_enter_without_a_pin_is_no_wrong_try(hands: Hands) -> None:
    for _try in range(4):
        hands.press("Return")
        assert "Please type your PIN." in hands.texts()
    assert "Wait" not in hands.texts()
    hands.type("2222")
    hands.press("Return")
    assert "Signed in: Carl" in hands.texts()


def test_who_signed_in_last_on_this_pc_is_offered_first_at_the_next_start(db: Database) -> None:
    add_user(db, name="Carl", role="CASHIER", pin="2222")
    with window_on(db) as hands:
        hands.sign_in("Olga")
    with window_on(db) as again:
        again.type("1234")
        again.press("Return")
        assert "Signed in: Olga" in again.texts()
    remember(db, LAST_USER, "nobody's")
    with window_on(db) as again:
        again.type("2222")
        again.press("Return")
        assert "Signed in: Carl" in again.texts()


def test_a_customer_is_found_edited_and_added_without_a_mouse(hands: Hands) -> None:
    db = hands.window.db
    ann = add_customer(db, name="Ann Baker", phone="555 123")
    hands.sign_in()
    hands.press("F6")
    hands.type("bak")
    hands.press("Down", "Control-i")
    hands.press("Tab")
    hands.type("9")
    hands.press("Control-s")
    assert "Saved: Ann Baker" in hands.texts()
    assert get_customer(db, ann.id).phone == "9"  # Tab selects the field's text, typing replaces it
    hands.press("Control-n", "Control-s")  # what was searched is the new customer's name
    assert "Saved: bak" in hands.texts()
    hands.press("Delete", "Control-n", "Control-s")
    assert "Name must not be empty." in hands.texts()
    assert db.value("SELECT count(*) FROM customers") == 2


def test_a_job_for_a_known_customer_with_part_payment_takes_at_most_25_keys(hands: Hands) -> None:
    db = hands.window.db
    add_customer(db, name="Ann Baker")
    add_customer(db, name="Zoe")
    hands.sign_in()
    hands.keys = 0
    hands.press("F3")
    hands.type("bak")
    hands.press("Return")
    hands.type("ir")
    hands.press("Return", "Return", "Return")
    hands.type("+2")
    hands.press("Return")
    hands.type("2+3")
    hands.press("Return", "Return")
    assert "Saved: job C1-000001, Ann Baker, due 10.00" in hands.texts()
    assert hands.keys <= 25
    job = job_by_reference(db, "C1-000001")
    assert job is not None
    assert (job.total_minor, job.allocated_minor, job.due_date) == (1500, 500, "2026-03-12")
    assert db.value("SELECT name FROM users JOIN jobs ON jobs.user_id = users.id") == "Carl"
    assert verify(db).findings == []


def test_more_paid_than_the_job_costs_is_refused_beside_the_field_and_nothing_is_written(
    hands: Hands,
) -> None:
    db = hands.window.db
    add_customer(db, name="Ann Baker")
    hands.sign_in()
    hands.press("F3")
    hands.type("bak")
    hands.press("Return")
    hands.type("ir")
    hands.press("Return", "Return", "Return", "Return")
    hands.type("16")
    hands.press("Return", "Return")
    assert "More than the job costs." in hands.texts()
    assert db.value("SELECT count(*) FROM jobs") == 0


def test_a_new_customer_is_made_inside_the_job_form(hands: Hands) -> None:
    hands.sign_in()
    hands.press("F3")
    hands.type("Zed")
    hands.press("Control-n")
    assert search_customers(hands.window.db, "zed") == []
    hands.type("555")  # the name stands there
    hands.press("Return")
    found = search_customers(hands.window.db, "zed")
    assert [(customer.name, customer.phone) for customer in found] == [("Zed", "555")]
    hands.type("ir")
    hands.press("Return", "Control-s")
    assert "Saved: job C1-000001, Zed, due 15.00" in hands.texts()


def test_giving_up_a_new_customer_takes_nobody_of_a_similar_name(hands: Hands) -> None:
    add_customer(hands.window.db, name="Zedong")
    hands.sign_in()
    hands.press("F3")
    hands.type("zed")
    for key in ("Control-n", "F1"):
        hands.press(key, "Escape")
        assert hands.window.focus_get().get() == "zed"  # type: ignore[union-attr]
    assert hands.window.navigation.current._picker.customer is None  # type: ignore[union-attr]


def test_a_number_that_nobody_has_is_the_new_customers_phone(hands: Hands) -> None:
    hands.sign_in()
    hands.press("F3")
    hands.type("555")
    hands.press("Control-n")
    hands.type("Zed")
    hands.press("Return", "Return")
    found = search_customers(hands.window.db, "zed")
    assert [(customer.name, customer.phone) for customer in found] == [("Zed", "555")]


def test_typing_replaces_a_service_that_was_chosen(hands: Hands) -> None:
    add_customer(hands.window.db, name="Ann")
    hands.sign_in()
    hands.press("F3")
    hands.type("ann")
    hands.press("Return")
    hands.type("iron")
    hands.press("Return")
    service = hands.window.navigation.current._service.widget  # type: ignore[union-attr]
    assert service.get() == "Ironing"
    service.focus_set()
    hands.type("x")
    assert service.get() == "x"
    hands.press("F6", "F3")
    hands.type("555")
    assert service.get() == "555"
    hands.press("Control-f")
    hands.type("bea")
    assert hands.window.focus_get().get() == "bea"  # type: ignore[union-attr]


def test_saving_twice_saves_once(hands: Hands) -> None:
    db = hands.window.db
    add_customer(db, name="Ann Baker")
    hands.sign_in()
    hands.press("F3")
    hands.type("bak")
    hands.press("Return")
    hands.type("ir")
    hands.press("Return", "Control-s", "Control-s")
    assert db.value("SELECT count(*) FROM jobs") == 1


def test_after_switching_users_nothing_of_the_shop_is_shown(hands: Hands) -> None:
    add_customer(hands.window.db, name="Ann Baker")
    hands.sign_in()
    hands.press("F12")
    assert "Who is there?" in hands.texts()
    hands.press("F3")
    assert "New job" not in hands.texts()


def test_a_name_that_nobody_has_is_said_when_one_leaves_the_field(hands: Hands) -> None:
    hands.sign_in()
    hands.press("F3")
    hands.type("qq")
    hands.press("Return")
    assert "Nobody of that name." in hands.texts()
    hands.press("Control-s")
    assert hands.window.db.value("SELECT count(*) FROM jobs") == 0
