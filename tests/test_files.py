"""Where an output may not go: names that belong to the program, and names that are none on Windows."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cleanflow import files, paths
from cleanflow.cli import main
from cleanflow.errors import Refusal
from cleanflow.files import check_output, written_whole
from cleanflow.paths import is_too_long

INIT = ["init", "--shop", "Sparkle", "--currency", "PKR", "--pc", "C1", "--owner", "Olga", "--pin", "1234"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with a shop, and what a window and a server leave in it."""
    folder = tmp_path / "shop"
    assert main(["--data", str(folder), *INIT]) == 0
    for name in ("cleanflow.lock", "cleanflow.log", "cleanflow.log.1", "postgres-password", "postgres.lock"):
        (folder / name).write_text("ours")
    (folder / "postgres" / "base").mkdir(parents=True)
    for name in ("PG_VERSION", "postmaster.pid", "base/1"):
        (folder / "postgres" / name).write_text("ours")
    (folder / "spool").mkdir()
    return folder


def refusal(path: Path) -> str:
    with pytest.raises(Refusal) as caught, written_whole(path) as file:
        file.write(b"%PDF")
    return caught.value.code


@pytest.mark.parametrize(
    "name",
    [
        "cleanflow.db", "CLEANFLOW.DB", "Demo.db", "CLEANFLOW.DB-WAL", "cleanflow.db-Shm", "x.DB-JOURNAL",
        "cleanflow.lock", "CLEANFLOW.LOCK", "cleanflow.log", "Cleanflow.Log.1", "postgres-password",
        "postgres.lock", "postgres/PG_VERSION", "postgres/postmaster.pid", "postgres/base/1",
        "postgres/new.pdf", "spool/new.pdf", "Spool/new.pdf",
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", [["report", "daily", "--pdf"], ["report", "daily", "--xlsx"],
                                     ["export", "journal"]])  # fmt: skip
def test_no_output_takes_the_place_of_what_the_program_keeps(
    folder: Path, name: str, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    target = folder / name
    target.parent.mkdir(exist_ok=True)
    before = target.read_bytes() if target.exists() else None
    assert main(["--data", str(folder), *command, str(target)]) == 1
    assert "is not an ordinary file that may be replaced" in capsys.readouterr().err
    assert (target.read_bytes() if target.exists() else None) == before


def test_a_second_name_of_an_own_file_is_known(folder: Path) -> None:
    os.link(folder / "cleanflow.lock", folder / "CLEANF~1.LOC")
    (folder / "link.pdf").symlink_to(folder / "postgres-password")
    for name in ("CLEANF~1.LOC", "link.pdf"):
        assert refusal(folder / name) == "file_not_replaced"
    assert (folder / "postgres-password").read_text() == "ours"


def test_reports_beside_the_books_and_backups_called_like_them_are_fine(folder: Path, tmp_path: Path) -> None:
    for name in ("report.pdf", "spool.pdf", "postgres.pdf", "cleanflow.lock.pdf"):
        with written_whole(folder / name) as file:
            file.write(b"%PDF")
        assert (folder / name).read_bytes() == b"%PDF"
    (tmp_path / "spool").mkdir()
    with written_whole(tmp_path / "spool" / "day.pdf") as file:  # a folder of the person's own
        file.write(b"%PDF")
    backup = tmp_path / "stick"
    backup.mkdir()
    assert main(["--data", str(folder), "backup", str(backup / "cleanflow.db")]) == 0
    assert main(["--data", str(folder), "backup", str(folder / "CLEANFLOW.LOCK")]) == 1


def test_the_program_itself_keeps_its_prints_in_the_spool(folder: Path) -> None:
    with written_whole(folder / "spool" / "1.pdf", is_own=True) as file:
        file.write(b"%PDF")
    assert (folder / "spool" / "1.pdf").read_bytes() == b"%PDF"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("NUL", "keeps the name NUL for a device"), ("nul.pdf", "for a device"), ("Con", "for a device"),
        ("aux.tar.gz", "for a device"), ("COM1.pdf", "for a device"), ("lpt9", "for a device"),
        ("COM¹", "for a device"), ("CONOUT$", "for a device"), ("nul .pdf", "for a device"),
        ("NUL/day.pdf", "for a device"), ("day.pdf.", "end with a dot or a space"),
        ("day.pdf ", "end with a dot or a space"), ("cleanflow.db-wal::$DATA", "has none of these"),
        ("cleanflow.db:x", "has none of these"), ("day?.pdf", "has none of these"),
    ],
)  # fmt: skip
def test_what_is_no_name_on_windows_is_refused_there_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, words: str
) -> None:
    monkeypatch.setattr(files, "_ON_WINDOWS", True)
    with pytest.raises(Refusal, match=words) as caught:
        check_output(tmp_path / name)
    assert caught.value.code == "file_unwritable"


@pytest.mark.parametrize("name", ["day.pdf", "console.pdf", "COM10", "nullify", "com.pdf", "Übersicht 1.pdf"])
def test_ordinary_names_are_fine_on_windows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(files, "_ON_WINDOWS", True)
    check_output(tmp_path / name)


@pytest.mark.parametrize("command", [["status"], ["window"], ["report", "daily"], INIT])
def test_a_folder_with_too_long_a_name_is_called_that(
    tmp_path: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / ("x" * 300)
    words = [] if command == ["window"] else command
    assert main(["--data", str(folder), *words]) == 1
    told = capsys.readouterr().err
    assert "cannot be used: the name is too long." in told
    assert "There is no shop" not in told


def test_a_backup_with_too_long_a_name_is_called_that(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(folder), "restore", str(tmp_path / ("x" * 300))]) == 1
    assert "the name is too long" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (Path("/data") / ("x" * 255), False),
        (Path("/data") / ("x" * 256) / "cleanflow.db", True),
        (Path("/data") / ("é" * 128), True),  # 256 bytes
        (Path("/", *["x" * 200] * 20), False),
        (Path("/", *["x" * 200] * 21), True),
    ],
)
def test_how_long_a_name_may_be(path: Path, expected: bool) -> None:
    assert paths.sys.platform != "win32"
    assert is_too_long(path) is expected
