"""The release file does a day's work with every supported Python on a PC that has nothing else."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest

from cleanflow import __version__
from tests.release.conftest import Pc, has_tkinter, pythons

EVERY_PYTHON = pytest.mark.parametrize("python", pythons(), ids=lambda path: path.replace("/", "_"))


@EVERY_PYTHON
def test_a_day_of_commands_without_the_checkout_and_without_a_network(pc: Pc, python: str) -> None:
    pc = alone(replace(pc, python=python))
    init = (
        "init",
        "--shop",
        "Sparkle",
        "--currency",
        "USD",
        "--pc",
        "C1",
        "--owner",
        "Olga",
        "--pin",
        "1234",
    )
    assert pc.start("--version")[:2] == (0, f"CleanFlow {__version__}\n")
    assert pc.start(*init)[0] == 0
    assert (pc.home / ".local" / "share" / "CleanFlow" / "cleanflow.db").is_file()

    demo = ("--data", str(pc.home / "demo"))
    status, _out, err = pc.start(*demo, "demo", "--jobs", "30")
    assert status == 0, err
    status, _out, err = pc.start(*demo, "report", "daily", "--pdf", str(pc.home / "day.pdf"))
    assert status == 0, err
    assert (pc.home / "day.pdf").read_bytes().startswith(b"%PDF")
    assert pc.start(*demo, "report", "monthly", "--xlsx", str(pc.home / "month.xlsx"))[0] == 0
    status, out, err = pc.start(*demo, "verify", "--json")
    assert (status, json.loads(out)["clean"]) == (0, True), err
    assert pc.start(*demo, "backup", str(pc.home / "copy"))[0] == 0


def alone(pc: Pc) -> Pc:
    """The same PC without a network, and as root without this checkout."""
    unshare = shutil.which("unshare")
    if not unshare or subprocess.run([unshare, "-rn", "true"], capture_output=True).returncode != 0:
        pytest.skip("this system does not let a test take the network away")
    checkout = Path(__file__).resolve().parents[2]
    hide = f'mount -t tmpfs none "{checkout}" && exec "$@"'
    hidden = [unshare, "-rnm", "sh", "-c", hide, "sh"]
    if subprocess.run([*hidden, "true"], capture_output=True).returncode != 0:
        hidden = [unshare, "-rn"]
    # A Python of the checkout's environment would be hidden, too.
    return replace(pc, before=tuple(hidden))


@EVERY_PYTHON
def test_the_window_opens_and_stays(known_or_new: Pc, python: str) -> None:
    if not has_tkinter(python):
        pytest.skip("this Python has no tkinter")
    pc = replace(known_or_new, python=python)
    window = pc.begin("--data", str(pc.home / "data"))
    try:
        appears = _appears(window)
    finally:
        window.terminate()
        _out, err = window.communicate(timeout=10)
    assert appears and "Traceback" not in err, err


def _appears(window: subprocess.Popen[str]) -> bool:
    """Whether another program sees a window of that name on the display."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and window.poll() is None:
        seen = subprocess.run(["xwininfo", "-root", "-tree"], capture_output=True, text=True).stdout
        if '"CleanFlow' in seen:
            time.sleep(0.5)
            return window.poll() is None
        time.sleep(0.1)
    return False


@pytest.fixture
def known_or_new(known_pc: Pc) -> Pc:
    display = os.environ.get("DISPLAY")
    if not display or not shutil.which("xwininfo"):
        pytest.skip("no display: python3 -m tests brings one")
    return known_pc.with_(DISPLAY=display)


def test_an_older_file_refuses_a_newer_database_in_words(known_pc: Pc) -> None:
    assert known_pc.start("demo", "--jobs", "3", "--days", "2")[0] == 0
    path = known_pc.home / ".local" / "share" / "CleanFlow" / "cleanflow.db"
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 999")
    database.close()
    before = path.read_bytes()
    status, out, err = known_pc.start("status")
    assert (status, out) == (1, "") and "newer" in err and "Traceback" not in err
    assert path.read_bytes() == before


def test_check_tells_what_the_pc_has(known_pc: Pc) -> None:
    status, out, err = known_pc.start("check", "--json")
    told = json.loads(out)
    checks = {check["name"]: check for check in told["checks"]}
    assert {"Python", "SQLite", "clock", "data folder", "room", "disk", "window", "fonts", "printers"} <= set(
        checks
    )
    # The clean environment has no display, which the window needs.
    assert (status, told["fine"], checks["window"]["state"]) == (1, False, "wrong"), err
    assert checks["CleanFlow"]["words"] == __version__
    assert not (known_pc.home / ".local").exists(), "a check makes nothing"


def test_the_server_is_in_a_file_of_its_own(known_pc: Pc) -> None:
    status, _out, err = known_pc.start("serve")
    assert status == 1 and "server file" in err


def test_a_mistake_of_the_program_is_told_whole_in_a_terminal(known_pc: Pc) -> None:
    """Scripts and developers see the traceback, and it is not mistaken for a damaged file."""
    status, _out, err = known_pc.start("nonsense")
    assert status == 2 and "invalid choice" in err
