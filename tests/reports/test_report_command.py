"""`report …` as people and scripts use it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from cleanflow.cli import main
from cleanflow.dao import customers, jobs
from cleanflow.dao.shop import change_settings
from cleanflow.db import Database
from tests.conftest import TestClock
from tests.rendering.poppler import text_of
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
        "customer_id": report["customers"][1]["customer_id"],
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


@pytest.mark.parametrize("day", ["today", "Yesterday", "2026-03-10", "10/03/2026", "10.3.26"])
def test_days_have_names_too(shop: list[str], capsys: pytest.CaptureFixture[str], day: str) -> None:
    assert main([*shop, "--date", day, "--json"]) == 0
    assert len(printed_json(capsys)["date"]) == 10


@pytest.mark.parametrize("day", ["2026-02-30", "tomorrowish", "", "30/02/2026"])
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
    "arguments",
    [
        ["report"],
        ["report", "weekly"],
        ["report", "daily", "--paper", "A9"],
        ["report", "ledger"],
        ["report", "monthly", "--date", "today"],
        ["report", "daily", "--date", "today", "--from", "yesterday"],
        ["report", "daily", "--month", "2026-03"],
    ],
)
def test_wrong_usage_exits_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as exited:
        main(arguments)
    assert exited.value.code == 2


#: Every other report with its arguments, and a value that its JSON has for the full day.
OTHERS = {
    "monthly": (["--month", "2026-03"], {"profit": "56.00", "income_total": "158.00", "month": "2026-03"}),
    "cashflow": (["--from", "2026-03-10", "--to", "2026-03-10"], {"in": "169.00", "closing": "151.00"}),
    "receivables": ([], {"total": "18.00", "ledger": "3.00", "other_credit": "15.00"}),
    "trial-balance": (["--date", "10/03/2026"], {"debit": "265.00", "credit": "265.00"}),
    "services": (["--from", "01/03/2026"], {"agreed": "167.00", "adjustments": "-9.00", "total": "158.00"}),
    "profit": (["--from", "01/03/2026"], {"profit": "56.00", "expenses_total": "102.00"}),
    "ledger": (["--customer", "ann"], {"charged": "80.00", "credited": "62.00", "closing": "18.00"}),
}


@pytest.mark.parametrize("name", OTHERS)
def test_each_report_comes_as_text_json_pdf_and_workbook(
    shop: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    arguments, expected = OTHERS[name]
    command = [*shop[:-1], name, *arguments]
    assert main([*command, "--json"]) == 0
    told = printed_json(capsys)
    assert {key: told[key] for key in expected} == expected
    assert (told["report"], told["currency"], told["shop"]["name"]) == (name, "USD", "Sparkle")
    assert main(command) == 0
    assert capsys.readouterr().out.startswith("Sparkle\n")
    files = [tmp_path / "a.pdf", tmp_path / "a.xlsx"]
    assert main([*command, "--pdf", str(files[0]), "--xlsx", str(files[1])]) == 0
    output = capsys.readouterr()
    assert output.out == ""
    assert all(str(path) in output.err for path in files)
    assert [path.read_bytes()[:2] for path in files] == [b"%P", b"PK"]


def test_a_report_of_daily_as_workbook_and_json_at_once(
    shop: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*shop, "--xlsx", str(tmp_path / "day.xlsx"), "--json"]) == 0
    output = capsys.readouterr()
    assert json.loads(output.out)["report"] == "daily"
    assert (tmp_path / "day.xlsx").read_bytes().startswith(b"PK")


def test_days_of_a_period_are_one_document_with_a_page_a_day(
    shop: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [*shop, "--from", "8/3/2026", "--to", "10/3/2026"]
    assert main([*command, "--json"]) == 0
    told = printed_json(capsys)
    assert told["period"] == {"first": "2026-03-08", "last": "2026-03-10"}
    assert [day["date"] for day in told["days"]] == ["2026-03-08", "2026-03-09", "2026-03-10"]
    assert told["taken_in"] == "160.00"
    assert main(command) == 0
    text = capsys.readouterr().out
    assert re.findall(r"Daily report  \w+ (\d\d)/03/2026", text) == ["08", "09", "10"]
    assert main([*command, "--pdf", str(tmp_path / "a.pdf"), "--xlsx", str(tmp_path / "a.xlsx")]) == 0
    pages = text_of((tmp_path / "a.pdf").read_bytes()).split("\f")[:3]
    for number, (day, page) in enumerate(zip(("08", "09", "10"), pages, strict=True), start=1):
        assert f"{day}/03/2026" in page and f"Page {number} of 3" in page and "Counted by" in page
    sheets = load_workbook(tmp_path / "a.xlsx").sheetnames
    assert [name for name in sheets if name.endswith("Daily report")] == [
        "08-03-2026 Daily report", "09-03-2026 Daily report", "10-03-2026 Daily report"]  # fmt: skip


def test_a_period_of_too_many_days_is_refused_in_words_and_not_cut(
    shop: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*shop, "--from", "today", "--to", "31/12/2099"]) == 0
    assert "It goes as far as today" in capsys.readouterr().out
    assert main([*shop, "--from", "1/1/2025", "--to", "10/3/2026"]) == 1
    assert "434 pages, one a day; ask for 100 days at most" in capsys.readouterr().err
    for words in (["--to", "today"], ["--date", "today", "--to", "today"]):
        with pytest.raises(SystemExit) as exited:
            main([*shop, *words])
        assert exited.value.code == 2


@pytest.mark.parametrize(
    ("order", "written"), [("DMY", "05/03/2026"), ("MDY", "03/05/2026"), ("YMD", "2026/03/05")]
)
def test_dates_are_read_in_the_shops_order(
    db: Database, shop: list[str], capsys: pytest.CaptureFixture[str], order: str, written: str
) -> None:
    change_settings(db, {"date_order": order})
    for text in (written, "2026-03-05"):
        assert main([*shop[:-1], "trial-balance", "--date", text, "--json"]) == 0
        assert printed_json(capsys)["date"] == "2026-03-05"


@pytest.mark.parametrize("month", ["2026-03", "03/2026", "3/2026", " 2026-03 "])
def test_a_month_is_read_either_way(shop: list[str], capsys: pytest.CaptureFixture[str], month: str) -> None:
    assert main([*shop[:-1], "monthly", "--month", month, "--json"]) == 0
    assert printed_json(capsys)["month"] == "2026-03"


@pytest.mark.parametrize("month", ["2026-13", "march", "2026", "13/2026", "2026-03-10"])
def test_a_bad_month_is_refused_in_words(
    shop: list[str], capsys: pytest.CaptureFixture[str], month: str
) -> None:
    assert main([*shop[:-1], "monthly", "--month", month]) == 1
    assert "is not a date" in capsys.readouterr().err


def test_a_period_that_ends_before_it_begins_is_wrong_usage(
    shop: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exited:
        main([*shop[:-1], "cashflow", "--from", "2026-03-11", "--to", "2026-03-10"])
    assert exited.value.code == 2
    assert "--from 2026-03-11 is after --to 2026-03-10" in capsys.readouterr().err


def test_a_customer_is_found_by_name_phone_or_id(
    db: Database, shop: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    who = customers.add_customer(db, name="Zoë Zimmer", phone="+92 300 765-4321", address="1 Ann Street")
    for text in ("zoe", "zimm", "Zoë Zimmer", "7654321", "0300-7654321"[1:], who.id, who.id.upper()):
        assert main([*shop[:-1], "ledger", "--customer", text, "--json"]) == 0
        assert printed_json(capsys)["customer_id"] == who.id, text
    assert main([*shop[:-1], "ledger", "--customer", "Ann", "--json"]) == 0
    assert printed_json(capsys)["customer"] == "Ann", "nobody is meant by a street"


def test_who_could_be_several_is_listed_and_nobody_is_chosen(
    db: Database, shop: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    ids = [customers.add_customer(db, name="Omar Khan", phone=f"0300 {n}").id for n in (1, 2)]
    for text in ("omar", "Omar Khan"):
        with pytest.raises(SystemExit) as exited:
            main([*shop[:-1], "ledger", "--customer", text])
        output = capsys.readouterr()
        assert exited.value.code == 1
        assert output.out == ""
        assert all(customer_id in output.err for customer_id in ids)
        assert "0300 2" in output.err


def test_nobody_of_that_name_is_refused_in_words(shop: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*shop[:-1], "ledger", "--customer", "Nobody"]) == 1
    assert "There is no customer “Nobody”" in capsys.readouterr().err
