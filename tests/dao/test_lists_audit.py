"""Lists of the audit trail: ordered by time, filtered, with the record's name and both values."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from cleanflow.dao.adjustments import discount_job
from cleanflow.dao.audit_lists import list_audit
from cleanflow.dao.customers import add_customer, edit_customer
from cleanflow.dao.jobs import create_job, edit_job
from cleanflow.dao.labels import called
from cleanflow.dao.paging import Slice
from cleanflow.dao.payments import record_payment, reverse_payment, use_credit
from cleanflow.dao.services import add_service, edit_service
from cleanflow.dao.shop import change_settings
from cleanflow.dao.users import add_user
from cleanflow.db import Database
from cleanflow.records import AUDITED
from cleanflow.safekeeping.verify import verify
from tests.conftest import TestClock
from tests.dao.pages import all_pages, all_pages_backward


@pytest.fixture
def shop(db: Database, clock: TestClock) -> Database:
    """Three days of changes by Olga and, on the last one, by Carl."""
    carl = add_user(db, name="Carl", role="CASHIER", pin="2222")
    service = add_service(db, name="Ironing", price_minor=100)
    clock.moment += timedelta(days=1)
    ann = add_customer(db, name="Ann").id
    edit_customer(db, ann, phone="1")
    edit_service(db, service.id, price_minor=150)
    change_settings(db, {"shop_phone": "5", "shop_address": "Here"})
    clock.moment += timedelta(days=1)
    job = create_job(db, customer_id=ann, amount_minor=1000, description="Suit")
    discount_job(db, job.id, 100, "Regular")
    db.session.user_id = carl.id
    edit_job(db, job.id, work_status="READY")
    record_payment(db, customer_id=ann, amount_minor=900, method="CASH")
    return db


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("limit", [1, 4, 100])
def test_every_change_comes_once_in_order_of_time(shop: Database, limit: int, descending: bool) -> None:
    part = Slice("time", descending, limit=limit)
    expected = [row["id"] for row in shop.rows("SELECT id FROM audit_logs ORDER BY created_at, rowid")]
    rows = all_pages(lambda part: list_audit(shop, part), part)
    assert [row.id for row in rows] == (expected[::-1] if descending else expected)
    assert all_pages_backward(lambda part: list_audit(shop, part), part) == rows


@pytest.mark.parametrize("few", [0, 5000], ids=["going back in time", "from the few records"])
@pytest.mark.parametrize("table", AUDITED)
def test_a_kind_of_record_shows_its_changes_alone(
    shop: Database, table: str, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cleanflow.dao.audit_lists._FEW", few)
    query = "SELECT id FROM audit_logs WHERE table_name = :table ORDER BY created_at, rowid"
    expected = [row["id"] for row in shop.rows(query, {"table": table})]
    part = Slice("time", limit=2)
    rows = all_pages(lambda part: list_audit(shop, part, table=table), part)
    assert [row.id for row in rows] == expected
    assert list_audit(shop, part, table=table).count == len(expected)


def test_periods_are_days_of_the_calendar_and_people_are_told_apart(shop: Database) -> None:
    def records(**filters: object) -> list[str]:
        return [line.record for line in list_audit(shop, Slice("time"), **filters).rows]  # type: ignore[arg-type]

    assert records(first=date(2026, 3, 11), last=date(2026, 3, 11)) == [
        "Ann", "Ann", "Ironing", "shop_phone", "shop_address"]  # fmt: skip
    carl = shop.value("SELECT id FROM users WHERE name = 'Carl'")
    assert records(user_id=carl) == ["C1-000001", "C1-R000001"]
    assert records(user_id=carl, table="payments") == ["C1-R000001"]
    assert records(user_id=carl, table="users") == []
    assert records(last=date(2026, 3, 9)) == []


def test_one_records_history_has_both_values_of_each_change(shop: Database) -> None:
    job_id = shop.value("SELECT id FROM jobs")
    made, ready = list_audit(shop, Slice("time"), record_id=job_id).rows
    assert (made.action, made.user, made.pc_code, made.old) == ("INSERT", "Olga", "C1", {})
    assert (made.new["amount_minor"], made.new["description"]) == (1000, "Suit")
    assert (ready.action, ready.user, ready.record) == ("UPDATE", "Carl", "C1-000001")
    assert (ready.old["work_status"], ready.new["work_status"]) == ("RECEIVED", "READY")


def test_a_change_of_a_price_is_called_by_its_job(shop: Database) -> None:
    assert [line.record for line in list_audit(shop, Slice("time"), table="job_adjustments").rows] == [
        "C1-000001"
    ]


def test_why_a_job_is_paid_is_told_by_the_audit_alone(db: Database) -> None:
    ann = add_customer(db, name="Ann").id
    deposit = record_payment(db, customer_id=ann, amount_minor=1000, method="CASH", jobs={})
    job = create_job(db, customer_id=ann, amount_minor=1500)
    use_credit(db, ann)
    record_payment(db, customer_id=ann, amount_minor=500, method="BANK")
    told = list_audit(db, Slice("time"), record_id=job.id, with_parts=True).rows
    assert [(line.table, line.record) for line in told] == [
        ("payments", "C1-R000001"),
        ("jobs", "C1-000001"),
        ("payment_allocations", "C1-R000001"),
        ("payments", "C1-R000002"),
    ]
    used = told[2]
    assert (used.user, used.new["payment_id"], used.new["job_id"], used.new["amount_minor"]) == (
        "Olga", deposit.id, job.id, 1000)  # fmt: skip
    assert list_audit(db, Slice("time"), table="payment_allocations").count == 1, (
        "the other came with its payment"
    )
    reverse_payment(db, deposit.id, "Bounced")
    released = list_audit(db, Slice("time", descending=True), table="payment_allocations").rows[0]
    assert (released.new["job_id"], released.new["amount_minor"]) == (job.id, -1000)
    assert verify(db).findings == []


def test_ids_inside_the_values_have_names(shop: Database) -> None:
    line = list_audit(shop, Slice("time"), table="payments").rows[0]
    assert called(shop, "payments", "customer_id", line.new["customer_id"]) == "Ann"
    assert called(shop, "payments", "user_id", line.new["user_id"]) == "Carl"
    assert called(shop, "payments", "customer_id", "gone") == ""
    assert called(shop, "payments", "amount_minor", "900") is None


def test_a_page_reads_the_index_of_times_and_sorts_nothing(shop: Database) -> None:
    queries: list[str] = []
    shop.connection.set_trace_callback(queries.append)
    list_audit(shop, Slice("time", True), first=date(2026, 3, 1), user_id=shop.value("SELECT id FROM users"))
    shop.connection.set_trace_callback(None)
    (page,) = [query for query in queries if "ORDER BY logs.created_at" in query]
    plan = " ".join(row[3] for row in shop.rows(f"EXPLAIN QUERY PLAN {page}"))
    assert "audit_logs_by_time" in plan and "TEMP B-TREE" not in plan
