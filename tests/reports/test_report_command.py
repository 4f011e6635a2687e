"""`report daily` as a person and a script use it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cleanflow.cli import main
from cleanflow.dao import customers, jobs
from cleanflow.db import Database
from tests.conftest import TestClock
from tests.reports.stories import full_day


@pytest.fixture
def shop(db: Database, clock: TestClock) -> list[str]:
    """Arguments that name the data folder of a shop with a full day on 2026-03-10."""
    full_day(db, clock)
    return ["--data", str(db.path.parent), "report", "daily"]


def printed_json(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    output = capsys.readouterr()
    assert output.err == ""
    value = json.loads(output.out)
    assert isinstance(value, dict)
    return value


def test_without_options_it_prints_today(shop: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(shop) == 0
    assert "\nDaily report  " in capsys.readouterr().out


def test_json_is_one_object_with_money_as_decimal_strings(
    shop: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*shop, "--date", "2026-03-10", "--json"]) == 0
    report = printed_json(capsys)
    assert (report["report"], report["date"], report["currency"], report["pc"]) == (
        "daily",
        "2026-03-10",
        "USD",
        "C1",
    )
    assert (report["taken_in"], report["paid_out"]) == ("160.00", "107.00")
    assert report["money_in"][0] == {
        "method": "CASH",
        "payment_count": 3,
        "payments": "133.00",
        "reversal_count": 1,
        "reversals": "-3.00",
        "net": "130.00",
    }
    assert report["drawer"]["expected"] == "61.00"
    assert report["drawer"]["closing"] is None
    assert report["drawer"]["cash"]["movements"][0] == {"kind": "PAY_IN", "count": 1, "amount": "9.00"}
    assert report["jobs"][0]["total"] == "28.00"
    assert report["receivables"]["closing"] == "3.00"
    assert report["customers"][1] == {
        "customer": "Cat",
        "before": "0.00",
        "change": "-15.00",
        "after": "-15.00",
    }
    assert (report["waiting_to_sync"], report["last_backup_at"]) == (None, None)


def test_names_in_any_script_come_out_unharmed(
    db: Database, shop: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    names = ["=1+1", "محمد <b>", "Анна", "राम", "王小明"]
    for name in names:
        jobs.create_job(db, customer_id=customers.add_customer(db, name=name).id, amount_minor=100)
    assert main([*shop, "--date", "2026-03-10", "--json"]) == 0
    assert [job["customer"] for job in printed_json(capsys)["jobs"]][3:] == names
    assert main([*shop, "--date", "2026-03-10"]) == 0
    text = capsys.readouterr().out
    assert all(name in text for name in names)


@pytest.mark.parametrize("day", ["today", "Yesterday", "2026-03-10"])
def test_days_have_names_too(shop: list[str], capsys: pytest.CaptureFixture[str], day: str) -> None:
    assert main([*shop, "--date", day, "--json"]) == 0
    assert len(printed_json(capsys)["date"]) == 10


@pytest.mark.parametrize("day", ["2026-02-30", "tomorrowish", "", "10/03/2026"])
def test_a_bad_date_is_refused_in_words(
    shop: list[str], capsys: pytest.CaptureFixture[str], day: str
) -> None:
    assert main([*shop, "--date", day]) == 1
    output = capsys.readouterr()
    assert output.out == ""
    assert "is not a date" in output.err


@pytest.mark.parametrize("paper", ["A4", "LETTER", "letter"])
def test_a_pdf_is_written_and_nothing_is_printed(
    shop: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], paper: str
) -> None:
    target = tmp_path / "day.pdf"
    assert main([*shop, "--date", "2026-03-10", "--pdf", str(target), "--paper", paper]) == 0
    assert target.read_bytes().startswith(b"%PDF-")
    output = capsys.readouterr()
    assert output.out == ""
    assert "day.pdf" in output.err


def test_a_file_that_cannot_be_written_is_refused_in_words(
    shop: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*shop, "--pdf", str(tmp_path / "missing" / "day.pdf")]) == 1
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["report"], ["report", "weekly"], ["report", "daily", "--paper", "A9"]]
)
def test_wrong_usage_exits_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as exited:
        main(arguments)
    assert exited.value.code == 2
