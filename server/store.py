"""What a shop's PCs ask of its books: push, pull, status; and installing the shop's schema.

Connections come with ``search_path`` set to the shop's schema and outside of a transaction. Rules that
concern rows are in schema.sql, which rows are let in at all in admission.py, the log in journal.py.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import asyncpg

from cleanflow.records import FORMAT, RECORDS
from cleanflow.records.checks import check_rows
from cleanflow.records.types import Row
from cleanflow.sync.protocol import (
    PULL_BYTES,
    PULL_ROWS,
    STORED,
    ChainHead,
    LastSync,
    Outcome,
    PullAnswer,
    PushAnswer,
    PushRequest,
    RecordAnswer,
    StatusAnswer,
)

from . import is_script, journal, sql_script
from .admission import Parts, as_json

#: An asyncpg connection, plain or of a pool.
Connection = Any

#: The scripts that make a shop's schema: a later one adds the tables of its format.
STEPS: Final = (
    "schema.sql",
    *(name for step in range(2, FORMAT + 1) if is_script(name := f"schema_{step}.sql")),
)

_ATTEMPTS: Final = 5
#: On two cores the server and PostgreSQL work side by side when there is much to do.
_LONG_PAYLOAD: Final = 50_000
_HEAD_START_S: Final = 0.001
_RETRIED: Final = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
#: What one row can do to a statement: then the bad ones are looked for.
_ROW_FAULTS: Final = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError)


class ShopBusy(Exception):
    """The push was rolled back because others held the shop for too long: try again."""


class SchemaNewer(Exception):
    """The shop's schema was installed by a newer server than this one."""


class _ChainForked(Exception):
    """The PC is a copy: nothing of its push is kept. Carries the answers up to there."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers


Answers = dict[str, list[RecordAnswer]]


async def push(
    connection: Connection, device_id: str, request: PushRequest, *, predecessors: Collection[str] = ()
) -> PushAnswer:
    """Store what is new, all of it in one transaction, and tell for each row what became of it.

    Idempotent. ``predecessors``: the identities that this PC had before (a restored backup may bring rows
    that the old identity made and never sent). Raises :class:`ShopBusy` after deadlocks or a long wait,
    and what asyncpg raises when the connection is lost: then nothing, or everything, is stored.
    """
    started = time.monotonic()
    parts = Parts(request, {device_id, *predecessors})
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return await _push_once(connection, device_id, parts, request.mark, started)
        except (*_RETRIED, asyncpg.LockNotAvailableError) as error:
            if attempt < _ATTEMPTS and isinstance(error, _RETRIED):
                await asyncio.sleep(random.uniform(0, 0.02 * 2**attempt))
                continue
            await journal.log_failure(connection, device_id, request.count, error, started)
            raise ShopBusy(str(error)) from error
        except asyncpg.PostgresError as error:
            await journal.log_failure(connection, device_id, request.count, error, started)
            raise
    raise AssertionError("unreachable")


async def _push_once(
    connection: Connection, device_id: str, parts: Parts, mark: str, started: float
) -> PushAnswer:
    async with connection.transaction(isolation="read_committed"):
        seq, now, server_time = await connection.fetchrow(
            "SELECT change_seq, at, wire_time(at) FROM begin_push()"
        )
        try:
            async with connection.transaction():
                answers = await _store_all(connection, (device_id, seq, now), parts)
        except _ChainForked as forked:
            answers = _all_refused(parts, forked.answers)
        is_new = await journal.log_push(connection, device_id, seq, parts, answers, mark, started)
    return PushAnswer(answers, seq if is_new else None, server_time)


async def _store_all(connection: Connection, write: tuple[Any, ...], parts: Parts) -> Answers:
    answers: Answers = {}
    try:
        async with connection.transaction():
            for part in parts:
                answers[part.table] = part.completed(
                    await _store(connection, write, part.table, part.admitted, part.payload, ahead=parts)
                )
    except _ROW_FAULTS:
        # The ledger first: a copied database has taken numbers in every table, and its fork says it all.
        for part in sorted(parts, key=lambda part: part.table != "ledger_entries"):
            answers[part.table] = part.completed(
                await _store_carefully(connection, write, part.table, part.admitted)
            )
            _refuse_a_fork(answers)
    _refuse_a_fork(answers)
    return answers


def _refuse_a_fork(answers: Answers) -> None:
    if any(answer.reason == "chain_forked" for answer in answers.get("ledger_entries", ())):
        raise _ChainForked(answers)


async def _store(
    connection: Connection,
    write: tuple[Any, ...],
    table: str,
    rows: Sequence[Row],
    payload: str,
    ahead: Parts | None = None,
) -> list[RecordAnswer]:
    answers = [STORED] * len(rows)
    if not rows:
        return answers
    query = """
        SELECT ordinal, outcome, reason, record::text
          FROM sync_rows($1, $2, $3, $4, $5::text::json)
        """
    storing = asyncio.ensure_future(connection.fetch(query, table, *write, payload))
    try:
        if ahead is not None and len(payload) > _LONG_PAYLOAD:
            await asyncio.sleep(_HEAD_START_S)  # PostgreSQL has its work: time to look at the next table
            ahead.admit_next()
        for ordinal, outcome, reason, record in await storing:
            changed = None if record is None else {**rows[ordinal - 1], **json.loads(record)}
            answers[ordinal - 1] = RecordAnswer(Outcome(outcome), reason, changed)
    finally:
        storing.cancel()
        await asyncio.wait([storing])  # else a rollback would meet a busy connection
    return answers


async def _store_carefully(
    connection: Connection, write: tuple[Any, ...], table: str, rows: Sequence[Row]
) -> list[RecordAnswer]:
    """Halve until the bad rows stand alone; they are refused, and the others stand."""
    try:
        async with connection.transaction():
            return await _store(connection, write, table, rows, as_json(rows))
    except _ROW_FAULTS as error:
        if len(rows) == 1:
            # another row under this number: an alarm, like another row under this id
            is_taken = isinstance(error, asyncpg.UniqueViolationError)
            reason = error.constraint_name or "value_invalid"
            return [RecordAnswer(Outcome.CONFLICT if is_taken else Outcome.REFUSED, reason)]
    middle = len(rows) // 2
    first = await _store_carefully(connection, write, table, rows[:middle])
    return first + await _store_carefully(connection, write, table, rows[middle:])


def _all_refused(parts: Parts, answers: Answers) -> Answers:
    """A forked PC's push: only the alarms tell more than that."""
    refused = RecordAnswer(Outcome.REFUSED, "chain_forked")
    return {
        part.table: [
            answer if answer.outcome is Outcome.CONFLICT else refused
            for answer in answers.get(part.table, [refused] * len(part.rows))
        ]
        for part in parts
    }


