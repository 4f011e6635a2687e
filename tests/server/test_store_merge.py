"""The last update wins, ties included, whatever the order of arrival and the number of PCs."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server import store
from tests.server.conftest import Shop
from tests.sync.made_rows import MadePc, Row, new_id, wire_time

PCS = [MadePc() for _ in range(3)]
START = datetime(2026, 3, 10, tzinfo=UTC)

#: (number of the PC, microsecond): few values each, so that there are ties.
edits = st.lists(st.tuples(st.integers(0, 2), st.integers(1, 3)), min_size=1, max_size=8, unique=True)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # the shop is shared, so each example edits its own customer
@given(edits, st.data())
def test_the_greatest_time_and_then_the_greatest_pc_wins_in_any_order(
    shop: Shop, edits: list[tuple[int, int]], data: st.DataObject
) -> None:
    created = PCS[0].customer(at=wire_time(START))["customers"][0]
    versions = [
        created | {"name": f"{pc}-{at}", "written_by": PCS[pc].id, "updated_at": wire_time(START + timedelta(microseconds=at))}
        for pc, at in edits
    ]  # fmt: skip
    order = data.draw(st.permutations(versions)) + data.draw(st.lists(st.sampled_from(versions), max_size=4))
    winner = max(versions, key=lambda row: (row["updated_at"], row["written_by"]))

    async def work(connection: Any) -> Row:
        for row in order:
            answer = await store.push(connection, row["written_by"], store.PushRequest({"customers": [row]}))
            told = answer.outcomes["customers"][0]
            stored = await current(connection, row["id"])
            assert stored == (told.row or row)  # the PC is told what the server has
        return await current(connection, created["id"])

    assert shop.run(work) == winner


async def current(connection: Any, customer_id: str) -> Row:
    page = await store.pull(connection, new_id(), 0)
    (row,) = (row for row in page.rows["customers"] if row["id"] == customer_id)
    return dict(row)


def test_two_connections_that_push_the_same_at_once_store_it_once(shop: Shop) -> None:
    pc = MadePc()
    requests = [store.PushRequest(pc.sale()) for _ in range(10)]

    async def work(connection: Any) -> None:
        async def pushing() -> list[str]:
            async with shop.connection() as own:
                answers = [await store.push(own, pc.id, request) for request in requests]
            return [
                record.outcome.value
                for answer in answers
                for part in answer.outcomes.values()
                for record in part
            ]

        told = await asyncio.gather(*(pushing() for _ in range(4)))
        for records in zip(*told, strict=True):
            # the first one stored it; an entry that comes before its predecessor waits
            assert records.count("stored") == 1 and set(records) <= {"stored", "already"}
        assert await connection.fetchval("SELECT count(*) FROM pushes") == 10
        assert (await store.status(connection)).chain_heads[pc.id].number == 20

    shop.run(work)
