"""A real window on a real display, driven by key events; any error that a callback raises fails the test."""

from __future__ import annotations

import gc
import time
import tkinter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

from cleanflow.dao.services import add_service
from cleanflow.dao.shop import is_set_up
from cleanflow.dao.users import add_user
from cleanflow.db import Database, open_database
from cleanflow.errors import Refusal
from cleanflow.gui.widgets.records import RecordList
from cleanflow.gui.window import Window
from tests.conftest import TestClock
from tests.display import display

_KEYSYMS = {
    " ": "space",
    "+": "plus",
    "-": "minus",
    ".": "period",
    "/": "slash",
    ",": "comma",
    "=": "equal",
    ";": "semicolon",
    "_": "underscore",
}


class Hands:
    """Types into whatever has the focus, and counts the keys."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.errors: list[BaseException] = []
        self.keys = 0

    def settle(self) -> None:
        self.window.update()

    def wait_until(self, is_so: Callable[[], object], timeout_s: float = 20.0) -> None:
        """Let the window work until it is so; what it shows is told when that never comes about."""
        until = time.monotonic() + timeout_s
        while not is_so():
            assert time.monotonic() < until, self.texts()
            self.settle()
            time.sleep(0.01)

    def wait_for(self, words: str) -> None:
        """Until the page that is shown says `words`."""
        self.wait_until(lambda: words in self.texts())

    def press(self, *names: str) -> None:
        """Press keys by their Tk names, like ``Return`` or ``Control-s``."""
        for name in names:
            self.settle()
            target = self.window.focus_get() or self.window
            target.event_generate(f"<{name}>")
            self.settle()
            now = self.window.focus_get() or self.window  # the key comes up wherever the focus is by then
            now.event_generate("<KeyRelease>", keysym=name.rpartition("-")[2])
            self.keys += 1
            self.settle()

    def type(self, text: str) -> None:
        for char in text:
            self.settle()
            target = self.window.focus_get()
            assert target is not None, "nothing has the focus"
            target.event_generate("<KeyPress>", keysym=_KEYSYMS.get(char, char))
            target.event_generate("<KeyRelease>", keysym=_KEYSYMS.get(char, char))
            self.keys += 1
            self.settle()

    def sign_in(self, name: str = "Carl") -> None:
        """As Carl the cashier, whose name stands there first, or as Olga the owner."""
        if name == "Olga":
            self.press("Shift-Tab")
            self.type("Olga")
            self.press("Return")
        self.type("1234" if name == "Olga" else "2222")
        self.press("Return")
        assert f"Signed in: {name}" in self.texts()

    def list(self) -> RecordList[Any]:
        """The list that is shown."""
        self.settle()
        found = [widget for widget in self._shown() if isinstance(widget, RecordList)]
        assert found, "no list is shown"
        return found[0]

    def focus_list(self) -> None:
        """The focus on the list's first line, as Tab or a click puts it there."""
        self.list().focus_list()
        self.settle()

    def rows(self) -> list[list[str]]:
        """The texts of the lines of the list that is shown."""
        table = self.list().table
        return [[str(text) for text in table.item(row, "values")] for row in table.get_children()]

    def _shown(self) -> Iterator[tkinter.Misc]:
        todo: list[tkinter.Misc] = [self.window]
        while todo:
            widget = todo.pop()
            todo += widget.winfo_children()
            if widget.winfo_ismapped():
                yield widget

    def texts(self) -> str:
        """Every text on the page that is shown, for looking for words."""
        self.settle()
        found = []
        for widget in self._shown():
            try:
                found.append(str(widget.cget("text")))
            except tkinter.TclError as error:  # a widget without text
                assert "unknown option" in str(error)
        return "\n".join(found)


@contextmanager
def window_on(db: Database) -> Iterator[Hands]:
    """The window of a database, until the block ends."""
    window = Window(db)
    hands = Hands(window)

    def report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        hands.errors.append(error)

    window.report_callback_exception = report  # type: ignore[method-assign]
    window.start(is_set_up(db))
    until = time.monotonic() + 10
    while not window.winfo_ismapped() and time.monotonic() < until:
        window.update()
    (window.focus_lastfor() or window).focus_force()
    window.update()
    try:
        yield hands
        window.update()
    finally:
        window.destroy()
        gc.disable()  # until `buried`
    assert [error for error in hands.errors if not isinstance(error, Refusal)] == []


@pytest.fixture(scope="session", autouse=True)
def screen() -> Iterator[None]:
    """A display that answers now: the test command's, or a fresh one should that have gone."""
    with display():
        yield


@pytest.fixture(scope="module", autouse=True)
def buried() -> Iterator[None]:
    """Windows are collected in the thread that made them: in that of a test's server each of their images
    would wait for a loop that has ended."""
    yield
    gc.collect()
    gc.enable()


@pytest.fixture
def empty_hands(tmp_path: Path, clock: TestClock) -> Iterator[Hands]:
    """The window on a PC that has no shop yet."""
    with open_database(tmp_path / "new.db", clock=clock, create=True) as db, window_on(db) as hands:
        yield hands


@pytest.fixture
def hands(db: Database) -> Iterator[Hands]:
    """The window of a shop with an owner (PIN 1234), a cashier (2222) and a service; nobody signed in."""
    add_user(db, name="Carl", role="CASHIER", pin="2222")
    add_service(db, name="Ironing", price_minor=1500)
    with window_on(db) as hands:
        yield hands
