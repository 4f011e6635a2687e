"""Rows from other PCs enter the books: in any order, once, whole operations, and never against the books."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cleanflow.dao import customers, jobs, payments
from cleanflow.dao.shop import change_settings
from cleanflow.db import Database
from cleanflow.safekeeping.verify import verify
from cleanflow.sync import inbox
from cleanflow.sync.merge import Merger
from cleanflow.sync.protocol import PullAnswer, entry_hash
from tests.sync.made_rows import MadePc, wire_time
from tests.sync.merging import Rows, merge, open_pc, operations_of, page, reasons
from tests.sync.pcs import contents

NewPc = Callable[[str], Database]


@pytest.fixture
def new_pc(tmp_path: Path, new_shop_file: Path) -> Iterator[NewPc]:
    made: list[Database] = []

    def make(code: str) -> Database:
        made.append(open_pc(tmp_path / f"{code}.db", new_shop_file, code))
        return made[-1]

    yield make
    for db in made:
        db.close()


@pytest.fixture
def here(new_pc: NewPc) -> Database:
    """The PC that merges."""
    return new_pc("C1")


@pytest.fixture
def there(new_pc: NewPc) -> Database:
    """The PC whose rows arrive."""
    return new_pc("C2")


def add(db: Database, name: str = "Ann", **values: Any) -> str:
    return customers.add_customer(db, name=name, **values).id


def charge(db: Database, customer_id: str, amount: int = 1000) -> str:
    return jobs.create_job(db, customer_id=customer_id, amount_minor=amount).id


def pay(db: Database, customer_id: str, amount: int = 1000) -> str:
    return payments.record_payment(db, customer_id=customer_id, amount_minor=amount, method="CASH").id


def sale(db: Database, amount: int = 1000) -> list[Rows]:
    """A customer, a job, a payment: the three operations, and all that came before."""
    ann = add(db)
    charge(db, ann, amount)
    pay(db, ann, amount)
    return operations_of(db)


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


def changed(operation: Rows, table: str, **values: Any) -> Rows:
    """The operation with another content of its row in ``table``."""
    row = operation[table][0] | values
    if table == "ledger_entries":
        row["hash"] = entry_hash(row)
    return operation | {table: [row]}


def test_other_content_of_a_known_fact_is_kept_aside_with_its_reason(here: Database, there: Database) -> None:
    *before, payment = sale(there)
    merge(here, *before, payment)
    known = contents(here)
    for _again in range(2):
        merger = merge(here, changed(payment, "payments", amount_minor=1))
        assert merger.contradictions == {"other_content": 1}
    assert reasons(here) == ["other_content"], "told once, however often it comes"
    assert contents(here) == known


def test_another_amount_of_a_known_job_is_kept_aside_though_it_is_newer(
    here: Database, there: Database
) -> None:
    *before, job, _payment = sale(there)
    merge(here, *before, job)
    known = contents(here)
    forged = changed(job, "jobs", amount_minor=1, updated_at="2026-12-01T00:00:00.000000Z")
    assert merge(here, {"jobs": forged["jobs"]}).contradictions == {"record_immutable": 1}
    assert contents(here) == known


def test_a_reference_that_another_record_has_is_kept_aside(here: Database) -> None:
    maker = MadePc()
    customer = maker.customer()
    ann = customer["customers"][0]["id"]
    first = maker.job(ann)
    second = maker.job(ann)
    twice = first["jobs"][0]
    taken = changed(second, "jobs", reference=twice["reference"], reference_number=twice["reference_number"])
    merger = merge(here, customer, first, taken)
    assert sum(merger.contradictions.values()) == 1 and len(reasons(here)) == 1
    assert [row[0] for row in here.rows("SELECT id FROM jobs")] == [twice["id"]]
    assert here.value("SELECT count(*) FROM ledger_entries") == 1, "half of an operation was entered"


def _chain_of_three(maker: MadePc) -> tuple[Rows, list[Rows]]:
    customer = maker.customer()
    ann = customer["customers"][0]["id"]
    return customer, [maker.job(ann, 100 * number) for number in (1, 2, 3)]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0), (2, 1, 0)])
def test_entries_of_one_chain_may_arrive_in_any_order(here: Database, order: tuple[int, ...]) -> None:
    maker = MadePc()
    customer, entries = _chain_of_three(maker)
    merge(here, customer)
    for number in order:
        merge(here, entries[number])
    assert reasons(here) == []
    head = here.one("SELECT chain_number, hash FROM chain_heads WHERE device_id = :id", {"id": maker.id})
    assert head is not None and tuple(head) == (3, maker.head)


@pytest.mark.parametrize("broken", ["previous_hash", "amount_minor"])
@pytest.mark.parametrize("arrives_last", [0, 1, 2])
def test_an_entry_that_fits_neither_neighbour_is_kept_aside(
    here: Database, broken: str, arrives_last: int
) -> None:
    """With another previous hash it does not continue what is before, with another content not what follows."""
    customer, entries = _chain_of_three(MadePc())
    others = [one for number, one in enumerate(entries) if number != arrives_last]
    merge(here, customer, *others)
    value: Any = "ab" * 32 if broken == "previous_hash" else 999
    if broken == "amount_minor" and arrives_last == 2:
        forged = changed(entries[1], "ledger_entries", amount_minor=999)  # in the place of one that is there
    else:
        forged = changed(entries[arrives_last], "ledger_entries", **{broken: value})
    merger = merge(here, forged)
    assert sum(merger.contradictions.values()) == 1
    assert here.value("SELECT count(*) FROM ledger_entries") == 2
    assert here.value("SELECT count(*) FROM jobs") == 2


def test_settings_are_merged_one_by_one(here: Database, new_pc: NewPc) -> None:
    """Two PCs that change different settings at one moment both get their way."""
    second, third = new_pc("C2"), new_pc("C3")
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
    assert here.value("SELECT last_at FROM this_pc") == ahead
    customers.edit_customer(here, ann, phone="1")
    merge(there, *operations_of(here))
    assert there.value("SELECT phone FROM customers") == "1"


def test_a_fact_from_a_clock_that_is_ahead_leaves_this_pcs_clock_alone(here: Database) -> None:
    maker = MadePc()
    maker.moment = here.clock.now() - timedelta(days=1)
    customer = maker.customer()
    merge(here, customer)
    before = here.value("SELECT last_at FROM this_pc")
    maker.moment += timedelta(days=3000)
    paid = maker.payment(customer["customers"][0]["id"], "x")
    del paid["payment_allocations"]
    merge(here, paid)
    assert reasons(here) == [] and here.value("SELECT count(*) FROM payments") == 1
    moved = here.value("SELECT last_at FROM this_pc")
    assert before < moved < wire_time(here.clock.now())


def test_what_has_arrived_is_not_sent_back(here: Database, there: Database) -> None:
    merge(here, *sale(there))
    for table in ("customers", "jobs", "payments", "payment_allocations", "ledger_entries", "audit_logs"):
        query = f"SELECT count(*) FROM {table} WHERE sync_status <> 'SYNCED' AND device_id = :id"
        assert here.value(query, {"id": there.device_id}) == 0, table
