"""Receivables: age buckets, credit, and what was due at the end of any past day."""

from __future__ import annotations

import shutil
import tempfile
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cleanflow.dao import adjustments, customers, jobs, payments
from cleanflow.dao.stamps import fact_stamp, new_id
from cleanflow.dao.users import first_owner
from cleanflow.db import Database, open_database, with_transaction
from cleanflow.errors import Refusal
from cleanflow.reports import dues
from cleanflow.reports.receivables import ReceivablesReport, receivables_report
from tests.conftest import TestClock
from tests.dao.actions import KINDS, act
from tests.reports.stories import TODAY

step = st.tuples(st.integers(0, KINDS - 1), st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
#: The same steps without back-dated records.
prompt_step = st.tuples(
    st.integers(0, KINDS - 1), st.integers(0, 40), st.integers(0, 40), st.sampled_from((1, 2, 3, 4, 6, 7, 8))
)


def ages_of(report: ReceivablesReport, name: str) -> tuple[int, ...]:
    """(0-30, 31-60, 61-90, 90+, credit, total) of a customer, or None if not listed."""
    return next((line[3:] for line in report.debtors if line.customer == name), ())


def at(clock: TestClock, day: date, hour: int = 10) -> None:
    clock.moment = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def days_ago(days: int) -> date:
    return TODAY - timedelta(days=days)


# --- a day in a shop -----------------------------------------------------------------------------


def test_each_jobs_due_part_stands_in_the_bucket_of_its_own_age(db: Database) -> None:
    ann = customers.add_customer(db, name="Ann", phone="0300").id
    for number, age in enumerate((0, 30, 31, 60, 61, 90, 91, 400)):
        jobs.create_job(db, customer_id=ann, amount_minor=10**number, on=days_ago(age))
    report = receivables_report(db)
    assert ages_of(report, "Ann") == (11, 1100, 110_000, 11_000_000, 0, 11_111_111)
    assert (report.debtors[0].phone, report.total_minor) == ("0300", 11_111_111)
    yesterday = receivables_report(db, days_ago(1))
    assert ages_of(yesterday, "Ann") == (110, 11_000, 1_100_000, 10_000_000, 0, 11_111_110)


def test_credit_that_no_job_has_used_stands_beside_and_is_taken_off(db: Database) -> None:
    ann, bob, cat = (customers.add_customer(db, name=name).id for name in ("Ann", "Bob", "Cat"))
    jobs.create_job(db, customer_id=ann, amount_minor=70_00, on=days_ago(40))
    payments.record_payment(db, customer_id=ann, amount_minor=20_00, method="CASH", jobs={})
    payments.record_payment(db, customer_id=bob, amount_minor=5_00, method="CASH", jobs={})
    jobs.create_job(db, customer_id=cat, amount_minor=1_00)
    payments.record_payment(db, customer_id=cat, amount_minor=3_00, method="BANK", jobs={})
    report = receivables_report(db)
    assert ages_of(report, "Ann") == (0, 70_00, 0, 0, 20_00, 50_00)
    assert ages_of(report, "Cat") == (1_00, 0, 0, 0, 3_00, -2_00)
    assert ages_of(report, "Bob") == ()
    assert (report.total_minor, report.other_credit_minor, report.ledger_minor) == (48_00, 5_00, 43_00)


def test_the_largest_debt_comes_first(db: Database) -> None:
    for name, amount in (("Ann", 5), ("Bob", 50), ("cat", 5)):
        jobs.create_job(db, customer_id=customers.add_customer(db, name=name).id, amount_minor=amount)
    assert [line.customer for line in receivables_report(db).debtors] == ["Bob", "Ann", "cat"]


def test_credit_used_later_was_credit_until_then(db: Database, clock: TestClock) -> None:
    ann = customers.add_customer(db, name="Ann").id
    payments.record_payment(db, customer_id=ann, amount_minor=30_00, method="CASH", jobs={})
    jobs.create_job(db, customer_id=ann, amount_minor=50_00)
    at(clock, days_ago(-3))
    payments.use_credit(db, ann)
    at(clock, days_ago(-5))
    assert ages_of(receivables_report(db, days_ago(-2)), "Ann") == (50_00, 0, 0, 0, 30_00, 20_00)
    assert ages_of(receivables_report(db, days_ago(-3)), "Ann") == (20_00, 0, 0, 0, 0, 20_00)


def test_a_payment_entered_late_settled_its_job_on_the_day_it_is_for(db: Database, clock: TestClock) -> None:
    ann = customers.add_customer(db, name="Ann").id
    at(clock, days_ago(5))
    jobs.create_job(db, customer_id=ann, amount_minor=50_00)
    at(clock, TODAY)
    payments.record_payment(db, customer_id=ann, amount_minor=20_00, method="CASH", on=days_ago(4))
    assert ages_of(receivables_report(db, days_ago(5)), "Ann") == (50_00, 0, 0, 0, 0, 50_00)
    assert ages_of(receivables_report(db, days_ago(4)), "Ann") == (30_00, 0, 0, 0, 0, 30_00)


def test_money_for_a_job_that_was_not_there_yet_was_credit(db: Database, clock: TestClock) -> None:
    ann = customers.add_customer(db, name="Ann").id
    jobs.create_job(db, customer_id=ann, amount_minor=9_00, on=days_ago(9))
    new = jobs.create_job(db, customer_id=ann, amount_minor=50_00, on=days_ago(1))
    payments.record_payment(
        db, customer_id=ann, amount_minor=50_00, method="CASH", jobs={new.id: 50_00}, on=days_ago(4)
    )
    assert ages_of(receivables_report(db, days_ago(3)), "Ann") == (9_00, 0, 0, 0, 50_00, -41_00)
    assert ages_of(receivables_report(db, days_ago(1)), "Ann") == (9_00, 0, 0, 0, 0, 9_00)


def test_what_was_taken_back_later_still_stood_before(db: Database, clock: TestClock) -> None:
    ann, bob = (customers.add_customer(db, name=name).id for name in ("Ann", "Bob"))
    at(clock, days_ago(6))
    suit = jobs.create_job(db, customer_id=ann, amount_minor=50_00)
    rug = jobs.create_job(db, customer_id=bob, amount_minor=80_00)
    paid = payments.record_payment(db, customer_id=ann, amount_minor=50_00, method="CASH")
    given = payments.record_payment(db, customer_id=bob, amount_minor=80_00, method="CASH")
    at(clock, days_ago(3))
    payments.reverse_payment(db, paid.id, "Bounced")
    payments.refund(
        db, customer_id=bob, amount_minor=30_00, method="CASH", reason="Spoilt", payment_id=given.id
    )
    at(clock, days_ago(1))
    adjustments.discount_job(db, suit.id, 5_00, "Patience")
    adjustments.write_off_job(db, rug.id, "Our fault")
    at(clock, TODAY)
    seen = {ago: receivables_report(db, days_ago(ago)) for ago in (6, 4, 3, 2, 1, 0)}
    assert [ages_of(seen[ago], "Ann")[:1] for ago in seen] == [(), (), (50_00,), (50_00,), (45_00,), (45_00,)]
    assert [ages_of(seen[ago], "Bob")[:1] for ago in seen] == [(), (), (30_00,), (30_00,), (), ()]


def test_the_shops_day_decides_not_midnight(db: Database, clock: TestClock) -> None:
    from cleanflow.dao.shop import change_settings

    change_settings(db, {"day_starts_at": "5"})
    ann = customers.add_customer(db, name="Ann").id
    jobs.create_job(db, customer_id=ann, amount_minor=50_00)
    payments.record_payment(db, customer_id=ann, amount_minor=50_00, method="CASH", jobs={})
    at(clock, days_ago(-1), hour=3)  # still the evening before
    payments.use_credit(db, ann)
    at(clock, days_ago(-2))
    assert ages_of(receivables_report(db, days_ago(1)), "Ann") == ()
    assert ages_of(receivables_report(db, days_ago(0)), "Ann") == ()


@with_transaction
def _bind_as_another_pc(db: Database, payment_id: str, job_id: str, amount_minor: int) -> None:
    """Merge the allocation of another PC that spent the same credit while offline."""
    db.execute("UPDATE app_settings SET is_merging = 1")
    row = {"id": new_id(), "payment_id": payment_id, "job_id": job_id, "amount_minor": amount_minor}
    db.insert("payment_allocations", {**row, **fact_stamp(db)})
    db.execute("UPDATE app_settings SET is_merging = 0")


def test_credit_that_two_pcs_spent_is_owed_once_and_as_old_as_the_payment(db: Database) -> None:
    ann = customers.add_customer(db, name="Ann").id
    paid = payments.record_payment(db, customer_id=ann, amount_minor=40_00, method="CASH", on=days_ago(50))
    first, second = (jobs.create_job(db, customer_id=ann, amount_minor=40_00).id for _ in range(2))
    payments.use_credit(db, ann, {first: 40_00})
    _bind_as_another_pc(db, paid.id, second, 40_00)
    report = receivables_report(db)
    assert ages_of(report, "Ann") == (0, 40_00, 0, 0, 0, 40_00)
    assert report.total_minor == report.ledger_minor == 40_00


def test_what_is_failed_or_synced_counts_like_what_is_pending(db: Database) -> None:
    names = {"PENDING": "Ann", "SYNCED": "Bob", "FAILED": "Cat"}
    for status, name in names.items():
        who = customers.add_customer(db, name=name).id
        jobs.create_job(db, customer_id=who, amount_minor=7_00, on=days_ago(1))
        _mark(db, who, status)
    for day in (TODAY, days_ago(1)):
        assert [ages_of(receivables_report(db, day), name)[0] for name in names.values()] == [7_00] * 3


@with_transaction
def _mark(db: Database, customer_id: str, status: str) -> None:
    for table in ("jobs", "ledger_entries"):
        db.execute(
            f"UPDATE {table} SET sync_status = :status WHERE customer_id = :id",
            {"status": status, "id": customer_id},
        )


# --- against a separate computation --------------------------------------------------------------


def plain_ages(db: Database, day: str) -> dict[str, tuple[int, ...]]:
    """Customer id -> ages, credit and total at the end of ``day``, in plain Python over the raw rows."""

    def raw(table: str) -> list[dict[str, Any]]:
        return [dict(row) for row in db.rows(f"SELECT * FROM {table}")]

    all_jobs = {row["id"]: row for row in raw("jobs")}
    all_payments = {row["id"]: row for row in raw("payments")}
    changes = raw("job_adjustments")
    operations = {
        (row["device_id"], row["created_at"]): row["business_date"]
        for row in (*all_payments.values(), *changes)
    }
    due = {key: job["amount_minor"] for key, job in all_jobs.items() if job["business_date"] <= day}
    for change in changes:
        if change["job_id"] in due and change["business_date"] <= day:
            due[change["job_id"]] += change["amount_minor"]
    pairs: dict[tuple[str, str], int] = defaultdict(int)
    for row in raw("payment_allocations"):
        if row["job_id"]:
            own = operations.get((row["device_id"], row["created_at"]), row["created_at"][:10])
            known = (
                own,
                all_jobs[row["job_id"]]["business_date"],
                all_payments[row["payment_id"]]["business_date"],
            )
            if max(known) <= day:
                pairs[row["payment_id"], row["job_id"]] += row["amount_minor"]
    for (_payment, job), amount in pairs.items():
        due[job] -= max(amount, 0)
    balances: dict[str, int] = defaultdict(int)
    receivable = db.value("SELECT id FROM accounts WHERE name = 'Accounts receivable'")
    for row in raw("ledger_entries"):
        if row["business_date"] <= day and row["customer_id"]:
            side = (row["debit_account_id"] == receivable) - (row["credit_account_id"] == receivable)
            balances[row["customer_id"]] += side * row["amount_minor"]
    ages: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for key, amount in due.items():
        if amount > 0:
            age = (date.fromisoformat(day) - date.fromisoformat(all_jobs[key]["business_date"])).days
            place = 0 if age <= 30 else 1 if age <= 60 else 2 if age <= 90 else 3
            ages[all_jobs[key]["customer_id"]][place] += amount
    for customer, balance in balances.items():
        beyond = balance - sum(ages[customer]) if balance > 0 else 0
        if beyond > 0:  # owed for no job: as old as the newest payment
            paid = [row["business_date"] for row in all_payments.values() if row["customer_id"] == customer]
            newest = max((other for other in paid if other <= day), default=day)
            age = (date.fromisoformat(day) - date.fromisoformat(newest)).days
            ages[customer][0 if age <= 30 else 1 if age <= 60 else 2 if age <= 90 else 3] += beyond
    return {key: (*row, sum(row) - balances[key], balances[key]) for key, row in ages.items() if any(row)}


def our_ages(db: Database, day: str) -> dict[str, tuple[int, ...]]:
    return {line.customer_id: line[3:] for line in receivables_report(db, day).debtors}


def days_to_ask(db: Database) -> list[str]:
    days = {row[0] for row in db.rows("SELECT DISTINCT business_date FROM ledger_entries")}
    return sorted(days | {TODAY.isoformat(), (TODAY + timedelta(days=95)).isoformat()})


def test_whole_shops_are_aged_as_plain_python_does(books: Database) -> None:
    days = days_to_ask(books)
    for day in (*days[:: max(1, len(days) // 6)], days[-1]):
        assert our_ages(books, day) == plain_ages(books, day)


def test_the_present_is_computed_from_facts_as_from_triggers(
    books: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = days_to_ask(books)[-1]
    assert dues.is_present(books, last)
    from_triggers = our_ages(books, last)
    monkeypatch.setattr(dues, "is_present", lambda _db, _day: False)
    assert our_ages(books, last) == from_triggers


def shop_at_work(folder: str, new_shop_file: Path) -> tuple[Path, TestClock]:
    path = Path(folder) / "cleanflow.db"
    shutil.copy(new_shop_file, path)
    return path, TestClock(datetime(2026, 3, 10, 9, tzinfo=UTC))


def try_to_act(db: Database, numbers: tuple[int, int, int, int]) -> None:
    try:
        act(db, *numbers)
    except Refusal:
        pass


OPENING_STEPS = [(0, 0, 0, 1), (0, 1, 0, 1), (1, 0, 5, 1), (1, 1, 4, 1), (5, 0, 3, 1)]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(step, min_size=5, max_size=40))
def test_aging_equals_a_plain_computation_for_every_past_day(
    new_shop_file: Path, steps: list[tuple[int, int, int, int]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path, clock = shop_at_work(folder, new_shop_file)
        with open_database(path, clock=clock) as db:
            for numbers in OPENING_STEPS + steps:
                try_to_act(db, numbers)
                clock.moment += timedelta(hours=31)
            for day in days_to_ask(db):
                assert our_ages(db, day) == plain_ages(db, day), day


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(prompt_step, min_size=5, max_size=40), a_day=st.integers(1, 5))
def test_where_nothing_is_back_dated_a_past_day_reads_as_it_was_printed_then(
    new_shop_file: Path, steps: list[tuple[int, int, int, int]], a_day: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path, clock = shop_at_work(folder, new_shop_file)
        with open_database(path, clock=clock) as db:
            owner = first_owner(db)
            db.session.user_id = owner.id if owner else None
            printed: dict[str, dict[str, tuple[int, ...]]] = {}
            for number, numbers in enumerate(OPENING_STEPS + steps):
                try_to_act(db, numbers)
                if number % a_day == 0:
                    day = clock.moment.date().isoformat()
                    printed[day] = our_ages(db, day)
                    clock.moment += timedelta(days=1 + 9 * (number % 3))
            assert {day: our_ages(db, day) for day in printed} == printed
