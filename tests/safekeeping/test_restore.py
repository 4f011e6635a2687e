"""Restoring a backup: it is inspected first, becomes a new PC, keeps the current records, and is atomic."""

from __future__ import annotations

import errno
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cleanflow.cli import main
from cleanflow.dao import customers, jobs
from cleanflow.db import Database, open_database
from cleanflow.errors import Refusal
from cleanflow.reports.day_state import last_backup_at
from cleanflow.safekeeping import restore as restoring
from cleanflow.safekeeping import verify as verifying
from cleanflow.safekeeping.backup import back_up
from cleanflow.safekeeping.finding import Finding
from cleanflow.safekeeping.instance import only_instance
from cleanflow.safekeeping.restore import copy_beside, finish, prepare
from cleanflow.safekeeping.verify import verify
from tests.safekeeping.conftest import records


@pytest.fixture
def backup(shop: Database, tmp_path: Path) -> Path:
    """A backup from before Zoe was added."""
    path = back_up(shop, tmp_path / "backup.db").path
    customers.add_customer(shop, name="Zoe")
    return path


def names(path: Path) -> list[str]:
    with open_database(path) as db:
        return [row[0] for row in db.rows("SELECT name FROM customers ORDER BY name")]


def codes(path: Path) -> tuple[str, str]:
    with open_database(path) as db:
        return db.value("SELECT code FROM devices WHERE id = :id", {"id": db.device_id}), db.device_id


def refusal_of(source: Path, path: Path) -> Refusal:
    with pytest.raises(Refusal) as caught:
        prepare(source, path)
    assert not copy_beside(path).parent.exists(), "nothing is left behind"
    return caught.value


def test_it_is_looked_at_first_then_takes_the_place_and_the_present_is_kept(
    shop: Database, backup: Path
) -> None:
    before, path = records(shop), shop.path
    _code, former = codes(path)
    prepared = prepare(backup, path)
    assert (prepared.contents.shop, prepared.contents.pc_code) == ("Sparkle", "C1")
    assert (prepared.contents.jobs, prepared.findings) == (4, ())
    assert records(shop) == before, "looking changes nothing"
    shop.close()
    aside = prepared.put_in_place()
    assert names(path) == ["Ann", "Bob", "Cat"]
    assert aside is not None and names(aside) == ["Ann", "Bob", "Cat", "Zoe"]
    code, device_id = codes(path)
    assert code == "C2" and device_id != former
    with open_database(path, clock=shop.clock) as db:
        assert last_backup_at(db) == prepared.contents.last_at, "the backup itself is the last good one"
        db.session.user_id = db.value("SELECT id FROM users WHERE role = 'OWNER'")
        ann = customers.search_customers(db, "Ann")[0]
        assert jobs.create_job(db, customer_id=ann.id, amount_minor=1).reference == "C2-000001"
        assert verify(db).is_clean
    assert not copy_beside(path).parent.exists()


def test_a_code_may_be_chosen_but_not_one_that_was_used(shop: Database, backup: Path) -> None:
    path = shop.path
    shop.close()
    with pytest.raises(Refusal) as caught:
        prepare(backup, path).put_in_place("C1")
    assert (caught.value.code, caught.value.facts["suggestion"]) == ("pc_code_taken", "C2")
    with pytest.raises(Refusal):
        prepare(backup, path).put_in_place("much too long")
    assert names(path) == ["Ann", "Bob", "Cat", "Zoe"]
    prepare(backup, path).put_in_place("desk")
    assert codes(path)[0] == "DESK"


