"""The server's administration: shops, join codes, PCs, links; and migrations by several processes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import asyncpg
import pytest

from server import admin
from server.admin import AdminRefused
from server.database import STEPS, DatabaseUnusable, migrate, open_database, shops, unreachable_sentence
from tests.server.live import fresh_database, run_sql, with_connection


@pytest.fixture
def database(postgres: str) -> Iterator[str]:
    with fresh_database(postgres) as url:
        asyncio.run(migrate(url))
        yield url


def test_a_shop_gets_a_schema_of_its_own(database: str) -> None:
    first = with_connection(database, lambda connection: admin.new_shop(connection, "  Sparkle   Ltd "))
    second = with_connection(database, lambda connection: admin.new_shop(connection, "Shine"))
    assert first.name == "Sparkle Ltd"
    assert first.schema_name == "shop_" + first.id.replace("-", "")
    for shop in (first, second):
        assert run_sql(database, "SELECT count(*) FROM customers", shop=shop)[0][0] == 0


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "a\nb\0", "\u202edne"])
def test_an_invalid_shop_name_is_refused(database: str, name: str) -> None:
    with pytest.raises(AdminRefused):
        with_connection(database, lambda connection: admin.new_shop(connection, name))


def test_a_name_like_an_attack_is_just_a_name(database: str) -> None:
    name = "Robert'); DROP SCHEMA cleanflow_control CASCADE;--"
    made = with_connection(database, lambda connection: admin.new_shop(connection, name))
    assert made == with_connection(database, lambda connection: admin.find_shop(connection, name.upper()))


def test_a_taken_name_is_refused_and_leaves_no_schema(database: str) -> None:
    with_connection(database, lambda connection: admin.new_shop(connection, "Sparkle"))
    with pytest.raises(AdminRefused, match="already"):
        with_connection(database, lambda connection: admin.new_shop(connection, "SPARKLE"))
    query = "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'shop\\_%'"
    assert run_sql(database, query)[0][0] == 1


def test_nobody_can_choose_a_schema_name(database: str) -> None:
    with pytest.raises(asyncpg.PostgresError):
        run_sql(database, "INSERT INTO cleanflow_control.shops (name, schema_name) VALUES ('x', 'public')")


def test_an_unknown_shop_or_pc_is_refused_with_what_there_is(database: str) -> None:
    with_connection(database, lambda connection: admin.new_shop(connection, "Sparkle"))
    with pytest.raises(AdminRefused, match="There are: Sparkle"):
        with_connection(database, lambda connection: admin.find_shop(connection, "Spark"))
    with pytest.raises(AdminRefused, match="no PC"):
        with_connection(database, lambda connection: admin.revoke(connection, "C1"))


def test_a_pc_code_that_two_shops_have_is_revoked_only_where_it_is_said(database: str) -> None:
    async def work(connection: object) -> tuple[object, int]:
        made = [await admin.new_shop(connection, name) for name in ("One", "Two")]
        for number, shop in enumerate(made):
            query = """
                INSERT INTO cleanflow_control.devices (shop_id, device_id, code, token_hash)
                VALUES ($1::uuid, gen_random_uuid(), 'C1', $2)
            """
            await connection.execute(query, shop.id, bytes([number] * 32))  # type: ignore[attr-defined]
        with pytest.raises(AdminRefused, match="more than one PC"):
            await admin.revoke(connection, "c1")
        revoked = await admin.revoke(connection, "c1", made[1])
        others = await admin.devices(connection, made[0])
        return revoked, sum(device.revoked_at is not None for device in others)

    revoked, others_revoked = with_connection(database, work)
    assert revoked.shop_name == "Two"
    assert revoked.revoked_at is not None
    assert others_revoked == 0


def test_several_processes_that_start_at_once_migrate_once(postgres: str) -> None:
    async def start_all(url: str) -> int:
        opened = await asyncio.gather(*(open_database(url, pool_size=1) for _ in range(5)))

        async def first(database: object) -> object:
            async with database.control_connection() as connection:  # type: ignore[attr-defined]
                return await admin.first_shop(connection, "Mine")

        made = await asyncio.gather(*map(first, opened))
        assert len(set(made)) == 1
        async with opened[0].control_connection() as connection:
            known = await shops(connection)
        for database in opened:
            await database.close()
        return len(known)

    with fresh_database(postgres) as url:
        assert asyncio.run(start_all(url)) == 1
        assert len(run_sql(url, "SELECT * FROM cleanflow_control.steps")) == len(STEPS)


def test_a_database_of_a_newer_server_is_left_alone(database: str) -> None:
    run_sql(database, "INSERT INTO cleanflow_control.steps (number) VALUES (99)")
    with pytest.raises(DatabaseUnusable, match="newer server"):
        asyncio.run(migrate(database))


def test_a_connection_goes_back_without_anything_of_its_shop(database: str) -> None:
    async def work() -> None:
        opened = await open_database(database, pool_size=1)
        async with opened.control_connection() as connection:
            shop = await admin.new_shop(connection, "Sparkle")
        async with opened.connection_for(shop) as connection:
            assert await connection.fetchval("SELECT current_schema()") == shop.schema_name
            await connection.execute("CREATE TEMP TABLE left_over AS SELECT 1")
            await connection.execute("SET statement_timeout = '1s'")
        async with opened.control_connection() as connection:
            assert await connection.fetchval("SHOW search_path") == '"$user", public'
            assert await connection.fetchval("SHOW statement_timeout") == "80s"
            assert await connection.fetchval("SELECT to_regclass('left_over')") is None
        await opened.close()

    asyncio.run(work())


def test_nothing_in_the_message_of_an_unreachable_database_is_secret() -> None:
    url = "postgresql://me:hunter2@db.example.com:5432/shop"
    said = unreachable_sentence(url, OSError("cannot connect with hunter2"))
    assert "hunter2" not in said
    assert "db.example.com:5432/shop" in said
