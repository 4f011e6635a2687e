"""What the tests share: a shop in a temporary folder, and a clock that a test can turn."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import pytest

from cleanflow.dao.shop import set_up_shop
from cleanflow.db import Database, open_database


class TestClock:
    """A clock that stands still until it is turned; every reading is one millisecond later."""

    __test__ = False

    def __init__(self, now: datetime, zone: tzinfo | None = UTC) -> None:
        self.moment = now
        self.zone = zone

    def now(self) -> datetime:
        self.moment += timedelta(milliseconds=1)
        return self.moment


@pytest.fixture
def clock() -> TestClock:
    return TestClock(datetime(2026, 3, 10, 9, 0, tzinfo=UTC))


@pytest.fixture
def db(tmp_path: Path, clock: TestClock) -> Iterator[Database]:
    """A shop that has just been set up, its owner signed in; currency USD, PC code C1."""
    with open_database(tmp_path / "cleanflow.db", clock=clock, create=True) as opened:
        set_up_shop(opened, name="Sparkle", currency="USD", pc_code="C1", owner="Olga", pin="1234")
        yield opened
