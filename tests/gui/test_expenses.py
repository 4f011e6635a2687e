"""Expenses by keyboard: entered, shown, taken back with an owner's PIN."""

from __future__ import annotations

from cleanflow.dao.ledger import account_balances
from cleanflow.gui.dialogs.owner_pin import ask_owner
from cleanflow.records.chart import Account
from cleanflow.safekeeping.verify import verify
from tests.gui.conftest import Hands


def enter_expense(hands: Hands) -> None:
    hands.press("F7")
    hands.type("rent")
    hands.press("Return")
    hands.type("300+50")
    hands.press("Return", "Return")
    hands.type("March")
    hands.press("Return", "Return")
    assert "Saved: expense C1-E000001, 350.00" in hands.texts()


def cash_minor(hands: Hands) -> int:
    return next(
        account.balance_minor for account in account_balances(hands.window.db) if account.id == Account.CASH
    )


def test_an_expense_is_entered_by_keyboard_and_listed(hands: Hands) -> None:
    hands.sign_in()
    enter_expense(hands)
    assert cash_minor(hands) == -35000
    assert "1 in all" in hands.texts()
    assert hands.rows()[0][2:] == ["Rent", "March", "Cash", "350.00"]


def test_a_cashier_reverses_an_expense_with_an_owners_pin_on_the_spot(hands: Hands) -> None:
    db = hands.window.db
    hands.sign_in()
    enter_expense(hands)
    hands.focus_list()
    hands.press("Control-r")
    hands.type("twice")
    hands.press("Return")
    assert "An owner's PIN, please" in hands.texts()
    assert cash_minor(hands) == -35000
    hands.type("9999")
    hands.press("Return")
    assert "This is not the PIN." in hands.texts()
    hands.type("1234")
    hands.press("Return")
    assert "Reversed, as C1-E000002" in hands.texts()
    assert cash_minor(hands) == 0
    by = db.value("SELECT name FROM users JOIN expenses ON user_id = users.id WHERE kind = 'REVERSAL'")
    assert by == "Olga"
    assert db.session.user_id == db.value("SELECT id FROM users WHERE name = 'Carl'")
    assert verify(db).findings == []


def test_enter_without_an_owners_pin_is_no_wrong_try(hands: Hands) -> None:
    hands.sign_in()
    ask_owner(hands.window, lambda _owner: None)
    hands.press(*["Return"] * 4)
    assert "Please type the PIN." in hands.texts()
    assert hands.window.attempts._wrong == {}


def test_giving_up_the_owners_pin_changes_nothing_and_keeps_the_reason(hands: Hands) -> None:
    hands.sign_in()
    enter_expense(hands)
    hands.focus_list()
    hands.press("Control-r")
    hands.type("twice")
    hands.press("Return", "Escape")
    assert "An owner's PIN, please" not in hands.texts()
    assert "Reverse expense C1-E000001" in hands.texts()
    assert hands.window.focus_get().get() == "twice"
    hands.press("Escape")
    assert hands.window.db.value("SELECT count(*) FROM expenses") == 1
