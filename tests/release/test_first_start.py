"""The first start unpacks the program, and an incomplete one is never used, whatever happens meanwhile."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.release.conftest import Pc, pythons

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount and give files away")


def test_two_first_starts_at_once_both_work_and_unpack_once(pc: Pc) -> None:
    starts = [pc.begin("--version") for _ in range(4)]
    ends = [start.communicate(timeout=120) for start in starts]
    assert [start.returncode for start in starts] == [0, 0, 0, 0], ends
    assert len(pc.homes()) == 1


@pytest.mark.parametrize("after_s", [0.1, 0.2, 0.3, 0.45])
def test_a_start_that_is_killed_leaves_nothing_that_is_used(pc: Pc, after_s: float) -> None:
    first = pc.begin("--version")
    time.sleep(after_s)
    first.kill()
    first.communicate()
    assert all(home.name.endswith(".part") or (home / "READY").is_file() for home in pc.homes())
    status, _out, err = pc.start("--version")
    assert status == 0, err
    (home,) = pc.homes()  # the remains of the killed start are removed, too
    assert (home / "READY").is_file()


@pytest.mark.parametrize(
    "victim", ["cleanflow/cli/__init__.py", "cleanflow/dao/shop.py", "cleanflow/environment/system.py"]
)
def test_a_damaged_file_is_mended_and_the_start_goes_on(pc: Pc, victim: str) -> None:
    assert pc.start("--version")[0] == 0
    (home,) = pc.homes()
    (home / victim).write_bytes(b"\x00" * 100)
    shutil.rmtree((home / victim).parent / "__pycache__", ignore_errors=True)
    words = ("--data", str(pc.home / "data"), "demo", "--jobs", "3", "--days", "2")
    status, _out, err = pc.start(*words)
    assert status == 0, err
    assert b"\x00" not in (home / victim).read_bytes()


def test_a_missing_file_is_found_after_the_machine_was_switched_off(pc: Pc) -> None:
    """A power cut can empty files that have just been written."""
    assert pc.start("--version")[0] == 0
    (home,) = pc.homes()
    (home / "READY").write_text("unpacked another-run-of-the-machine")
    (home / "cleanflow" / "sql" / "__init__.py").unlink()
    (home / "cleanflow" / "money.py").write_bytes(b"")
    assert pc.start("--version")[0] == 0
    assert (home / "cleanflow" / "sql" / "__init__.py").is_file() and (
        home / "cleanflow" / "money.py"
    ).stat().st_size
    (home / "READY").write_text("unpacked another-run-of-the-machine")
    assert pc.start("--version")[0] == 0
    assert (home / "READY").read_text() == "checked"


def test_a_file_that_was_not_copied_whole_says_so(pc: Pc) -> None:
    content = bytearray(pc.file.read_bytes())
    content[len(content) // 3] ^= 0xFF
    broken = pc.home / "broken.pyz"
    broken.write_bytes(content)
    status, out, err = replace(pc, file=broken).start("--version")
    assert (status, out) == (1, "") and "copy or fetch it again" in err and "Traceback" not in err
    assert not [home for home in pc.homes() if not home.name.endswith(".part")]


def test_where_nothing_may_be_written_it_unpacks_for_this_start_alone(pc: Pc, tmp_path: Path) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    (tmp_path / "file").write_text("a file where the folder should be")
    pc = pc.with_(CLEANFLOW_CACHE=str(tmp_path / "file" / "cache"), TMPDIR=str(temporary))
    status, out, err = pc.start("--version")
    assert status == 0 and "CleanFlow" in out and "CLEANFLOW_CACHE" in err
    assert not list(temporary.iterdir()), "the temporary program is gone again"


@needs_root
def test_a_cache_that_may_only_be_read_is_used_as_it_is(pc: Pc) -> None:
    assert pc.start("--version")[0] == 0
    (home,) = pc.homes()
    for mark in ("checked", "unpacked another-run-of-the-machine"):
        (home / "READY").write_text(mark)
        mount = (
            f'mount --bind "{pc.cache}" "{pc.cache}" && mount -o remount,ro,bind "{pc.cache}" && exec "$@"'
        )
        sealed = replace(pc, before=("unshare", "-m", "sh", "-c", mount, "sh"))
        status, _out, err = sealed.start("--version")
        assert (status, err) == (0, "")


@needs_root
def test_a_full_disk_is_told_in_a_sentence(pc: Pc) -> None:
    pc.cache.mkdir(parents=True)
    mount = f'mount -t tmpfs -o size=20m none "{pc.cache}" && exec "$@"'
    full = replace(pc, before=("unshare", "-m", "sh", "-c", mount, "sh"))
    status, out, err = full.start("--version")
    assert (status, out) == (1, "") and "the disk is full" in err and len(err.splitlines()) == 1


@needs_root
def test_a_program_that_somebody_else_put_there_is_not_run(pc: Pc) -> None:
    assert pc.start("--version")[0] == 0
    (home,) = pc.homes()
    (home / "cleanflow" / "cli" / "__init__.py").write_text("raise SystemExit(99)")
    for place, folders, files in os.walk(home):
        for name in (*folders, *files):
            os.chown(os.path.join(place, name), 12345, 12345)
    os.chown(home, 12345, 12345)
    assert pc.start("--version")[0] == 0
    assert (home / "READY").stat().st_uid == 0


def test_an_older_releases_program_is_removed_but_not_while_it_runs(pc: Pc) -> None:
    assert pc.start("--version")[0] == 0
    (home,) = pc.homes()
    tail = home.name.split("-", 2)[2]
    for key in ("1111111111111111", "2222222222222222"):
        older = pc.cache / f"pc-{key}-{tail}"
        older.mkdir()
        (older / "READY").write_text("checked")
    (pc.cache / f"server-3333333333333333-{tail}").mkdir()
    used = pc.cache / f"pc-2222222222222222-{tail}"
    lock = subprocess.Popen(["flock", "-s", str(used / "READY"), "sleep", "60"], start_new_session=True)
    try:
        time.sleep(0.3)
        shutil.rmtree(home)
        assert pc.start("--version")[0] == 0
    finally:
        os.killpg(lock.pid, signal.SIGKILL)
        lock.wait()
    assert {path.name for path in pc.homes()} == {used.name, home.name, f"server-3333333333333333-{tail}"}


def test_only_what_this_python_can_load_is_unpacked(pc: Pc) -> None:
    for python in pythons():
        assert replace(pc, python=python).start("--version")[0] == 0
    homes = pc.homes()
    assert len(homes) == len(pythons())
    for home in homes:
        tag = home.name.split("-", 2)[2]
        modules = [path.name for path in home.rglob("*.so") if ".cpython-" in path.name]
        assert modules and all(tag in name for name in modules)


def test_compiled_modules_are_kept_for_the_next_start(pc: Pc) -> None:
    pc = pc.with_(PYTHONDONTWRITEBYTECODE="1")
    assert pc.start("--version")[0] == 0
    (home,) = pc.homes()
    assert list(home.glob("cleanflow/cli/__pycache__/__init__.*.pyc"))
    assert list(home.glob("ttkbootstrap/__pycache__/window.*.pyc"))
