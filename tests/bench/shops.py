"""What the benchmark's parts measure in: a folder of their own, and shops that are built when first asked for."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from cleanflow.db import open_database
from tests.bench.scale import LAST_DAY, Scale, build
from tests.bench.settling import settle
from tests.conftest import TestClock


class Shops:
    """Shops of ``scale`` times 100,000 jobs and 1,000,000 ledger entries, in ``folder``."""

    def __init__(self, folder: Path, scale: float) -> None:
        self.folder = folder
        self.scale = scale

    @cached_property
    def large(self) -> Path:
        """The long history. Payments are not bound to jobs before :attr:`settled` was asked for."""
        return build(self.folder / "large.db", Scale.full().times(self.scale))

    @cached_property
    def small(self) -> Path:
        """A hundredth of the same history."""
        return build(self.folder / "small.db", Scale.full().times(self.scale / 100))

    @cached_property
    def settled(self) -> Path:
        """The long history with its payments bound to jobs: some 9,000 of 100,000 jobs stay open."""
        clock = TestClock(datetime(LAST_DAY.year, LAST_DAY.month, LAST_DAY.day, 18, tzinfo=UTC))
        with open_database(self.large, clock=clock) as db:
            settle(db)
        return self.large

    def new_folder(self, name: str) -> Path:
        """An empty folder for one part."""
        made = self.folder / name
        made.mkdir()
        return made
