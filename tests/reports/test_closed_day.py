"""A closed day's report never changes, to the byte; later records appear as addenda."""

from __future__ import annotations

import pytest

from cleanflow.dao.customers import add_customer, edit_customer
from cleanflow.dao.drawer import move_cash
from cleanflow.dao.jobs import create_job
from cleanflow.dao.shop import change_settings
from cleanflow.db import Database
from cleanflow.rendering.pdf import pdf_bytes
from cleanflow.rendering.text import as_text
from cleanflow.reports.closed_day import addenda_reports, close_the_day, closed_report, make_addendum
from cleanflow.reports.daily import daily_report
from cleanflow.reports.pages.daily_page import daily_document
from cleanflow.reports.pages.stored import restored, stored
from tests.conftest import TestClock
from tests.reports.stories import TODAY, full_day


def test_a_kept_document_comes_back_as_it_was(db: Database, clock: TestClock) -> None:
    full_day(db, clock)
    document = daily_document(daily_report(db, TODAY))
    assert restored(stored(document)) == document


def test_what_is_no_kept_document_is_refused() -> None:
    for text in ("{}", "[]", '{"document": {"title": 1}}', "x"):
        with pytest.raises(ValueError):
            restored(text)


def test_a_closed_report_prints_the_same_bytes_whatever_happens_later(db: Database, clock: TestClock) -> None:
    full_day(db, clock)
    closing = close_the_day(db, counted_minor=60_00, denominations={1000: 6}, reason="A coin fell", on=TODAY)
    before = pdf_bytes(closed_report(db, closing.id))
    text = as_text(closed_report(db, closing.id))
    assert "Closing C1-Z000001, counted 10/03/2026" in text
    assert "Olga" in text
    customer = add_customer(db, name="=1+1")
    create_job(db, customer_id=customer.id, amount_minor=5_00, on=TODAY)
    edit_customer(db, db.value("SELECT id FROM customers LIMIT 1"), name="Another name")
    change_settings(db, {"shop_name": "Another shop"})
    assert pdf_bytes(closed_report(db, closing.id)) == before
    assert as_text(closed_report(db, closing.id)) == text


def test_the_lines_of_a_drawer_add_up_though_cash_came_after_the_count(
    db: Database, clock: TestClock
) -> None:
    full_day(db, clock)
    expected = daily_report(db, TODAY).drawer.expected_minor
    close_the_day(db, counted_minor=expected - 16_60, reason="lost note", on=TODAY)
    move_cash(db, "PAY_OUT", 10_00, "Change", on=TODAY)
    document = daily_document(daily_report(db, TODAY))
    (section,) = (one for one in document.sections if one.title.startswith("Cash drawer"))
    told = {fact.label: fact.value for fact in section.facts}
    assert told["Expected at the count"] == expected
    assert told["Counted"] - told["Expected at the count"] == told["Difference"] == -16_60
    assert told["Now in the drawer"] == told["Counted"] - 10_00
    labels = [fact.label for fact in section.facts]
    above = [fact.value for fact in section.facts[: labels.index("Expected at the count")]]
    assert sum(above) == expected
    assert section.notes == ("Why it differs: lost note",)
    assert "C1-Z000001" in " ".join(document.notes)


def test_later_entries_are_numbered_addenda_and_never_told_twice(db: Database, clock: TestClock) -> None:
    full_day(db, clock)
    closing = close_the_day(db, counted_minor=61_00, on=TODAY)
    customer = add_customer(db, name="محمد <b>")
    create_job(db, customer_id=customer.id, amount_minor=5_00, on=TODAY)
    make_addendum(db, closing.id)
    move_cash(db, "PAY_IN", 7_00, "Change", on=TODAY)
    make_addendum(db, closing.id)
    first, second = (as_text(document) for document in addenda_reports(db, closing.id))
    assert "Addendum 1 to closing C1-Z000001" in first
    assert "محمد <b>" in first
    assert "5.00" in first and "7.00" not in first
    assert "Addendum 2 to closing C1-Z000001" in second
    assert "7.00" in second and "محمد" not in second
