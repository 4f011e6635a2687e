"""What is going on now: jobs that wait, money that is owed, records that wait for the server."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cleanflow.db import Database


@dataclass(frozen=True)
class JobCounts:
    """Jobs that are not delivered yet: all of them, those ready, and those promised."""

    open: int
    ready: int
    due_today: int
    overdue: int


@dataclass(frozen=True)
class Owed:
    """What customers owe in all, and how many of them; what the shop owes them as credit."""

    owed_minor: int
    customers: int
    credit_minor: int


@dataclass(frozen=True)
class RecordCounts:
    """How many records there are; ``chain_length`` and ``chain_head`` (a hash or None) are of this PC."""

    customers: int
    jobs: int
    payments: int
    chain_length: int
    chain_head: str | None


def record_counts(db: Database) -> RecordCounts:
    """Count the shop's records."""
    query = """
        SELECT (SELECT count(*) FROM customers), (SELECT count(*) FROM jobs), (SELECT count(*) FROM payments),
               coalesce((SELECT chain_number FROM chain_heads WHERE device_id = :id), 0),
               (SELECT hash FROM chain_heads WHERE device_id = :id)
    """
    return RecordCounts(*(db.one(query, {"id": db.device_id}) or ()))


def sync_status(db: Database, table: str, record_id: str) -> str | None:
    """PENDING, SYNCED or FAILED of a record; None while this PC has no server. ``table`` is a literal."""
    query = f"""
        SELECT sync_status FROM {table}
         WHERE id = :id AND (SELECT server_url FROM sync_state) IS NOT NULL
    """
    status: str | None = db.value(query, {"id": record_id})
    return status


def has_server(db: Database) -> bool:
    """Whether this PC has joined a server."""
    return db.value("SELECT server_url FROM sync_state") is not None


def job_counts(db: Database, today: date) -> JobCounts:
    """Count the jobs in the shop; those ready are no longer late, they wait for the customer."""
    query = """
        SELECT count(*),
               coalesce(sum(work_status = 'READY'), 0),
               coalesce(sum(work_status <> 'READY' AND due_date = :today), 0),
               coalesce(sum(work_status <> 'READY' AND due_date < :today), 0)
          FROM jobs WHERE work_status IN ('RECEIVED', 'IN_PROGRESS', 'READY')
    """
    return JobCounts(*(db.one(query, {"today": today.isoformat()}) or ()))


def money_owed(db: Database) -> Owed:
    """What is open between the shop and its customers."""
    query = """
        SELECT coalesce(sum(balance_minor) FILTER (WHERE balance_minor > 0), 0),
               count(*) FILTER (WHERE balance_minor > 0),
               coalesce(-sum(balance_minor) FILTER (WHERE balance_minor < 0), 0)
          FROM customer_balances
    """
    return Owed(*(db.one(query) or ()))
