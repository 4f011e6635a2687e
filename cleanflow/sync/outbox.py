"""The outbox: batches of whole operations to send, and marking their rows after the answer.

A row is marked as sent only if it is unchanged since it was sent: an edit made meanwhile stays unsent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from cleanflow.db import Database, snapshot
from cleanflow.records import RECORDS
from cleanflow.records.types import Record, Row
from cleanflow.sync.adopting import adopt
from cleanflow.sync.protocol import MAX_PUSH_ROWS, PUSH_ROWS, Outcome, PushAnswer, RecordAnswer
from cleanflow.sync.repair.losses import note_loss
from cleanflow.sync.short_transactions import in_pieces
from cleanflow.sync.state import position
from cleanflow.sync.waiting import set_aside

#: Rows sent per batch, and therefore the least that others fetch at once.
BATCH_ROWS = PUSH_ROWS


@dataclass(frozen=True)
class Sent:
    """One row of a batch: its place in the database, and the version that was sent."""

    table: str
    rowid: int
    row: Row


@dataclass(frozen=True)
class Span:
    """The unsent rows that a batch was read from: created after ``after`` and up to ``upto``.

    A row edited after ``seen_at`` no longer belongs to it.
    """

    after: str
    upto: str
    seen_at: str


@dataclass
class Batch:
    """Rows for the wire, each with its place in the database. ``span`` is set if they are all of its rows."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    sent: dict[str, list[Sent]] = field(default_factory=dict)
    span: Span | None = None

    @property
    def count(self) -> int:
        """The number of rows."""
        return sum(map(len, self.rows.values()))

    def halves(self) -> tuple[Batch, Batch]:
        """The rows in two batches, for a server that accepts no more at once."""
        whole = [one for part in self.sent.values() for one in part]
        first, second = Batch(), Batch()
        for place, one in enumerate(whole):
            (first if place < len(whole) // 2 else second).add(one.table, one.rowid, one.row)
        return first, second

    def bytes_about(self) -> int:
        """Approximate size of the batch as JSON, in bytes; only reports of closed days are long."""
        reports = (row.get("report") for part in self.rows.values() for row in part)
        return 600 * self.count + sum(4 * len(report) for report in reports if report)

    def add(self, table: str, rowid: int, row: Row) -> None:
        """Append a row."""
        self.rows.setdefault(table, []).append(row)
        self.sent.setdefault(table, []).append(Sent(table, rowid, row))


@dataclass
class Acknowledged:
    """Outcome of a batch. ``refused``: code -> count. ``tables``: tables whose rows have changed here."""

    stored: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    tables: set[str] = field(default_factory=set)


def batches(db: Database, batch_rows: int = BATCH_ROWS) -> Iterator[Batch]:
    """All unsent rows once, oldest operation first, cut only between operations.

    (An operation with more rows than the server accepts at once is cut all the same.)
    """
    after = ""
    while True:
        with snapshot(db):
            upto = _boundary(db, after, batch_rows)
            if upto is None:
                return
            span = Span(after, upto, db.value("SELECT last_at FROM app_settings"))
            gathered = list(_rows_between(db, after, upto))
        for start in range(0, len(gathered), MAX_PUSH_ROWS):
            batch = Batch(span=span if len(gathered) <= MAX_PUSH_ROWS else None)
            for sent in gathered[start : start + MAX_PUSH_ROWS]:
                batch.add(sent.table, sent.rowid, sent.row)
            yield batch
        after = upto


def _boundary(db: Database, after: str, batch_rows: int) -> str | None:
    """Timestamp of the last operation that fits into a batch; at least that of the next one."""
    times: list[str] = []
    for table in RECORDS:
        query = f"""
            SELECT {position(table)} FROM {table}
             WHERE sync_status <> 'SYNCED' AND {position(table)} > :after
             ORDER BY 1 LIMIT :limit
        """
        times += [row[0] for row in db.rows(query, {"after": after, "limit": batch_rows + 1})]
    times.sort()
    if len(times) <= batch_rows:
        return times[-1] if times else None
    whole = [time for time in times[:batch_rows] if time < times[batch_rows]]
    return whole[-1] if whole else times[0]


def _rows_between(db: Database, after: str, upto: str) -> Iterator[Sent]:
    for table in RECORDS.values():
        query = f"""
            SELECT rowid, {", ".join(table.names)} FROM {table.name}
             WHERE sync_status <> 'SYNCED' AND {position(table.name)} > :after
               AND {position(table.name)} <= :upto
             ORDER BY {position(table.name)}, rowid
        """
        make = wire_row(table)
        for row in db.rows(query, {"after": after, "upto": upto}):
            yield Sent(table.name, row[0], make(row[1:]))


def wire_row(table: Record) -> Callable[[Any], Row]:
    """A function that turns the values of ``table``'s columns into a row for the wire."""
    names = table.names
    switches = table.switches

    def make(values: Any) -> Row:
        row = dict(zip(names, values, strict=True))
        for name in switches:
            row[name] = bool(row[name])
        return row

    return make


def acknowledge(db: Database, batch: Batch, answer: PushAnswer) -> Acknowledged:
    """Mark what the server has stored, keep its reasons for refused rows, and adopt newer edits."""
    set_aside(db, answer.odd)
    done = Acknowledged()
    in_pieces(db, _steps(batch, answer, done), lambda db, step: step(db), merging=True)
    return done


def _steps(batch: Batch, answer: PushAnswer, done: Acknowledged) -> Iterator[Callable[[Database], None]]:
    """The steps of an acknowledgement: one for a table whose rows were all stored, else one per row."""
    for table, sent in batch.sent.items():
        outcomes = answer.outcomes[table]
        if batch.span and all(one.outcome in _TAKEN for one in outcomes):
            done.stored += len(sent)
            yield partial(_mark_all, table=table, span=batch.span)
        else:
            for pair in zip(sent, outcomes, strict=True):
                yield partial(_acknowledge_one, done, pair=pair)


_TAKEN = (Outcome.STORED, Outcome.ALREADY)


def _mark_all(db: Database, table: str, span: Span) -> None:
    """Mark all rows of the span as SYNCED. (A row edited meanwhile is newer than ``seen_at``.)"""
    db.execute(
        f"UPDATE {table} SET sync_status = 'SYNCED', sync_error = NULL"
        f" WHERE sync_status <> 'SYNCED' AND {position(table)} > :after AND {position(table)} <= :upto"
        " AND updated_at <= :seen_at",
        vars(span),
    )


def _acknowledge_one(done: Acknowledged, db: Database, *, pair: tuple[Sent, RecordAnswer]) -> None:
    sent, answer = pair
    match answer.outcome:
        case Outcome.STORED | Outcome.ALREADY:
            done.stored += 1
            _mark(db, sent, "SYNCED")
        case Outcome.CORRECTED:
            done.stored += 1
            _mark(db, sent, "SYNCED", updated_at=answer.row["updated_at"] if answer.row else None)
        case Outcome.SUPERSEDED if answer.row is not None:
            _give_way(db, sent, answer.row)
            done.tables.add(sent.table)
        case Outcome.SUPERSEDED:  # the server's row cannot be stored here and was set aside
            _mark(db, sent, "SYNCED")
        case _:
            reason = answer.reason or answer.outcome.value
            done.refused[reason] = done.refused.get(reason, 0) + 1
            _mark(db, sent, "FAILED", error=reason)


def _mark(
    db: Database, sent: Sent, status: str, *, error: str | None = None, updated_at: str | None = None
) -> None:
    """Set the status if the row is unchanged since it was sent."""
    db.execute(
        f"UPDATE {sent.table} SET sync_status = :status, sync_error = :error"
        f"{', updated_at = :corrected' if updated_at else ''}"
        " WHERE rowid = :rowid AND id = :id AND updated_at = :sent_at",
        {
            "status": status,
            "error": error,
            "corrected": updated_at,
            "rowid": sent.rowid,
            "id": sent.row["id"],
            "sent_at": sent.row["updated_at"],
        },
    )


def _give_way(db: Database, sent: Sent, winner: Row) -> None:
    """Adopt the newer edit that won on the server, unless the row was edited here again meanwhile."""
    table = RECORDS[sent.table]
    still = db.value(
        f"SELECT 1 FROM {sent.table} WHERE rowid = :rowid AND id = :id AND updated_at = :sent_at",
        {"rowid": sent.rowid, "id": sent.row["id"], "sent_at": sent.row["updated_at"]},
    )
    if still is None:
        return
    note_loss(db, table, sent.row, winner, is_unsent=True)
    adopt(db, table, winner)


def reset_all(db: Database, own: tuple[str, ...]) -> None:
    """Mark everything that this PC wrote as unsent, because the server has lost some of it."""
    marks = ", ".join(f"'{device}'" for device in own)  # this PC's ids, from its own table
    for table in RECORDS.values():
        author = "device_id" if table.is_fact else "written_by"
        rowids = [
            row[0]
            for row in db.rows(
                f"SELECT rowid FROM {table.name} WHERE {author} IN ({marks}) AND sync_status = 'SYNCED'"
            )
        ]
        in_pieces(db, rowids, partial(_unmark, table.name))


def _unmark(table: str, db: Database, rowid: int) -> None:
    db.execute(f"UPDATE {table} SET sync_status = 'PENDING' WHERE rowid = :rowid", {"rowid": rowid})
