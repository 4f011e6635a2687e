"""A customer's statement adds up line by line and page by page, and open items explain the balance."""

from __future__ import annotations

import shutil
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cleanflow.dao.adjustments import discount_job
from cleanflow.dao.balances import explain_balance, explanation_page, open_jobs
from cleanflow.dao.customers import add_customer, get_customer, set_opening_balance
from cleanflow.dao.jobs import create_job, due_oldest_first
from cleanflow.dao.paging import Slice
from cleanflow.dao.payments import record_payment, refund
from cleanflow.dao.statements import balance_before, list_account
from cleanflow.db import Database, open_database
from cleanflow.errors import Refusal
from tests.conftest import TestClock
from tests.dao.actions import KINDS, act
from tests.dao.pages import all_pages, all_pages_backward

step = st.tuples(st.integers(0, KINDS - 1), st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))


def assert_account_adds_up(db: Database, customer_id: str) -> None:
    balance = get_customer(db, customer_id).balance_minor
    explanation = explain_balance(db, customer_id)
    assert explanation.balance_minor == balance
    assert sum(line.open_minor or 0 for line in explanation.lines) == balance
    changes = 0
    for line in reversed(explanation.lines):
        changes += line.change_minor
        if line.open_minor is not None:
            assert changes == line.open_minor
            changes = 0
    assert [job.id for job in open_jobs(db, customer_id)] == [
        job_id for job_id, _due in due_oldest_first(db, customer_id)
    ]
    for part in (Slice("date", limit=3), Slice("date", descending=True, limit=4)):
        lines = all_pages(lambda part: list_account(db, part, customer_id), part)
        assert all_pages_backward(lambda part: list_account(db, part, customer_id), part) == lines
        running = 0
        for line in reversed(lines) if part.descending else lines:
            running += line.change_minor
            assert line.balance_minor == running
        assert running == balance


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(step, min_size=5, max_size=60))
def test_whatever_a_shop_does_every_balance_is_explained(
    steps: list[tuple[int, int, int, int]], new_shop_file: Path
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cleanflow.db"
        shutil.copy(new_shop_file, path)
        with open_database(path, clock=TestClock(datetime(2026, 3, 10, 9, 0, tzinfo=UTC))) as db:
            for kind, first, second, third in steps:
                try:
                    act(db, kind, first, second, third)
                except Refusal:
                    pass
            for row in list(db.rows("SELECT id FROM customers")):
                assert_account_adds_up(db, row["id"])


def a_customer_with_a_story(db: Database) -> str:
    """Owes 50.00 from before; a job of 100.00 less 10.00, of which 25.00 are paid; 30.00 deposit, 5.00 back."""
    ann = add_customer(db, name="Ann").id
    set_opening_balance(db, ann, 5000, on=date(2026, 3, 1))
    job = create_job(db, customer_id=ann, amount_minor=10_000, description="Suit", on=date(2026, 3, 2))
    discount_job(db, job.id, 1000, "Regular", on=date(2026, 3, 3))
    record_payment(
        db, customer_id=ann, amount_minor=2500, method="CASH", jobs={job.id: 2500}, on=date(2026, 3, 4)
    )
    record_payment(db, customer_id=ann, amount_minor=3000, method="BANK", jobs={}, on=date(2026, 3, 5))
    refund(db, customer_id=ann, amount_minor=500, method="CASH", reason="Back", on=date(2026, 3, 6))
    return ann


def test_a_balance_is_explained_by_what_is_open_and_how_it_came_to_that(db: Database) -> None:
    ann = a_customer_with_a_story(db)
    explanation = explain_balance(db, ann)
    assert [
        (line.kind, line.reference, line.change_minor, line.open_minor) for line in explanation.lines
    ] == [
        ("OPENING", "C1-000001", 5000, 5000),
        ("JOB", "C1-000002", 10_000, 6500),
        ("DISCOUNT", "C1-000002", -1000, None),
        ("PAID", "C1-R000001", -2500, None),
        ("PAYMENT", "C1-R000002", -3000, -2500),
        ("REFUND", "C1-R000003", 500, None),
    ]
    assert explanation.balance_minor == 9000
    pages = all_pages(lambda part: explanation_page(explanation, part), Slice("", limit=4))
    assert tuple(pages) == explanation.lines
    pages = all_pages_backward(lambda part: explanation_page(explanation, part), Slice("", limit=4))
    assert tuple(pages) == explanation.lines


def test_a_job_settled_twice_over_by_pcs_that_worked_apart_is_explained_too(db: Database) -> None:
    ann = add_customer(db, name="Ann").id
    job = create_job(db, customer_id=ann, amount_minor=1000)
    create_job(db, customer_id=ann, amount_minor=300)
    record_payment(db, customer_id=ann, amount_minor=1000, method="CASH")
    later = record_payment(db, customer_id=ann, amount_minor=1000, method="CASH", jobs={})
    db.execute("UPDATE app_settings SET is_merging = 1")
    db.execute(
        "INSERT INTO payment_allocations (id, device_id, payment_id, job_id, amount_minor, created_at, updated_at)"
        " SELECT 'f0000000-0000-4000-8000-000000000001', device_id, :payment, :job, 1000, created_at, created_at"
        " FROM jobs WHERE id = :job",
        {"payment": later.id, "job": job.id},
    )
    db.execute("UPDATE app_settings SET is_merging = 0")
    explanation = explain_balance(db, ann)
    assert [line.open_minor for line in explanation.lines if line.open_minor] == [-1000, 300]
    assert explanation.balance_minor == -700


def test_a_period_shows_its_entries_with_the_balance_before_and_after(db: Database) -> None:
    ann = a_customer_with_a_story(db)
    page = list_account(db, Slice("date"), ann, first=date(2026, 3, 3), last=date(2026, 3, 4))
    assert [(line.kind, line.change_minor, line.balance_minor) for line in page.rows] == [
        ("DISCOUNT", -1000, 14_000),
        ("PAYMENT", -2500, 11_500),
    ]
    assert balance_before(db, ann, date(2026, 3, 3)) == 15_000
    assert balance_before(db, ann, date(2026, 3, 1)) == 0
    assert [line.words for line in page.rows] == ["Regular", ""]
    assert page.rows[0].job_id is not None and page.rows[1].payment_id is not None


def test_entries_of_one_instant_keep_the_order_in_which_they_were_entered(db: Database) -> None:
    ann = add_customer(db, name="Ann").id
    for amount in range(1, 8):
        create_job(db, customer_id=ann, amount_minor=amount)
    rows = all_pages(lambda part: list_account(db, part, ann), Slice("date", descending=True, limit=2))
    assert [line.change_minor for line in rows] == [7, 6, 5, 4, 3, 2, 1]
    assert rows[0].balance_minor == 28
