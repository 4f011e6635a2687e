"""Backups are complete, verified, private and replace only older backups; automatic ones are pruned."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import threading
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleanflow.dao import customers, jobs
from cleanflow.dao.remembered import LAST_BACKUP_AT, recall
from cleanflow.dao.stamps import today
from cleanflow.dao.users import add_user
from cleanflow.db import Database, open_database, open_for_reading
from cleanflow.errors import NotSaved, Refusal
from cleanflow.safekeeping import backup as backing_up
from cleanflow.safekeeping.automatic import (
    BackupResult,
    all_backups,
    back_up_today,
    beside,
    choose_folder,
    is_due,
    last_trouble,
)
from cleanflow.safekeeping.backup import back_up
from cleanflow.safekeeping.retention import (
    DAYS_KEPT,
    MONTHS_KEPT,
    Kept,
    dispensable,
    file_name,
    kept_in,
    outdated,
)
from cleanflow.safekeeping.verify import verify
from tests.conftest import TestClock
from tests.safekeeping.conftest import records


def refused(db: Database, target: Path) -> Refusal:
    with pytest.raises(Refusal) as caught:
        back_up(db, target)
    return caught.value


# --- one backup ------------------------------------------------------------------------------------------


def test_a_backup_is_one_file_with_all_records_that_only_its_owner_reads(
    shop: Database, tmp_path: Path
) -> None:
    folder = tmp_path / "stick"
    folder.mkdir()
    made = back_up(shop, folder / "shop.db")
    assert made.is_good
    assert [entry.name for entry in folder.iterdir()] == ["shop.db"]
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    with open_for_reading(made.path) as copy:
        assert records(copy) == records(shop)
        assert verify(copy).is_clean
    assert [entry.name for entry in folder.iterdir()] == ["shop.db"], "reading it leaves nothing beside it"
    assert made.path.read_bytes()[18:20] == b"\x01\x01", "no log is needed to read it"


def test_work_goes_on_meanwhile_and_the_backup_is_one_state_of_the_books(
    shop: Database, tmp_path: Path
) -> None:
    ann = customers.search_customers(shop, "Ann")[0]
    for _ in range(300):
        jobs.create_job(shop, customer_id=ann.id, amount_minor=100, description="x" * 400)
    written: list[int] = []

    def sell_on(stage: str) -> None:
        if stage.endswith("%") and len(written) < 20:
            with open_database(shop.path, clock=shop.clock) as other:
                other.session.user_id = shop.session.user_id
                jobs.create_job(other, customer_id=ann.id, amount_minor=7)
            written.append(1)

    made = back_up(shop, tmp_path / "b.db", sell_on)
    assert made.is_good and written
    with open_for_reading(made.path) as copy:
        assert copy.value("SELECT count(*) FROM jobs WHERE amount_minor = 7") == 0
    assert shop.value("SELECT count(*) FROM jobs WHERE amount_minor = 7") == len(written)


def test_an_older_backup_gives_way_and_nothing_else(shop: Database, tmp_path: Path) -> None:
    target = tmp_path / "b.db"
    back_up(shop, target)
    customers.add_customer(shop, name="Zoe")
    back_up(shop, target)
    with open_for_reading(target) as copy:
        assert copy.value("SELECT count(*) FROM customers WHERE name = 'Zoe'") == 1
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear Sir")
    foreign = tmp_path / "foreign.db"
    with sqlite3.connect(foreign) as other:
        other.execute("CREATE TABLE t (x)")
    other.close()
    (tmp_path / "link.db").symlink_to(shop.path)
    for place in (letter, foreign, shop.path, tmp_path / "link.db", tmp_path / "x.db-wal"):
        assert refused(shop, place).code == "file_not_replaced", place
    assert refused(shop, tmp_path).code == "backup_failed"
    assert "no file can have this name" in str(refused(shop, tmp_path / "An\ud800n.db"))
    assert refused(shop, tmp_path / "gone" / "b.db").code == "folder_missing"
    assert letter.read_text() == "Dear Sir"
    assert verify(shop).is_clean


def test_a_shop_that_somebody_works_with_is_no_backup_to_replace(shop: Database, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    with open_database(other / "cleanflow.db", create=True):
        assert refused(shop, other / "cleanflow.db").code == "file_not_replaced"
    assert refused(shop, other / "cleanflow.db").code == "file_not_replaced", (
        "closed, it is still a shop's own"
    )


def test_books_with_a_fault_are_kept_apart_and_the_fault_is_told(shop: Database, tmp_path: Path) -> None:
    good = back_up(shop, tmp_path / "good.db").path.read_bytes()
    shop.execute("UPDATE customer_balances SET balance_minor = balance_minor + 1")
    made = back_up(shop, tmp_path / "good.db", suspect=tmp_path / "suspect.db")
    assert not made.is_good and made.path.name == "suspect.db"
    assert "derived_wrong" in {finding.code for finding in made.findings}
    assert (tmp_path / "good.db").read_bytes() == good


def test_a_disk_without_room_says_so_and_keeps_the_older_backup(
    shop: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "b.db"
    back_up(shop, target)
    before = target.read_bytes()
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1_000_000))
    refusal = refused(shop, target)
    assert refusal.code == "backup_failed" and "no room on the disk: 50 MB more" in str(refusal)
    assert target.read_bytes() == before


@pytest.mark.parametrize("step", ["copy_to", "make_single_file", "reach_the_disk", "verify"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), NotSaved("the disk is full.")])
def test_whatever_fails_leaves_the_older_backup_and_nothing_half(
    shop: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, error: Exception
) -> None:
    folder = tmp_path / "stick"
    folder.mkdir()
    target = folder / "b.db"
    back_up(shop, target)
    before = target.read_bytes()

    def fail(*_args: Any) -> None:
        raise error

    monkeypatch.setattr(backing_up, step, fail)
    assert refused(shop, target).code == "backup_failed"
    assert [entry.name for entry in folder.iterdir()] == ["b.db"]
    assert target.read_bytes() == before


def test_a_cancelled_backup_leaves_nothing(shop: Database, tmp_path: Path) -> None:
    class Enough(Exception):
        pass

    def stop(stage: str) -> None:
        raise Enough

    folder = tmp_path / "stick"
    folder.mkdir()
    with pytest.raises(Enough):
        back_up(shop, folder / "b.db", stop)
    assert [*folder.iterdir()] == []


def test_a_part_that_a_power_cut_left_is_removed_whatever_day_it_is_of(
    shop: Database, tmp_path: Path
) -> None:
    left, others = (
        tmp_path / f".cleanflow-{shop.device_id[:8]}-x.part",
        tmp_path / ".cleanflow-00000000-x.part",
    )
    for path in (left, Path(f"{left}-journal"), others):
        path.write_bytes(b"half")
    os.utime(left, (time.time() - 3600,) * 2)
    assert back_up(shop, tmp_path / "b.db").is_good
    assert [path.name for path in tmp_path.glob(".cleanflow-*")] == [others.name]


def test_two_programs_that_make_one_backup_at_once_give_its_name_to_a_whole_one(
    shop: Database, tmp_path: Path
) -> None:
    """The second is killed after the first has copied but not verified, with the same temporary name."""
    target = tmp_path / "b.db"

    class Killed(BaseException):
        pass

    def meanwhile(stage: str) -> None:
        if stage == "file":  # the first one is copied but not verified yet
            with pytest.raises(Killed), open_database(shop.path) as other:
                back_up(other, target, killed)

    def killed(stage: str) -> None:
        raise Killed

    assert back_up(shop, target, meanwhile).is_good
    assert target.read_bytes()[18:20] == b"\x01\x01"
    assert back_up(shop, target).is_good, "it gives way as every backup does"


# --- the automatic ones ----------------------------------------------------------------------------------


def test_one_a_day_is_made_when_something_was_recorded(shop: Database, clock: TestClock) -> None:
    assert is_due(shop)
    outcome = back_up_today(shop)
    assert outcome.made is not None and outcome.trouble == ""
    assert not is_due(shop), "nothing new"
    assert recall(shop, LAST_BACKUP_AT, "")[:10] == "2026-03-10"
    customers.add_customer(shop, name="Zoe")
    assert is_due(shop)
    back_up_today(shop)
    assert [kept.day for kept in all_backups(shop)] == ["2026-03-10"]
    clock.moment += timedelta(days=1)
    customers.add_customer(shop, name="Yan")
    back_up_today(shop)
    assert [kept.day for kept in all_backups(shop)] == ["2026-03-11", "2026-03-10"]


def test_a_missing_stick_is_told_once_and_the_backup_goes_beside_the_records(
    shop: Database, tmp_path: Path
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    choose_folder(shop, str(stick))
    assert back_up_today(shop).made.path.parent == stick  # type: ignore[union-attr]
    shutil.rmtree(stick)
    first, second = back_up_today(shop), back_up_today(shop)
    assert first.is_news and "is the USB stick plugged in?" in first.trouble
    assert not second.is_news and second.trouble == first.trouble
    assert first.made is not None and first.made.path.parent == beside(shop.path)
    assert last_trouble(shop) == first.trouble
    stick.mkdir()
    third = back_up_today(shop)
    assert third.trouble == "" and last_trouble(shop) == ""
    shutil.rmtree(stick)
    assert back_up_today(shop).is_news, "it was there again meanwhile"


def test_a_folder_that_cannot_be_written_is_reported_and_raises_nothing(
    shop: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: Any, **_more: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(backing_up, "copy_to", fail)
    outcome = back_up_today(shop)
    assert outcome.made is None and "Permission denied" in outcome.trouble
    assert recall(shop, LAST_BACKUP_AT, "") == ""


def test_a_suspect_backup_does_not_count_as_a_good_one(shop: Database) -> None:
    back_up_today(shop)
    at = recall(shop, LAST_BACKUP_AT, "")
    customers.add_customer(shop, name="Zoe")
    shop.execute("UPDATE customer_balances SET balance_minor = balance_minor + 1")
    outcome = back_up_today(shop)
    assert "Check my books" in outcome.trouble
    assert recall(shop, LAST_BACKUP_AT, "") == at
    assert [(kept.day, kept.is_suspect) for kept in all_backups(shop)] == [
        ("2026-03-10", False),
        ("2026-03-10", True),
    ]


def test_the_folder_is_an_owners_to_choose_and_must_be_there(shop: Database, tmp_path: Path) -> None:
    for folder in ("relative", str(tmp_path / "gone"), str(shop.path), str(tmp_path / ("x" * 5000))):
        with pytest.raises(Refusal, match="There is no folder"):
            choose_folder(shop, folder)
    choose_folder(shop, str(tmp_path))
    shop.session.user_id = add_user(shop, name="Carl", role="CASHIER", pin="2222").id
    with pytest.raises(Refusal) as caught:
        choose_folder(shop, "")
    assert caught.value.code == "owner_needed"


def test_two_threads_may_back_up_at_once(shop: Database, tmp_path: Path) -> None:
    failed: list[BaseException] = []

    def run(name: str) -> None:
        try:
            with open_database(shop.path) as own:
                back_up(own, tmp_path / name)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=run, args=(f"{number}.db",)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_who_closes_the_program_waits_for_the_backup_of_the_closing(shop: Database) -> None:
    begun, made = threading.Event(), []

    def slowly(stage: str) -> None:
        begun.set()
        time.sleep(0.02)

    def of_the_closing() -> None:
        with open_database(shop.path, clock=shop.clock) as own:
            made.append(back_up_today(own, slowly))

    thread = threading.Thread(target=of_the_closing)
    thread.start()
    begun.wait(10)
    at_the_end = back_up_today(shop, only_if_due=True)
    thread.join()
    assert made[0].made is not None and made[0].trouble == ""
    assert at_the_end == BackupResult(None, "", is_news=False)
    assert len(all_backups(shop)) == 1


# --- which are kept --------------------------------------------------------------------------------------

_DEVICE = "3f2a9c1b-0000-4000-8000-000000000000"


def lying(days: list[date], *, is_suspect: bool = False) -> list[Kept]:
    return [
        Kept(
            Path(file_name("C1", _DEVICE, day.isoformat())), "C1", _DEVICE[:8], day.isoformat(), 1, is_suspect
        )
        for day in days
    ]


def kept_of(days: list[date]) -> list[str]:
    found = lying(days)
    gone = {one.day for one in outdated(found, [_DEVICE])}
    return sorted((one.day for one in found if one.day not in gone), reverse=True)


def test_fourteen_days_and_the_last_of_twelve_months_before_them_are_kept() -> None:
    every_day = [date(2026, 11, 25) - timedelta(days=n) for n in range(800)]
    kept = kept_of(every_day)
    assert kept[:DAYS_KEPT] == [day.isoformat() for day in every_day[:DAYS_KEPT]]
    assert len(kept) == DAYS_KEPT + MONTHS_KEPT
    assert kept[DAYS_KEPT:][:3] == ["2026-11-11", "2026-10-31", "2026-09-30"]


@given(st.sets(st.dates(date(2020, 1, 1), date(2099, 12, 31)), max_size=60))
def test_day_by_day_or_at_once_it_comes_to_the_same_and_the_newest_always_stay(days: set[date]) -> None:
    """Pruning after each day's backup never keeps fewer than the rule promises."""
    kept: list[date] = []
    for day in sorted(days):
        kept = [date.fromisoformat(one) for one in kept_of([*kept, day])]
        newest = sorted((one for one in days if one <= day), reverse=True)[:DAYS_KEPT]
        assert set(newest) <= set(kept)
        assert len(kept) <= DAYS_KEPT + MONTHS_KEPT


