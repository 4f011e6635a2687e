"""Every PC ends with the same records and derived numbers, whatever order rows arrive in."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cleanflow.db import Database
from cleanflow.errors import Refusal
from cleanflow.safekeeping.verify import verify
from tests.dao.actions import KINDS, act
from tests.sync.made_rows import MadePc, new_id
from tests.sync.merging import Rows, merge, open_pc, operations_of, reasons
from tests.sync.pcs import contents

_SETTINGS: dict[str, Any] = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
}
number = st.integers(0, 40)
actions = st.tuples(st.integers(0, KINDS - 1), number, number, number)


@pytest.fixture
def here(tmp_path: Path, new_shop_file: Path) -> Iterator[Database]:
    with open_pc(tmp_path / "here.db", new_shop_file) as db:
        yield db


@settings(max_examples=100, **_SETTINGS)
@given(
    edits=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=5, unique=True),
    data=st.data(),
)
def test_the_last_update_wins_in_any_order_of_arrival_ties_included(
    here: Database, edits: list[tuple[int, int]], data: st.DataObject
) -> None:
    """Edits are (moment, PC); at the same moment the greater PC id wins, as on the server."""
    makers = sorted((MadePc() for _ in range(3)), key=lambda one: one.id)
    row = makers[0].customer()["customers"][0]
    versions = [
        row
        | {
            "phone": f"{moment} by {who}",
            "updated_at": f"2026-03-09T1{moment}:00:00.000000Z",
            "written_by": makers[who].id,
        }
        for moment, who in edits
    ]
    winner = max(versions, key=lambda one: (one["updated_at"], one["written_by"]))
    for order in data.draw(st.lists(st.permutations(versions), min_size=2, max_size=4)):
        same = {"id": new_id()}
        for version in order:
            merge(here, {"customers": [version | same]})
        found = here.one("SELECT phone, updated_at, written_by FROM customers WHERE id = :id", same)
        assert found is not None
        assert dict(found) == {name: winner[name] for name in ("phone", "updated_at", "written_by")}


def _story(folder: Path, new_shop_file: Path, steps: list[list[tuple[int, int, int, int]]]) -> list[Database]:
    """Two PCs work, synchronise, and continue with each other's records."""
    pcs = [open_pc(folder / f"{code}.db", new_shop_file, code) for code in ("C2", "C3")]
    pcs[1].clock.moment -= timedelta(hours=7)  # type: ignore[attr-defined]
    for round_of_steps in steps:
        for place, step in enumerate(round_of_steps):
            with suppress(Refusal):
                act(pcs[place % 2], *step)
        for one, other in itertools.permutations(pcs):
            merge(one, *operations_of(other))
    return pcs


@settings(max_examples=25, **_SETTINGS)
@given(
    steps=st.lists(st.lists(actions, max_size=12), min_size=1, max_size=3),
    chance=st.randoms(use_true_random=False),
    size=st.integers(1, 6),
)
def test_all_numbers_come_out_right_in_any_order_of_operations(
    new_shop_file: Path, steps: list[list[tuple[int, int, int, int]]], chance: Any, size: int
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first, second = _story(folder, new_shop_file, steps)
        here = open_pc(folder / "here.db", new_shop_file)
        operations: list[Rows] = operations_of(first)
        chance.shuffle(operations)
        for start in range(0, len(operations), size):
            merge(here, *operations[start : start + size], go_on=lambda: _assert_sound(here))
        assert reasons(here) == []
        assert contents(here) == contents(first) == contents(second)
        assert verify(here).findings == []
        for db in (first, second, here):
            db.close()


def _assert_sound(db: Database) -> None:
    assert list(db.rows("PRAGMA foreign_key_check")) == []
