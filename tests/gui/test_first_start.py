"""The very first minute on a PC."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
from ttkbootstrap import Button

from cleanflow.dao.jobs import job_by_reference
from cleanflow.dao.services import list_services
from cleanflow.dao.shop import get_shop, is_set_up
from cleanflow.db import open_database
from cleanflow.gui.entrance import first_start
from cleanflow.gui.window import Window
from cleanflow.safekeeping.verify import verify
from tests.conftest import TestClock
from tests.gui.conftest import Hands, window_on


def open_shop(hands: Hands) -> None:
    hands.press("Return")
    for text in ("Sparkle", "12 Mall Road", "555 0100", "usd", "", "4", "Olga", "1234", "1234"):
        hands.type(text)
        hands.press("Return")


def test_the_shop_has_what_was_typed(empty_hands: Hands) -> None:
    open_shop(empty_hands)
    shop = get_shop(empty_hands.window.db)
    assert (shop.name, shop.address, shop.phone) == ("Sparkle", "12 Mall Road", "555 0100")
    assert (shop.currency.code, shop.pc_code, shop.day_starts_at) == ("USD", "C1", 4)


def test_the_first_job_follows_at_once_without_services_or_customers(empty_hands: Hands) -> None:
    hands = empty_hands
    open_shop(hands)
    hands.press("F3")
    hands.type("Ann")
    hands.press("Control-n", "Return")
    assert list_services(hands.window.db) == []
    hands.press("Return")
    hands.type("Suit")
    hands.press("Return")
    hands.type("12")
    hands.press("Control-s")
    job = job_by_reference(hands.window.db, "C1-000001")
    assert job is not None and (job.total_minor, job.description) == (12_00, "Suit")


def focused(hands: Hands) -> str:
    """The words of the button that has the focus, or nothing."""
    widget = hands.window.focus_get()
    return str(widget.cget("text")) if isinstance(widget, Button) else ""


def test_nothing_big_is_one_step_back_and_fields_come_before_the_buttons(empty_hands: Hands) -> None:
    hands = empty_hands
    hands.press("Shift-Tab")
    assert focused(hands) == "Open a new shop"
    hands.press("Return")
    for _field in range(9):
        assert focused(hands) == ""
        hands.press("Tab")
    assert focused(hands) == "Open the shop"
    hands.press("Tab")
    assert focused(hands) == "Back"


def test_back_keeps_what_was_typed(empty_hands: Hands) -> None:
    hands = empty_hands
    for way in (("Return",), ("Down", "Return")):
        hands.press(*way)
        hands.type("sparkle")
        hands.press("Shift-Tab")
        assert focused(hands) == "Back"
        hands.press("Return", *way)
        assert hands.window.focus_get().get() == "sparkle"  # type: ignore[union-attr]
        hands.press("Shift-Tab", "Return")


def test_f1_helps_before_there_is_a_shop(empty_hands: Hands) -> None:
    hands = empty_hands
    hands.press("F1")
    assert "joins it through the shop's server" in hands.texts()
    hands.press("Escape", "Return", "F1")
    assert "The owner's PIN has at least four" in hands.texts()
    hands.press("F1")
    assert "The owner's PIN has at least four" not in hands.texts()


def test_an_hour_that_no_day_starts_at_is_said_beside_the_field(empty_hands: Hands) -> None:
    hands = empty_hands
    hands.press("Return")
    for text in ("Sparkle", "", "", "usd", ""):
        hands.type(text)
        hands.press("Return")
    hands.press("Delete")
    hands.type("25")
    hands.press("Return")
    assert "“25” is not one of" in hands.texts()


def test_the_demo_opens_without_a_word_of_tcl(
    tmp_path: Path, clock: TestClock, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(first_start, "_DEMO_JOBS", 40)
    with open_database(tmp_path / "new.db", clock=clock, create=True) as db:
        window = Window(db)
        window.start(False)
        window.stages.page._make_demo()  # type: ignore[union-attr]
        until = time.monotonic() + 60
        while window.next_path is None and time.monotonic() < until:
            window.update()
        assert window.next_path is not None
        with window_on(db) as hands:  # the next window's loop is where Tcl would tell
            until = time.monotonic() + 0.5
            while time.monotonic() < until:
                hands.settle()
    assert capfd.readouterr().err == ""


def test_a_demo_shop_is_made_in_a_file_of_its_own(empty_hands: Hands, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    hands = empty_hands
    monkeypatch.setattr(first_start, "_DEMO_JOBS", 40)
    opened: list[object] = []
    hands.window.stages.page._ways = replace(hands.window.stages.page._ways, open_file=opened.append)  # type: ignore[union-attr]
    hands.press("Up", "Return")
    until = time.monotonic() + 60
    while not opened and time.monotonic() < until:
        hands.settle()
        time.sleep(0.02)
    path = hands.window.db.path.with_name("demo.db")
    assert opened == [path]
    assert not is_set_up(hands.window.db)
    with open_database(path) as demo:
        assert "(demo)" in get_shop(demo).name
        assert verify(demo).findings == []
