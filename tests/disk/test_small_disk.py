"""A real disk of three megabytes that fills up, if this system lets a test mount one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cleanflow.db import open_database
from tests.conftest import TestClock
from tests.disk.faults import TROUBLES, FaultyDisk
from tests.disk.power_cut import quick_folder
from tests.disk.shim import shimmed
from tests.disk.small_disk import APART, fill, refuse_ten

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the disk is faked for POSIX systems")

ROOT = Path(__file__).resolve().parents[2]


def may_mount() -> bool:
    """Whether this system lets a test mount a disk."""
    try:
        tried = subprocess.run([*APART, "mount", "-t", "tmpfs", "tmpfs", "/tmp"], capture_output=True)
    except FileNotFoundError:
        return False
    return tried.returncode == 0


def test_a_disk_that_fills_up_refuses_what_it_cannot_take_and_goes_on_when_there_is_room(
    tmp_path: Path, new_shop_file: Path, clock: TestClock
) -> None:
    if may_mount():
        command = [*APART, sys.executable, "-m", "tests.disk.small_disk", str(tmp_path), str(new_shop_file)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
        assert (done.returncode, done.stdout) == (0, "10\n"), done.stderr
        return
    with quick_folder() as folder:  # otherwise with a simulated full disk
        path = folder / "cleanflow.db"
        path.write_bytes(new_shop_file.read_bytes())
        disk = FaultyDisk(path)
        with shimmed(disk), open_database(path, clock=clock) as db:
            disk.fail(TROUBLES["full"], at=1000)
            saved = fill(db)
            assert saved > 5
            assert refuse_ten(db) == 10
            disk.mend()
            assert db.value("SELECT count(*) FROM customers") == saved
