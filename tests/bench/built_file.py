"""The release file on this PC: its size, and its start compared with an empty ttkbootstrap window.

The start is measured from a double click to the usable window: first with an empty cache folder, when it
unpacks, then again.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from release.building import build
from release.targets import TARGETS
from release.wheels import fetch
from tests.bench.budget import Budget
from tests.bench.window import EMPTY, REPORT, run_until_ready

ROOT = Path(__file__).resolve().parents[2]
_ROUNDS, _FIRST_STARTS = 7, 3

# Runs the file as Python does; the program's main loop starts when the window is usable.
_BUILT = """
import runpy, sys, tkinter
def ready(window, *_):
    window.update()
    exec(REPORT)
    window.destroy()
tkinter.Misc.mainloop = ready
sys.argv = sys.argv[1:]
sys.path.insert(0, sys.argv[0])
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
except SystemExit:
    pass
""".replace("REPORT", repr(REPORT))


def measure_built_file(folder: Path, shop: Path, under: Sequence[str] = ()) -> list[Budget]:
    """Size, first and second start of this system's file; ``under`` is a command prefix that slows it."""
    target = next(target for target in TARGETS if target.name == "linux")
    fetch(target, ROOT / "build" / "wheels", lambda _words: None)
    file = build(target, ROOT / "build" / "wheels", folder)
    data, cache = folder / "data", folder / "cache"
    data.mkdir()
    shutil.copy(shop, data / "cleanflow.db")

    first = [_start(file, data, cache, under, afresh=True)[0] for _ in range(_FIRST_STARTS)]
    second, empty = [], []
    for _round in range(_ROUNDS):
        empty.append(run_until_ready([EMPTY + REPORT], under=under))
        second.append(_start(file, data, cache, under))
    seconds = median(time for time, _ in second)
    nothing = median(time for time, _ in empty)
    against = "an empty ttkbootstrap window"
    return [
        Budget("zipapp size, CPython 3.11 to 3.14", file.stat().st_size / 1e6, 40, "MB", "", 1.0),
        Budget("zipapp to usable window (second start)", seconds * 1000, nothing * 1000, "ms", against, 2.0),
        Budget(
            "zipapp's first start (it unpacks)", median(first) * 1000, seconds * 1000, "ms", "its second", 5.0
        ),
        Budget(
            "memory of the zipapp's window", second[-1][1] / 1024, empty[-1][1] / 1024, "MB", against, 1.6
        ),
    ]


def _start(
    file: Path, data: Path, cache: Path, under: Sequence[str], *, afresh: bool = False
) -> tuple[float, int]:
    if afresh and cache.exists():
        shutil.rmtree(cache)
    words = [_BUILT, str(file), "--data", str(data)]
    return run_until_ready(words, under=under, CLEANFLOW_CACHE=str(cache))
