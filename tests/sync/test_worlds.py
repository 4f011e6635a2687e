"""PCs that are all online again hold the same books, whatever they did and whatever happened to them.

Random work on two to five PCs, edits of the same records, offline days, lost requests and answers, pushes
that arrive twice, kills in every stage, server restarts, wrong clocks, old backups, copied folders; and a PC
whose program is newer than all others.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dao.actions import KINDS
from tests.server.live import fresh_database
from tests.sync.cuttable_proxy import FAULTS
from tests.sync.worlds import Template, World, make_template

number = st.integers(0, 40)
pc = st.integers(0, 5)
steps = st.tuples(st.integers(0, KINDS - 1), number, number, number)
faults = st.dictionaries(st.integers(0, 8), st.sampled_from(FAULTS), min_size=1, max_size=3)
deltas = st.sampled_from(
    [timedelta(hours=-30), timedelta(hours=5), timedelta(days=-4000), timedelta(days=4000), timedelta(0)]
)

Event = tuple[str, tuple[object, ...]]


def _event(name: str, *arguments: st.SearchStrategy[object]) -> st.SearchStrategy[Event]:
    return st.tuples(st.just(name), st.tuples(*arguments))


work = _event("work", pc, steps)
events = st.one_of(
    work, work, work, work,
    _event("sync", pc),
    _event("sync", pc),
    _event("sync", pc, faults),
    _event("kill", pc, st.integers(0, 12), number),
    _event("turn_clock", pc, deltas),
    _event("back_up", pc),
    _event("restore", pc),
    _event("copy_folder", pc),
    _event("clone_disk", pc),
    _event("restart_server"),
    _event("cut_database"),
    _event("replay", pc, number),
)  # fmt: skip


newer_events = st.one_of(
    work, work, work,
    _event("work_newer", st.integers(0, 5), number, number),
    _event("work_newer", st.integers(0, 5), number, number),
    _event("work_newer", st.integers(0, 5), number, number),
    events,
)  # fmt: skip


@pytest.fixture(scope="module")
def template(
    postgres: str, tmp_path_factory: pytest.TempPathFactory, new_shop_file: Path
) -> Iterator[Template]:
    with fresh_database(postgres) as database:
        yield make_template(postgres, database, tmp_path_factory.mktemp("template"), new_shop_file)


def play(template: Template, pcs: int, story: list[Event], *, has_newer: bool = False) -> None:
    world = World(template, pcs, has_newer=has_newer)
    try:
        for name, arguments in story:
            if name in ("copy_folder", "clone_disk"):
                world.copy(*arguments, with_markers=name == "clone_disk")  # type: ignore[arg-type]
            else:
                getattr(world, name)(*arguments)
        world.everything_online()
    finally:
        world.close()


_SETTINGS = {"deadline": None, "print_blob": True, "suppress_health_check": list(HealthCheck)}


@settings(max_examples=12, **_SETTINGS)  # type: ignore[arg-type]
@given(pcs=st.integers(2, 5), story=st.lists(events, min_size=5, max_size=40))
def test_pcs_that_are_online_again_hold_the_same_books(
    template: Template, pcs: int, story: list[Event]
) -> None:
    play(template, pcs, story)


@pytest.mark.long
@settings(max_examples=2000, **_SETTINGS)  # type: ignore[arg-type]
@given(pcs=st.integers(2, 5), story=st.lists(events, min_size=10, max_size=100))
def test_thousands_of_worlds_end_with_the_same_books(
    template: Template, pcs: int, story: list[Event]
) -> None:
    play(template, pcs, story)


@settings(max_examples=6, **_SETTINGS)  # type: ignore[arg-type]
@given(pcs=st.integers(2, 4), story=st.lists(newer_events, min_size=10, max_size=40))
def test_what_a_newer_program_records_is_kept_and_carried_everywhere(
    template: Template, pcs: int, story: list[Event]
) -> None:
    play(template, pcs, story, has_newer=True)


@pytest.mark.long
@settings(max_examples=1000, **_SETTINGS)  # type: ignore[arg-type]
@given(pcs=st.integers(2, 4), story=st.lists(newer_events, min_size=10, max_size=80))
def test_thousands_of_worlds_with_a_newer_program_lose_nothing_of_it(
    template: Template, pcs: int, story: list[Event]
) -> None:
    play(template, pcs, story, has_newer=True)
