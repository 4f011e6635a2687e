"""A commit whose sync fails: “NOT saved” stays true even after a power cut, and a retry makes one record.

SQLite rolls such a commit back, but its complete pages are already in the WAL, and a recovery after a power
cut would take them for committed. So they are overwritten at once.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from cleanflow.dao.customers import add_customer
from cleanflow.db import Database, open_database
from cleanflow.errors import NotSaved
from cleanflow.safekeeping.verify import verify
from tests.conftest import TestClock
from tests.disk.fates import FATES, pictures
from tests.disk.faults import TROUBLES, FaultyDisk
from tests.disk.power_cut import lay_out, quick_folder
from tests.disk.record import Disk
from tests.disk.shim import shimmed

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the disk is faked for POSIX systems")

FORM_ID = "11111111-1111-4111-8111-111111111111"


@pytest.fixture
def disk(new_shop_file: Path) -> Iterator[FaultyDisk]:
    with quick_folder() as folder:
        shutil.copy(new_shop_file, folder / "cleanflow.db")
        yield FaultyDisk(folder / "cleanflow.db")


def names_after_power_cuts(disk: FaultyDisk, folder: Path) -> set[tuple[str, ...]]:
    """The customers' names in the books for every state that a power cut now can leave."""
    now = Disk(disk.start)
    for event in disk.events:
        now.take_in(event)
    found = set()
    for seed in range(4):
        for _name, picture in pictures(now, Random(seed), list(FATES)):
            with open_database(lay_out(folder, picture, disk.path)) as db:
                if names(db) not in found:
                    assert verify(db).findings == []
                    found.add(names(db))
    return found


def names(db: Database) -> tuple[str, ...]:
    return tuple(row["name"] for row in db.rows("SELECT name FROM customers ORDER BY created_at"))


def refuse_to_save(db: Database, disk: FaultyDisk, trouble: str) -> str:
    disk.fail(TROUBLES[trouble])
    with pytest.raises(NotSaved) as caught:
        add_customer(db, name="Bea", customer_id=FORM_ID)
    assert names(db) == ("Ann",)
    return caught.value.reason


def test_what_was_not_saved_is_not_there_after_a_power_cut(disk: FaultyDisk, clock: TestClock) -> None:
    with quick_folder() as folder:
        with shimmed(disk), open_database(disk.path, clock=clock) as db:
            add_customer(db, name="Ann")
            reason = refuse_to_save(db, disk, "a sync fails")
            events = list(disk.events)
        disk.events = events
        assert names_after_power_cuts(disk, folder) == {("Ann",)}
    assert "check whether" not in reason


def test_saved_again_it_is_there_once_whatever_the_disk_made_of_the_first_time(
    disk: FaultyDisk, clock: TestClock
) -> None:
    with quick_folder() as folder:
        with shimmed(disk), open_database(disk.path, clock=clock) as db:
            add_customer(db, name="Ann")
            refuse_to_save(db, disk, "the disk is gone")
            disk.mend()
            add_customer(db, name="Bea", customer_id=FORM_ID)
            events = list(disk.events)
        disk.events = events
        assert names_after_power_cuts(disk, folder) == {("Ann", "Bea")}


def test_another_operation_afterwards_settles_it_as_well(disk: FaultyDisk, clock: TestClock) -> None:
    with quick_folder() as folder:
        with shimmed(disk), open_database(disk.path, clock=clock) as db:
            add_customer(db, name="Ann")
            reason = refuse_to_save(db, disk, "no sync succeeds any more")
            assert "check whether" in reason
            events = list(disk.events)
            disk.mend()
            add_customer(db, name="Cid")
            later_events = list(disk.events)
        disk.events = events  # the disk never recovered: the power fails right away
        assert names_after_power_cuts(disk, folder) <= {
            ("Ann",),
            ("Ann", "Bea"),
        }  # Bea is there completely or not at all
        disk.events = later_events
        assert names_after_power_cuts(disk, folder) == {("Ann", "Cid")}


def test_a_full_disk_raises_no_doubt(disk: FaultyDisk, clock: TestClock) -> None:
    with quick_folder() as folder:
        with shimmed(disk), open_database(disk.path, clock=clock) as db:
            add_customer(db, name="Ann")
            assert "check whether" not in refuse_to_save(db, disk, "full")
            events = list(disk.events)
        disk.events = events
        assert names_after_power_cuts(disk, folder) == {("Ann",)}


def test_closing_and_opening_again_does_not_bring_it_back(disk: FaultyDisk, clock: TestClock) -> None:
    with shimmed(disk):
        with open_database(disk.path, clock=clock) as db:
            add_customer(db, name="Ann")
            refuse_to_save(db, disk, "no sync succeeds any more")
        disk.mend()
        with open_database(disk.path, clock=clock) as db:
            assert names(db) == ("Ann",)
            assert verify(db).findings == []
