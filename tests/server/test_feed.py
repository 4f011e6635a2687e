"""The change feed: a reader sees each row exactly once, in whole operations, whatever commits meanwhile."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from typing import Any

import pytest

from server import journal, store
from tests.server.conftest import Shop
from tests.sync.made_rows import MadePc, Rows, merged, new_id, request, wire_time

Pages = list[Any]


async def follow(connection: Any, reader: str, since: int = 0, limit: int = 5_000) -> Pages:
    """All pages after ``since``."""
    pages = []
    while True:
        page = await store.pull(connection, reader, since, limit)
        assert page.cursor >= since
        pages.append(page)
        since = page.cursor
        if not page.more:
            return pages


def ids(pages: Pages) -> Counter[str]:
    return Counter(row["id"] for page in pages for part in page.rows.values() for row in part)


def sent(*operations: Rows) -> Counter[str]:
    return Counter(row["id"] for part in merged(*operations).values() for row in part)


def test_a_reader_sees_every_row_once_in_whole_operations_while_eight_pcs_write(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(11)
    log_push = journal.log_push

    async def slow_commit(*arguments: Any) -> bool:
        is_new = await log_push(*arguments)
        await asyncio.sleep(
            chance.uniform(0, 0.03)
        )  # everything is written and the number taken, but the commit is late
        return is_new

    monkeypatch.setattr(journal, "log_push", slow_commit)
    pcs = [MadePc() for _ in range(8)]
    pushed: dict[str, list[Rows]] = {pc.id: [pc.sale() for _ in range(12)] for pc in pcs}
    reader, is_over = new_id(), asyncio.Event

    async def write(pc: MadePc) -> None:
        async with shop.connection() as connection:
            for sale in pushed[pc.id]:
                await asyncio.sleep(chance.uniform(0, 0.05))
                await store.push(connection, pc.id, request(sale))

    async def read(connection: Any, over: asyncio.Event) -> Pages:
        pages: Pages = []
        while True:
            was_over = over.is_set()
            pages += await follow(
                connection, reader, pages[-1].cursor if pages else 0, chance.choice((1, 8, 50))
            )
            if was_over:
                return pages
            await asyncio.sleep(chance.uniform(0, 0.02))

    async def work(connection: Any) -> None:
        over = is_over()
        reading = asyncio.create_task(read(connection, over))
        await asyncio.gather(*(write(pc) for pc in pcs))
        over.set()
        pages = await reading
        everything = [sale for sales in pushed.values() for sale in sales]
        assert ids(pages) == sent(*everything)
        assert len(pages) > 10
        for page in pages:  # a job never arrives without its ledger entry
            jobs = {row["id"] for row in page.rows.get("jobs", ())} | {
                row["id"] for row in page.rows.get("payments", ())
            }
            assert {row["source_id"] for row in page.rows.get("ledger_entries", ())} == jobs
            assert {row["record_id"] for row in page.rows.get("audit_logs", ())} == jobs
        for pc in pcs:  # each PC's history arrives in its order
            chain = [
                row["chain_number"]
                for page in pages
                for row in page.rows.get("ledger_entries", ())
                if row["device_id"] == pc.id
            ]
            assert chain == list(range(1, 25))

    shop.run(work)


def test_a_page_is_whole_pushes_within_the_limits_but_at_least_one(shop: Shop) -> None:
    pc = MadePc()
    sales = [pc.sale() for _ in range(6)]

    async def work(connection: Any) -> None:
        for sale in sales:
            await store.push(connection, pc.id, request(sale))
        for limit, pages in ((1, 6), (8, 6), (16, 3), (23, 3), (24, 2), (100, 1)):
            found = await follow(connection, new_id(), 0, limit)
            assert len(found) == pages and ids(found) == sent(*sales), limit
            assert [page.more for page in found] == [True] * (pages - 1) + [False]
        one = await store.pull(connection, new_id(), 0, 100, 1)
        assert ids([one]) == sent(sales[0]) and one.more
        two = await store.pull(connection, new_id(), 0, 100, len(str(merged(*sales[:2]))))
        assert 1 <= len(two.rows["jobs"]) < 6

    shop.run(work)


def test_an_edited_row_comes_with_its_last_push_alone(shop: Shop) -> None:
    pc, other = MadePc(), MadePc()
    sale = pc.sale()
    other.moment = pc.moment
    edit = other.edited(sale["customers"][0], name="Bea")

    async def work(connection: Any) -> None:
        await store.push(connection, pc.id, request(sale))
        first = await store.pull(connection, other.id, 0)
        await store.push(connection, other.id, request({"customers": [edit]}))
        pages = await follow(connection, new_id(), 0, 1)
        assert "customers" not in pages[0].rows and pages[1].rows == {
            "customers": [edit]
        }  # the parent arrives later
        assert (await store.pull(connection, pc.id, first.cursor)).rows == {"customers": [edit]}
        assert (await store.pull(connection, other.id, first.cursor)).rows == {}

    shop.run(work)


def test_a_pc_does_not_hear_its_own_echo_and_its_cursor_still_moves(shop: Shop) -> None:
    pc = MadePc()

    async def work(connection: Any) -> None:
        cursor = 0
        for _ in range(3):
            answer = await store.push(connection, pc.id, request(pc.sale()))
            page = await store.pull(connection, pc.id, cursor)
            assert page.rows == {} and not page.more and page.cursor == answer.change_seq > cursor
            cursor = page.cursor
        assert len(ids(await follow(connection, pc.id))) == 0
        own = await store.pull(connection, pc.id, 0, include_own=True)
        assert len(own.rows["jobs"]) == 3

    shop.run(work)


def test_no_number_is_given_twice_when_the_server_comes_back_from_a_backup(shop: Shop) -> None:
    """The last pushes are lost; new ones get numbers beyond every cursor."""
    pc, other = MadePc(), MadePc()
    sales = [pc.sale() for _ in range(2)]

    async def work(connection: Any) -> None:
        await store.push(connection, pc.id, request(sales[0]))
        await store.push(connection, pc.id, request(sales[1]))
        cursor = (await store.pull(connection, other.id, 0)).cursor
        await restore_without_the_last_push(connection)
        again = await store.push(connection, pc.id, request(*sales))  # the server is behind, so push again
        assert again.change_seq is not None and again.change_seq > cursor
        page = await store.pull(connection, other.id, cursor)
        assert ids([page]) == sent(sales[1])

    async def restore_without_the_last_push(connection: Any) -> None:
        last = "(SELECT max(change_seq) FROM pushes)"
        for table in sales[0]:
            await connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER no_delete")
            await connection.execute(f"DELETE FROM {table} WHERE change_seq = {last}")
            await connection.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER no_delete")
        await connection.execute(f"DELETE FROM pushes WHERE change_seq = {last}")

    shop.run(work)


def test_a_server_whose_clock_was_set_back_still_counts_upwards(shop: Shop) -> None:
    pc = MadePc()

    async def work(connection: Any) -> None:
        first = await store.push(connection, pc.id, request(pc.sale()))
        assert first.change_seq is not None
        ahead = first.change_seq + 10**15  # the last push was made while the clock stood at 2058
        await connection.execute("UPDATE pushes SET change_seq = $1", ahead)
        second = await store.push(connection, pc.id, request(pc.sale()))
        assert second.change_seq == ahead + 1

    shop.run(work)


def test_the_clock_of_the_answer_is_the_servers(shop: Shop) -> None:
    from datetime import UTC, datetime

    async def work(connection: Any) -> None:
        before = wire_time(datetime.now(UTC))
        page = await store.pull(connection, new_id(), 0)
        assert before <= page.server_time <= wire_time(datetime.now(UTC))

    shop.run(work)
