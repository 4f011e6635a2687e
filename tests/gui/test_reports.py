"""Reports on screen: chosen, followed to their records, saved."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from cleanflow.dao.customers import add_customer
from cleanflow.dao.jobs import create_job
from cleanflow.dao.payments import record_payment
from cleanflow.dao.remembered import remember
from tests.gui.conftest import Hands


def report_text(hands: Hands) -> str:
    hands.settle()
    return str(hands.window.navigation.screens["reports"]._view.words())  # type: ignore[attr-defined]


def choose(hands: Hands, name: str) -> None:
    hands.press("F8")
    hands.type(name)
    hands.press("Return")


@pytest.fixture
def story(hands: Hands) -> str:
    """Ann brought a suit for 28.00 and paid 10.00."""
    db = hands.window.db
    ann = add_customer(db, name="Ann <b>&", phone="555 123").id
    create_job(db, customer_id=ann, amount_minor=28_00, description="=1+1")
    record_payment(db, customer_id=ann, amount_minor=10_00, method="CASH")
    return ann


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("daily", ("Daily report", "Cash, 1 payment\t10.00")),
        ("monthly", ("Monthly report", "28.00")),
        ("money", ("Ann <b>&", "18.00")),
        ("cash", ("Cash flow", "10.00")),
        ("profit", ("Profit and loss", "28.00")),
        ("services", ("Services", "No service", "28.00")),
        ("trial", ("Trial balance", "Accounts receivable")),
    ],
)
def test_every_report_shows_by_the_beginning_of_its_name(
    hands: Hands, story: str, name: str, words: tuple[str, ...]
) -> None:
    hands.sign_in()
    choose(hands, name)
    for expected in words:
        assert expected in report_text(hands)


def test_a_statement_asks_for_its_customer_and_leads_to_a_job(hands: Hands, story: str) -> None:
    hands.sign_in()
    choose(hands, "customer")
    assert "Type a part of the customer's name" in report_text(hands)
    hands.press("Tab", "Tab")
    hands.type("ann")
    hands.press("Return")
    assert "=1+1" in report_text(hands)
    hands.press("Control-r", "Down", "Down", "Return")
    assert "Job C1-000001" in hands.texts()
    hands.press("Escape")
    assert "Statement" in report_text(hands)


def test_a_period_that_is_none_is_said_and_a_typed_one_is_taken(hands: Hands, story: str) -> None:
    hands.sign_in()
    choose(hands, "cash")
    hands.press("Tab")
    hands.type("soon")
    hands.press("Return")
    assert "“soon” is not a date." in report_text(hands)
    hands.press("Control-a")
    hands.type("9/3..t")
    hands.press("Return")
    assert "09/03/2026 – 10/03/2026" in report_text(hands)


def test_a_period_gives_the_daily_report_a_page_a_day(hands: Hands, story: str) -> None:
    hands.sign_in()
    choose(hands, "daily")
    hands.press("Tab")
    hands.type("8/3..10/3")
    hands.press("Return")
    text = report_text(hands)
    assert [day for day in ("Sunday 08/03", "Monday 09/03", "Tuesday 10/03") if day in text] == [
        "Sunday 08/03", "Monday 09/03", "Tuesday 10/03"]  # fmt: skip
    hands.press("Control-a")
    hands.type("1/1/2025..10/3")
    hands.press("Return")
    assert "434 pages, one a day; ask for 100 days at most" in report_text(hands)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("money", "It is about one day, the last one asked for: 09/03/2026."),
        ("trial", "It is about one day, the last one asked for: 09/03/2026."),
        ("monthly", "It is about one whole month: March 2026."),
    ],
)
def test_a_report_says_which_part_of_a_period_it_uses(
    hands: Hands, story: str, name: str, words: str
) -> None:
    hands.sign_in()
    choose(hands, name)
    hands.press("Tab")
    hands.type("1/3..9/3")
    hands.press("Return")
    assert words in report_text(hands)


def test_days_to_come_are_left_out_in_words(hands: Hands, story: str) -> None:
    hands.sign_in()
    for name in ("cash", "profit", "services", "daily"):
        choose(hands, name)
        hands.press("Tab", "Control-a")
        hands.type("9/3..20/3")
        hands.press("Return")
        assert "It goes as far as today, 10/03/2026." in report_text(hands), name


@pytest.mark.parametrize(("key", "ending", "begins"), [("o", "pdf", b"%PDF"), ("u", "xlsx", b"PK")])
def test_a_report_is_saved_as_a_file(
    hands: Hands, story: str, tmp_path: Path, key: str, ending: str, begins: bytes
) -> None:
    remember(hands.window.db, "reports.folder", str(tmp_path))
    hands.sign_in()
    hands.press("F8", f"Control-{key}", "Return")
    until = time.monotonic() + 20
    while "Saved: " not in hands.texts() and time.monotonic() < until:
        time.sleep(0.02)
    (saved,) = tmp_path.glob(f"*.{ending}")
    assert saved.name == f"Daily report Tuesday 10-03-2026.{ending}"
    assert saved.read_bytes().startswith(begins)


def test_a_folder_that_is_not_there_is_said_beside_the_field(
    hands: Hands, story: str, tmp_path: Path
) -> None:
    remember(hands.window.db, "reports.folder", str(tmp_path / "gone"))
    hands.sign_in()
    hands.press("F8", "Control-o", "Return")
    assert f"There is no folder {tmp_path / 'gone'}." in hands.texts()
