"""Operations that contradict the books are set aside with a reason: never forced in, never dropped."""

from __future__ import annotations

from typing import Any

import pytest

from cleanflow.db import Database
from cleanflow.records.chain import entry_hash
from tests.sync.made_rows import MadePc
from tests.sync.merging import Rows, merge, reasons, sale
from tests.sync.pcs import contents


def changed(operation: Rows, table: str, **values: Any) -> Rows:
    """The operation with different values in its row of ``table``."""
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
    """A wrong previous hash does not link to the entry before, other content not to the entry after."""
    customer, entries = _chain_of_three(MadePc())
    others = [one for number, one in enumerate(entries) if number != arrives_last]
    merge(here, customer, *others)
    value: Any = "ab" * 32 if broken == "previous_hash" else 999
    if broken == "amount_minor" and arrives_last == 2:
        forged = changed(
            entries[1], "ledger_entries", amount_minor=999
        )  # takes the number of an existing entry
    else:
        forged = changed(entries[arrives_last], "ledger_entries", **{broken: value})
    merger = merge(here, forged)
    assert sum(merger.contradictions.values()) == 1
    assert here.value("SELECT count(*) FROM ledger_entries") == 2
    assert here.value("SELECT count(*) FROM jobs") == 2
