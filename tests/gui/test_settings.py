"""Settings, users, services and categories by keyboard."""

from __future__ import annotations

from ttkbootstrap import Style

from cleanflow import __version__
from cleanflow.dao.expenses import list_categories, record_expense
from cleanflow.dao.remembered import recall
from cleanflow.dao.services import list_services
from cleanflow.dao.shop import get_shop
from cleanflow.dao.users import is_pin_right, list_users
from cleanflow.gui import appearance
from tests.gui.conftest import Hands


def allow(hands: Hands) -> None:
    """The owner's PIN, where the cashier stands."""
    assert "An owner's PIN, please" in hands.texts()
    hands.type("1234")
    hands.press("Return")


def test_the_shops_settings_take_an_owner_and_show_at_once(hands: Hands) -> None:
    hands.sign_in()
    hands.press("F11")
    hands.press("Control-a", "Delete")
    hands.type("Shine")
    hands.press("Return")
    hands.type("Main Road; Lahore")
    hands.press("Control-s")
    allow(hands)
    shop = get_shop(hands.window.db)
    assert (shop.name, shop.address) == ("Shine", "Main Road\nLahore")
    assert "Settings are saved." in hands.texts()
    assert hands.window.title() == f"Shine – CleanFlow {__version__}"


def test_theme_and_text_size_are_this_pcs_and_need_no_owner(hands: Hands) -> None:
    db = hands.window.db
    hands.sign_in()
    hands.press("F11")
    screen = hands.window.navigation.screens["settings"]
    screen._theme.set("Dark")  # type: ignore[attr-defined]
    screen._text_size.set("130 %")  # type: ignore[attr-defined]
    screen._lock.set("0")  # type: ignore[attr-defined]
    hands.press("Control-s")
    assert "Settings are saved." in hands.texts()
    assert hands.window.style.theme_use() == "bootstrap-dark"
    assert (recall(db, "text_size", 100), recall(db, "lock_after_minutes", 10)) == (130, 0)


def test_a_wrong_setting_is_said_beside_its_field_and_nothing_is_kept(hands: Hands) -> None:
    db = hands.window.db
    hands.sign_in("Olga")
    hands.press("F11")
    screen = hands.window.navigation.screens["settings"]
    screen._shop["day_starts_at"].set("25")  # type: ignore[attr-defined]
    screen._shop["shop_phone"].set("123")  # type: ignore[attr-defined]
    hands.press("Control-s")
    assert "“25” is not one of" in hands.texts()
    assert get_shop(db).phone == ""


def test_a_user_is_added_gets_another_pin_and_leaves(hands: Hands) -> None:
    db = hands.window.db
    hands.sign_in("Olga")
    hands.press("Shift-F9")
    for text in ("Dana", "cash", "4444", "4444"):
        hands.type(text)
        hands.press("Return")
    assert "Saved: Dana" in hands.texts()
    dana = next(user for user in list_users(db) if user.name == "Dana")
    assert dana.role == "CASHIER" and is_pin_right(db, dana.id, "4444")
    hands.focus_list()
    hands.press("Down")
    assert hands.list().chosen() == dana
    hands.press("Return", "Return", "Return")
    hands.type("5555")
    hands.press("Return")
    hands.type("5556")
    hands.press("Return")
    assert "The two PINs are not the same." in hands.texts()
    assert is_pin_right(db, dana.id, "4444")
    hands.type("5555")
    hands.press("Control-s")
    assert "The two PINs are not the same." in hands.texts()
    hands.press("Control-a")
    hands.type("5555")
    hands.press("Control-s")
    assert is_pin_right(db, dana.id, "5555")
    hands.focus_list()
    hands.press("Down", "Control-q")
    assert [user.name for user in list_users(db)] == ["Carl", "Olga"]
    assert hands.rows()[-1] == ["Dana", "Cashier", "C1", "10/03/2026", "not in use"]


def test_the_last_owner_cannot_leave(hands: Hands) -> None:
    hands.sign_in("Olga")
    hands.press("Shift-F9")
    hands.focus_list()
    hands.press("Down", "Control-q")
    assert "The shop needs at least one active owner." in hands.texts()
    assert [user.name for user in list_users(hands.window.db)] == ["Carl", "Olga"]
    hands.press("F2", "Shift-F9")
    assert "The shop needs at least one active owner." not in hands.texts()


def test_a_service_gets_a_new_price_and_a_category_a_name(hands: Hands) -> None:
    db = hands.window.db
    hands.sign_in()
    hands.press("Shift-F7")
    hands.type("Curtains")
    hands.press("Return")
    hands.type("7+0.5")
    hands.press("Return")
    allow(hands)
    assert [(service.name, service.price_minor) for service in list_services(db)] == [
        ("Curtains", 7_50),
        ("Ironing", 15_00),
    ]
    hands.press("Control-w")
    hands.type("Soap")
    hands.press("Return")
    allow(hands)
    assert "Soap" in [category.name for category in list_categories(db)]
    assert "Saved: Soap" in hands.texts()


def test_another_way_of_writing_dates_shows_on_screens_that_were_open_before(hands: Hands) -> None:
    record_expense(
        hands.window.db, category_id=list_categories(hands.window.db)[0].id, amount_minor=100, method="CASH"
    )
    hands.sign_in("Olga")
    hands.press("F7")
    assert hands.rows()[0][0] == "10/03/2026"
    hands.press("F11")
    hands.window.navigation.screens["settings"]._shop["date_order"].set("2026-12-24")  # type: ignore[attr-defined]
    hands.press("Control-s", "F7")
    assert hands.rows()[0][0] == "2026-03-10"


def test_numbers_that_lead_somewhere_follow_the_theme(hands: Hands) -> None:
    hands.sign_in("Olga")

    def colour_of_links() -> str:
        page = hands.window.navigation.screens["today"]
        return str(Style().lookup(page._in.first_button().cget("style"), "foreground"))  # type: ignore[attr-defined]

    light = colour_of_links()
    for theme in ("bootstrap-dark", "bootstrap-light"):
        appearance.show_theme(theme)
        hands.settle()
        assert (colour_of_links() == light) == (theme == "bootstrap-light")
