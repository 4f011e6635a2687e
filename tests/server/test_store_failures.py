"""Killed backends, deadlocks and long waits during a push: nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
import contextlib
import random
from typing import Any

import asyncpg
import pytest

from cleanflow.sync.protocol import PushAnswer
from server import store
from tests.server.conftest import Shop
from tests.sync.made_rows import MadePc, Rows, new_id, request


def told(answer: PushAnswer) -> set[str]:
    return {record.outcome.value for part in answer.outcomes.values() for record in part}


def test_a_backend_killed_in_the_middle_of_a_push_loses_nothing_acknowledged(shop: Shop) -> None:
    """Twenty pushes whose backends are killed; each is repeated until it is acknowledged, as by a PC."""
    pc, chance = MadePc(), random.Random(5)
    batches = [[pc.sale() for _ in range(30)] for _ in range(20)]
    kills = 0

    async def attempt(connection: Any, admin: Any, batch: list[Rows]) -> PushAnswer:
        nonlocal kills
        backend = connection.get_server_pid()
        pushing = asyncio.create_task(store.push(connection, pc.id, request(*batch)))
        await asyncio.sleep(chance.uniform(0, 0.06))
        if not pushing.done():
            await admin.execute("SELECT pg_terminate_backend($1)", backend)
            kills += 1
        return await pushing

    async def work(admin: Any) -> None:
        nonlocal kills
        for batch in batches:
            with contextlib.suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                async with shop.connection() as connection:
                    await attempt(connection, admin, batch)
            before = await rows_of_chain(admin)
            assert before in (len_until(batch), len_until(batch) - 60)  # the whole push or nothing
            async with shop.connection() as connection:
                answer = await store.push(connection, pc.id, request(*batch))
            assert told(answer) <= {"stored", "already"} and len(told(answer)) == 1
            assert await rows_of_chain(admin) == len_until(batch)
        page = await store.pull(admin, new_id(), 0)
        assert page.rows["ledger_entries"] == [
            entry for batch in batches for sale in batch for entry in sale["ledger_entries"]
        ]

    def len_until(batch: list[Rows]) -> int:
        return 60 * (batches.index(batch) + 1)

    async def rows_of_chain(connection: Any) -> int:
        count: int = await connection.fetchval("SELECT count(*) FROM ledger_entries")
        return count

    shop.run(work)
    assert kills >= 5


def test_a_deadlock_is_tried_again_and_nobody_notices(shop: Shop) -> None:
    """Another session holds a lock that the push needs, and waits for one that the push holds."""
    pc = MadePc()

    async def work(rival: Any) -> None:
        await rival.execute("SET deadlock_timeout = '10s'")
        async with shop.connection() as connection:
            await connection.execute("SET deadlock_timeout = '50ms'")  # so that the push is the victim
            await rival.execute("BEGIN; LOCK TABLE ledger_entries IN EXCLUSIVE MODE")
            pushing = asyncio.create_task(store.push(connection, pc.id, request(pc.sale())))
            while not await waiting(rival):
                await asyncio.sleep(0.01)
            await rival.execute("LOCK TABLE customers IN EXCLUSIVE MODE; COMMIT")
            assert told(await pushing) == {"stored"}
        assert await rival.fetchval("SELECT count(*) FROM ledger_entries") == 2

    async def waiting(connection: Any) -> bool:
        query = (
            "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'ledger_entries'::regclass)"
        )
        return bool(await connection.fetchval(query))

    shop.run(work)


def test_a_shop_that_is_held_too_long_answers_busy_and_logs_it(shop: Shop) -> None:
    pc = MadePc()

    async def work(connection: Any) -> None:
        async with shop.connection() as rival, rival.transaction():
            await rival.fetchrow("SELECT * FROM begin_push()")
            await connection.execute("SET lock_timeout = '50ms'")
            with pytest.raises(store.ShopBusy):
                await store.push(connection, pc.id, request(pc.sale()))
        failed = await connection.fetchrow("SELECT * FROM sync_operations")
        assert (
            failed["outcome"] == "FAILED"
            and "LockNotAvailable" in failed["error"]
            and failed["record_count"] == 8
        )
        assert told(await store.push(connection, pc.id, request(pc.sale()))) <= {"stored", "refused"}

    shop.run(work)


def test_a_push_that_is_cancelled_leaves_the_pooled_connection_usable_and_nothing_behind(shop: Shop) -> None:
    """With the server's pool: releasing a connection resets asyncpg's state after a cancelled BEGIN."""
    pc = MadePc()
    sales = [pc.sale() for _ in range(300)]

    async def cancelled_push(pool: Any, delay_s: float) -> int:
        async with pool.acquire() as connection:
            pushing = asyncio.create_task(store.push(connection, pc.id, request(*sales)))
            await asyncio.sleep(delay_s)
            pushing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await pushing
            backend: int = connection.get_server_pid()
            return backend

    async def work(_: Any) -> None:
        settings = {"search_path": shop.schema}
        async with asyncpg.create_pool(shop.url, min_size=1, max_size=1, server_settings=settings) as pool:
            backends = set()
            for delay_s in (0.0, 0.0, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.02, 0.05):
                backends.add(await cancelled_push(pool, delay_s))
                assert await pool.fetchval("SELECT count(*) FROM ledger_entries") in (0, 600)
            async with pool.acquire() as connection:
                assert told(await store.push(connection, pc.id, request(*sales))) <= {"stored", "already"}
            assert len(backends) == 1

    shop.run(work)


def test_a_push_that_is_cancelled_while_the_server_looks_ahead_waits_for_its_statement(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_HEAD_START_S", 60)
    pc = MadePc()
    sales = [pc.sale() for _ in range(300)]

    async def work(connection: Any) -> None:
        async with shop.connection() as rival, rival.transaction():
            await rival.execute("LOCK TABLE customers IN EXCLUSIVE MODE")
            pushing = asyncio.create_task(store.push(connection, pc.id, request(*sales)))
            await asyncio.sleep(0.3)
            pushing.cancel()
            with pytest.raises(asyncio.CancelledError):
                await pushing
        assert await connection.fetchval("SELECT count(*) FROM customers") == 0

    shop.run(work)
