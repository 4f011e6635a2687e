"""Where the focus goes: with Tab into lists and forms, and back from a record with Esc."""

from __future__ import annotations

from ttkbootstrap import Button, Treeview

from cleanflow.dao.customers import add_customer
from cleanflow.dao.jobs import create_job
from cleanflow.db import Database
from tests.gui.conftest import Hands


def five_jobs(db: Database) -> None:
    customer = add_customer(db, name="Ann Baker")
    for number in range(1, 6):
        create_job(db, customer_id=customer.id, amount_minor=1000 * number, description=f"Coat {number}")


def marked(hands: Hands) -> list[str]:
    """The first column of the marked line of the list that has the focus."""
    table = hands.window.focus_get()
    assert isinstance(table, Treeview)
    return [str(table.item(row, "values")[0]) for row in table.selection()]


def tab_to_list(hands: Hands) -> None:
    for _press in range(12):
        hands.press("Tab")
        if isinstance(hands.window.focus_get(), Treeview):
            return
    raise AssertionError("no list is reached")


def test_tab_into_a_list_marks_a_line_to_go_on_from(hands: Hands) -> None:
    for name in ("Ann", "Bea", "Cleo"):
        add_customer(hands.window.db, name=name)
    hands.sign_in()
    hands.press("F6")
    tab_to_list(hands)
    assert marked(hands) == ["Ann"]
    hands.press("Down", "Down")
    assert marked(hands) == ["Cleo"]
    hands.press("Return")
    assert "Nothing open" in hands.texts()


def test_tab_back_into_a_list_keeps_the_line_that_was_marked(hands: Hands) -> None:
    for name in ("Ann", "Bea"):
        add_customer(hands.window.db, name=name)
    hands.sign_in()
    hands.press("F6")
    tab_to_list(hands)
    hands.press("Down", "Tab", "Shift-Tab")
    assert marked(hands) == ["Bea"]
    hands.list().table.selection_set(())
    hands.press("Down")
    assert marked(hands) == ["Bea"]


def test_the_open_jobs_of_a_payment_show_which_one_enter_is_for(hands: Hands) -> None:
    five_jobs(hands.window.db)
    hands.sign_in()
    hands.press("F5")
    hands.type("bak")
    hands.press("Return")
    tab_to_list(hands)
    table = hands.window.focus_get()
    assert isinstance(table, Treeview)
    assert table.item(table.selection()[0], "values")[2] == "Coat 1"
    hands.press("Down", "Return")
    assert "How much for C1-000002?" in hands.texts()


def test_what_is_typed_into_a_form_beside_a_list_is_not_replaced_by_tab(hands: Hands) -> None:
    hands.sign_in("Olga")
    hands.press("Shift-F9")
    hands.type("Dora")
    name = hands.window.focus_get()
    tab_to_list(hands)
    assert name.get() == "Dora"  # type: ignore[union-attr]
    hands.press("Down")  # by hand it is another thing
    assert marked(hands) == [name.get()]  # type: ignore[union-attr]


def test_fields_come_before_the_buttons_that_save_them(hands: Hands) -> None:
    hands.sign_in()
    for key, fields in (("F6", 4), ("F3", 9), ("F7", 5)):
        hands.press(key)
        page = hands.window.navigation.current
        assert page is not None
        if key == "F6":
            tab_to_list(hands)
            hands.press("Tab")
        seen = []
        for _press in range(fields):
            seen.append(hands.window.focus_get())
            hands.press("Tab")
        assert not [widget for widget in seen if isinstance(widget, Button)], key
        assert hands.window.focus_get() is page.buttons["save"], key


def test_back_from_a_record_the_first_enter_opens_the_line_again(hands: Hands) -> None:
    five_jobs(hands.window.db)
    hands.sign_in()
    hands.press("F4", "Down", "Down", "Return")
    assert "Job C1-000004" in hands.texts()
    hands.press("Escape", "Return")
    assert "Job C1-000004" in hands.texts()
    hands.press("F4")
    hands.type("5")  # by its key the list begins at the search, as ever
    assert "C1-000005" in str(hands.rows())
