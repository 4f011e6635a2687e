"""Eight hours of a busy shop: nothing is lost or half done, and no resource grows."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from cleanflow.db import Database
from cleanflow.gui.tasks.syncing import Syncing
from cleanflow.safekeeping.verify import verify
from cleanflow.sync.enrolling import join
from server.database import Shop
from tests.conftest import TOLD, TestClock
from tests.disk.faults import FaultyDisk
from tests.disk.shim import shimmed
from tests.gui.conftest import buried as buried
from tests.gui.conftest import screen as screen
from tests.gui.conftest import window_on
from tests.gui.sync.conftest import markers as markers
from tests.server.live import Live
from tests.soak.day import PACE, Day, Used
from tests.sync.conftest import live as live
from tests.sync.conftest import new_pc as new_pc
from tests.sync.conftest import shop as shop
from tests.sync.cuttable_proxy import proxy_to
from tests.sync.pcs import ShopPc, assert_same_books

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="counts what Linux tells of a process")

_HOUR = timedelta(hours=1) // PACE


@pytest.fixture
def clock() -> TestClock:
    """A clock that starts nine hours ago, so that the day ends before the server's real time."""
    return TestClock(datetime.now(UTC) - timedelta(hours=9))


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[FaultyDisk]:
    """The disk under the window's database; must be requested before ``db``."""
    faulty = FaultyDisk(tmp_path / "cleanflow.db")
    with shimmed(faulty):
        yield faulty


@pytest.fixture
def day(
    disk: FaultyDisk, db: Database, clock: TestClock, live: Live, shop: Shop, tmp_path: Path
) -> Iterator[Day]:
    """The window, signed in and joined through a proxy, and the colleague's PC."""
    with proxy_to(live.url) as proxy:
        join(db, proxy.url, live.new_code(shop), "C1")
        with window_on(db) as hands:
            hands.window.syncing.begin()
            hands.wait_until(lambda: hands.window.syncing.progress.last)  # type: ignore[union-attr]
            other = ShopPc(tmp_path / "C2", "C2", clock.moment)
            other.join(live.url, live.new_code(shop))
            other.sync()
            hands.type("1234")
            hands.press("Return")
            yield Day(hands, other, proxy, disk, clock, random.Random(8))
            other.db.close()


def reach_agreement(day: Day) -> None:
    """Repair everything, and let both PCs synchronise until they have everything."""
    day.disk.mend()
    day.proxy.is_cut = False
    day.proxy.plan({})
    syncing = day.hands.window.syncing
    for _round in range(3):
        before = syncing.progress.last  # type: ignore[union-attr]
        syncing.now()
        day.hands.wait_until(partial(_is_newer, syncing, before), 60)
        day.other.sync()
    here = ShopPc.__new__(ShopPc)
    here.db = day.hands.window.db
    assert_same_books(here, day.other)


def _is_newer(syncing: Syncing, before: object) -> bool:
    return syncing.progress is not None and syncing.progress.last is not before


def test_a_short_while(day: Day) -> None:
    day.live(40)
    day.close_the_day()
    reach_agreement(day)
    assert verify(day.hands.window.db).findings == []
    assert day.done["saved"] >= 0.9 * day.done["to save"]


@pytest.mark.long
def test_eight_hours(day: Day) -> None:
    used: list[Used] = []
    for hour in range(8):
        day.live(_HOUR)
        if hour in (3, 7):
            day.close_the_day()
        used.append(day.used())
        print(f"hour {hour + 1}: {used[-1]}", flush=True)
    reach_agreement(day)
    db = day.hands.window.db
    assert verify(db).findings == []
    assert day.not_saved, "the disk did fail"
    records = db.value("SELECT count(*) FROM ledger_entries")
    TOLD.append(
        f"eight hours: {dict(day.done)}, {len(day.not_saved)} times NOT saved, {records} ledger entries;"
        f" {used[3].megabytes:.0f} MB after four hours, {used[-1].megabytes:.0f} MB after eight"
    )
    # In the first four hours every page is opened, a day closed and a backup made; after that nothing may
    # grow.
    settled, end = used[3], used[-1]
    assert day.done["saved"] >= 0.9 * day.done["to save"]
    assert end.megabytes <= settled.megabytes * 1.08
    assert end.files <= settled.files + 4  # a synchronisation may be running
    assert end.threads <= settled.threads + 3
    assert end.images <= settled.images
    assert end.widgets <= settled.widgets * 1.1
    assert end.commands <= settled.commands * 1.1
