"""Synchronising in the window, against a real server: joining, what arrives by itself, trouble, leaving."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cleanflow.dao.customers import add_customer
from cleanflow.dao.remembered import remember
from cleanflow.dao.shop import is_set_up
from cleanflow.dao.users import add_user, edit_user, list_users
from cleanflow.db import Database, open_database
from cleanflow.gui.entrance.fetching import STILL_COMING
from cleanflow.gui.window import Window
from cleanflow.sync.enrolling import join
from cleanflow.sync.state import get_state, note, waiting
from cleanflow.sync.worker import is_by_hand
from server.database import Shop
from tests.conftest import TestClock
from tests.gui.conftest import Hands, window_on
from tests.gui.sync.conftest import Counter, NewPc, paste
from tests.server.live import Live


def sync_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "sync"]


def test_until_it_has_joined_there_is_no_thread_no_word_and_no_request(
    alone: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(socket.socket, "connect", lambda _self, address: asked.append(address))
    alone.window.syncing.begin()
    alone.type("1234")
    alone.press("Return", "Shift-F11")
    assert "nothing leaves it" in alone.texts()
    assert sync_threads() == []
    assert alone.window.syncing.progress is None and asked == []


def test_a_shop_joins_by_keyboard_and_sends_its_records(alone: Hands, live: Live, shop: Shop) -> None:
    hands, db = alone, alone.window.db
    add_customer(db, name="Ann")
    hands.type("1234")
    hands.press("Return", "Shift-F11", "Return")
    hands.wait_for("One-time code")
    paste(hands, live.url)
    hands.press("Control-t")
    hands.wait_for("A CleanFlow server answers")
    assert "All records of this PC will be sent there" in hands.texts()
    hands.press("Return")
    paste(hands, live.new_code(shop))
    hands.press("Control-s")
    hands.wait_for("Up to date")
    hands.wait_for("Same books as the server")
    assert waiting(db).unsent == 0
    assert live.rows(shop, "customers") == 1


def test_the_servers_proposal_is_taken_over_when_the_code_is_taken(
    alone: Hands, live: Live, shop: Shop, new_pc: NewPc
) -> None:
    new_pc("C1").join(live.url, live.new_code(shop))
    hands = alone
    hands.type("1234")
    hands.press("Return", "Shift-F11", "Return")
    hands.wait_for("One-time code")
    paste(hands, live.url)
    hands.press("Return")
    paste(hands, live.new_code(shop))
    hands.press("Control-s")
    hands.wait_for("Another PC of the shop has the code C1")
    assert hands.window.focus_get().get() == "C2"  # type: ignore[union-attr]
    hands.press("Control-s")
    hands.wait_for("Up to date")
    assert "Olga · C2" in hands.texts()


def test_a_connection_that_others_can_read_is_warned_about_before_a_code_is_spent(
    alone: Hands, live: Live, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cleanflow.sync.enrolling.is_readable_by_others", lambda url: True)
    hands, db = alone, alone.window.db
    hands.type("1234")
    hands.press("Return", "Shift-F11", "Return")
    paste(hands, live.url)
    hands.press("Return")
    paste(hands, live.new_code(shop))
    hands.press("Control-s")
    hands.wait_for("Over http everybody on the network can read the records.")
    assert not get_state(db).is_joined
    hands.press("Control-s")
    hands.wait_for("Up to date")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://127.0.0.1:9", "does not answer as a CleanFlow server"),
        ("ftp://x", "is not the address of a server"),
    ],
)
def test_a_wrong_address_is_told_and_everything_typed_stays(alone: Hands, address: str, said: str) -> None:
    hands = alone
    hands.type("1234")
    hands.press("Return", "Shift-F11", "Return")
    paste(hands, address)
    hands.press("Return")
    paste(hands, "ABCD-EFGH")
    hands.press("Control-s")
    hands.wait_for(said)
    assert hands.window.focus_get().get() == address  # type: ignore[union-attr]
    assert not get_state(hands.window.db).is_joined


def test_what_another_pc_records_shows_on_the_open_screen_without_a_key(counter: Counter) -> None:
    hands = counter.hands
    hands.press("F6")
    assert hands.rows() == []
    counter.other.customer("Ann")
    counter.other.sync()
    hands.window.syncing.now()
    hands.wait_until(lambda: [row[0] for row in hands.rows()] == ["Ann"])
    assert "Up to date" in hands.texts()


def test_the_overview_names_both_pcs_and_the_attempts(counter: Counter) -> None:
    hands = counter.hands
    hands.press("Shift-F11", "Control-s")
    peers = hands.window.navigation.screens["sync"]._overview._peers  # type: ignore[attr-defined]
    hands.wait_until(
        lambda: [(one.code, one.is_this) for one in peers.records()] == [("C1", True), ("C2", False)]
    )
    assert "Same books as the server at" in hands.texts()


def test_the_status_bar_says_when_what_was_asked_for_is_over(counter: Counter) -> None:
    hands = counter.hands
    hands.press("Shift-F11", "Control-s")
    assert hands.window.told() == "Synchronising …"
    hands.wait_until(lambda: hands.window.told() == "Synchronised.")


def test_a_locked_window_takes_what_arrives_and_shows_it_afterwards(counter: Counter) -> None:
    hands = counter.hands
    hands.press("F6", "F12")
    counter.other.customer("Ann")
    counter.other.sync()
    hands.window.syncing.now()
    hands.wait_until(lambda: hands.window.db.value("SELECT count(*) FROM customers") == 1)
    hands.type("1234")
    hands.press("Return")
    assert [row[0] for row in hands.rows()] == ["Ann"]


def test_who_is_taken_out_of_use_elsewhere_is_signed_out_here(counter: Counter) -> None:
    hands, other = counter.hands, counter.other
    add_user(other.db, name="Otto", role="OWNER", pin="3333")
    other.sync()
    edit_user(other.db, hands.window.user.id, is_active=False)
    other.sync()
    hands.window.syncing.now()
    hands.wait_for("Who is there?")
    assert "Up to date" not in hands.texts()


def test_a_server_that_is_gone_shows_at_the_foot_alone_and_work_goes_on(
    alone: Hands, live: Live, shop: Shop
) -> None:
    hands, db = alone, alone.window.db
    join(db, live.url, live.new_code(shop), "C1")
    note(db, server_url="http://127.0.0.1:9")
    hands.window.syncing.settle()
    hands.type("1234")
    hands.press("Return")
    hands.wait_for("No connection, ")
    assert " to send since " in hands.texts()
    hands.press("F7")
    hands.type("rent")
    hands.press("Return")
    hands.type("300")
    hands.press("Control-s")
    assert db.value("SELECT count(*) FROM expenses") == 1
    hands.press("Shift-F11")
    assert "No connection: " in hands.texts()


def test_leaving_ends_the_thread_and_the_words(counter: Counter) -> None:
    hands = counter.hands
    hands.press("Shift-F11", "Control-q")
    assert "This PC stops synchronising" in hands.texts()
    hands.press("Control-s")
    assert not get_state(hands.window.db).is_joined
    assert hands.window.syncing.progress is None
    assert "Up to date" not in hands.texts()
    assert "Join a server" in hands.texts()
    hands.wait_until(lambda: sync_threads() == [])


def test_closing_the_window_during_a_synchronisation_takes_about_a_second(
    db: Database, live: Live, shop: Shop, silent_port: int
) -> None:
    join(db, live.url, live.new_code(shop), "C1")
    note(db, server_url=f"http://127.0.0.1:{silent_port}")
    with window_on(db) as hands:
        hands.window.syncing.begin()
        hands.wait_until(lambda: hands.window.syncing.progress.is_running)  # type: ignore[union-attr]
        begun = time.monotonic()
    assert time.monotonic() - begun < 5


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def test_a_new_pc_joins_fetches_and_its_people_sign_in(
    tmp_path: Path, clock: TestClock, live: Live, shop: Shop, new_pc: NewPc
) -> None:
    first = new_pc("C1", is_set_up=True)
    first.customer("Ann")
    first.join(live.url, live.new_code(shop))
    first.sync()
    with open_database(tmp_path / "new.db", clock=clock, create=True) as db, window_on(db) as hands:
        hands.press("Down", "Return")
        paste(hands, live.url)
        hands.press("Return")
        paste(hands, live.new_code(shop))
        hands.press("Return", "Return")
        hands.wait_for("Who is there?")
        assert "Sparkle" in hands.texts()
        hands.type("1234")
        hands.press("Return")
        assert "Signed in: Olga" in hands.texts()
        assert "Olga · C2" in hands.texts()
        hands.press("F6")
        assert [row[0] for row in hands.rows()] == ["Ann"]


def test_a_fetch_that_was_interrupted_goes_on_at_the_next_start(
    tmp_path: Path, clock: TestClock, live: Live, shop: Shop, new_pc: NewPc
) -> None:
    first = new_pc("C1", is_set_up=True)
    first.join(live.url, live.new_code(shop))
    first.sync()
    with open_database(tmp_path / "new.db", clock=clock, create=True) as db:
        join(db, live.url, live.new_code(shop), "C2")
        db.session.user_id = None
        with window_on(db) as hands:
            hands.wait_for("Who is there?")


def test_a_shop_without_users_says_so_and_waits_for_them(
    tmp_path: Path, clock: TestClock, live: Live, shop: Shop, new_pc: NewPc
) -> None:
    with open_database(tmp_path / "new.db", clock=clock, create=True) as db:
        join(db, live.url, live.new_code(shop), "C2")
        with window_on(db) as hands:
            hands.wait_for("The server has no users yet")
            first = new_pc("C1", is_set_up=True)
            first.join(live.url, live.new_code(shop))
            first.sync()
            hands.press("Return")
            hands.wait_for("Who is there?")


def test_a_shop_that_is_here_in_part_is_not_worked_in_and_goes_on_when_the_server_is_back(
    tmp_path: Path, clock: TestClock, live: Live, shop: Shop, new_pc: NewPc
) -> None:
    first = new_pc("C1", is_set_up=True)
    first.join(live.url, live.new_code(shop))
    first.sync()
    with open_database(tmp_path / "new.db", clock=clock, create=True) as db:
        join(db, live.url, live.new_code(shop), "C2")
        with window_on(db) as hands:
            hands.wait_for("Who is there?")
        note(db, fetching="ALL", server_url="http://127.0.0.1:9")
        remember(db, STILL_COMING, True)  # as if the window had been closed before the last page
        with window_on(db) as hands:
            hands.wait_for("Not all records are here yet")
            assert "No connection: " in hands.texts() and "Who is there?" not in hands.texts()
            note(db, server_url=live.url)
            hands.press("Return")
            hands.wait_for("Who is there?")


def test_closing_for_now_leaves_a_pc_that_goes_on_next_time(
    tmp_path: Path, clock: TestClock, live: Live, shop: Shop
) -> None:
    with open_database(tmp_path / "new.db", clock=clock, create=True) as db:
        join(db, live.url, live.new_code(shop), "C2")
        window = Window(db)
        window.start(is_set_up(db))
        window.update()
        window.stages.page._stop.invoke()  # type: ignore[union-attr]
        assert get_state(db).is_joined and list_users(db) == []


_ALONE = """
import sys, threading, time
from pathlib import Path
from cleanflow.dao.users import list_users
from cleanflow.db import open_database
from cleanflow.gui.window import open_window
with open_database(Path(sys.argv[1])) as db:
    window = open_window(db)
    window.start(True)
    window.stages.signed_in(list_users(db)[0])
    until = time.monotonic() + 1.2
    while time.monotonic() < until:
        window.update()
    window.show("sync")
    window.update()
    print("requests" in sys.modules, [one.name for one in threading.enumerate() if one.name == "sync"])
    window.destroy()
