"""PCs with a window that synchronise with a real server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cleanflow.db import Database
from cleanflow.sync.enrolling import join
from server.database import Shop
from tests.conftest import TestClock
from tests.gui.conftest import Hands, window_on
from tests.server.live import Live
from tests.sync.conftest import live as live  # the same server for all
from tests.sync.conftest import new_pc as new_pc
from tests.sync.conftest import shop as shop
from tests.sync.pcs import ShopPc

NewPc = Callable[..., ShopPc]


@dataclass
class Counter:
    """The window's PC, whose shop is on the server, and its colleague in the back room."""

    hands: Hands
    other: ShopPc

    @property
    def db(self) -> Database:
        """The window's connection."""
        return self.hands.window.db

    def sync(self) -> None:
        """Synchronise the window's PC, and wait until it has."""
        syncing = self.hands.window.syncing
        before = syncing.progress
        syncing.now()
        self.hands.wait_until(lambda: syncing.progress.last is not before.last)  # type: ignore[union-attr]
        self.hands.window.after_cancel(syncing._timer)
        syncing._look()

    def meet(self) -> None:
        """Both PCs have everything."""
        self.sync()
        self.other.sync()
        self.other.sync()
        self.sync()


def paste(hands: Hands, text: str) -> None:
    """Into the field that has the focus."""
    hands.settle()
    hands.window.focus_get().insert("end", text)  # type: ignore[union-attr]


@pytest.fixture(autouse=True)
def markers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLEANFLOW_MARKERS", str(tmp_path / "markers"))


@pytest.fixture
def clock() -> TestClock:
    """The server's time is the real one."""
    return TestClock(datetime.now(UTC) - timedelta(minutes=1))


@pytest.fixture
def alone(db: Database) -> Iterator[Hands]:
    """The window of a shop that has not joined; its only user is Olga (1234)."""
    with window_on(db) as hands:
        yield hands


@pytest.fixture
def counter(db: Database, live: Live, shop: Shop, new_pc: NewPc) -> Iterator[Counter]:
    """Two PCs that have synchronised; one of them has the window open, Olga signed in."""
    join(db, live.url, live.new_code(shop), "C1")
    with window_on(db) as hands:
        hands.window.syncing.begin()
        hands.wait_until(lambda: hands.window.syncing.progress.last)  # type: ignore[union-attr]
        other = new_pc("C2")
        other.join(live.url, live.new_code(shop))
        other.sync()
        hands.type("1234")
        hands.press("Return")
        yield Counter(hands, other)