def test_a_backup_under_a_wrong_clock_is_of_the_last_records_day(shop: Database, clock: TestClock) -> None:
    clock.is_certain = False
    last = today(shop)
    for wrong in (datetime(2015, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)):
        clock.moment = wrong
        shop.session.trusted_day = None
        outcome = back_up_today(shop)
        assert outcome.made and outcome.made.path.name.endswith(f"{last}.db")
    assert [kept.day for kept in all_backups(shop)] == [last.isoformat()]


@given(st.sets(st.dates(date(2024, 1, 1), date(2027, 12, 31)), min_size=1, max_size=60))
def test_without_room_the_days_go_before_the_months_and_the_newest_three_stay(days: set[date]) -> None:
    good, suspect = lying([*days]), lying([*days][:1], is_suspect=True)
    going = [one.day for one in dispensable([*good, *suspect], [_DEVICE])]
    newest_first = sorted((day.isoformat() for day in days), reverse=True)
    assert sorted(going, reverse=True) == newest_first[3:]
    ends = {max(day for day in newest_first[3:] if day[:7] == month) for month in {day[:7] for day in going}}
    in_order = sorted(set(going) - ends) + sorted(ends)
    if len(ends) <= MONTHS_KEPT:
        assert going == in_order


def test_on_a_disk_full_of_backups_older_ones_give_way_to_todays(
    shop: Database, clock: TestClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size, free = shop.path.stat().st_size, 50_000_000
    usage = shutil.disk_usage(tmp_path)
    room = free + 6 * size

    def measured(path: Path) -> object:
        return usage._replace(free=room - sum(one.stat().st_size for one in Path(path).glob("*.db")))

    monkeypatch.setattr(shutil, "disk_usage", measured)
    for number in range(10):
        clock.moment += timedelta(days=1)
        customers.add_customer(shop, name=f"Customer {number}")
        outcome = back_up_today(shop)
        assert outcome.made and not outcome.trouble
    left = [one.day for one in all_backups(shop)]
    assert 3 <= len(left) <= 6 and left == sorted(left, reverse=True) and left[0] == today(shop).isoformat()
    room = free + size  # something else has filled the disk
    clock.moment += timedelta(days=1)
    customers.add_customer(shop, name="Zoe")
    assert "no room on the disk" in back_up_today(shop).trouble
    assert [one.day for one in all_backups(shop)] == left, "none is given away for nothing"


def test_a_clock_at_2099_for_an_hour_throws_no_other_backup_away() -> None:
    days = [date(2026, 3, 1) + timedelta(days=n) for n in range(DAYS_KEPT - 1)]
    assert len(kept_of([*days, date(2099, 1, 1)])) == DAYS_KEPT


def test_others_files_and_other_pcs_backups_are_left_alone(shop: Database, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    choose_folder(shop, str(stick))
    other = "ffffffff-0000-4000-8000-000000000000"
    strangers = [file_name("C2", other, f"2020-01-{day:02}") for day in range(1, 31)]
    own = [file_name("C1", shop.device_id, f"2020-01-{day:02}") for day in range(1, 31)]
    for name in (*strangers, *own, "holiday.jpg", "cleanflow-C1-2020.db"):
        (stick / name).write_bytes(b"")
    back_up_today(shop)
    left = {entry.name for entry in os.scandir(stick)}
    assert {*strangers, "holiday.jpg", "cleanflow-C1-2020.db"} <= left
    assert len(left & {*own}) == DAYS_KEPT - 1 + 1
    assert kept_in(tmp_path / "nowhere") == []
