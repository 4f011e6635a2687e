"""Promise 2: whenever the process dies, every confirmed operation is on disk and none is half there."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

from cleanflow.db import open_database
from cleanflow.safekeeping.verify import verify

ROOT = Path(__file__).resolve().parents[2]
TABLES = ("customers", "jobs", "payments", "job_adjustments", "expenses", "drawer_movements")


def work_until_killed(path: Path, seed: int, after_s: float) -> list[tuple[str, str]]:
    """Let a child work on ``path`` and kill it after ``after_s`` seconds; returns what it had confirmed."""
    command = [sys.executable, "-m", "tests.dao.killed_child", str(path), str(seed)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        first = child.stdout.readline()
        time.sleep(after_s)
        child.send_signal(signal.SIGKILL)
        lines = [first, *child.stdout.read().splitlines(keepends=True)]
    assert child.returncode == -signal.SIGKILL
    return [(line.split()[0], line.split()[1]) for line in lines if line.endswith("\n")]


def assert_nothing_lost_and_nothing_half(path: Path, confirmed: list[tuple[str, str]]) -> None:
    with open_database(path) as db:
        ids: set[str] = set()
        for table in TABLES:
            ids |= {row[0] for row in db.rows(f"SELECT id FROM {table}")}
        assert [identity for identity, _at in confirmed if identity not in ids | {"-"}] == []
        assert db.value("SELECT last_at FROM app_settings") >= confirmed[-1][1]
        assert verify(db).findings == []


def shop_killed_again_and_again(path: Path, new_shop_file: Path, *, until: int, seed: int) -> int:
    """Kill a working shop at random moments until it has confirmed ``until`` operations; counts the kills."""
    shutil.copy(new_shop_file, path)
    random = Random(seed)
    confirmed: list[tuple[str, str]] = []
    for kills in range(1, 1000):
        confirmed += work_until_killed(path, seed + kills, random.uniform(0.0, 0.5))
        assert_nothing_lost_and_nothing_half(path, confirmed)
        if len(confirmed) >= until:
            return kills
    raise AssertionError(f"only {len(confirmed)} operations: the disk is too slow for this test")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_every_confirmed_operation_survives_kills_at_random_moments(
    tmp_path: Path, new_shop_file: Path
) -> None:
    assert shop_killed_again_and_again(tmp_path / "cleanflow.db", new_shop_file, until=1500, seed=7) > 3


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_every_confirmed_operation_survives_many_kills(tmp_path: Path, new_shop_file: Path) -> None:
    seed = int(time.time())
    kills = shop_killed_again_and_again(tmp_path / "cleanflow.db", new_shop_file, until=10_000, seed=seed)
    print(f"{kills} kills, 10,000 confirmed operations, none lost (seed {seed})")
