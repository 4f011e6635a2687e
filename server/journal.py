"""The shop's log of synchronisation: sync_operations for people, pushes and last_syncs for the feed."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import asyncpg

from cleanflow.records.checks import is_id
from cleanflow.records.types import Row
from cleanflow.sync.protocol import STORED, Outcome, RecordAnswer, Rows

from .admission import Part, Parts

_KEPT: Final = "90 days"
_MAX_PROBLEMS: Final = 100

Answers = Mapping[str, Sequence[RecordAnswer]]


async def log_push(
    connection: Any,
    device_id: str,
    change_seq: int,
    parts: Parts,
    answers: Answers,
    mark: str,
    started: float,
) -> bool:
    """Part of the push's own transaction; whether the push brought anything new, and so is in the feed."""
    told = {part.table: _told(part, answers[part.table]) for part in parts}
    new = [part for part in parts if told[part.table].stored]
    if new:
        await connection.execute(
            """
            INSERT INTO pushes (change_seq, device_id, record_count, byte_count, tables)
            VALUES ($1, $2, $3, $4, $5)
            """,
            change_seq,
            device_id,
            sum(told[part.table].stored for part in new),
            sum(_size(part.rows) for part in new),
            [part.table for part in new],
        )
    await connection.execute(
        """
        INSERT INTO last_syncs (device_id, pushed_at, push_mark) VALUES ($1, clock_timestamp(), $2)
        ON CONFLICT (device_id) DO UPDATE
           SET pushed_at = excluded.pushed_at, push_mark = coalesce(excluded.push_mark, last_syncs.push_mark)
        """,
        device_id,
        mark if new and mark else None,
    )
    duration_ms = (time.monotonic() - started) * 1000
    seq = change_seq if new else None
    await connection.executemany(
        """
        INSERT INTO sync_operations (device_id, direction, table_name, change_seq, record_count, stored,
                                     already, superseded, refused, conflicts, outcome, problems, duration_ms)
        VALUES ($1, 'PUSH', $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::text::jsonb, $12)
        """,
        [(device_id, part.table, seq, len(part.rows), *told[part.table], duration_ms) for part in parts],
    )
    await connection.execute(
        "DELETE FROM sync_operations WHERE finished_at < now() - $1::text::interval", _KEPT
    )
    return bool(new)


async def log_failure(
    connection: Any, device_id: str, record_count: int, error: Exception, started: float
) -> None:
    """A push that was rolled back, as far as the connection still allows."""
    try:
        await connection.execute(
            """
            INSERT INTO sync_operations (device_id, direction, table_name, record_count, outcome, error,
                                         duration_ms)
            VALUES ($1, 'PUSH', '', $2, 'FAILED', $3, $4)
            """,
            device_id,
            record_count,
            f"{type(error).__name__}: {error}"[:1000],
            (time.monotonic() - started) * 1000,
        )
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        pass  # the connection is gone; what the caller gets is the error that came first


async def log_pull(connection: Any, device_id: str, since: int, rows: Rows, started: float) -> None:
    """A pull; one that brought nothing only leaves its time."""
    await connection.execute(
        """
        INSERT INTO last_syncs (device_id, pulled_at, pulled_seq) VALUES ($1, clock_timestamp(), $2)
        ON CONFLICT (device_id) DO UPDATE
           SET pulled_at = excluded.pulled_at, pulled_seq = excluded.pulled_seq
        """,
        device_id,
        since,
    )
    duration_ms = (time.monotonic() - started) * 1000
    if rows:
        await connection.executemany(
            """
            INSERT INTO sync_operations (device_id, direction, table_name, record_count, outcome, duration_ms)
            VALUES ($1, 'PULL', $2, $3, 'DONE', $4)
            """,
            [(device_id, table, len(part), duration_ms) for table, part in rows.items()],
        )


class _Told(NamedTuple):
    """What became of one table's rows, as sync_operations has it."""

    stored: int
    already: int
    superseded: int
    refused: int
    conflicts: int
    outcome: str
    problems: str | None


def _told(part: Part, answers: Sequence[RecordAnswer]) -> _Told:
    odd = [(row, answer) for row, answer in zip(part.rows, answers, strict=True) if answer is not STORED]
    counts = Counter(answer.outcome for _, answer in odd)
    problems = [
        {"id": row["id"] if is_id(row.get("id")) else None, "reason": answer.reason}
        for row, answer in odd
        if answer.outcome in (Outcome.REFUSED, Outcome.CONFLICT)
    ][:_MAX_PROBLEMS]
    if counts[Outcome.CONFLICT]:
        outcome = "ALARM"
    else:
        outcome = "PARTLY" if problems else "DONE"
    return _Told(
        len(answers) - len(odd) + counts[Outcome.CORRECTED],
        counts[Outcome.ALREADY],
        counts[Outcome.SUPERSEDED],
        counts[Outcome.REFUSED],
        counts[Outcome.CONFLICT],
        outcome,
        json.dumps(problems) if problems else None,
    )


def _size(rows: Sequence[Row]) -> int:
    # near enough for a page's limit, and a fiftieth of the time of writing them all
    sample = rows[:: 1 + len(rows) // 20]
    return len(json.dumps(sample, ensure_ascii=False, check_circular=False)) * len(rows) // len(sample)
