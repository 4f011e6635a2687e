"""One window to a data folder: a lock of the system, which ends with the program that holds it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cleanflow.errors import Refusal
from cleanflow.safekeeping.instance import only_instance

_HOLDER = """
import sys, time
from pathlib import Path
from cleanflow.safekeeping.instance import only_instance
with only_instance(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_program_is_refused_until_the_first_is_killed(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    with holder.stdout:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(Refusal) as refused, only_instance(tmp_path):
            pass
        assert refused.value.code == "open_elsewhere"
        holder.kill()
        holder.wait()
    with only_instance(tmp_path):
        pass


def test_the_same_program_does_not_hold_a_folder_twice(tmp_path: Path) -> None:
    with only_instance(tmp_path):
        with pytest.raises(Refusal), only_instance(tmp_path):
            pass
        with only_instance(tmp_path / "another"):
            pass
    with only_instance(tmp_path):
        pass


def test_a_folder_that_cannot_be_made_is_not_held(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with only_instance(tmp_path / "file" / "data"):
        pass


def test_a_disk_without_locks_is_not_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if sys.platform == "win32":
        pytest.skip("flock is not of Windows")
    import errno
    import fcntl

    def no_locks(_handle: int, _how: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    with only_instance(tmp_path), only_instance(tmp_path):
        pass
