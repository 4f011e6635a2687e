"""Which day is it? A PC whose clock cannot be right asks before the first record, by keyboard."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cleanflow.dao.closings import closings_of
from cleanflow.dao.customers import add_customer
from cleanflow.dao.drawer import move_cash
from cleanflow.dao.jobs import create_job
from cleanflow.dao.shop import change_settings, is_set_up
from cleanflow.dao.users import first_owner
from cleanflow.db import Database
from cleanflow.gui.dialogs.clock_dialog import ClockDialog
from cleanflow.safekeeping.verify import verify
from tests.conftest import TestClock
from tests.gui.conftest import Hands

QUESTION = "Is this PC's clock right?"
RIGHT = datetime(2026, 3, 10, 10, tzinfo=UTC)
BATTERY = datetime(2015, 1, 1, 8, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def uncertain(clock: TestClock) -> None:
    clock.is_certain = False


@pytest.fixture
def shop(hands: Hands) -> Hands:
    """Ann owes 30.00, since this morning."""
    db = hands.window.db
    create_job(db, customer_id=add_customer(db, name="Ann Baker").id, amount_minor=3000)
    return hands


def set_to(hands: Hands, moment: datetime) -> None:
    clock = hands.window.db.clock
    assert isinstance(clock, TestClock)
    clock.moment = moment


def take_payment(hands: Hands) -> None:
    """All that Ann owes, up to the key that saves it."""
    hands.press("F5")
    hands.type("ann")
    hands.press("Return", "Control-s")


def payment_days(db: Database) -> list[str]:
    return [row[0] for row in db.rows("SELECT business_date FROM payments ORDER BY created_at")]


def test_a_clock_that_is_right_is_never_asked_about(shop: Hands) -> None:
    shop.sign_in()
    assert QUESTION not in shop.texts() and "may be wrong" not in shop.texts()
    take_payment(shop)
    assert payment_days(shop.window.db) == ["2026-03-10"]


def test_after_signing_in_one_sees_what_speaks_against_today(shop: Hands) -> None:
    set_to(shop, BATTERY)
    shop.sign_in()
    texts = shop.texts()
    assert QUESTION in texts and "Thursday, 1 January 2015, 08:12" in texts
    assert "The last record is of Tuesday, 10 March 2026." in texts
    assert "the clock may be wrong" in texts
    shop.press("Return")
    assert "The clock still says this." in shop.texts()
    set_to(shop, RIGHT)
    shop.press("Return")
    assert QUESTION not in shop.texts() and "the clock may be wrong" not in shop.texts()
    assert "Tuesday 10/03/2026" in shop.texts()


def test_a_payment_waits_until_the_clock_was_corrected_and_keeps_what_was_typed(shop: Hands) -> None:
    db = shop.window.db
    set_to(shop, BATTERY)
    shop.sign_in()
    shop.press("Escape")
    assert QUESTION not in shop.texts()
    take_payment(shop)
    assert QUESTION in shop.texts() and payment_days(db) == []
    shop.press("Return")
    assert "The clock still says this." in shop.texts() and payment_days(db) == []
    set_to(shop, RIGHT)
    shop.press("Return")
    assert "Saved: receipt C1-R000001, Ann Baker, 30.00" in shop.texts()
    assert payment_days(db) == ["2026-03-10"]
    assert verify(db).findings == []


def test_giving_up_records_nothing_and_the_same_key_asks_again(shop: Hands) -> None:
    db = shop.window.db
    set_to(shop, BATTERY)
    shop.sign_in()
    shop.press("Escape")
    take_payment(shop)
    shop.press("Escape")
    assert "Not recorded: it is not clear which day it is." in shop.texts()
    assert QUESTION not in shop.texts() and payment_days(db) == []
    shop.press("Control-s")
    assert QUESTION in shop.texts()
    shop.press("Control-s", "Control-s", "space")
    assert QUESTION in shop.texts() and payment_days(db) == []


def test_a_cashier_says_that_the_clock_is_right_and_is_not_asked_again_that_day(shop: Hands) -> None:
    db = shop.window.db
    set_to(shop, RIGHT + timedelta(days=20))
    shop.sign_in()
    assert "That is more than a week ago." in shop.texts()
    shop.press("Escape")
    take_payment(shop)
    shop.press("Control-r")
    assert "Saved: receipt C1-R000001" in shop.texts()
    shop.press("F12")
    shop.sign_in("Olga")
    assert QUESTION not in shop.texts()
    assert payment_days(db) == ["2026-03-30"]


def test_what_needs_an_owner_as_well_asks_both_once(shop: Hands) -> None:
    db = shop.window.db
    move_cash(db, "FLOAT", 250_00)
    change_settings(db, {"variance_limit": "1000"})
    shop.sign_in()
    shop.press("F9")
    shop.type("2")
    shop.press("Return")
    window = shop.window
    window.navigation.current._reason.insert(0, "Lost")  # type: ignore[union-attr]
    set_to(shop, RIGHT + timedelta(days=20))
    shop.press("Control-s")
    assert QUESTION in shop.texts()
    shop.press("Control-r")
    assert "An owner's PIN, please" in shop.texts()
    shop.type("1234")
    shop.press("Return")
    assert "Closed: C1-Z000001" in shop.texts()
    assert len(closings_of(db, "2026-03-30")) == 1
    assert db.session.user_id == db.value("SELECT id FROM users WHERE name = 'Carl'")


def test_a_day_that_is_typed_with_respect_to_today_asks_as_well(shop: Hands) -> None:
    """Expenses and the day close have a field for the day."""
    db = shop.window.db
    set_to(shop, BATTERY)
    shop.sign_in()
    shop.press("Escape", "F7")
    shop.type("rent")
    shop.press("Return")
    shop.type("300")
    shop.press("Control-s")
    assert QUESTION in shop.texts()
    set_to(shop, RIGHT)
    shop.press("Return")
    assert db.value("SELECT business_date FROM expenses") == "2026-03-10"


def test_a_dialog_below_keeps_its_fields(shop: Hands) -> None:
    db = shop.window.db
    set_to(shop, BATTERY)
    shop.sign_in()
    shop.press("Escape", "F9", "Control-i")
    shop.type("12")
    shop.press("Return")
    shop.type("Change")
    shop.press("Return")
    assert QUESTION in shop.texts()
    shop.press("Escape")
    assert "Not recorded: it is not clear which day it is." in shop.texts()
    assert shop.window.focus_get().get() == "Change"  # type: ignore[union-attr]
    shop.press("Return", "Control-r")
    assert "Recorded:" in shop.texts()
    assert db.value("SELECT business_date FROM drawer_movements") == "2015-01-01"


def questions(shop: Hands) -> list[ClockDialog]:
    """Those that are shown."""
    shop.settle()
    found = [one for one in shop.window.winfo_children() if isinstance(one, ClockDialog)]
    return [one for one in found if one.winfo_viewable()]


@pytest.mark.parametrize(("name", "pin"), [("Carl", "2222"), ("Olga", "1234")])
def test_locking_hides_the_question_and_whoever_signs_in_is_asked_once(
    shop: Hands, name: str, pin: str
) -> None:
    set_to(shop, BATTERY)
    shop.sign_in()
    assert len(questions(shop)) == 1
    shop.window.lock()
    assert questions(shop) == []
    assert QUESTION not in shop.texts()
    if name == "Olga":
        shop.press("Shift-Tab")
        shop.type("o")
        shop.press("Return")
    shop.type(pin)
    shop.press("Return")
    assert len(questions(shop)) == 1
    assert QUESTION in shop.texts()


def test_a_new_shop_on_a_pc_that_lost_the_time_asks_and_keeps_what_was_typed(empty_hands: Hands) -> None:
    hands = empty_hands
    set_to(hands, BATTERY)
    hands.press("Return")
    for text in ("Sparkle", "12 Mall Road", "555 0100", "usd", "", "4", "Olga", "1234", "1234"):
        hands.type(text)
        hands.press("Return")
    assert QUESTION in hands.texts() and "the PC's battery may be empty" in hands.texts()
    assert not is_set_up(hands.window.db)
    set_to(hands, RIGHT)
    hands.press("Return")
    assert is_set_up(hands.window.db) and first_owner(hands.window.db) is not None
    assert "Sparkle" in hands.window.title()
