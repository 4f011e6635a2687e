"""Promise 2 at every point: what was confirmed is on disk, and no operation is half there.

The power is cut after every write, sync, truncate, opening and removal of a day's work; see power_cut.py.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from pathlib import Path
from random import Random

import pytest

from tests.disk.fates import FATES
from tests.disk.power_cut import Findings, PowerCuts, every_fate, one_fate
from tests.disk.record import Change, Disk, Event
from tests.disk.story import shop_day

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the disk is faked for POSIX systems")


def assert_nothing_lost(findings: Findings) -> None:
    print(findings.line())
    assert findings.failures == []
    assert findings.lost == 0
    assert findings.points > 1000
    assert findings.in_flight_kept > 0  # otherwise no cut has hit a commit


def test_a_power_cut_at_any_point_of_the_day_loses_nothing_that_was_confirmed(
    tmp_path: Path, new_shop_file: Path
) -> None:
    recording = shop_day(tmp_path, new_shop_file)
    assert_nothing_lost(PowerCuts("a shop's day", recording).run(one_fate))


@pytest.mark.long
def test_a_power_cut_at_any_point_loses_nothing_whatever_the_disk_had_written(
    tmp_path: Path, new_shop_file: Path
) -> None:
    seed = int(time.time())
    recording = shop_day(tmp_path, new_shop_file, rounds=2)
    assert_nothing_lost(PowerCuts(f"every fate, seed {seed}", recording, seed=seed).run(every_fate))


def when_confirmed(event: Event, _random: Random) -> Iterable[str]:
    """Cut the power at the instant of each confirmation."""
    return ("all lost", "earlier ones") if event.what == "confirmed" else ()


def test_with_synchronous_normal_confirmed_operations_are_lost(tmp_path: Path, new_shop_file: Path) -> None:
    """This proves that the power cuts would show it if FULL were not set."""
    cuts = PowerCuts(
        "synchronous=NORMAL, to be lost", shop_day(tmp_path, new_shop_file, synchronous="NORMAL")
    )
    findings = cuts.run(when_confirmed)
    print(findings.line())
    assert findings.lost > 10
    assert findings.failures == []  # operations are lost, but never half of one


def test_without_any_sync_the_books_are_found_damaged(tmp_path: Path, new_shop_file: Path) -> None:
    """This proves that the power cuts would show damage if there were any."""

    def at_the_database_file(event: Event, random: Random) -> Iterable[str]:
        is_in_the_file = event.what == "write" and event.path.endswith(".db")
        return ("later ones first", "any ends in garbage") if is_in_the_file and random.random() < 0.2 else ()

    recording = shop_day(tmp_path, new_shop_file, synchronous="OFF")
    findings = PowerCuts("synchronous=OFF, to be damaged", recording).run(at_the_database_file)
    print(findings.line())
    assert findings.failures


# --- the disk itself


def disk_of(*events: Event) -> Disk:
    disk = Disk({"a": b"old old old!"})
    for event in events:
        disk.take_in(event)
    return disk


def after(disk: Disk, fate: str, names_kept: int = 0) -> dict[str, bytes]:
    return disk.picture(FATES[fate](Random(1)), names_kept=names_kept)


def test_what_was_synced_stays_and_what_was_not_may_go() -> None:
    disk = disk_of(
        Event("open", "a", 1),
        Event("write", "a", 1, 0, b"new"),
        Event("sync", "a", 1),
        Event("write", "a", 1, 4, b"new"),
    )
    assert after(disk, "all lost") == {"a": b"new old old!"}
    assert after(disk, "all kept") == {"a": b"new new old!"}


def test_a_failed_sync_leaves_its_writes_in_doubt_for_ever() -> None:
    disk = disk_of(
        Event("open", "a", 1),
        Event("write", "a", 1, 0, b"new"),
        Event("sync_failed", "a", 1),
        Event("write", "a", 1, 4, b"new"),
        Event("sync", "a", 1),
    )
    assert after(disk, "all lost") == {"a": b"old new old!"}
    assert after(disk, "all kept") == {"a": b"new new old!"}


def test_a_name_is_safe_when_its_folder_is_synced_and_not_before() -> None:
    made = (Event("open", "b", 1), Event("write", "b", 1, 0, b"x"), Event("sync", "b", 1))
    assert after(disk_of(*made), "all kept", names_kept=0) == {"a": b"old old old!"}
    assert after(disk_of(*made), "all kept", names_kept=1) == {"a": b"old old old!", "b": b"x"}
    assert after(disk_of(*made, Event("dirsync")), "all lost") == {"a": b"old old old!", "b": b"x"}
    assert after(disk_of(Event("delete", "a")), "all lost", names_kept=1) == {}


def test_a_torn_write_leaves_the_old_bytes_or_garbage_behind_its_end() -> None:
    disk = Disk({"a": bytes(2048)})
    for event in (Event("open", "a", 1), Event("write", "a", 1, 0, b"n" * 2048)):
        disk.take_in(event)
    between = after(disk, "last torn between sectors")["a"]
    assert between.count(b"n") % 512 == 0
    assert 0 < between.count(b"n") < 2048
    assert len(after(disk, "last torn within a sector")["a"].rstrip(b"\0").strip(b"n")) == 0
    assert set(after(disk, "last ends in garbage")["a"]) - {0, ord("n")}
    assert after(disk, "last begun at its end")["a"].lstrip(b"\0").strip(b"n") == b""
    assert Change(0, b"n").is_safe is False
