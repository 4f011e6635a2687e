"""The shop's schema on the server matches the protocol, and facts cannot be changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import asyncpg
import pytest

from cleanflow.records import RECORDS
from cleanflow.records.checks import rules_of
from cleanflow.records.types import Kind
from cleanflow.sync.protocol import PushRequest
from server import store
from tests.server.conftest import Shop
from tests.sync.made_rows import MadePc

TYPES = {
    Kind.ID: "uuid", Kind.TEXT: "text", Kind.INTEGER: "bigint", Kind.MONEY: "numeric", Kind.DATE: "date",
    Kind.TIMESTAMP: "timestamp with time zone", Kind.BOOL: "boolean", Kind.JSON: "json", Kind.EXTRA: "json",
    Kind.HASH: "text",
}  # fmt: skip

FACTS = [table.name for table in RECORDS.values() if table.is_fact]


@pytest.fixture
def filled(shop: Shop) -> Shop:
    """A shop with at least one row in each table."""
    pc = MadePc()
    shop.run(lambda connection: store.push(connection, pc.id, PushRequest(pc.everything())))
    return shop


async def refused(connection: Any, query: str) -> str:
    with pytest.raises(asyncpg.PostgresError) as error:
        await connection.execute(query)
    return str(error.value)


def test_every_column_of_the_protocol_has_its_postgresql_type(shop: Shop) -> None:
    async def work(connection: Any) -> None:
        for table in RECORDS.values():
            found = await connection.fetch(
                "SELECT column_name, data_type, is_nullable FROM information_schema.columns"
                " WHERE table_schema = current_schema() AND table_name = $1",
                table.name,
            )
            columns = {row[0]: (row[1], row[2] == "YES") for row in found}
            assert columns.pop("change_seq") == ("bigint", False)
            assert columns.pop("last_writer") == ("uuid", False)
            assert columns == {column.name: (TYPES[column.kind], column.nullable) for column in table.fields}
            key = await connection.fetchval(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'p' AND conrelid = $1::regclass",
                table.name,
            )
            assert key == "PRIMARY KEY (id, device_id)"
        described = await connection.fetch("SELECT name, editable FROM synced_tables")
        assert {row[0]: set(row[1]) for row in described} == {
            table.name: set(table.editable) for table in RECORDS.values()
        }

    shop.run(work)


@pytest.mark.parametrize("name", FACTS)
def test_a_fact_can_be_neither_updated_nor_deleted_nor_truncated(filled: Shop, name: str) -> None:
    async def work(connection: Any) -> None:
        before = await connection.fetch(f"SELECT * FROM {name}")
        assert before
        for _ in range(2):
            for query in (
                f"UPDATE {name} SET updated_at = updated_at",
                f"UPDATE {name} SET change_seq = change_seq + 1",
                f"DELETE FROM {name}",
                f"DELETE FROM {name} WHERE false",
                f"TRUNCATE {name}",
                f"TRUNCATE {name} CASCADE",
                f"INSERT INTO {name} SELECT * FROM {name} ON CONFLICT (id, device_id) DO UPDATE SET change_seq = 0",
            ):
                assert "fact_immutable" in await refused(connection, query), query
            await connection.execute(
                "SET session_replication_role = replica"
            )  # not even with triggers switched off
        assert await connection.fetch(f"SELECT * FROM {name}") == before

    filled.run(work)


@pytest.mark.parametrize("name", [name for name in RECORDS if name not in FACTS])
def test_of_a_descriptive_row_only_the_description_changes_and_it_stays(filled: Shop, name: str) -> None:
    async def work(connection: Any) -> None:
        for query in (f"DELETE FROM {name}", f"TRUNCATE {name}"):
            assert "record_permanent" in await refused(connection, query)
        fixed = set(RECORDS[name].names) - set(RECORDS[name].editable) - {"updated_at", "written_by"}
        for column in RECORDS[name].fields:
            if column.name in fixed:
                other = {
                    Kind.ID: "gen_random_uuid()", Kind.MONEY: f"{column.name} + 1", Kind.INTEGER: f"{column.name} + 1",
                    Kind.TIMESTAMP: "now()", Kind.DATE: "DATE '1999-01-01'",
                }.get(column.kind, "'OPENING'")  # fmt: skip
                answer = await refused(connection, f"UPDATE {name} SET {column.name} = {other}")
                assert "record_immutable" in answer or column.name in ("id", "device_id"), (
                    column.name,
                    answer,
                )
        await connection.execute(f"UPDATE {name} SET updated_at = now()")

    filled.run(work)


def test_installing_twice_or_at_once_is_harmless(postgres: str, filled: Shop) -> None:
    fresh = Shop(postgres, f"{filled.schema}_again")

    async def install(shop: Shop) -> None:
        async with shop.connection() as connection:
            await store.install(connection)

    async def work(connection: Any) -> None:
        await store.install(connection)
        assert await connection.fetchval("SELECT count(*) FROM customers") == 1
        await connection.execute(f"CREATE SCHEMA {fresh.schema}")
        try:
            await asyncio.gather(*(install(fresh) for _ in range(4)))
            async with fresh.connection() as other:
                assert await other.fetchval("SELECT version FROM schema_version") == len(store.STEPS)
        finally:
            await connection.execute(f"DROP SCHEMA {fresh.schema} CASCADE")

    filled.run(work)


def test_a_schema_of_a_newer_server_is_left_alone(shop: Shop) -> None:
    async def work(connection: Any) -> None:
        await connection.execute("UPDATE schema_version SET version = 99")
        with pytest.raises(store.SchemaNewer):
            await store.install(connection)
        assert await connection.fetchval("SELECT version FROM schema_version") == 99

    shop.run(work)


@pytest.mark.parametrize("name", RECORDS)
def test_the_database_itself_holds_the_rules_of_the_protocol(shop: Shop, name: str) -> None:
    async def work(connection: Any) -> None:
        query = "SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid = $1::regclass"
        found = {row[0] for row in await connection.fetch(query, name)}
        assert {rule.code for rule in rules_of(RECORDS[name])} <= found

    shop.run(work)


def test_each_table_has_its_function_and_calling_it_twice_changes_nothing(shop: Shop) -> None:
    import json

    rows = MadePc().everything()

    async def work(connection: Any) -> None:
        names = dict(await connection.fetch("SELECT name, function_name FROM synced_tables"))
        assert set(names.values()) >= {
            "sync_customer", "sync_job", "sync_payment", "sync_expense", "sync_ledger_entry", "sync_service_type",
            "sync_user", "sync_audit_log",
        }  # fmt: skip
        for table, function in names.items():
            for expected in ("stored", "already"):
                query = f"SELECT outcome FROM {function}($1, 1, now(), $2::text::json)"
                answers = await connection.fetch(query, rows[table][0]["device_id"], json.dumps(rows[table]))
                assert [answer[0] for answer in answers] == [expected] * len(rows[table]), table

    shop.run(work)


def test_pending_records_are_what_a_pc_has_not_confirmed(shop: Shop) -> None:
    first, second = MadePc(), MadePc()

    async def pending(connection: Any, table: str, limit: int = 100) -> int:
        query = "SELECT count(*) FROM get_pending_records($1, $2, $3)"
        count: int = await connection.fetchval(query, second.id, table, limit)
        return count

    async def work(connection: Any) -> None:
        await store.push(connection, first.id, PushRequest(first.sale()))
        await store.push(connection, first.id, PushRequest(first.sale()))
        assert await pending(connection, "ledger_entries") == 4
        assert await pending(connection, "ledger_entries", 1) == 2  # a push is never cut
        page = await store.pull(connection, second.id, 0)
        assert await pending(connection, "ledger_entries") == 4  # it may have lost the answer
        await store.pull(connection, second.id, page.cursor)
        assert await pending(connection, "ledger_entries") == 0

    shop.run(work)


def test_one_shop_sees_nothing_of_another(new_shop: Callable[[], Shop]) -> None:
    ours, theirs = new_shop(), new_shop()
    pc = MadePc()
    rows = PushRequest(pc.everything())
    ours.run(lambda connection: store.push(connection, pc.id, rows))
    page = theirs.run(lambda connection: store.pull(connection, MadePc().id, 0, include_own=True))
    assert (page.rows, page.cursor) == ({}, 0)
    status = theirs.run(store.status)
    assert not status.chain_heads and set(status.counts.values()) == {0}
    # the same rows are new there: no key, lock or count is shared
    answer = theirs.run(lambda connection: store.push(connection, pc.id, rows))
    assert {record.outcome for part in answer.outcomes.values() for record in part} == {"stored"}

    # a function belongs to its shop, whatever the caller's search path
    async def crossed(connection: Any) -> int:
        query = f"SELECT count(*) FROM {ours.schema}.get_other_device_records($1, 'jobs', 0, 10)"
        count: int = await connection.fetchval(query, MadePc().id)
        return count

    theirs.run(lambda connection: store.push(connection, pc.id, PushRequest(pc.sale())))
    assert theirs.run(crossed) == 1
