"""PCs and server are updated one by one, in any order, and the books stay one.

An older program keeps and hands on what it does not know, and once it is updated it has all of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.live import fresh_database
from tests.versions.orders import ORDERS, Template, make_template, play, world
from tests.versions.programs import Program

#: The server last, one PC far behind everybody, all in turn.
CHOSEN = ("AABBSS", "SSBBAA", "ABSABS")


@pytest.fixture(scope="module")
def template(
    programs: dict[int, Program], postgres: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Template]:
    with fresh_database(postgres) as database:
        yield make_template(programs[1], postgres, database, tmp_path_factory.mktemp("template"))


def test_there_are_ninety_orders() -> None:
    assert len(ORDERS) == 90
    assert set(CHOSEN) <= set(ORDERS)


@pytest.mark.parametrize("order", CHOSEN)
def test_updates_in_this_order_lose_nothing(
    programs: dict[int, Program], template: Template, tmp_path: Path, order: str
) -> None:
    _update_in(order, programs, template, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("order", [order for order in ORDERS if order not in CHOSEN])
def test_updates_in_any_order_lose_nothing(
    programs: dict[int, Program], template: Template, tmp_path: Path, order: str
) -> None:
    _update_in(order, programs, template, tmp_path)


def _update_in(order: str, programs: dict[int, Program], template: Template, folder: Path) -> None:
    place = folder / order
    place.mkdir()
    with world(programs, template, place) as shop:
        play(shop, order, place)
