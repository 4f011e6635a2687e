"""`report … --print` prints on this PC's printer, and keeps the report if the printer is off."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cleanflow.cli import main
from cleanflow.printing.spool import Spool


@pytest.fixture
def shop(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    data = ["--data", str(tmp_path / "data")]
    words = [
        "init",
        "--shop",
        "Sparkle",
        "--currency",
        "USD",
        "--pc",
        "C1",
        "--owner",
        "Olga",
        "--pin",
        "1234",
    ]
    assert main([*data, *words]) == 0
    capsys.readouterr()
    return data


def printing_system(folder: Path, lp: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One printer named Office; ``lp`` is the script of its command."""
    folder.mkdir()
    lpstat = 'case "$*" in *-e*) echo Office;; *) echo "system default destination: Office";; esac'
    scripts = {"lpstat": lpstat, "lpoptions": "exit 0", "lp": lp}
    for name, script in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def test_a_report_goes_to_the_printer(
    shop: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    printing_system(tmp_path / "bin", f"cat > {tmp_path}/paper.pdf", monkeypatch)
    assert main([*shop, "report", "daily", "--print"]) == 0
    assert (tmp_path / "paper.pdf").read_bytes().startswith(b"%PDF")
    out, err = capsys.readouterr()
    assert (out, err) == ("", "cleanflow: Sent to the default printer.\n")


def test_what_a_printer_refuses_is_said_and_waits(
    shop: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    printing_system(tmp_path / "bin", "echo 'lp: out of order' >&2; exit 1", monkeypatch)
    assert main([*shop, "report", "monthly", "--print"]) == 1
    assert "out of order" in capsys.readouterr().err
    (waiting,) = Spool(tmp_path / "data" / "spool").waiting()
    assert waiting.title.startswith("Monthly report")
