"""A closed day's report never changes, to the byte; later records appear as addenda."""

from __future__ import annotations

import pytest

from cleanflow.dao.customers import add_customer, edit_customer
from cleanflow.dao.drawer import move_cash
from cleanflow.dao.jobs import create_job
from cleanflow.dao.shop import change_settings
from cleanflow.db import Database
from cleanflow.rendering.document import Document, Section
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


def test_each_closing_prints_its_own_count_and_why_it_differs(db: Database) -> None:
    move_cash(db, "FLOAT", 110_00)
    first = close_the_day(db, counted_minor=98_00, reason="Two short", on=TODAY)
    second = close_the_day(db, counted_minor=98_00, on=TODAY)
    move_cash(db, "PAY_IN", 10_00, "Change", on=TODAY)
    third = close_the_day(db, counted_minor=107_00, reason="One short", on=TODAY)
    told = {}
    for closing in (first, second, third):
        (section,) = _sections(closed_report(db, closing.id), "Cash drawer")
        facts = {fact.label: fact.value for fact in section.facts}
        told[closing.reference] = (facts["Expected"], facts["Counted"], facts["Difference"], section.notes)
        above = [
            fact.value for fact in section.facts if fact.label not in ("Counted", "Difference", "Expected")
        ]
        assert sum(above) == facts["Expected"], "the lines add up to what was expected"
    assert told == {
        "C1-Z000001": (110_00, 98_00, -12_00, ("Why it differs: Two short",)),
        "C1-Z000002": (98_00, 98_00, 0, ()),
        "C1-Z000003": (108_00, 107_00, -1_00, ("Why it differs: One short",)),
    }


def test_a_day_of_several_closings_lists_each_with_its_reason(db: Database) -> None:
    move_cash(db, "FLOAT", 110_00)
    close_the_day(db, counted_minor=98_00, reason="Two short", on=TODAY)
    assert _sections(daily_document(daily_report(db, TODAY)), "Counts of the drawer") == []
    last = close_the_day(db, counted_minor=97_00, reason="One more", on=TODAY)
    for document in (daily_document(daily_report(db, TODAY)), closed_report(db, last.id)):
        (section,) = _sections(document, "Counts of the drawer: 2")
        assert section.tables[0].rows == (
            ("C1-Z000001", "Olga", 110_00, 98_00, -12_00, "Two short"),
            ("C1-Z000002", "Olga", 98_00, 97_00, -1_00, "One more"),
        )


def test_an_addendum_tells_the_count_of_its_own_closing(db: Database) -> None:
    move_cash(db, "FLOAT", 110_00)
    first = close_the_day(db, counted_minor=98_00, reason="Two short", on=TODAY)
    close_the_day(db, counted_minor=98_00, on=TODAY)
    move_cash(db, "PAY_IN", 7_00, "Change", on=TODAY)
    make_addendum(db, first.id)
    (section,) = _sections(addenda_reports(db, first.id)[0], "The count")
    assert [fact.value for fact in section.facts] == [110_00, 98_00, -12_00]
    assert section.notes == ("Why it differs: Two short",)


def _sections(document: Document, title: str) -> list[Section]:
    return [section for section in document.sections if section.title.startswith(title)]


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
