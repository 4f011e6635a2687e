"""The window's start and memory compared with an empty ttkbootstrap window."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

from tests.bench.budget import Budget

_ROUNDS = 7

# Both report when the window is usable, and the memory of the process at that moment.
EMPTY = """
from ttkbootstrap import App, Button
window = App(title="Empty", theme="bootstrap-light", size=(1024, 740))
Button(window, text="Hello").pack()
window.update()
"""
_OURS = """
import sys
from pathlib import Path
from cleanflow.db import open_database
from cleanflow.dao.shop import is_set_up
from cleanflow.gui.window import open_window
db = open_database(Path(sys.argv[1]))
window = open_window(db)
window.start(is_set_up(db))
window.update()
"""
_WORKING = """
from cleanflow.dao.users import list_users
window.stages.signed_in(list_users(db)[0])
window.update()
"""
REPORT = """
print("ready", flush=True)
resident = [line for line in open("/proc/self/status") if line.startswith("VmRSS")]
print(resident[0].split()[1])
"""


def measure_window(shop: Path) -> list[Budget]:
    """Start and memory, measured in turn with an empty window; memory with the Today screen shown."""
    times: dict[str, list[float]] = {EMPTY: [], _OURS: []}
    for _round in range(_ROUNDS):
        for script in times:
            times[script].append(_run(script, shop)[0])
    memory = {script: _run(script, shop)[1] for script in (EMPTY, _OURS + _WORKING)}
    return [
        Budget(
            "start to usable window",
            median(times[_OURS]) * 1000,
            median(times[EMPTY]) * 1000,
            "ms",
            "an empty ttkbootstrap window",
            2.0,
        ),
        Budget(
            "memory of the idle window",
            memory[_OURS + _WORKING] / 1024,
            memory[EMPTY] / 1024,
            "MB",
            "an empty ttkbootstrap window",
            1.6,
        ),
    ]


def _run(script: str, shop: Path) -> tuple[float, int]:
    return run_until_ready([script + REPORT, str(shop)])


def run_until_ready(
    script: Sequence[str], *, under: Sequence[str] = (), **variables: str
) -> tuple[float, int]:
    """(seconds until the window is usable, resident kilobytes then) of a new process.

    ``script`` is Python source that ends in :data:`REPORT`, followed by its arguments. ``under`` is a command
    prefix that slows it down.
    """
    # As on a PC, keep compiled modules, whatever this machine's setting.
    environ = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    started = perf_counter()
    command = [*under, sys.executable, "-c", *script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ | variables) as process:
        assert process.stdout is not None
        try:
            ready = process.stdout.readline()
            seconds = perf_counter() - started
            resident = process.stdout.readline()
            process.stdout.read()
        except BaseException:  # the time limit was reached, or the run interrupted
            process.kill()
            raise
    assert ready == "ready\n" and process.returncode == 0, "the measured window failed"
    return seconds, int(resident)