async def pull(
    connection: Connection,
    device_id: str,
    since: int,
    limit_rows: int = PULL_ROWS,
    limit_bytes: int = PULL_BYTES,
    *,
    include_own: bool = False,
    only_records: bool = False,
) -> PullAnswer:
    """What others wrote last after ``since``: whole pushes, one of them at least, else within the limits.

    With ``only_records`` their facts are left out, but for what a program must know to merge them.
    """
    started = time.monotonic()
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        # An edit moves its row to a later push, so a push has at most as many rows as it brought.
        page = await connection.fetchrow(
            """
            WITH waiting AS (
                SELECT change_seq, tables, row_number() OVER history AS place,
                       sum(record_count) OVER history AS record_count,
                       sum(byte_count) OVER history AS byte_count
                  FROM (SELECT * FROM pushes
                         WHERE change_seq > $1 AND (device_id <> $2 OR $3)
                         ORDER BY change_seq LIMIT $4::integer + 1) AS pushes
                WINDOW history AS (ORDER BY change_seq)),
            page AS (
                SELECT * FROM waiting
                 WHERE place = 1 OR (record_count <= $4 AND byte_count <= $5))
            SELECT (SELECT max(change_seq) FROM page) AS upto,
                   (SELECT count(*) FROM page) < (SELECT count(*) FROM waiting) AS more,
                   ARRAY(SELECT DISTINCT unnest(page.tables) FROM page) AS tables,
                   coalesce((SELECT max(change_seq) FROM pushes), 0) AS last,
                   wire_time(clock_timestamp()) AS server_time
            """,
            since,
            device_id,
            include_own,
            limit_rows,
            limit_bytes,
        )
        rows: dict[str, list[Row]] = {}
        unknown: dict[str, list[Row]] = {}
        for table in _parents_first(page["tables"]):
            record = RECORDS.get(table)
            is_asked = record is not None and (not record.is_fact or table == "features")
            if only_records and not is_asked:
                continue
            found = await connection.fetchval(
                "SELECT json_agg(record)::text FROM get_other_device_records($1, $2, $3, NULL, $4, $5)",
                device_id,
                table,
                since,
                page["upto"],
                include_own,
            )
            if found is not None:
                (unknown if record is None else rows)[table] = json.loads(found)
    await journal.log_pull(connection, device_id, since, {**rows, **unknown}, started)
    cursor = page["upto"] if page["more"] else max(since, page["last"])
    return PullAnswer(rows, cursor, page["more"], page["server_time"], unknown=unknown)


