"""Two PCs that each had an owner “Olga” and a job C1-000001, in the window: a person chooses, nobody guesses."""

from __future__ import annotations

from collections.abc import Iterator
from tkinter import ttk

import pytest

from cleanflow.dao.customers import add_customer
from cleanflow.dao.jobs import create_job
from cleanflow.dao.remembered import OWNER_BACK, recall, remember
from cleanflow.dao.services import add_service, list_services
from cleanflow.dao.stamps import update_record
from cleanflow.dao.users import add_user, edit_user, list_users
from cleanflow.db import Database, with_transaction
from cleanflow.gui.desk import USERS_CHANGED
from cleanflow.gui.entrance.sign_in import SignIn
from cleanflow.sync.client import synchronise
from cleanflow.sync.enrolling import join
from server.database import Shop
from tests.gui.conftest import Hands, window_on
from tests.gui.sync.conftest import NewPc
from tests.server.live import Live
from tests.sync.two_shops import set_up_alone


@pytest.fixture
def joined(db: Database, live: Live, shop: Shop, new_pc: NewPc) -> Database:
    """This PC's shop (Olga, 1234, with Ann's job) after it has met another one's (Olga, 2222, with Bob's)."""
    create_job(db, customer_id=add_customer(db, name="Ann", phone="111").id, amount_minor=1000)
    other = new_pc("two")
    set_up_alone(other, "2222", "Bob", 2500)
    join(db, live.url, live.new_code(shop), "C1")
    assert synchronise(db).code == ""
    other.join(live.url, live.new_code(shop), "C2")
    other.sync()
    assert synchronise(db).code == ""
    return db


@pytest.fixture
def hands(joined: Database) -> Iterator[Hands]:
    with window_on(joined) as hands:
        yield hands


def sign_in(hands: Hands, which: str, pin: str) -> None:
    """``which`` is typed into the name: one letter a match, "oo" the second of those with an o."""
    hands.press("Shift-Tab")
    hands.type(which)
    hands.press("Return")
    hands.type(pin)
    hands.press("Return")


@pytest.mark.parametrize(("which", "pin", "pc"), [("o", "1234", "C1"), ("oo", "2222", "C2")])
def test_each_of_two_people_of_one_name_signs_in_with_the_own_pin(
    hands: Hands, which: str, pin: str, pc: str
) -> None:
    page = hands.window.stages.page
    assert isinstance(page, SignIn)
    assert [label.split(",")[0] for label in page._users] == ["Olga (C1", "Olga (C2"]
    assert all("Owner, since " in label for label in page._users)
    sign_in(hands, which, "2222" if pin == "1234" else "1234")
    assert "This is not the PIN." in hands.texts()
    hands.type(pin)
    hands.press("Return")
    assert "Signed in: Olga" in hands.texts()
    assert hands.window.user.pc_code == pc


def test_one_persons_wrong_pins_do_not_make_the_other_wait(hands: Hands) -> None:
    for _try in range(3):
        hands.type("9999")
        hands.press("Return")
    assert "This is not the PIN. Wait" in hands.texts()
    sign_in(hands, "oo", "2222")
    assert hands.window.user.pc_code == "C2"


def test_a_namesake_who_arrives_while_somebody_signs_in_does_not_change_who_is_chosen(
    hands: Hands, joined: Database
) -> None:
    first, second = list_users(joined)
    joined.session.user_id = first.id
    edit_user(joined, second.id, name="Anna")
    joined.session.user_id = None
    hands.window.changed(USERS_CHANGED)
    page = hands.window.stages.page
    assert isinstance(page, SignIn)
    assert [*page._users] == ["Anna", "Olga"]
    page._who.set("Olga")
    hands.type("12")
    write_name(joined, second.id, "Olga")
    hands.window.changed(USERS_CHANGED)
    hands.type("34")
    hands.press("Return")
    assert hands.window.user.id == first.id


@with_transaction
def write_name(db: Database, user_id: str, name: str) -> None:
    """As a synchronisation does, which asks nobody whether the name is taken."""
    update_record(db, "users", user_id, {"name": name})


def test_the_owners_pin_is_asked_of_a_person_and_the_audit_names_that_one(
    hands: Hands, joined: Database
) -> None:
    first, second = list_users(joined)
    joined.session.user_id = first.id
    add_user(joined, name="Carl", role="CASHIER", pin="3333")
    joined.session.user_id = None
    hands.window.changed(USERS_CHANGED)
    sign_in(hands, "c", "3333")
    hands.press("Shift-F9")
    for text in ("Dana", "cash", "4444", "4444"):
        hands.type(text)
        hands.press("Return")
    assert "An owner's PIN, please" in hands.texts()
    hands.press("Shift-Tab")
    hands.type("oo")
    hands.press("Return")
    hands.type("1234")
    hands.press("Return")
    assert "This is not the PIN." in hands.texts()
    hands.type("2222")
    hands.press("Return")
    assert "Saved: Dana" in hands.texts()
    query = "SELECT user_id FROM audit_logs WHERE table_name = 'users' ORDER BY created_at DESC LIMIT 1"
    assert joined.value(query) == second.id


