"""A postmaster.pid that a power cut left behind, whose number another process has got since."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.embedded import EmbeddedPostgres
from tests.server.live import serving


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """A process that has nothing to do with PostgreSQL."""
    with subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE
    ) as one:
        yield one
        one.kill()


def pid_file(folder: Path, pid: int) -> Path:
    """What PostgreSQL writes; the lines after the number are as a server of that folder had them."""
    path = folder / "postgres" / "postmaster.pid"
    lines = [
        pid,
        folder.resolve() / "postgres",
        1_700_000_000,
        5432,
        "/tmp",
        "",
        "  5432001    131072",
        "ready   ",
    ]
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def test_a_server_starts_though_its_old_number_belongs_to_another_process(
    new_folder: Path, stranger: subprocess.Popen[bytes]
) -> None:
    with serving(new_folder) as server:
        assert server.stop() == 0
    pid_file(new_folder, stranger.pid)
    with serving(new_folder) as server:
        assert server.answers()
        assert server.stop() == 0
    assert stranger.poll() is None, "the other process was left alone"


def test_the_file_of_a_running_server_stays(new_folder: Path) -> None:
    with serving(new_folder) as server:
        path = new_folder / "postgres" / "postmaster.pid"
        before = path.read_text()
        beside = EmbeddedPostgres(new_folder)
        beside._forget_dead_server()
        assert path.read_text() == before
        # Its children work although the number in the file is another's: the file protects the data.
        running = pid_file(new_folder, os.getpid())
        beside._forget_dead_server()
        assert running.exists()
        running.write_text(before)
        assert server.answers()
        assert server.stop() == 0


def test_a_user_of_the_server_whose_number_another_process_got_is_forgotten(
    tmp_path: Path, stranger: subprocess.Popen[bytes]
) -> None:
    folder = tmp_path / "postgres"
    folder.mkdir()
    users = folder / ".handle_pids.json"
    users.write_text(json.dumps([stranger.pid, os.getpid()]))
    EmbeddedPostgres(tmp_path)._forget_dead_users()
    assert json.loads(users.read_text()) == [stranger.pid, os.getpid()]
    os.utime(users, (1_700_000_000, 1_700_000_000))  # before either began
    EmbeddedPostgres(tmp_path)._forget_dead_users()
    assert json.loads(users.read_text()) == []
