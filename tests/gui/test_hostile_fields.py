"""Every field of every screen and dialog takes every attack: the answer stands in words, and nothing breaks.

The walk finds the fields and the dialogs itself, so a new one is attacked the day it is made.
"""

from __future__ import annotations

import time
import tkinter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tkinter import ttk
from typing import Any

import pytest
from ttkbootstrap.dialogs import Messagebox

from cleanflow.dao.customers import add_customer
from cleanflow.dao.jobs import create_job
from cleanflow.dao.payments import record_payment
from cleanflow.dao.services import add_service
from cleanflow.db import Database, open_database
from cleanflow.errors import NotSaved, Refusal
from cleanflow.gui.screen import Screen
from cleanflow.gui.screens import PAGES, SCREENS
from cleanflow.gui.widgets.dialog import Dialog, FormDialog
from cleanflow.gui.widgets.form import FieldRefused
from cleanflow.safekeeping.verify import verify
from tests import hostile
from tests.conftest import TestClock
from tests.gui.conftest import Hands, window_on

#: What one keystroke too many, a paste or a cat on the keyboard leaves in a field.
FEW = ("=1+1", "محمد <b>[exit] {\0\x1b[31m", "300+450+", "t+999999999", "9999-12-31", "9" * 5_000, "~nobody")
#: Tk takes no half characters from Python; those that it gives are met by what reads the fields.
ALL = tuple(
    text
    for text in dict.fromkeys(
        [*FEW, *hostile.TEXTS.values(), *hostile.AMOUNT_TEXTS, *hostile.DATE_TEXTS, *hostile.IDS.values()]
    )
    if not any("\ud800" <= char <= "\udfff" for char in text)
)

#: Looks names up in the network, prints, reads for long, or is pressed by the walk anyway.
NOT_PRESSED = {"join", "join_as_new", "sync_now", "print_it", "print_again", "check", "save"}


class Walk:
    """Goes through the window; ``broken`` says what failed where."""

    def __init__(self, hands: Hands, texts: tuple[str, ...]) -> None:
        self.hands, self.window, self.texts = hands, hands.window, texts
        self.broken: list[str] = []
        self.attacked = 0

    def call(self, where: str, work: Callable[[], object]) -> None:
        """Do something; what Tk's callbacks raise counts, too."""
        raised: list[BaseException] = []
        try:
            work()
            self.window.update()
        except Exception as error:
            raised.append(error)
        raised += self.hands.errors
        self.hands.errors.clear()
        self.broken += [
            f"{where}: {type(error).__name__}: {error!s:.150}"
            for error in raised
            if not isinstance(error, Refusal | FieldRefused | NotSaved)
        ]

    def attack(
        self, where: str, bring: Callable[[], tkinter.Misc | None], save: Callable[[tkinter.Misc], object]
    ) -> None:
        """Put every text into every field, the others filled plausibly, and save.

        ``bring`` shows what holds the fields, whenever the last Save has taken it away; or can no longer.
        """
        under, number = bring(), 0
        count = len(fields(under)) if under is not None else 0
        while under is not None and number < count:
            for text in self.texts:
                if number >= len(fields(under)):
                    under = bring()
                    if under is None or number >= len(fields(under)):
                        return
                self.attacked += 1
                place = f"{where}, field {number}, {text!r:.40}"
                self.call(place, partial(self._fill, under, number, text))
                if under.winfo_exists() and under.winfo_ismapped():
                    self.call(f"{place}, saved", partial(save, under))
                self.wait_for_work()
            number += 1

    def _fill(self, under: tkinter.Misc, number: int, text: str) -> None:
        for index, field in enumerate(fields(under)):
            if index != number and not field.get():
                put(field, plausible(field))
            elif index == number:
                put(field, text)
        field = fields(under)[number]
        for event in ("<KeyRelease>", "<FocusOut>", "<Return>"):
            if field.winfo_exists():
                field.event_generate(event, **({"keysym": "x"} if event == "<KeyRelease>" else {}))  # type: ignore[arg-type]

    def wait_for_work(self) -> None:
        """Until nothing runs in the background."""
        until = time.monotonic() + 20
        while self.window.background._running and time.monotonic() < until:
            self.window.update()
            time.sleep(0.005)

    def dialogs(self) -> list[Dialog]:
        return [one for one in _all_under(self.window) if isinstance(one, Dialog) and one.winfo_exists()]

    def close_dialogs(self) -> None:
        for dialog in self.dialogs():
            if dialog.winfo_exists():  # closing one may have ended another
                self.call("closing", dialog.close)

    def screen(self, name: str, what: dict[str, Any]) -> Screen:
        """Show a screen."""
        self.close_dialogs()
        self.call(name, lambda: self.window.show(name, **what))
        return self.window.navigation.screens[name]

    def press(self, name: str, method: str, what: dict[str, Any]) -> FormDialog | None:
        """Press a button of a screen; the dialog that it opens."""
        screen = self.screen(name, what)
        button = screen.buttons.get(method)
        if button is not None and button.instate(["disabled"]):
            return None
        self.call(f"{name}.{method}", getattr(screen, method))
        self.wait_for_work()
        return next((one for one in self.dialogs() if isinstance(one, FormDialog)), None)