"""


def test_a_window_whose_pc_has_not_joined_never_even_loads_what_speaks_to_servers(db: Database) -> None:
    command = [sys.executable, "-c", _ALONE, str(db.path)]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert told.stdout.split("\n")[0] == "False []", told


def test_a_pc_to_which_nothing_has_come_can_join_another_shop(
    tmp_path: Path, clock: TestClock, live: Live, shop: Shop
) -> None:
    with open_database(tmp_path / "new.db", clock=clock, create=True) as db:
        join(db, live.url, live.new_code(shop), "C2")
        with window_on(db) as hands:
            hands.wait_for("The server has no users yet")
            hands.press("Tab", "Return")
            hands.wait_for("What would you like to do?")
            assert not is_set_up(db) and not get_state(db).is_joined
            assert hands.window.syncing.progress is None


# --- who begins it -----------------------------------------------------------------------------------------


def test_nothing_is_synchronised_before_somebody_has_signed_in_and_a_locked_pc_goes_on(
    db: Database, live: Live, shop: Shop
) -> None:
    join(db, live.url, live.new_code(shop), "C1")
    with window_on(db) as hands:
        until = time.monotonic() + 1.5
        while time.monotonic() < until:
            hands.settle()
        assert hands.window.syncing.progress is None
        assert sync_threads() == []
        hands.type("1234")
        hands.press("Return")
        syncing = hands.window.syncing
        hands.wait_until(lambda: syncing.progress is not None and syncing.progress.last is not None)
        hands.press("F12")
        before = syncing.progress.last  # type: ignore[union-attr]
        syncing.now()
        hands.wait_until(lambda: syncing.progress.last is not before)  # type: ignore[union-attr]
        assert "Who is there?" in hands.texts()


def test_a_shop_joins_by_hand_only_and_sends_nothing_until_it_is_asked(
    alone: Hands, live: Live, shop: Shop
) -> None:
    hands, db = alone, alone.window.db
    add_customer(db, name="Ann")
    hands.type("1234")
    hands.press("Return", "Shift-F11", "Return")
    paste(hands, live.url)
    hands.press("Return")
    paste(hands, live.new_code(shop))
    hands.press("Return", "Tab")
    hands.type("by h")
    hands.press("Return")
    hands.wait_for("Nothing is sent or fetched until you press Ctrl+S here.")
    until = time.monotonic() + 1.5
    while time.monotonic() < until:
        hands.settle()
    assert live.rows(shop, "customers") == 0
    assert waiting(db).unsent > 0
    hands.press("Control-s")
    hands.wait_for("Same books as the server")
    assert live.rows(shop, "customers") == 1
    assert is_by_hand(db)


def test_a_new_pc_that_joins_by_hand_only_fetches_the_shop_once(
    tmp_path: Path, clock: TestClock, live: Live, shop: Shop, new_pc: NewPc
) -> None:
    first = new_pc("C1", is_set_up=True)
    first.join(live.url, live.new_code(shop))
    first.sync()
    with open_database(tmp_path / "new.db", clock=clock, create=True) as db, window_on(db) as hands:
        hands.press("Down", "Return")
        paste(hands, live.url)
        hands.press("Return")
        paste(hands, live.new_code(shop))
        hands.press("Return", "Tab")
        hands.type("by h")
        hands.press("Return")
        hands.wait_for("Who is there?")
        hands.type("1234")
        hands.press("Return")
        assert "Signed in: Olga" in hands.texts()
        last = hands.window.syncing.progress.last  # type: ignore[union-attr]
        first.customer("Ann")
        first.sync()
        until = time.monotonic() + 1.5
        while time.monotonic() < until:
            hands.settle()
        assert hands.window.syncing.progress.last is last  # type: ignore[union-attr]
        assert db.value("SELECT count(*) FROM customers") == 0