def test_the_users_page_shows_namesakes_and_makes_one_of_them(hands: Hands, joined: Database) -> None:
    first, second = list_users(joined)
    sign_in(hands, "o", "1234")
    hands.press("Shift-F9")
    assert "Several users are called Olga." in hands.texts()
    assert [row[:3] for row in hands.rows()] == [["Olga", "Owner", "C1"], ["Olga", "Owner", "C2"]]
    hands.focus_list()
    hands.press("Down", "Control-d")
    assert "signs in with their own PIN" in hands.texts()
    hands.press("Escape")
    assert len(list_users(joined)) == 2
    hands.press("Control-d", "Control-s")
    assert "One user: Olga" in hands.texts()
    assert [user.id for user in list_users(joined)] == [first.id]
    assert joined.value("SELECT merged_into FROM users WHERE id = :id", {"id": second.id}) == first.id
    assert "Several users are called" not in hands.texts()


def test_the_repair_list_makes_one_of_two_users_and_of_two_services(hands: Hands, joined: Database) -> None:
    joined.session.user_id = list_users(joined)[0].id
    write_service_name(joined, add_service(joined, name="Pressing", price_minor=700).id, "Ironing")
    joined.session.user_id = None
    sign_in(hands, "o", "1234")
    hands.press("Shift-F11", "Control-f")
    both = [["User", "Olga"], ["Service", "Ironing"]]
    hands.wait_until(lambda: [row[:2] for row in hands.rows()] == both)
    assert "is not active any more; what was recorded in that name stays so" in hands.texts()
    hands.press("Control-p", "Control-s")
    assert "One of two: Olga" in hands.texts()
    hands.wait_until(lambda: [row[:2] for row in hands.rows()] == both[1:])
    hands.focus_list()
    hands.press("Control-p")
    assert "“Ironing (C2, 25.00, since " in hands.texts()
    hands.press("Control-s")
    hands.wait_until(lambda: hands.rows() == [])
    assert len(list_users(joined)) == 1
    assert [(one.name, one.price_minor) for one in list_services(joined)] == [("Ironing", 2500)]


@with_transaction
def write_service_name(db: Database, service_id: str, name: str) -> None:
    update_record(db, "service_types", service_id, {"name": name})


def test_a_number_of_two_jobs_asks_which_and_opens_nothing_by_itself(hands: Hands, joined: Database) -> None:
    sign_in(hands, "o", "1234")
    hands.press("F2", "Control-g")
    hands.type("C1-000001")
    hands.press("Return")
    assert "Which C1-000001?" in hands.texts()
    focus = hands.window.focus_get()
    assert isinstance(focus, ttk.Treeview)
    rows = [focus.item(row, "values") for row in focus.get_children()]
    assert [(row[0], row[5]) for row in rows] == [("Bob", "25.00"), ("Ann", "10.00")]
    hands.press("Return")
    assert "Please choose a line" in hands.texts()
    hands.press("Down", "Down", "Return")
    assert hands.window.navigation.current is not None
    assert hands.window.navigation.current.name == "job_page"
    assert "Ann" in hands.texts() and "Bob" not in hands.texts()


def test_the_search_of_jobs_asks_which_of_two(hands: Hands) -> None:
    sign_in(hands, "o", "1234")
    hands.press("F4", "Control-f")
    hands.type("c1-1")
    hands.press("Return")
    assert "Which C1-000001?" in hands.texts()
    hands.press("Up", "Up", "Return")
    assert "Bob" in hands.texts()


def test_money_is_not_taken_from_the_first_of_two_customers_of_one_number(hands: Hands) -> None:
    sign_in(hands, "o", "1234")
    hands.press("F5")
    hands.type("C1-000001")
    hands.press("Return")
    screen = hands.window.navigation.current
    assert screen is not None
    assert screen._picker.customer is None  # type: ignore[attr-defined]
    assert "Several customers have this number" in hands.texts()
    hands.press("Shift-Tab", "Down", "Down", "Return")
    assert screen._picker.customer.name == "Ann"  # type: ignore[attr-defined]


def test_an_owner_who_is_back_is_told_until_an_owner_has_seen_it(hands: Hands, joined: Database) -> None:
    joined.session.user_id = list_users(joined)[0].id
    add_user(joined, name="Carl", role="CASHIER", pin="3333")
    joined.session.user_id = None
    remember(joined, OWNER_BACK, "Olga")
    hands.window.changed(USERS_CHANGED)
    sign_in(hands, "c", "3333")
    hands.wait_for("Olga is an owner again")
    hands.press("Escape")
    assert "Olga is an owner again" not in hands.texts()
    assert recall(joined, OWNER_BACK, "") == "Olga"
    hands.press("F12")
    sign_in(hands, "o", "1234")
    hands.wait_for("Olga is an owner again")
    hands.press("Escape")
    assert recall(joined, OWNER_BACK, "") == ""
