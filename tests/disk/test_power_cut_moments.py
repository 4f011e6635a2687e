"""Power cuts at rare moments: the first start, a migration, a checkpoint, the last close."""

from __future__ import annotations

import shutil
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

import pytest

from cleanflow.dao.customers import add_customer
from cleanflow.dao.jobs import create_job
from cleanflow.dao.shop import set_up_shop
from cleanflow.db import Database, migrations, open_database
from cleanflow.db.checkpoints import CHECKPOINT_EVERY_OPERATIONS, checkpoint, checkpoint_if_due
from tests.conftest import TestClock
from tests.disk.fates import FATES
from tests.disk.faults import TROUBLES, FaultyDisk
from tests.disk.power_cut import (
    Fates,
    Findings,
    PowerCuts,
    digest,
    every_fate,
    few_fates,
    lay_out,
    quick_folder,
)
from tests.disk.record import Disk, Recording
from tests.disk.shim import shimmed

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the disk is faked for POSIX systems")


def assert_whole(findings: Findings) -> None:
    print(findings.line())
    assert findings.failures == []
    assert findings.lost == 0
    assert findings.images > 0


def set_up(db: Database) -> None:
    set_up_shop(db, name="Sparkle", currency="USD", pc_code="C1", owner="Olga", pin="1234")


def add_some(db: Database, recording: Recording, count: int, notes: str = "") -> None:
    for number in range(count):
        ann = add_customer(db, name=f"Ann {number}", notes=notes)
        recording.confirm("customer", digest(db))
        create_job(db, customer_id=ann.id, amount_minor=1000 + number)
        recording.confirm("job", digest(db))


@pytest.fixture
def late_clock() -> TestClock:
    return TestClock(datetime(2026, 3, 10, 9, 0, tzinfo=UTC))


@pytest.fixture(params=[few_fates, pytest.param(every_fate, marks=pytest.mark.long)])
def fates(request: pytest.FixtureRequest) -> Fates:
    """The fates to try: one random fate after some writes in the normal run, all in the long run."""
    found: Fates = request.param
    return found


def test_a_power_cut_during_the_very_first_start_lets_the_shop_be_set_up_again(
    tmp_path: Path, late_clock: TestClock, fates: Fates
) -> None:
    recording = Recording(tmp_path / "cleanflow.db")
    with shimmed(recording):
        with open_database(recording.path, clock=late_clock, create=True) as db:
            set_up(db)
            recording.confirm("set up", digest(db))
        with open_database(recording.path, clock=late_clock) as db:
            add_some(db, recording, 1)
    assert_whole(PowerCuts("the first start", recording, creates=True).run(fates))


def test_a_power_cut_while_a_new_program_brings_old_books_up_to_date(
    tmp_path: Path, late_clock: TestClock, monkeypatch: pytest.MonkeyPatch, fates: Fates
) -> None:
    path = tmp_path / "cleanflow.db"
    with monkeypatch.context() as older:
        older.setattr(migrations, "LATEST", 1)
        with open_database(path, clock=late_clock, create=True) as db:
            db.session.trusted_day = date(
                2026, 3, 10
            )  # the tables for the other checks of the clock do not exist yet
            set_up(db)
            add_customer(db, name="Of the old program")
    recording = Recording(path)
    with shimmed(recording), open_database(path, clock=late_clock) as db:
        assert db.value("SELECT name FROM customers") == "Of the old program"
        recording.confirm("brought up to date", digest(db))
        add_some(db, recording, 1)
    findings = PowerCuts("a migration", recording).run(fates)
    assert_whole(findings)
    assert findings.in_flight_kept > 0


def test_a_power_cut_during_a_checkpoint_that_a_second_connection_makes(
    tmp_path: Path, late_clock: TestClock, new_shop_file: Path, fates: Fates
) -> None:
    path = tmp_path / "cleanflow.db"
    shutil.copy(new_shop_file, path)
    recording = Recording(path)
    with shimmed(recording), open_database(path, clock=late_clock) as db:
        recording.confirm("opened", digest(db))
        for _time in range(3):  # the WAL restarts after each
            add_some(db, recording, 2, notes="x" * 3000)
            with open_database(path, clock=late_clock) as other:
                checkpoint(other)
    assert_whole(PowerCuts("checkpoints", recording).run(fates))


def test_a_power_cut_after_the_last_connection_closed_and_the_log_was_removed(
    tmp_path: Path, late_clock: TestClock, new_shop_file: Path, fates: Fates
) -> None:
    """The removal may be lost: then the old WAL is still there beside a newer database."""
    path = tmp_path / "cleanflow.db"
    shutil.copy(new_shop_file, path)
    recording = Recording(path)
    with shimmed(recording):
        for _day in range(3):
            with open_database(path, clock=late_clock) as db:
                add_some(db, recording, 1)
    assert [event.path.endswith("-wal") for event in recording.events_of("delete")] == [True] * 3
    assert_whole(PowerCuts("closings", recording).run(fates))


def test_a_second_power_cut_while_the_first_is_being_mended(
    tmp_path: Path, late_clock: TestClock, new_shop_file: Path
) -> None:
    """Opening the disk after a power cut recovers the WAL, and the power fails again during that."""
    path = tmp_path / "cleanflow.db"
    shutil.copy(new_shop_file, path)
    first = Recording(path)
    with shimmed(first), open_database(path, clock=late_clock) as db:
        add_some(db, first, 2)
        first.confirm("end", b"end")
    disk = Disk(first.start)
    for event in first.events[: [event.label for event in first.events].index("end")]:
        disk.take_in(event)
    with quick_folder() as folder:
        mended = lay_out(folder, disk.picture(FATES["all lost"](Random(1)), names_kept=0), path)
        second = Recording(mended)
        with shimmed(second), open_database(mended, clock=late_clock) as db:
            second.confirm("mended", digest(db))
            assert digest(db) == first.events_of("confirmed")[-2].digest
        assert_whole(PowerCuts("a second power cut", second).run(every_fate))


@pytest.mark.parametrize("failing_sync", [1, 2], ids=["of the log", "of the database file"])
def test_a_checkpoint_whose_sync_failed_is_done_again_from_its_beginning(
    tmp_path: Path, late_clock: TestClock, new_shop_file: Path, fates: Fates, failing_sync: int
) -> None:
    """The system may have dropped the pages of a failed sync, so they must be written again."""
    path = tmp_path / "cleanflow.db"
    shutil.copy(new_shop_file, path)
    disk = FaultyDisk(path)
    with shimmed(disk), open_database(path, clock=late_clock) as db:
        disk.confirm("opened", digest(db))
        add_some(db, disk, 1)
        disk.fail(TROUBLES["a sync fails"], at=failing_sync)
        db.operations_since_checkpoint = CHECKPOINT_EVERY_OPERATIONS
        checkpoint_if_due(db)
        assert disk.failures == 1
        add_some(db, disk, 1)  # after the first operation the checkpoint succeeds and the WAL restarts
        assert db.operations_since_checkpoint < CHECKPOINT_EVERY_OPERATIONS
        add_some(db, disk, 1)
    assert_whole(PowerCuts(f"a checkpoint with a failed sync, {failing_sync}", disk).run(fates))
