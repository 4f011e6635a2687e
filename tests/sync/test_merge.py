"""Merging rows from other PCs: in any order, once, as whole operations, and never against the books."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from cleanflow.dao import customers
from cleanflow.dao.shop import change_settings
from cleanflow.dao.users import add_user
from cleanflow.db import Database, bulk
from cleanflow.safekeeping.verify import verify
from cleanflow.sync import inbox
from cleanflow.sync.merge import Merger
from cleanflow.sync.protocol import PullAnswer
from tests.sync.made_rows import MadePc, wire_time
from tests.sync.merging import Rows, add, charge, merge, open_pc, operations_of, page, reasons, sale
from tests.sync.pcs import contents

NewPc = Callable[[str], Database]


def test_a_page_whose_rows_stand_in_the_wrong_order_is_merged(here: Database, there: Database) -> None:
    whole = page(*sale(there))
    upside_down = {table: whole[table][::-1] for table in reversed(whole)}
    merge(here, upside_down)
    merge(there, *operations_of(here))
    assert contents(here) == contents(there)
    assert verify(here).findings == [] and reasons(here) == []


def test_a_payment_older_by_its_clock_than_its_job_is_merged_after_it(here: Database) -> None:
    fast, slow = MadePc(), MadePc()
    slow.moment -= timedelta(days=400)
    customer = fast.customer()
    ann = customer["customers"][0]["id"]
    job = fast.job(ann)
    paid = slow.payment(ann, job["jobs"][0]["id"])
    assert paid["payments"][0]["created_at"] < job["jobs"][0]["created_at"]
    merge(here, paid, job, customer)
    assert reasons(here) == []
    assert here.value("SELECT due_minor FROM job_totals") == 0


def test_what_comes_before_its_parent_waits_over_a_restart_and_is_released_with_all_that_follows(
    here: Database, there: Database
) -> None:
    *before, customer, job, payment = sale(there)
    merge(here, *before)
    known = contents(here)
    merge(here, payment)
    merge(here, job)
    assert contents(here) == known
    assert reasons(here) == ["parent_missing"] * 2
    path = here.path
    here.close()
    again = open_pc(path)
    merger = merge(again, customer)
    assert {"customers", "jobs", "payments", "ledger_entries"} <= merger.tables
    merge(there, *operations_of(again))
    assert contents(again) == contents(there)
    assert reasons(again) == [] and verify(again).findings == []
    again.close()


def test_the_same_page_twice_changes_nothing_the_second_time(here: Database, there: Database) -> None:
    operations = sale(there)
    merge(here, *operations)
    before = contents(here)
    merger = merge(here, *operations)
    assert contents(here) == before
    assert (merger.rows, merger.tables, merger.contradictions) == (0, set(), {})


def test_an_operation_that_waits_does_so_once_however_often_it_arrives(
    here: Database, there: Database
) -> None:
    *before, customer, job, _payment = sale(there)
    merge(here, *before)
    for _again in range(3):
        merge(here, job)
    merge(here, customer)
    assert here.value("SELECT balance_minor FROM customer_balances") == 1000
    assert reasons(here) == [] and here.value("SELECT count(*) FROM jobs") == 1


def test_a_merge_that_is_stopped_goes_on_where_it_was(here: Database, there: Database) -> None:
    ann = add(there)
    for number in range(150):
        charge(there, ann, number + 1)
    inbox.keep_page(here, PullAnswer(page(*operations_of(there)), 7, False, ""))

    def stop() -> None:
        raise KeyboardInterrupt

    steps = 0
    while inbox.kept_page(here) is not None:
        try:
            Merger(here).merge_kept(stop)
        except KeyboardInterrupt:
            assert list(here.rows("PRAGMA foreign_key_check")) == []
            assert verify(here).findings == []
        steps += 1
        assert steps < 1000
        if steps == 2:
            Merger(here).merge_kept()
    assert here.value("SELECT pull_cursor FROM sync_state") == 7
    assert here.value("SELECT count(*) FROM jobs") == 150


def test_settings_are_merged_one_by_one(here: Database, lone_pc: NewPc) -> None:
    """When two PCs change different settings at the same moment, both changes stay."""
    second, third = lone_pc("C2"), lone_pc("C3")
    change_settings(second, {"shop_name": "Bright"})
    change_settings(third, {"shop_phone": "0300"})
    merge(here, *operations_of(third), *operations_of(second))
    found = dict(map(tuple, here.rows("SELECT key, value FROM settings")))
    assert (found["shop_name"], found["shop_phone"]) == ("Bright", "0300")


def test_merged_rows_write_no_audit_rows_of_their_own(here: Database, there: Database) -> None:
    ann = add(there)
    customers.edit_customer(there, ann, phone="1")
    operations = operations_of(there)
    merge(here, *operations)
    query = "SELECT id FROM audit_logs ORDER BY id"
    before = [row[0] for row in there.rows(query)]
    assert [row[0] for row in here.rows(query)] == before
    edited = page(*operations)["customers"][0] | {"phone": "2", "updated_at": "2026-03-11T00:00:00.000000Z"}
    merge(here, {"customers": [edited]})
    assert here.value("SELECT phone FROM customers") == "2"
    assert [row[0] for row in here.rows(query)] == before


def test_a_customer_that_arrived_is_found_by_search_and_an_edit_by_its_new_words(
    here: Database, there: Database
) -> None:
    ann = add(there, "Ann Żuraw", phone="0300 555")
    merge(here, *operations_of(there))
    assert [one.id for one in customers.search_customers(here, "zuraw")] == [ann]
    assert [one.id for one in customers.search_customers(here, "555")] == [ann]
    customers.edit_customer(there, ann, name="Berta")
    merge(here, *operations_of(there))
    assert [one.id for one in customers.search_customers(here, "bert")] == [ann]
    assert customers.search_customers(here, "zuraw") == []


def test_a_record_from_a_clock_that_is_ahead_is_edited_by_something_newer(
    here: Database, there: Database
) -> None:
    there.clock.moment += timedelta(days=900)  # type: ignore[attr-defined]
    ann = add(there)
    merge(here, *operations_of(there))
    ahead = there.value("SELECT updated_at FROM customers")
    assert here.value("SELECT last_at FROM app_settings") == ahead
    customers.edit_customer(here, ann, phone="1")
    merge(there, *operations_of(here))
    assert there.value("SELECT phone FROM customers") == "1"


def test_a_fact_from_a_clock_that_is_ahead_leaves_this_pcs_clock_alone(here: Database) -> None:
    maker = MadePc()
    maker.moment = here.clock.now() - timedelta(days=1)
    customer = maker.customer()
    merge(here, customer)
    before = here.value("SELECT last_at FROM app_settings")
    maker.moment += timedelta(days=3000)
    paid = maker.payment(customer["customers"][0]["id"], "x")
    del paid["payment_allocations"]
    merge(here, paid)
    assert reasons(here) == [] and here.value("SELECT count(*) FROM payments") == 1
    moved = here.value("SELECT last_at FROM app_settings")
    assert before < moved < wire_time(here.clock.now())


def test_what_has_arrived_is_not_sent_back(here: Database, there: Database) -> None:
    merge(here, *sale(there))
    for table in ("customers", "jobs", "payments", "payment_allocations", "ledger_entries", "audit_logs"):
        query = f"SELECT count(*) FROM {table} WHERE sync_status <> 'SYNCED' AND device_id = :id"
        assert here.value(query, {"id": there.device_id}) == 0, table


def _a_parent_that_comes_late(here: Database, there: Database, count: int) -> Rows:
    """A page whose user arrives last, because that user's PIN was changed; returns what is left to merge."""
    ali = add_user(there, name="Ali", role="CASHIER", pin="9876")
    ann = add(there)
    there.session.user_id = ali.id
    with bulk(there):
        for number in range(count):
            charge(there, ann, number + 1)
    operations = operations_of(there)
    (late,) = [one for one in operations if [row["name"] for row in one.get("users", ())] == ["Ali"]]
    merge(here, *[one for one in operations if one is not late])
    assert reasons(here) == ["parent_missing"] * count
    return late


def test_many_operations_that_waited_for_one_record_are_merged_in_short_transactions(
    here: Database, there: Database
) -> None:
    late = _a_parent_that_comes_late(here, there, 1200)
    moments: list[float] = []
    merge(here, late, go_on=lambda: moments.append(time.monotonic()))
    assert len(moments) > 3, "all of them held the write lock at once"
    merge(there, *operations_of(here))
    assert contents(here) == contents(there) and reasons(here) == []


def test_a_kill_among_those_that_waited_leaves_the_rest_waiting_for_the_next_time(
    here: Database, there: Database
) -> None:
    late = _a_parent_that_comes_late(here, there, 800)

    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        merge(here, late, go_on=stop)
    assert 0 < len(reasons(here)) < 800
    merge(here, late)
    merge(there, *operations_of(here))
    assert contents(here) == contents(there) and reasons(here) == []