def test_into_an_empty_folder_of_a_new_pc(shop: Database, backup: Path, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    path = tmp_path / "new" / "cleanflow.db"
    assert prepare(backup, path).put_in_place() is None
    assert names(path) == ["Ann", "Bob", "Cat"]


def test_a_copied_folder_with_its_log_is_a_backup_too(shop: Database, tmp_path: Path) -> None:
    customers.add_customer(shop, name="Zoe")
    copied = tmp_path / "copied"
    copied.mkdir()
    for suffix in ("", "-wal"):
        shutil.copy(f"{shop.path}{suffix}", f"{copied / 'cleanflow.db'}{suffix}")
    assert Path(f"{copied / 'cleanflow.db'}-wal").stat().st_size > 0
    path = shop.path
    shop.close()
    prepare(copied / "cleanflow.db", path).put_in_place()
    assert "Zoe" in names(path)


def test_an_emptied_shop_is_kept_aside_with_its_log(shop: Database, backup: Path, tmp_path: Path) -> None:
    """SQLite deletes the WAL beside an empty file when it opens it; here the WAL is all that is left."""
    lost = tmp_path / "lost" / "cleanflow.db"
    lost.parent.mkdir()
    lost.touch()
    log = Path(f"{shop.path}-wal").read_bytes()
    Path(f"{lost}-wal").write_bytes(log)
    aside = prepare(backup, lost).put_in_place()
    assert aside is not None and Path(f"{aside}-wal").read_bytes() == log
    assert names(lost) == ["Ann", "Bob", "Cat"]


def test_records_that_are_open_stay_where_they_are(shop: Database, backup: Path) -> None:
    prepared = prepare(backup, shop.path)
    with pytest.raises(Refusal) as caught:
        prepared.put_in_place()
    assert caught.value.code == "open_elsewhere"
    assert "Zoe" in names(shop.path)
    customers.add_customer(shop, name="Yan")  # the connection still works
    with pytest.raises(Refusal) as caught:
        prepare(shop.path, shop.path)
    assert caught.value.code == "restore_itself"


def torn(source: Path, target: Path) -> Path:
    target.write_bytes(source.read_bytes()[:60_000])
    return target


def zeroed(source: Path, target: Path) -> Path:
    data = bytearray(source.read_bytes())
    for page in range(3, len(data) // 4096, 2):
        data[page * 4096 : (page + 1) * 4096] = bytes(4096)
    target.write_bytes(data)
    return target


def with_evil_trigger(source: Path, target: Path) -> Path:
    shutil.copy(source, target)
    raw = sqlite3.connect(target, isolation_level=None)
    raw.execute("CREATE TRIGGER evil AFTER INSERT ON jobs BEGIN UPDATE customers SET notes = 'gone'; END")
    raw.close()
    return target


def without_a_rule(source: Path, target: Path) -> Path:
    shutil.copy(source, target)
    raw = sqlite3.connect(target, isolation_level=None)
    raw.execute("DROP TRIGGER ledger_entries_before_delete")
    raw.close()
    return target


def from_the_future(source: Path, target: Path) -> Path:
    shutil.copy(source, target)
    raw = sqlite3.connect(target, isolation_level=None)
    raw.execute("PRAGMA user_version = 99")
    raw.close()
    return target


def foreign(_source: Path, target: Path) -> Path:
    raw = sqlite3.connect(target)
    raw.execute("CREATE TABLE t (x)")
    raw.close()
    return target


def rubbish(_source: Path, target: Path) -> Path:
    target.write_bytes(os.urandom(50_000))
    return target


def nothing(_source: Path, target: Path) -> Path:
    target.write_bytes(b"")
    return target


def magic_alone(_source: Path, target: Path) -> Path:
    target.write_bytes(b"SQLite format 3\x00" + os.urandom(8192))
    return target


def a_folder(_source: Path, target: Path) -> Path:
    target.mkdir()
    return target


def a_pipe(_source: Path, target: Path) -> Path:
    os.mkfifo(target)
    return target


def an_empty_shop(_source: Path, target: Path) -> Path:
    open_database(target, create=True).close()
    return target


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (torn, "backup_damaged"),
        (zeroed, "backup_damaged"),
        (with_evil_trigger, "backup_changed"),
        (without_a_rule, "backup_changed"),
        (from_the_future, "database_newer"),
        (foreign, "database_foreign"),
        (rubbish, "database_foreign"),
        (nothing, "database_foreign"),
        (magic_alone, "database_foreign"),
        (a_folder, "file_unreadable"),
        (a_pipe, "file_unreadable"),
        (an_empty_shop, "not_set_up"),
    ],
)
def test_what_is_no_sound_backup_is_refused_by_name_and_changes_nothing(
    shop: Database, backup: Path, tmp_path: Path, make: Callable[[Path, Path], Path], code: str
) -> None:
    bad = make(backup, tmp_path / "bad.db")
    before = records(shop)
    refusal = refusal_of(bad, shop.path)
    assert refusal.code == code
    if code != "not_set_up" and code != "database_newer":
        assert str(bad) in str(refusal)
    assert records(shop) == before