def _parents_first(tables: Collection[str]) -> list[str]:
    """``tables`` in the order of the declarations; those that this server does not know come last."""
    return [*filter(tables.__contains__, RECORDS), *sorted(set(tables) - RECORDS.keys())]


async def status(connection: Connection) -> StatusAnswer:
    """Chain heads, counts and last syncs, all of one moment."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        heads = await connection.fetch("SELECT device_id::text AS id, number, hash FROM chain_heads()")
        counts = await connection.fetch("SELECT name, records FROM synced_tables ORDER BY name")
        syncs = await connection.fetch(
            "SELECT device_id::text AS id, wire_time(pushed_at) AS pushed_at,"
            " wire_time(pulled_at) AS pulled_at, push_mark FROM last_syncs"
        )
        last = await connection.fetchrow(
            "SELECT coalesce(max(change_seq), 0) AS seq, wire_time(clock_timestamp()) AS now FROM pushes"
        )
    return StatusAnswer(
        {head["id"]: ChainHead(head["number"], head["hash"]) for head in heads},
        {row["name"]: row["records"] for row in counts},
        {sync["id"]: LastSync(sync["pushed_at"], sync["pulled_at"], sync["push_mark"]) for sync in syncs},
        last["seq"],
        last["now"],
    )


async def install(connection: Connection) -> None:
    """Make or bring up to date the schema that ``search_path`` names. Twice, or two at once, is harmless.

    Raises :class:`SchemaNewer` before anything is changed.
    """
    async with connection.transaction():
        await connection.execute(
            "SELECT pg_advisory_xact_lock(hashtext('cleanflow install'), hashtext(current_schema()))"
        )
        exists = await connection.fetchval(
            "SELECT to_regclass(quote_ident(current_schema()) || '.schema_version') IS NOT NULL"
        )
        version = await connection.fetchval("SELECT version FROM schema_version") if exists else 0
        if version > len(STEPS):
            raise SchemaNewer(f"the shop's schema has version {version}, this server knows {len(STEPS)}")
        for step in STEPS[version:]:
            await connection.execute(sql_script(step))
        await connection.execute(
            """
            INSERT INTO schema_version (version) VALUES ($1)
            ON CONFLICT (singleton) DO UPDATE SET version = excluded.version, at = now()
             WHERE schema_version.version <> excluded.version
            """,
            len(STEPS),
        )
        await _enter_carried(connection)


async def _enter_carried(connection: Connection) -> None:
    """Put rows that were carried into their tables, those of tables that this server knows by now.

    They keep their place in the feed. One that cannot be stored stays carried.
    """
    found = await connection.fetch(
        """
        SELECT table_name, last_writer::text AS writer, change_seq, json_agg(row)::text AS rows
          FROM carried_rows WHERE table_name = ANY ($1::text[])
         GROUP BY table_name, last_writer, change_seq ORDER BY change_seq
        """,
        [*RECORDS],
    )
    for group in found:
        table, rows = group["table_name"], json.loads(group["rows"])
        reasons = check_rows(RECORDS[table], rows)
        good = [row for row, reason in zip(rows, reasons, strict=True) if reason is None]
        write = (group["writer"], group["change_seq"], datetime.now(UTC))
        answers = await _store_carefully(connection, write, table, good)
        entered = [
            row["id"]
            for row, answer in zip(good, answers, strict=True)
            if answer.outcome not in (Outcome.REFUSED, Outcome.CONFLICT)
        ]
        await connection.execute(
            "DELETE FROM carried_rows WHERE table_name = $1 AND id = ANY ($2::text[]::uuid[])", table, entered
        )
