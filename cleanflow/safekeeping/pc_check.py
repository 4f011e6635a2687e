"""Whether this PC is fit for the books: Python, SQLite, the clock, a disk that keeps what it confirms.

Opens no database and leaves nothing behind. Printing and the window are checked by the command.
"""

from __future__ import annotations

import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cleanflow.clock import FIRST_DAY, SystemClock
from cleanflow.db.engine import engine_words
from cleanflow.paths import DATABASE_NAME, on_network_drive

#: Free bytes below which a day's work and its backup may not fit.
_LEAST_FREE_MB, _LITTLE_FREE_MB = 50, 500
_WRITES = 8
#: Milliseconds that no real disk can beat: a faster one confirms from a cache that a power cut empties.
_TOO_FAST_MS, _SLOW_MS = 0.02, 150.0


@dataclass(frozen=True)
class Check:
    """Result of one check. ``is_wrong``: the requirement is not met; ``is_doubtful``: a person should look
    at it."""

    name: str
    words: str
    is_wrong: bool = False
    is_doubtful: bool = False


def check_pc(folder: Path) -> list[Check]:
    """All checks, with the data folder ``folder``."""
    return [check_python(), check_sqlite(), check_clock(SystemClock().now()), *check_disk(folder)]


def check_python() -> Check:
    """The running Python and the system."""
    bits = 64 if sys.maxsize > 2**32 else 32
    system = f"{platform.system()} {platform.release()}, {platform.machine()}"
    words = f"{platform.python_version()}, {bits} bit, on {system}"
    return Check("Python", words, is_wrong=sys.version_info < (3, 11))


def check_sqlite() -> Check:
    """The database engine inside that Python."""
    is_fine, words = engine_words()
    return Check("SQLite", words, is_wrong=not is_fine)


def check_clock(now: datetime) -> Check:
    """Date, time and zone for a person to compare; wrong only if they are impossible."""
    local = now.astimezone()
    words = f"{local:%Y-%m-%d %H:%M}, time zone {local.tzname()} ({local:%z})"
    if local.date() < FIRST_DAY:
        return Check("clock", f"{words}; CleanFlow is younger than that: set the date", is_wrong=True)
    # After its battery was changed, a clock mostly starts in an early year; a late one cannot be recognised.
    if local.date() > FIRST_DAY + timedelta(days=365 * 20):
        return Check("clock", f"{words}; please compare it with a calendar", is_doubtful=True)
    return Check("clock", words)


# --- the disk --------------------------------------------------------------------------------------


def check_disk(folder: Path) -> list[Check]:
    """Location, free space and honesty of the disk that holds, or will hold, the books."""
    place = _existing(folder)
    if on_network_drive(place):
        return [
            Check("data folder", f"{folder} is on a network drive; choose a disk of this PC", is_wrong=True)
        ]
    try:
        with tempfile.TemporaryDirectory(prefix=".cleanflow-check-", dir=place) as trial:
            durations_ms = _durable_writes_ms(Path(trial) / "trial")
    except OSError as error:
        words = f"{folder} cannot be written to ({error.strerror or error})"
        return [Check("data folder", words, is_wrong=True)]
    return [_place_check(folder), _room_check(place), _durability_check(statistics.median(durations_ms))]


def _existing(folder: Path) -> Path:
    """``folder``, or its nearest existing parent."""
    absolute = folder.absolute()
    return next((place for place in (absolute, *absolute.parents) if place.is_dir()), absolute)


def _place_check(folder: Path) -> Check:
    database = folder / DATABASE_NAME
    if not database.is_file():
        return Check("data folder", f"{folder} can be written to; no shop in it yet")
    if not os.access(database, os.R_OK | os.W_OK):
        return Check("data folder", f"{database} cannot be written to by this user", is_wrong=True)
    return Check("data folder", f"{folder}, a shop of {database.stat().st_size / 1e6:.1f} MB")


def _room_check(place: Path) -> Check:
    free_mb = shutil.disk_usage(place).free / 1e6
    words = f"{free_mb:,.0f} MB free"
    if free_mb < _LEAST_FREE_MB:
        return Check("room", f"{words}: make room before working on", is_wrong=True)
    return Check("room", words, is_doubtful=free_mb < _LITTLE_FREE_MB)


def _durability_check(write_ms: float) -> Check:
    words = f"a confirmed write takes {write_ms:.2f} ms"
    if write_ms < _TOO_FAST_MS:
        return Check(
            "disk", f"{words}: no disk is that fast, a power cut may lose the last records", is_doubtful=True
        )
    if write_ms > _SLOW_MS:
        return Check("disk", f"{words}: slow, every saving will be felt", is_doubtful=True)
    return Check("disk", words)


def _durable_writes_ms(path: Path) -> list[float]:
    """Milliseconds that the disk takes to confirm a page, measured several times."""
    durations = []
    with path.open("wb", buffering=0) as file:
        for _ in range(_WRITES):
            started = time.perf_counter()
            file.write(bytes(4096))
            os.fsync(file.fileno())
            durations.append((time.perf_counter() - started) * 1000)
    return durations
