"""PostgreSQL: the pool, the migrations, and connections that see one shop only.

A shop's connection has ``search_path`` set to the shop's schema, whose name comes from the control table
alone. When it returns to the pool all settings are reset, temporary tables are dropped, and no prepared
statement survives. store.py and page.py query over such connections; auth.py and admin.py own the control
tables.

Several server processes may open one database at once: migrations run under an advisory lock.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import asyncpg

from . import sql_script, store

log = logging.getLogger("cleanflow.server")

#: A connection of the pool. asyncpg brings no types of its own.
Connection = Any

#: The control schema's migrations, oldest first; each file is applied once, in one transaction.
STEPS: Final = ("control.sql", "control_2.sql")

_OLDEST_POSTGRES: Final = 14
_MIGRATION_LOCK: Final = 0x436C65616E466C6F  # "CleanFlo": one lock for every process on this database
_CONNECT_TIMEOUT_S: Final = 10
_ACQUIRE_TIMEOUT_S: Final = 30  # when every connection is in use
_COMMAND_TIMEOUT_S: Final = 90
_MIGRATION_TIMEOUT_S: Final = 3600

_SETTINGS: Final = {
    "application_name": "cleanflow",
    "timezone": "UTC",
    "statement_timeout": "80s",  # below the client's timeout, so that the server gives up first
    "lock_timeout": "60s",
    "idle_in_transaction_session_timeout": "60s",  # a process that hangs must not hold a shop's lock
}


class DatabaseUnusable(Exception):
    """The database cannot be used; the text is one sentence for the person who runs the server."""


@dataclass(frozen=True)
class Shop:
    """One shop as the control table has it; ``schema_name`` is where its books are."""

    id: str
    name: str
    schema_name: str


class Database:
    """The pool of one process. Opened in the app's lifespan, by :func:`open_database`."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    @asynccontextmanager
    async def control_connection(self) -> AsyncIterator[Connection]:
        """A connection for the control tables, which are always named with their schema."""
        async with self._pool.acquire(timeout=_ACQUIRE_TIMEOUT_S) as connection:
            yield connection

    @asynccontextmanager
    async def connection_for(self, shop: Shop) -> AsyncIterator[Connection]:
        """A connection that finds ``shop``'s tables by their plain names, and no other shop's."""
        async with self._pool.acquire(timeout=_ACQUIRE_TIMEOUT_S) as connection:
            await use_schema(connection, shop)
            yield connection

    async def answers(self) -> bool:
        """Whether the database answers and accepts writes."""
        async with self._pool.acquire(timeout=3) as connection:
            return await connection.fetchval("SELECT NOT pg_is_in_recovery()", timeout=3) is True

    async def forget_connections(self) -> None:
        """Replace all connections: the host behind them has become a standby."""
        await self._pool.expire_connections()

    async def close(self) -> None:
        """Close all connections, after a short wait for those in use."""
        try:
            async with asyncio.timeout(10):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()


async def use_schema(connection: Connection, shop: Shop) -> None:
    """Let plain table names on ``connection`` mean ``shop``'s; pg_temp last, so that nothing shadows them."""
    query = """
        SELECT set_config('search_path', quote_ident(schema_name) || ', pg_temp', false)
          FROM cleanflow_control.shops
         WHERE id = $1::uuid
    """
    if await connection.fetchval(query, shop.id) is None:
        raise LookupError(f"shop {shop.id} is not in the control table")


async def shops(connection: Connection) -> list[Shop]:
    """Every shop, in the order they were made."""
    query = """
        SELECT id::text, name, schema_name
          FROM cleanflow_control.shops
         ORDER BY created_at, id
    """
    return [Shop(**row) for row in await connection.fetch(query)]


