"""The data of the benchmark's parts: a folder for each, and shops that are built on first use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from cleanflow.db import open_database
from tests.bench.scale import LAST_DAY, Scale, build
from tests.bench.settling import settle
from tests.conftest import TestClock


class Shops:
    """Shops of ``scale`` times 100,000 jobs and 1,000,000 ledger entries, in ``folder``.

    Each is built once. If that fails, every later request fails at once, because a retry would take minutes.
    """

    def __init__(self, folder: Path, scale: float) -> None:
        self.folder = folder
        self.scale = scale
        self._made: dict[str, Path | Exception] = {}

    def large(self) -> Path:
        """The long history. Payments are not allocated before :meth:`settled` is called."""
        return self._once("large", lambda path: build(path, Scale.full().times(self.scale)))

    def small(self) -> Path:
        """A hundredth of the same history."""
        return self._once("small", lambda path: build(path, Scale.full().times(self.scale / 100)))

    def settled(self) -> Path:
        """The long history with allocated payments: about 9,000 of 100,000 jobs stay open."""
        return self._once("settled", lambda _path: _settle(self.large()))

    def new_folder(self, name: str) -> Path:
        """An empty folder for one part."""
        made = self.folder / name
        made.mkdir()
        return made

    def _once(self, name: str, make: Callable[[Path], Path]) -> Path:
        if name not in self._made:
            try:
                self._made[name] = make(self.folder / f"{name}.db")
            except Exception as error:  # raised again for the next request
                self._made[name] = error
        made = self._made[name]
        if isinstance(made, Exception):
            raise made
        return made


def _settle(shop: Path) -> Path:
    clock = TestClock(datetime(LAST_DAY.year, LAST_DAY.month, LAST_DAY.day, 18, tzinfo=UTC))
    with open_database(shop, clock=clock) as db:
        settle(db)
    return shop
