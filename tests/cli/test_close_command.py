"""`close`: from a script or a terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cleanflow.cli import main


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


def test_a_day_is_closed_and_its_report_is_given_again(
    shop: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*shop, "close", "--date", "2026-03-10", "--counted", "12.50"]) == 1
    said = capsys.readouterr().err
    assert "The drawer differs by 12.50; please say why." in said
    assert "close … --reason WORDS" in said
    words = ["close", "--date", "2026-03-10", "--counted", "12.50", "--reason", "Found", "--json"]
    assert main([*shop, *words]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "reference": "C1-Z000001",
        "date": "2026-03-10",
        "currency": "USD",
        "expected": "0.00",
        "counted": "12.50",
        "difference": "12.50",
        "later_entries": 0,
    }
    pdfs = [tmp_path / "a.pdf", tmp_path / "b.pdf"]
    for pdf in pdfs:
        assert main([*shop, "close", "--date", "2026-03-10", "--again", "--pdf", str(pdf)]) == 0
    assert pdfs[0].read_bytes() == pdfs[1].read_bytes()
    capsys.readouterr()
    assert main([*shop, "close", "--date", "2026-03-10", "--addendum"]) == 1
    assert "Nothing has arrived for that day" in capsys.readouterr().err


def test_a_day_that_was_not_closed_has_no_report_to_give_again(
    shop: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*shop, "close", "--date", "2026-03-10", "--again"]) == 1
    assert "2026-03-10 has not been closed." in capsys.readouterr().err
