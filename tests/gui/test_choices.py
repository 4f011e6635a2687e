"""Fields with a list: letters jump to a choice, and an open list does not swallow the window's keys."""

from __future__ import annotations

import pytest
from ttkbootstrap import Combobox

from cleanflow.dao.customers import add_customer
from cleanflow.gui.widgets import choices
from tests.gui.conftest import Hands


def field_of_method(hands: Hands) -> Combobox:
    """The field with the way of payment, which has the focus."""
    hands.press("F5")
    field = hands.window.navigation.current._method.widget  # type: ignore[union-attr]
    field.focus_set()
    hands.settle()
    return field


def test_letters_jump_to_a_choice_and_nothing_else_can_stand_there(hands: Hands) -> None:
    hands.sign_in()
    field = field_of_method(hands)
    assert field.get() == "Cash"
    hands.type("bank")
    assert field.get() == "Bank"
    hands.type("45")
    hands.press("BackSpace", "Delete")
    assert field.get() == "Bank"
    hands.type("c")
    assert field.get() == "Cash"


def test_after_a_pause_another_word_begins(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    hands.sign_in()
    field = Combobox(hands.window, values=["Bank", "Basket", "Ace"])
    choices.fix_choices(field)
    field.pack()
    field.focus_force()
    monkeypatch.setattr(choices, "_PAUSE_S", 60)
    hands.type("bas")
    assert field.get() == "Basket"
    monkeypatch.setattr(choices, "_PAUSE_S", 0)
    hands.type("a")
    assert field.get() == "Ace"
    hands.type("b")
    assert field.get() == "Bank"
    monkeypatch.setattr(choices, "_PAUSE_S", 60)
    hands.type("b")  # once more: the next one
    assert field.get() == "Basket"


def test_a_filter_follows_the_letter_at_once(hands: Hands) -> None:
    add_customer(hands.window.db, name="Ann")
    hands.sign_in()
    hands.press("F6")
    assert len(hands.rows()) == 1
    hands.window.navigation.current._filters.focus_first()  # type: ignore[union-attr]
    hands.type("n")
    assert hands.rows() == []
    hands.type("e")
    assert len(hands.rows()) == 1


def test_the_opening_balance_begins_at_its_amount(hands: Hands) -> None:
    ann = add_customer(hands.window.db, name="Ann")
    hands.sign_in("Olga")
    hands.window.show("customer_page", customer_id=ann.id)
    hands.press("Control-o")
    hands.type("45")
    assert hands.window.focus_get().get() == "45"  # type: ignore[union-attr]


def test_a_key_of_the_window_closes_an_open_list_and_works(hands: Hands) -> None:
    hands.sign_in()
    field = field_of_method(hands)
    for key in ("F6", "Shift-F9"):
        field_of_method(hands)
        field.event_generate("<Down>")
        hands.settle()
        assert field.tk.call("winfo", "ismapped", f"{field}.popdown")
        field.tk.call("event", "generate", f"{field}.popdown.f.l", f"<{key}>")
        hands.settle()
        assert not field.tk.call("winfo", "ismapped", f"{field}.popdown")
        assert hands.window.navigation.current.key == key  # type: ignore[union-attr]