def test_books_with_a_fault_may_come_back_and_the_fault_is_told(shop: Database, tmp_path: Path) -> None:
    shop.execute("UPDATE customer_balances SET balance_minor = balance_minor + 1")
    path = back_up(shop, tmp_path / "b.db").path
    prepared = prepare(path, shop.path)
    assert {finding.code for finding in prepared.findings} == {"derived_wrong"}
    prepared.discard()


@pytest.mark.parametrize("code", ["SQLITE_FULL", "SQLITE_IOERR_SHMSIZE"])
def test_a_full_disk_is_no_fault_of_the_backup(
    shop: Database, backup: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    def full(*_args: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def full_for_sorting(db: Database) -> Iterator[Finding]:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorname = code
        db.connection.execute("ROLLBACK")  # as SQLite itself does then
        raise error
        yield

    for place, name, fail in ((shutil, "copyfile", full), (verifying, "_CHECKS", {"file": full_for_sorting})):
        with monkeypatch.context() as patch:
            patch.setattr(place, name, fail)
            refusal = refusal_of(backup, shop.path)
        assert refusal.code == "restore_failed"
        assert "No space left" in str(refusal) or "the disk is full" in str(refusal)


class PulledPlug(BaseException):
    pass


@pytest.mark.parametrize("cut", range(1, 12))
def test_a_power_cut_at_any_change_of_a_name_is_finished_at_the_next_start(
    shop: Database, backup: Path, monkeypatch: pytest.MonkeyPatch, cut: int
) -> None:
    """After the next start the shop's file is the complete old one or the complete restored one."""
    path = shop.path
    shop.close()
    prepared = prepare(backup, path)
    left = [cut]
    for name in ("replace", "rmtree", "reach_the_disk", "rename"):
        place = {"replace": os, "rename": os, "rmtree": shutil, "reach_the_disk": restoring}[name]
        real = getattr(place, name)

        def stop(*args: object, real: Callable[..., object] = real, **more: object) -> object:
            left[0] -= 1
            if left[0] == 0:
                raise PulledPlug
            return real(*args, **more)

        monkeypatch.setattr(place, name, stop)
    try:
        prepared.put_in_place()
    except PulledPlug:
        pass
    monkeypatch.undo()
    finish(path)
    assert path.is_file()
    asides = list(path.parent.glob("cleanflow-before-*.db"))
    if asides:
        assert names(path) == ["Ann", "Bob", "Cat"]
        assert names(asides[0]) == ["Ann", "Bob", "Cat", "Zoe"]
    else:
        assert names(path) == ["Ann", "Bob", "Cat", "Zoe"]
    assert not copy_beside(path).parent.exists()
    with open_database(path) as db:
        assert verify(db).is_clean


@pytest.mark.parametrize("failing", [1, 2])
def test_a_name_that_cannot_be_changed_leaves_the_shop_where_it_was(
    shop: Database, backup: Path, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    """A virus scanner that still has the new file open causes this, for example."""
    path = shop.path
    shop.close()
    prepared = prepare(backup, path)
    real, left = os.replace, [failing]

    def fail(source: object, target: object) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise PermissionError(13, "Permission denied")
        real(source, target)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(Refusal) as caught:
        prepared.put_in_place()
    monkeypatch.undo()
    assert caught.value.code == "restore_failed" and "Permission denied" in str(caught.value)
    assert list(path.parent.glob("cleanflow-before-*")) == []
    finish(path)
    assert names(path) == ["Ann", "Bob", "Cat", "Zoe"], "nor does the next start do what was given up"


def cut_off_before_the_last_name(path: Path, backup: Path) -> Path:
    """Simulate a power cut after the current records were moved aside; returns their new path."""
    prepared, aside = prepare(backup, path), path.with_name("cleanflow-before-x.db")
    with open_database(prepared.copy):
        pass
    (prepared.copy.parent / "put-in-place.json").write_text(json.dumps({"aside": aside.name}))
    path.rename(aside)
    return aside


def test_a_command_finishes_a_restore_that_was_cut_off(
    shop: Database, backup: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, folder = shop.path, str(shop.path.parent)
    shop.close()
    cut_off_before_the_last_name(path, backup)
    assert main(["--data", folder, "verify"]) == 0
    init = ["init", "--shop", "New", "--currency", "USD", "--owner", "O", "--pin", "1234"]
    assert main(["--data", folder, *init]) == 1
    assert "already has a shop" in capsys.readouterr().err
    assert names(path) == ["Ann", "Bob", "Cat"]


def test_a_command_leaves_a_restore_to_the_program_that_is_at_it(shop: Database, backup: Path) -> None:
    path = shop.path
    shop.close()
    cut_off_before_the_last_name(path, backup)
    with only_instance(path.parent):
        assert main(["--data", str(path.parent), "verify"]) == 1
    assert not path.exists()


def test_a_shop_that_was_begun_after_a_cut_off_restore_is_kept_aside(shop: Database, backup: Path) -> None:
    path = shop.path
    shop.close()
    first = cut_off_before_the_last_name(path, backup)
    path.write_bytes(b"a new shop")
    finish(path)
    assert names(path) == ["Ann", "Bob", "Cat"] and names(first) == ["Ann", "Bob", "Cat", "Zoe"]
    kept = {one.read_bytes() for one in path.parent.glob("cleanflow-before-*.db")}
    assert b"a new shop" in kept


def test_half_a_note_and_half_a_preparation_are_removed_silently(shop: Database) -> None:
    work = copy_beside(shop.path).parent
    work.mkdir()
    (work / "cleanflow.db").write_bytes(b"half")
    (work / "put-in-place.json").write_text('{"aside": ')
    finish(shop.path)
    assert not work.exists()
    assert verify(shop).is_clean


def test_a_note_cannot_lead_elsewhere(shop: Database, backup: Path) -> None:
    path = shop.path
    shop.close()
    prepare(backup, path)
    note = {"aside": "../../outside.db"}
    (copy_beside(path).parent / "put-in-place.json").write_text(json.dumps(note))
    finish(path)
    assert (path.parent / "outside.db").is_file()


# --- the commands ----------------------------------------------------------------------------------------


def test_the_commands_make_show_and_bring_back(
    shop: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, target = shop.path, tmp_path / "b.db"
    shop.close()
    data = ["--data", str(path.parent)]
    assert main([*data, "backup", str(target)]) == 0
    assert "every number agrees" in capsys.readouterr().out
    with open_database(path) as db:
        db.session.user_id = db.value("SELECT id FROM users WHERE role = 'OWNER'")
        customers.add_customer(db, name="Zoe")
    assert main([*data, "restore", "--look", str(target)]) == 0
    shown = capsys.readouterr().out
    line = next(line.split() for line in shown.splitlines() if line.startswith("customers"))
    assert line == ["customers", "3", "4"]
    assert "Zoe" in names(path)
    assert main([*data, "restore", str(target), "--pc", "C7"]) == 0
    told = capsys.readouterr().out
    assert "goes on as C7" in told and "are kept as" in told
    assert "Zoe" not in names(path)


def test_while_the_window_is_open_nothing_is_restored(
    shop: Database, backup: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = shop.path
    shop.close()
    with only_instance(path.parent):
        assert main(["--data", str(path.parent), "restore", str(backup)]) == 1
    assert "already" in capsys.readouterr().err
    assert "Zoe" in names(path)


def test_closing_the_day_makes_the_days_backup(shop: Database, capsys: pytest.CaptureFixture[str]) -> None:
    path = shop.path
    shop.close()
    data = ["--data", str(path.parent)]
    assert main([*data, "close", "--date", "2026-03-10", "--counted", "0", "--reason", "test"]) == 0
    assert len(list((path.parent / "backups").glob("cleanflow-C1-*.db"))) == 1
    assert capsys.readouterr().err == ""


def test_a_folder_that_is_closed_to_us_is_told_by_opening_it(
    shop: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = os.stat

    def closed(path: object, *args: object, **more: object) -> object:
        if str(path).startswith(str(shop.path.parent / "")):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *args, **more)  # type: ignore[call-overload]

    with monkeypatch.context() as patch:
        patch.setattr(os, "stat", closed)
        finish(shop.path)
        assert main(["--data", str(shop.path.parent), "status"]) == 1
    assert "cleanflow.db cannot be opened: Permission denied" in capsys.readouterr().err
