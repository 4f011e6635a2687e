"""Fixtures: shops with fresh schemas on the session's PostgreSQL."""

from __future__ import annotations

import asyncio
import tempfile
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest

T = TypeVar("T")


@pytest.fixture
def new_folder() -> Iterator[Path]:
    """A data folder for an embedded PostgreSQL, which runs as another user when the tests run as root.

    Not in pytest's folder: each pytest that starts on the machine makes that inaccessible to other users.
    """
    with tempfile.TemporaryDirectory(prefix="cleanflow-serve-") as name:
        yield Path(name)


class Shop:
    """The schema of one shop, and connections that see only it."""

    def __init__(self, url: str, schema: str) -> None:
        self.url = url
        self.schema = schema

    @asynccontextmanager
    async def connection(self) -> Any:
        import asyncpg

        connection = await asyncpg.connect(self.url, server_settings={"search_path": self.schema})
        try:
            yield connection
        finally:
            await connection.close()

    def run(self, work: Callable[[Any], Awaitable[T]]) -> T:
        """``work(connection)`` in an event loop of its own."""

        async def connected() -> T:
            async with self.connection() as connection:
                return await work(connection)

        return asyncio.run(connected())


@pytest.fixture
def new_shop(postgres: str) -> Iterator[Callable[[], Shop]]:
    """Creates shops with an installed schema; they are dropped after the test."""
    made: list[Shop] = []

    def make() -> Shop:
        shop = Shop(postgres, f"shop_{uuid.uuid4().hex}")
        made.append(shop)

        async def install(connection: Any) -> None:
            from server import store

            await connection.execute(f"CREATE SCHEMA {shop.schema}")
            await store.install(connection)

        shop.run(install)
        return shop

    yield make
    for shop in made:
        shop.run(lambda connection, name=shop.schema: connection.execute(f"DROP SCHEMA {name} CASCADE"))


@pytest.fixture
def shop(new_shop: Callable[[], Shop]) -> Shop:
    return new_shop()
