"""Documents as plain text, and the format of values."""

from __future__ import annotations

from datetime import datetime

import pytest

from cleanflow.dao import customers, jobs
from cleanflow.db import Database
from cleanflow.rendering.document import shown_date, shown_moment
from cleanflow.rendering.text import as_text, text_width
from cleanflow.reports.daily import daily_report
from cleanflow.reports.pages.daily_page import daily_document
from tests.conftest import TestClock
from tests.reports.stories import TODAY, close_drawer, full_day


def test_the_whole_day_is_readable_in_a_terminal(db: Database, clock: TestClock) -> None:
    full_day(db, clock)
    text = as_text(daily_document(daily_report(db, TODAY)))
    for line in (
        "Daily report  Tuesday 10/03/2026",
        "Cash, 3 payments                      133.00",
        "Counted                         ____________",
        "C1-000002  Ann       Suit          28.00  10.00  Part paid",
        "Ann        50.00  -32.00   18.00",
        "Counted by: ______________________________",
    ):
        assert f"\n{line}\n" in text, line


def test_a_counted_drawer_leaves_no_blank(db: Database, clock: TestClock) -> None:
    full_day(db, clock)
    close_drawer(db, TODAY, 60_00, 61_00, "A coin fell")
    text = as_text(daily_document(daily_report(db, TODAY)))
    assert "\nDifference                             -1.00\n" in text
    assert "\nWhy it differs: A coin fell\n" in text
    assert "____________\n\nBank" not in text


@pytest.mark.parametrize("name", ["王小明", "=1+1", "محمد <b>", "राम", "e\u0301ric"])
def test_columns_stay_aligned_beside_wide_and_combining_characters(db: Database, name: str) -> None:
    for who in (name, "Bob"):
        jobs.create_job(db, customer_id=customers.add_customer(db, name=who).id, amount_minor=1234)
    lines = as_text(daily_document(daily_report(db, TODAY))).splitlines()
    rows = [line for line in lines if line.startswith("C1-0")]
    assert len({text_width(row.partition("12.34")[0]) for row in rows}) == 1
    assert text_width("王a\u0301\u200f") == 3


@pytest.mark.parametrize(
    ("order", "shown"), [("DMY", "10/03/2026"), ("MDY", "03/10/2026"), ("YMD", "2026-03-10")]
)
def test_dates_are_written_as_the_shop_writes_them(order: str, shown: str) -> None:
    assert shown_date("2026-03-10", order) == shown
    assert shown_moment(datetime(2026, 3, 10, 8, 5), order) == f"{shown} 08:05"
