"""Commands on a PC whose clock is implausible."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from cleanflow.cli import main
from cleanflow.clock import SystemClock

INIT = ["init", "--shop", "S", "--currency", "USD", "--owner", "O", "--pin", "1234"]
CLOSE = ["close", "--counted", "0", "--json"]

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def set_to(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Sets this PC's clock to a local time."""

    def set_clock(text: str) -> None:
        moment = datetime.fromisoformat(text).astimezone()
        monkeypatch.setattr(SystemClock, "now", lambda _self: moment)

    return set_clock


@pytest.fixture
def command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    def run(*arguments: str) -> tuple[int, str, str]:
        status = main(["--data", str(tmp_path / "data"), *arguments])
        return status, *capsys.readouterr()

    return run


def test_a_shop_is_not_set_up_in_2015_unless_one_says_so(
    command: Command, set_to: Callable[[str], None]
) -> None:
    set_to("2015-01-01T08:12")
    status, out, err = command(*INIT)
    assert (status, out) == (1, "")
    assert "Thursday, 1 January 2015, 08:12" in err and "--clock-is-right" in err
    assert command("status")[0] == 1
    assert command("--clock-is-right", *INIT)[0] == 0
    assert command(*CLOSE)[0] == 0


def test_a_day_is_closed_by_its_date_or_when_the_clock_is_confirmed(
    command: Command, set_to: Callable[[str], None]
) -> None:
    set_to("2026-11-25T18:00")
    assert command(*INIT)[0] == 0
    assert command(*CLOSE)[0] == 0
    set_to("2026-10-25T18:00")
    for relative in ([], ["--date", "today"], ["--date", "Yesterday"]):
        status, out, err = command(*CLOSE, *relative)
        assert (status, out) == (1, "")
        assert "the last record is of Wednesday, 25 November 2026" in err
    assert json.loads(command("status", "--json")[1])["clock_doubt"] == "back"
    assert json.loads(command(*CLOSE, "--date", "2026-11-24")[1])["date"] == "2026-11-24"
    assert command("report", "daily")[0] == 0
    assert command("close", "--date", "2026-11-25", "--again")[0] == 0
    assert json.loads(command("--clock-is-right", *CLOSE)[1])["date"] == "2026-10-25"
    assert json.loads(command("status", "--json")[1])["clock_doubt"] is None
    assert json.loads(command(*CLOSE)[1])["date"] == "2026-10-25"


@pytest.mark.parametrize(
    ("kind", "undated", "dated"),
    [
        ("expenses", "category,amount\nRent,5\n", "category,amount,date\nRent,5,2026-11-24\n"),
        ("customers", "name,opening balance\nAnn,5\n", "name\nAnn\n"),
    ],
)
def test_a_file_without_dates_is_not_imported_and_one_with_dates_is(
    command: Command, set_to: Callable[[str], None], tmp_path: Path, kind: str, undated: str, dated: str
) -> None:
    set_to("2026-11-25T18:00")
    assert command(*INIT)[0] == 0
    set_to("2099-11-25T18:00")
    paths = [str(tmp_path / name) for name in ("undated.csv", "dated.csv")]
    Path(paths[0]).write_text(undated, encoding="utf-8")
    Path(paths[1]).write_text(dated, encoding="utf-8")
    for extra in ([], ["--dry-run"]):
        status, out, err = command("import", kind, paths[0], *extra, "--json")
        assert (status, out) == (1, "")
        assert "--clock-is-right" in err
    assert json.loads(command("import", kind, paths[1], "--json")[1])["added"] == 1
    assert json.loads(command("--clock-is-right", "import", kind, paths[0], "--json")[1])["added"] == 1


def test_the_demo_is_made_for_today_and_goes_on_today(
    command: Command, set_to: Callable[[str], None]
) -> None:
    set_to("2026-11-25T21:00")
    assert command("demo", "--jobs", "5", "--days", "400")[0] == 0
    assert json.loads(command("status", "--json")[1])["clock_doubt"] is None
    assert (
        json.loads(command("close", "--counted", "0", "--reason", "R", "--json")[1])["date"] == "2026-11-25"
    )