def _all_under(widget: tkinter.Misc) -> Iterator[tkinter.Misc]:
    for child in widget.winfo_children():
        yield child
        yield from _all_under(child)


def fields(under: tkinter.Misc) -> list[ttk.Entry]:
    """What one can type into; nothing where ``under`` is gone or hidden."""
    if not (under.winfo_exists() and under.winfo_ismapped()):
        return []
    return [one for one in _all_under(under) if isinstance(one, ttk.Entry) and one.winfo_ismapped()]


def put(field: ttk.Entry, text: str) -> None:
    field.delete(0, tkinter.END)
    field.insert(0, text)


def plausible(field: ttk.Entry) -> str:
    """What most fields take: the first choice, a PIN, or a 1, which is a name, an amount and a day."""
    if isinstance(field, ttk.Combobox):
        return str((field["values"] or ("1",))[0])
    return "1234" if str(field["show"]) else "1"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, new_shop_file: Path) -> Iterator[Database]:
    path = tmp_path_factory.mktemp("a") / "b" / "c" / "cleanflow.db"
    path.parent.mkdir(parents=True)
    path.write_bytes(new_shop_file.read_bytes())
    with open_database(path, clock=TestClock(datetime(2026, 3, 10, 9, 0, tzinfo=UTC))) as db:
        db.execute("PRAGMA synchronous = OFF")
        yield db


@pytest.fixture(scope="module")
def walked(shop: Database) -> Iterator[Hands]:
    with window_on(shop) as hands:
        hands.type("1234")
        hands.press("Return")
        add_service(shop, name="1", price_minor=100)
        yield hands


def records(db: Database) -> dict[str, str]:
    """A customer “1” with credit, a job to pay and a payment, new each time."""
    who = add_customer(db, name="1", phone="1").id
    paid = record_payment(db, customer_id=who, amount_minor=500, method="CASH", jobs={})
    job = create_job(db, customer_id=who, amount_minor=5_00, description="1")
    return {"customer_id": who, "payment_id": paid.id, "job_id": job.id}


#: Page -> the record that it shows.
SHOWN = {"job_page": "job_id", "payment_page": "payment_id", "customer_page": "customer_id"}


def walk(hands: Hands, name: str, texts: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> Walk:
    db = hands.window.db
    monkeypatch.chdir(db.path.parent)  # a report may be saved under the name that is typed
    monkeypatch.setenv("HOME", str(db.path.parent))
    monkeypatch.setattr(
        Messagebox, "show_error", lambda *_words, **_options: None
    )  # nobody is there to press OK
    found = Walk(hands, texts)
    record = records(db)
    what = {SHOWN[name]: record[SHOWN[name]]} if name in SHOWN else {}
    screen = found.screen(name, what)
    found.attack(name, lambda: found.screen(name, what), lambda shown: getattr(shown, "save", lambda: None)())
    for action in screen.actions:
        if action.method and action.method not in NOT_PRESSED:
            press = partial(found.press, name, action.method, what)
            found.attack(f"{name}.{action.method}", press, lambda dialog: dialog.save())  # type: ignore[attr-defined]
    found.close_dialogs()
    return found


NAMES = [screen.name for screen in (*SCREENS, *PAGES) if screen.name not in ("print_page", "waiting_prints")]


@pytest.mark.parametrize("name", NAMES)
def test_a_few_attacks_break_no_screen(walked: Hands, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = walk(walked, name, FEW, monkeypatch)
    assert not found.broken, "\n".join(found.broken)
    assert found.attacked or name in ("today", "sync"), "these have no fields of their own"


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_no_attack_breaks_any_screen(walked: Hands, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = walk(walked, name, ALL, monkeypatch)
    assert not found.broken, "\n".join(found.broken)


def test_the_books_are_whole_after_all_that(walked: Hands, shop: Database) -> None:
    assert verify(shop).findings == []
