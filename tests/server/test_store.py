"""Pushing to a shop: what is stored, which edit wins, what is refused; pushing again changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cleanflow.records import RECORDS
from cleanflow.records.types import NO_DEVICE
from cleanflow.sync.protocol import Outcome, PushAnswer, PushRequest, RecordAnswer
from server import store
from tests.server.conftest import Shop
from tests.sync.made_rows import CASH, REVENUE, MadePc, Row, Rows, merged, new_id, request, wire_time


def told(answer: PushAnswer) -> set[str]:
    return {record.outcome.value for part in answer.outcomes.values() for record in part}


async def push(connection: Any, pc: MadePc, *operations: Rows) -> PushAnswer:
    return await store.push(connection, pc.id, request(*operations))


async def push_row(connection: Any, pc: MadePc, table: str, row: Row) -> RecordAnswer:
    return (await push(connection, pc, {table: [row]})).outcomes[table][0]


async def seen(connection: Any) -> Rows:
    """All rows of the shop as a new PC receives them."""
    page = await store.pull(connection, new_id(), 0, 100_000, 10**9)
    return {name: list(part) for name, part in page.rows.items()}


async def counts(connection: Any) -> dict[str, int]:
    return {name: await connection.fetchval(f"SELECT count(*) FROM {name}") for name in RECORDS}


def test_every_table_comes_back_byte_for_byte(shop: Shop) -> None:
    pc = MadePc()
    rows = pc.everything()

    async def work(connection: Any) -> None:
        answer = await push(connection, pc, rows)
        assert told(answer) == {"stored"} and answer.change_seq
        assert await seen(connection) == rows
        own = await store.pull(connection, pc.id, 0)
        assert own.rows == {} and own.cursor == answer.change_seq
        restored = await store.pull(connection, pc.id, 0, include_own=True)
        assert restored.rows == rows
        status = await store.status(connection)
        assert status.chain_heads[pc.id].number == 2 and status.chain_heads[pc.id].hash == pc.head
        expected = await counts(connection)
        assert status.counts == expected | {"settings": 0}  # made by no PC
        assert status.last_syncs[pc.id].pushed_at and status.change_seq == answer.change_seq

    shop.run(work)


def test_a_batch_that_comes_twice_late_or_in_parts_changes_nothing(shop: Shop) -> None:
    pc, other = MadePc(), MadePc()
    first, second = pc.everything(), pc.sale()

    async def work(connection: Any) -> None:
        await push(connection, pc, first)
        await push(connection, pc, second)
        customer = first["customers"][0]
        await push(
            connection,
            other,
            {"customers": [other.edited(customer, name="Bea", updated_at=wire_time(datetime.now(UTC)))]},
        )
        before, feed = await seen(connection), await connection.fetch("SELECT * FROM pushes")
        expected = {"already", "superseded"}
        assert told(await push(connection, pc, first, second)) == expected  # twice
        assert told(await push(connection, pc, first)) == expected  # late
        for name, part in merged(first, second).items():  # in parts, children before parents
            for row in reversed(part):
                answer = await push_row(connection, pc, name, row)
                assert answer.outcome in expected
        assert await seen(connection) == before
        assert await connection.fetch("SELECT * FROM pushes") == feed

    shop.run(work)


def test_a_push_of_nothing_is_no_push_but_a_sign_of_life(shop: Shop) -> None:
    pc = MadePc()

    async def work(connection: Any) -> None:
        answer = await store.push(connection, pc.id, PushRequest({}))
        assert (answer.outcomes, answer.change_seq) == ({}, None)
        assert (await store.status(connection)).last_syncs[pc.id].pushed_at

    shop.run(work)


def test_children_may_come_before_their_parents(shop: Shop) -> None:
    pc = MadePc()
    sale = pc.sale()

    async def work(connection: Any) -> None:
        for name in reversed(list(sale)):
            assert told(await push(connection, pc, {name: sale[name]})) == {"stored"}

    shop.run(work)


def test_the_newer_edit_wins_and_the_older_gets_it(shop: Shop) -> None:
    first, second = MadePc(), MadePc()
    customer = first.customer()["customers"][0]
    older, newer = first.edited(customer, name="Older"), second.edited(customer, name="Newer")
    newer["updated_at"] = wire_time(first.moment + timedelta(seconds=1))

    async def work(connection: Any) -> None:
        await push(connection, first, {"customers": [customer]})
        assert (await push_row(connection, second, "customers", newer)).outcome is Outcome.STORED
        answer = await push_row(connection, first, "customers", older)
        assert (answer.outcome, answer.row) == (Outcome.SUPERSEDED, newer)
        # another PC's edit is sent to the creator of the row, and only there
        assert (await store.pull(connection, first.id, 0)).rows == {"customers": [newer]}
        assert (await store.pull(connection, second.id, 0)).rows == {}

    shop.run(work)


def test_an_edit_of_a_row_that_every_pc_starts_with_is_stored(shop: Shop) -> None:
    first, second = MadePc(), MadePc()

    async def work(connection: Any) -> None:
        assert told(await push(connection, first, first.setting(1, "shop_name", "A"))) == {"stored"}
        second.moment = first.moment + timedelta(seconds=1)
        newer = second.setting(1, "shop_name", "B")
        assert told(await push(connection, second, newer)) == {"stored"}
        assert await seen(connection) == newer
        assert newer["settings"][0]["device_id"] == NO_DEVICE

    shop.run(work)


def test_an_edit_may_not_change_what_is_fixed(shop: Shop) -> None:
    pc, other = MadePc(), MadePc()
    sale = pc.sale()
    other.moment = pc.moment + timedelta(seconds=1)

    async def work(connection: Any) -> None:
        await push(connection, pc, sale)
        cheaper = other.edited(sale["jobs"][0], amount_minor=1, notes="cheaper")
        assert await push_row(connection, other, "jobs", cheaper) == RecordAnswer(
            Outcome.CONFLICT, "record_immutable"
        )
        same_time = sale["jobs"][0] | {"notes": "what is this?"}
        assert await push_row(connection, pc, "jobs", same_time) == RecordAnswer(
            Outcome.CONFLICT, "other_content"
        )
        assert (await seen(connection))["jobs"] == sale["jobs"]

    shop.run(work)


@pytest.mark.parametrize(
    "name", [name for name, table in RECORDS.items() if table.is_fact and name != "ledger_entries"]
)
def test_other_content_under_a_known_id_is_an_alarm(shop: Shop, name: str) -> None:
    pc = MadePc()
    rows = pc.everything()
    changes = {
        "amount_minor": 77,
        "description": "Something else",
        "heads": '{"other": 1}',
        "new_value": '{"other": 1}',
    }
    tampered = rows[name][0] | {key: value for key, value in changes.items() if key in rows[name][0]}

    async def work(connection: Any) -> None:
        await push(connection, pc, rows)
        before = await seen(connection)
        answer = await push(connection, pc, {name: [tampered]}, pc.customer())
        assert answer.outcomes[name] == [RecordAnswer(Outcome.CONFLICT, "other_content")]
        assert answer.outcomes["customers"][0].outcome is Outcome.STORED  # it blocks nothing else
        assert (await seen(connection))[name] == before[name]
        logged = await connection.fetchrow("SELECT * FROM sync_operations WHERE outcome = 'ALARM'")
        assert logged["table_name"] == name and tampered["id"] in logged["problems"]

    shop.run(work)


def test_one_id_under_two_pcs_is_an_alarm(shop: Shop) -> None:
    pc, other = MadePc(), MadePc()
    rows = pc.everything()

    async def work(connection: Any) -> None:
        await push(connection, pc, rows)
        for name in ("customers", "payments"):
            row = (
                rows[name][0]
                | {"device_id": other.id}
                | ({"written_by": other.id} if name == "customers" else {})
            )
            answer = await push_row(connection, other, name, row)
            assert answer == RecordAnswer(Outcome.CONFLICT, "id_taken")

    shop.run(work)


def test_a_reference_number_given_twice_is_an_alarm(shop: Shop) -> None:
    pc = MadePc()
    sale, again = pc.sale(), pc.sale()
    again["payments"][0]["reference_number"] = sale["payments"][0]["reference_number"]

    async def work(connection: Any) -> None:
        await push(connection, pc, sale)
        answer = await push(connection, pc, again)
        assert answer.outcomes["payments"] == [RecordAnswer(Outcome.CONFLICT, "receipt_reference_taken")]
        assert told(answer) == {"stored", "conflict"}

    shop.run(work)


def test_a_poison_record_is_refused_with_its_reason_and_the_others_are_stored(shop: Shop) -> None:
    pc = MadePc()
    sales = [pc.sale() for _ in range(20)]
    rows = merged(*sales)
    rows["jobs"][3]["amount_minor"] = 0  # refused before the database is asked
    rows["payments"][5] |= {"kind": "REVERSAL"}
    rows["payments"][7] |= {"reference_number": rows["payments"][2]["reference_number"]}  # found by it
    rows["payments"][11] |= {"method": None}
    rows["customers"].append(rows["customers"][0])
    rows["audit_logs"][0]["device_id"] = new_id()
    rows["jobs"].append({})

    async def work(connection: Any) -> None:
        answer = await push(connection, pc, rows)
        odd = {
            (name, place): (record.outcome.value, record.reason)
            for name, part in answer.outcomes.items()
            for place, record in enumerate(part)
            if record.outcome is not Outcome.STORED
        }
        assert odd == {
            ("jobs", 3): ("refused", "value_invalid:amount_minor"),
            ("jobs", 20): ("refused", "column_missing:id"),
            ("payments", 5): ("refused", "reversal_incomplete"),
            ("payments", 7): ("conflict", "receipt_reference_taken"),
            ("payments", 11): ("refused", "method_missing"),
            ("customers", 20): ("refused", "record_twice"),
            ("audit_logs", 0): ("refused", "foreign_fact"),
        }
        assert await connection.fetchval("SELECT count(DISTINCT change_seq) FROM ledger_entries") == 1
        logged = await connection.fetch("SELECT * FROM sync_operations WHERE outcome <> 'DONE' ORDER BY id")
        assert [(row["table_name"], row["stored"], row["refused"]) for row in logged] == [
            ("customers", 20, 1), ("jobs", 19, 2), ("payments", 17, 2), ("audit_logs", 39, 1),
        ]  # fmt: skip
        mended = rows["payments"][5] | {"kind": "PAYMENT"}
        assert (await push_row(connection, pc, "payments", mended)).outcome is Outcome.STORED

    shop.run(work)


def test_a_pc_writes_as_itself_and_as_who_it_was_before(shop: Shop) -> None:
    pc, other = MadePc(), MadePc()
    sale = other.sale()

    async def work(connection: Any) -> None:
        answer = await push(connection, pc, sale)
        assert {record.reason for part in answer.outcomes.values() for record in part} == {
            "foreign_fact",
            "foreign_edit",
        }
        assert answer.change_seq is None and await seen(connection) == {}
        taken_over = await store.push(connection, pc.id, PushRequest(sale), predecessors=[other.id])
        assert told(taken_over) == {"stored"}

    shop.run(work)


# --- the chain -----------------------------------------------------------------------------------


def ledger(*sales: Rows) -> list[Row]:
    return merged(*sales)["ledger_entries"]


def test_entries_after_a_missing_one_wait_for_it(shop: Shop) -> None:
    pc = MadePc()
    entries = ledger(*(pc.sale() for _ in range(4)))

    async def work(connection: Any) -> None:
        async def outcomes(part: list[Row]) -> list[str | None]:
            answer = await push(connection, pc, {"ledger_entries": part})
            return [record.reason or record.outcome.value for record in answer.outcomes["ledger_entries"]]

        assert await outcomes(entries[2:4]) == ["chain_gap", "chain_gap"]
        assert await outcomes([entries[0], entries[2], entries[1], entries[4]]) == [
            "stored",
            "stored",
            "stored",
            "chain_gap",
        ]
        assert await outcomes(entries[1:]) == [
            "already",
            "already",
            "stored",
            "stored",
            "stored",
            "stored",
            "stored",
        ]
        assert (await store.status(connection)).chain_heads[pc.id].number == 8

    shop.run(work)


def test_a_tampered_entry_is_refused_and_what_follows_it_waits(shop: Shop) -> None:
    pc = MadePc()
    entries = ledger(*(pc.sale() for _ in range(2)))
    entries[1] = entries[1] | {"debit_account_id": CASH, "credit_account_id": REVENUE}

    async def work(connection: Any) -> None:
        answer = await push(connection, pc, {"ledger_entries": entries})
        assert [record.reason for record in answer.outcomes["ledger_entries"]] == [
            None,
            "hash_wrong",
            "chain_gap",
            "chain_gap",
        ]

    shop.run(work)


@pytest.mark.parametrize("same_numbers", [True, False])
def test_a_forked_chain_is_refused_by_name_and_nothing_of_its_push_is_kept(
    shop: Shop, same_numbers: bool
) -> None:
    pc = MadePc()
    shared = pc.sale()
    copy = MadePc(device_id=pc.id)
    copy.number, copy.head, copy.references = pc.number, pc.head, pc.references if same_numbers else 1000
    ours, theirs = pc.sale(), copy.sale()
    behind = copy.sale()

    async def work(connection: Any) -> None:
        await push(connection, pc, shared, ours)
        before = await seen(connection)
        for rows in (merged(theirs, behind), theirs, behind):
            answer = await push(connection, copy, rows)
            assert told(answer) <= {"refused", "conflict"} and answer.change_seq is None
            assert {record.reason for part in answer.outcomes.values() for record in part} == {"chain_forked"}
            assert "conflict" in told(answer)
        assert await seen(connection) == before
        assert (await store.status(connection)).counts["customers"] == 2
        assert await connection.fetchval("SELECT count(*) FROM sync_operations WHERE outcome = 'ALARM'") == 3
        # the original goes on
        assert told(await push(connection, pc, pc.sale())) == {"stored"}

    shop.run(work)


# --- clocks --------------------------------------------------------------------------------------


def test_a_clock_years_ahead_does_not_win_for_ever(shop: Shop) -> None:
    now = datetime.now(UTC)
    ahead, honest = MadePc(now + timedelta(days=900)), MadePc(now)
    rows = ahead.sale()
    customer = rows["customers"][0]

    async def work(connection: Any) -> None:
        answer = await push(connection, ahead, rows)
        (corrected,) = answer.outcomes["customers"]
        assert corrected.outcome is Outcome.CORRECTED and corrected.row is not None
        assert {name for name in customer if corrected.row[name] != customer[name]} == {"updated_at"}
        assert abs(datetime.fromisoformat(corrected.row["updated_at"]) - now) < timedelta(minutes=1)
        stored = await seen(connection)
        assert stored["customers"] == [corrected.row]
        assert stored["payments"] == rows["payments"]  # facts keep their time, which is part of their content

        # after a lost answer, the same push gets the same answer
        again = await push(connection, ahead, rows)
        assert again.outcomes["customers"] == [corrected] and await seen(connection) == stored

        # a PC with a right clock edits; the late duplicate does not win over it
        honest.moment = datetime.now(UTC)
        edit = honest.edited(corrected.row, name="Honest")
        assert (await push_row(connection, honest, "customers", edit)).outcome is Outcome.STORED
        late = await push_row(connection, ahead, "customers", customer)
        assert (late.outcome, late.row) == (Outcome.SUPERSEDED, edit)

        # a later edit by the fast PC does
        further = await push_row(connection, ahead, "customers", ahead.edited(edit, name="Fast again"))
        assert further.outcome is Outcome.CORRECTED and further.row is not None
        assert further.row["updated_at"] > edit["updated_at"]

    shop.run(work)


def test_an_edit_from_a_fast_clock_is_still_later_than_what_it_edits(shop: Shop) -> None:
    now = datetime.now(UTC)
    bit_ahead, far_ahead = MadePc(now + timedelta(seconds=50)), MadePc(now + timedelta(days=1))
    customer = bit_ahead.customer()["customers"][0]

    async def work(connection: Any) -> None:
        assert (
            await push_row(connection, bit_ahead, "customers", customer)
        ).outcome is Outcome.STORED  # tolerated
        answer = await push_row(connection, far_ahead, "customers", far_ahead.edited(customer, name="Later"))
        assert answer.outcome is Outcome.CORRECTED and answer.row is not None
        assert answer.row["updated_at"] > customer["updated_at"]

    shop.run(work)