async def open_database(url: str, *, pool_size: int = 10) -> Database:
    """Connect, bring the control schema and every shop's schema up to date, and give the pool.

    ``url`` may name several hosts (``postgresql://a:5432,b:5432/name``): the first one that takes writes
    is used, again at every new connection. Raises :class:`DatabaseUnusable`.
    """
    await migrate(url)
    try:
        pool = await asyncpg.create_pool(
            url,
            min_size=1,
            max_size=pool_size,
            timeout=_CONNECT_TIMEOUT_S,
            command_timeout=_COMMAND_TIMEOUT_S,
            connection_class=_OneShopConnection,
            statement_cache_size=0,  # a plan of one shop's tables must not meet another shop's
            server_settings=_SETTINGS,
            **_session_attributes(url),
        )
    except _CONNECTION_ERRORS as error:
        raise DatabaseUnusable(unreachable_sentence(url, error)) from error
    return Database(pool)


async def migrate(url: str) -> None:
    """Apply what is missing, one process at a time. Raises :class:`DatabaseUnusable`."""
    try:
        connection = await asyncpg.connect(
            url,
            timeout=_CONNECT_TIMEOUT_S,
            command_timeout=_MIGRATION_TIMEOUT_S,
            statement_cache_size=0,
            server_settings={"application_name": "cleanflow", "timezone": "UTC"},
            **_session_attributes(url),
        )
    except _CONNECTION_ERRORS as error:
        raise DatabaseUnusable(unreachable_sentence(url, error)) from error
    try:
        major: int = connection.get_server_version().major
        if major < _OLDEST_POSTGRES:
            raise DatabaseUnusable(
                f"This is PostgreSQL {major}; CleanFlow needs {_OLDEST_POSTGRES} or newer."
            )
        await connection.execute("SELECT pg_advisory_lock($1)", _MIGRATION_LOCK)
        await _migrate_control(connection)
        for shop in await shops(connection):
            await use_schema(connection, shop)
            await store.install(connection)
    except store.SchemaNewer as error:
        raise DatabaseUnusable(f"This database was set up by a newer server ({error}).") from error
    except asyncpg.InsufficientPrivilegeError as error:
        raise DatabaseUnusable(f"The database does not let this user make its schemas: {error}.") from error
    finally:
        await connection.close()  # lets the lock go


async def _migrate_control(connection: Connection) -> None:
    exists = await connection.fetchval("SELECT to_regclass('cleanflow_control.steps') IS NOT NULL")
    query = "SELECT coalesce(max(number), 0) FROM cleanflow_control.steps"
    done: int = await connection.fetchval(query) if exists else 0
    if done > len(STEPS):
        raise DatabaseUnusable(
            f"This database was set up by a newer server (step {done}, this one knows {len(STEPS)}):"
            " please use the newer program; nothing was changed."
        )
    for number, name in enumerate(STEPS[done:], start=done + 1):
        async with connection.transaction():
            await connection.execute(sql_script(name))
            await connection.execute("INSERT INTO cleanflow_control.steps (number) VALUES ($1)", number)
        log.info("control schema: step %d (%s) is done", number, name)


def unreachable_sentence(url: str, error: BaseException) -> str:
    """Why the database of ``url`` cannot be used, in words and without its password."""
    reason = str(error) or type(error).__name__
    password = _password_of(url)
    if password:
        reason = reason.replace(password, "…")
    if isinstance(error, TimeoutError):
        reason = f"no answer within {_CONNECT_TIMEOUT_S} s"
    if isinstance(error, asyncpg.TargetServerAttributeNotMatched):
        reason = "it takes no writes, as a standby does"
    return f"The database at {place_of(url)} cannot be reached: {reason.rstrip('.')}."


def place_of(url: str) -> str:
    """Host, port and name of a database's address, never its user or password."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2] or "this machine"
    return host + (parts.path if parts.path != "/" else "")


def _password_of(url: str) -> str:
    user = urlsplit(url).netloc.rpartition("@")[0]
    return user.partition(":")[2]


def _session_attributes(url: str) -> dict[str, str]:
    # With several hosts the first that answers may be a standby; only the one that takes writes is ours.
    return {} if "target_session_attrs" in url else {"target_session_attrs": "read-write"}


class _OneShopConnection(asyncpg.Connection):  # type: ignore[misc]
    """Resets everything between requests, temporary tables included."""

    def get_reset_query(self) -> str:
        return f"{super().get_reset_query()}\nDISCARD TEMP;"


_CONNECTION_ERRORS: Final = (
    OSError,
    TimeoutError,
    ValueError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.TargetServerAttributeNotMatched,
)
