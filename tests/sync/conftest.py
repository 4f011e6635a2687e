"""A running server, a shop on it, and PCs that join."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cleanflow.db import Database
from server.database import Shop
from tests.server.live import Live, fresh_database, live_server
from tests.sync.merging import open_pc
from tests.sync.pcs import ShopPc


@pytest.fixture(scope="session")
def live(postgres: str) -> Iterator[Live]:
    with fresh_database(postgres) as database, live_server(database) as live:
        yield live


@pytest.fixture
def shop(live: Live) -> Shop:
    return live.new_shop()


@pytest.fixture
def new_pc(tmp_path: Path, new_shop_file: Path) -> Iterator[Callable[..., ShopPc]]:
    """Creates PCs, set up as shops of their own or empty."""
    made: list[ShopPc] = []

    def make(code: str, *, is_set_up: bool = False) -> ShopPc:
        folder = tmp_path / code
        folder.mkdir()
        if is_set_up:
            shutil.copy(new_shop_file, folder / "cleanflow.db")
        made.append(ShopPc(folder, code))
        return made[-1]

    yield make
    for pc in made:
        pc.db.close()


@pytest.fixture
def joined(live: Live, shop: Shop, new_pc: Callable[..., ShopPc]) -> Callable[[int], list[ShopPc]]:
    """Creates PCs of one shop that have joined and synchronised; the first one has set up the shop."""

    def make(count: int) -> list[ShopPc]:
        pcs = [new_pc(f"C{number + 1}", is_set_up=number == 0) for number in range(count)]
        for pc in pcs:
            pc.join(live.url, live.new_code(shop))
            pc.sync()
        return pcs

    return make


@pytest.fixture
def lone_pc(tmp_path: Path, new_shop_file: Path) -> Iterator[Callable[[str], Database]]:
    """Creates PCs of one shop by their codes, without a server."""
    made: list[Database] = []

    def make(code: str) -> Database:
        made.append(open_pc(tmp_path / f"{code}.db", new_shop_file, code))
        return made[-1]

    yield make
    for db in made:
        db.close()


@pytest.fixture
def here(lone_pc: Callable[[str], Database]) -> Database:
    """The PC that merges."""
    return lone_pc("C1")


@pytest.fixture
def there(lone_pc: Callable[[str], Database]) -> Database:
    """The PC whose rows arrive."""
    return lone_pc("C2")
