"""The commands as scripts use them: exit status, output streams, and never a traceback."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from cleanflow import __version__
from cleanflow.cli import main

ROOT = Path(__file__).resolve().parents[2]
INIT = ["init", "--shop", "Sparkle", "--currency", "PKR", "--pc", "C1", "--owner", "Olga", "--pin", "1234"]


@pytest.fixture
def data(tmp_path: Path) -> list[str]:
    return ["--data", str(tmp_path / "shop")]


def test_a_shop_is_set_up_once_and_its_status_can_be_read(
    data: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*data, *INIT]) == 0
    assert capsys.readouterr().out == ""
    assert main([*data, "status", "--json"]) == 0
    status = json.loads(capsys.readouterr().out)
    assert (status["shop"], status["pc_code"], status["currency"]) == ("Sparkle", "C1", "PKR")
    assert status["checkpoints"] == "guarded"
    assert main([*data, *INIT]) == 1
    assert "already has a shop: Sparkle" in capsys.readouterr().err


def test_the_status_is_told_in_words(data: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*data, *INIT]) == 0
    assert main([*data, "status"]) == 0
    lines = capsys.readouterr().out.splitlines()
    told = {line[:24].rstrip(): line[25:] for line in lines}
    assert told["sync server"] == told["clock doubt"] == "–"
    assert told["sqlite wal reset bug"] in ("yes", "no")
    assert not {"None", "True", "False"} & set(told.values())
    assert main([*data, "status", "--json"]) == 0
    status = json.loads(capsys.readouterr().out)
    assert status["sync_server"] is None and isinstance(status["sqlite_wal_reset_bug"], bool)


@pytest.mark.parametrize(
    ("report", "wrong", "right"),
    [("monthly", ["--date", "2026-03-10"], "--month YYYY-MM"), ("daily", ["--month", "2026-03"], "--date DATE or --from DATE --to DATE"),
     ("receivables", ["--to=2026-03-10"], "--date DATE"), ("cashflow", ["--month"], "--from DATE --to DATE"),
     ("ledger", ["--date", "today"], "--from DATE --to DATE")],
)  # fmt: skip
def test_a_report_of_other_days_is_refused_with_the_name_of_its_option(
    data: list[str], report: str, wrong: list[str], right: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main([*data, "report", report, *wrong])
    assert caught.value.code == 2
    name = wrong[0].partition("=")[0]
    assert f"the {report} report takes {right}, not {name}" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command", [["verify"], ["status"], ["report", "daily"], ["export", "journal", "x.beancount"]]
)
def test_without_a_shop_a_command_says_so_and_makes_nothing(
    data: list[str], command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*data, *command]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("cleanflow: There is no shop at")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [(("PKR", "XXX"), "not a currency code"), (("C1", "C-1"), "PC code"), (("1234", "12"), "at least 4"),
     (("Sparkle", "  "), "must not be empty")],
)  # fmt: skip
def test_a_wrong_answer_at_set_up_is_refused_and_leaves_no_half_shop(
    data: list[str], change: tuple[str, str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = [change[1] if word == change[0] else word for word in INIT]
    assert main([*data, *wrong]) == 1
    assert words in capsys.readouterr().err
    assert main([*data, *INIT]) == 0


def test_the_demo_is_whole_and_the_same_seed_tells_the_same_story(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stories = []
    for name in ("a", "b"):
        data = ["--data", str(tmp_path / name)]
        assert main([*data, "demo", "--jobs", "60", "--days", "10", "--seed", "5"]) == 0
        assert main([*data, "verify", "--json"]) == 0
        output = capsys.readouterr().out
        assert json.loads(output)["clean"] is True
        assert main([*data, "export", "journal", str(tmp_path / "j"), "--format", "hledger"]) == 0
        text = (tmp_path / "j").read_text(encoding="utf-8")
        stories.append([line.split("Assets")[0] for line in text.splitlines() if line[:4].isdigit()])
    assert len(stories[0]) > 100
    assert stories[0] == stories[1]


def test_the_demo_never_mixes_with_a_shop(data: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*data, *INIT]) == 0
    assert main([*data, "demo", "--jobs", "5"]) == 1
    assert "already has a shop" in capsys.readouterr().err


def test_a_journal_that_cannot_be_written_is_said_and_an_older_one_stays(
    data: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*data, *INIT]) == 0
    assert main([*data, "export", "journal", str(tmp_path / "no folder" / "j")]) == 1
    assert "cannot be written" in capsys.readouterr().err


def test_wrong_usage_has_its_own_exit_status() -> None:
    for arguments in (["nonsense"], ["report"], ["init"], ["demo", "--jobs", "-1"]):
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        assert caught.value.code == 2


def test_names_print_on_a_console_of_another_code_page(data: list[str]) -> None:
    command = [sys.executable, "-m", "cleanflow", *data]
    environment = {"PYTHONIOENCODING": "cp1252", "PATH": ""}
    init = [word.replace("Sparkle", "محمد <b>") for word in INIT]
    subprocess.run([*command, *init], check=True, cwd=ROOT, env=environment, capture_output=True)
    done = subprocess.run([*command, "status"], check=True, cwd=ROOT, env=environment, capture_output=True)
    assert "محمد <b>" in done.stdout.decode("utf-8")


def test_the_version_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert caught.value.code == 0
    assert __version__ in capsys.readouterr().out


@pytest.mark.parametrize("name", ["cleanflow.db", "cleanflow.db-wal", "link to the shop", "pipe"])
@pytest.mark.parametrize("command", [["report", "daily", "--pdf"], ["export", "journal"]])
def test_no_output_ever_takes_the_place_of_the_books(
    data: list[str], command: list[str], name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*data, *INIT]) == 0
    folder = tmp_path / "shop"
    (folder / "cleanflow.db-wal").touch()
    (folder / "link to the shop").symlink_to(folder / "cleanflow.db")
    os.mkfifo(folder / "pipe")
    assert main([*data, *command, str(folder / name)]) == 1
    assert "not an ordinary file that may be replaced" in capsys.readouterr().err
    assert main([*data, "status"]) == 0


def test_a_damaged_text_is_said_in_words(
    data: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main([*data, *INIT]) == 0
    raw = sqlite3.connect(tmp_path / "shop" / "cleanflow.db")
    raw.execute("PRAGMA ignore_check_constraints = ON")
    raw.execute("DROP TRIGGER settings_before_update_stale")
    raw.execute("UPDATE settings SET value = CAST(x'ff41' AS TEXT) WHERE key = 'shop_name'")
    raw.commit()
    raw.close()
    for command in (["status"], ["report", "daily"], ["verify"]):
        assert main([*data, *command]) == 1
    assert "damaged" in capsys.readouterr().err


def test_a_disk_that_is_full_behind_the_output_is_said(data: list[str]) -> None:
    assert main([*data, *INIT]) == 0
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "cleanflow", *data, "status"],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
    assert b"No space left" in done.stderr
