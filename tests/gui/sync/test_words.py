"""The word at the foot of the window, for every way that synchronising may stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cleanflow.clock import timestamp
from cleanflow.db import Database
from cleanflow.gui.sync_words import Standing, bar_words, clock_words
from cleanflow.sync import client
from cleanflow.sync.state import Attempt, Waiting, get_state
from cleanflow.sync.worker import Progress

Words = Callable[..., tuple[str, bool]]
NOW = datetime(2026, 3, 10, 14, 40, tzinfo=UTC).astimezone()
NOTHING = Waiting(0, 0, 0, None)


def at(hours: float) -> str:
    """So many hours ago."""
    return timestamp((NOW - timedelta(hours=hours)).astimezone(UTC))


def attempt(code: str = "", hours: float = 0) -> Attempt:
    return Attempt(at(hours), at(hours), 0, 0, 0, code, "")


@pytest.fixture
def words(db: Database) -> Words:
    """What is said where all is well, but for some changes; ``state`` are those of what is known."""

    def say(*, state: Mapping[str, object] | None = None, **changes: object) -> tuple[str, bool]:
        joined = replace(get_state(db), **{"server_url": "https://shop.example", **(state or {})})  # type: ignore[arg-type]
        well = Standing(joined, NOTHING, attempt(), Progress(), "DMY")
        return bar_words(replace(well, **changes), NOW)  # type: ignore[arg-type]

    return say


def hour(hours: float = 0) -> str:
    return f"{NOW - timedelta(hours=hours):%H:%M}"


def test_a_pc_that_has_not_joined_says_nothing(words: Words) -> None:
    assert words(state={"server_url": None}, waiting=Waiting(9, 9, 9, at(99))) == ("", False)


def test_when_all_is_well_it_says_since_when(words: Words) -> None:
    assert words() == (f"Up to date · {hour()}", False)
    assert words(last=attempt(hours=30)) == (f"Up to date · 09/03/2026 {hour(30)}", False)
    assert words(last=None) == ("Not synchronised yet", False)


def test_what_is_recorded_meanwhile_is_counted(words: Words) -> None:
    assert words(waiting=Waiting(3, 0, 0, at(0.1))) == (f"3 to send · {hour()}", False)


def test_without_a_connection_it_tells_since_when_what_waits(words: Words) -> None:
    gone = attempt("unreachable")
    assert words(last=gone) == ("No connection", False)
    assert words(last=gone, waiting=Waiting(12, 0, 0, at(2))) == (
        f"No connection, 12 to send since {hour(2)}",
        False,
    )
    assert words(last=attempt("busy")) == ("The server is busy", False)


def test_what_has_waited_for_more_than_a_day_is_a_warning(words: Words) -> None:
    shown, is_warning = words(last=attempt("unreachable"), waiting=Waiting(12, 0, 0, at(30)))
    assert shown == f"No connection, 12 to send since 09/03/2026 {hour(30)}" and is_warning
    shown, is_warning = words(waiting=Waiting(1, 0, 0, at(30)))
    assert shown.startswith("1 to send since 09/03/2026") and is_warning


def test_while_it_runs_it_counts_but_looking_for_a_lost_server_changes_nothing(words: Words) -> None:
    assert words(progress=Progress("pull", 1200)) == ("Synchronising … 1,200", False)
    assert words(progress=Progress("connect")) == ("Synchronising …", False)
    assert words(progress=Progress("connect"), last=attempt("unreachable"))[0] == "No connection"


@pytest.mark.parametrize("code", [client.FORKED, client.MOVED, "token_revoked", "not_saved", "hash_wrong"])
def test_what_only_a_person_can_mend_asks_for_one(words: Words, code: str) -> None:
    assert words(last=attempt(code)) == ("Synchronising needs you: Shift+F11", True)


def test_refused_records_ask_for_a_person(words: Words) -> None:
    assert words(waiting=Waiting(1, 1, 0, at(1)))[1]


def test_books_that_differ_are_not_called_up_to_date(words: Words) -> None:
    different = {"difference": "customers: 1 here, 2 on the server."}
    assert words(state=different)[0].startswith("Not the same books yet")
    assert words(waiting=Waiting(0, 0, 2, None))[0].startswith("Not the same books yet")


def test_a_wrong_clock_is_a_warning(words: Words) -> None:
    assert words(state={"clock_ahead_s": 300}) == (
        f"Up to date · {hour()} · this PC's clock is 5 minutes fast",
        True,
    )
    assert clock_words(120) == ""
    assert clock_words(-121) == "this PC's clock is 2 minutes slow"
    assert clock_words(-3 * 3600) == "this PC's clock is 3 hours slow"
    assert clock_words(400 * 86_400) == "this PC's clock is 400 days fast"
