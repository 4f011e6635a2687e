"""A summary of a shop's file, shown before it replaces another one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cleanflow.clock import local_time
from cleanflow.db import Database, open_database
from cleanflow.db.failures import DatabaseError
from cleanflow.errors import NotSaved, Refusal
from cleanflow.sync.state import get_state, waiting

#: Unsent rows are counted up to this many a table.
_COUNTED = 1000


@dataclass(frozen=True)
class Contents:
    """``last_at`` is when something was last recorded, in the PC's zone, None where that cannot be told;
    ``last_closed`` a business date. ``date_order`` is how that shop writes dates.

    ``is_joined``: it synchronises with a server, to which ``unsent`` rows have not been sent.
    """

    shop: str
    pc_code: str
    last_at: datetime | None
    last_closed: str | None
    date_order: str
    customers: int
    jobs: int
    payments: int
    ledger_entries: int
    is_joined: bool
    unsent: int


def contents_of(db: Database) -> Contents:
    """What is in the books. Refuses with ``not_set_up``."""
    counts = (db.value(f"SELECT count(*) FROM {table}") for table in ("customers", "jobs", "payments"))
    customers, jobs, payments = counts
    last = db.value("SELECT max(created_at) FROM audit_logs")
    is_joined = get_state(db).is_joined
    return Contents(
        shop=db.value("SELECT value FROM settings WHERE key = 'shop_name'"),
        pc_code=db.value("SELECT code FROM devices WHERE id = :id", {"id": db.device_id}),
        last_at=_moment(db, last),
        last_closed=db.value("SELECT max(business_date) FROM day_closings"),
        date_order=db.value("SELECT value FROM settings WHERE key = 'date_order'"),
        customers=customers,
        jobs=jobs,
        payments=payments,
        ledger_entries=db.value("SELECT coalesce(sum(chain_number), 0) FROM chain_heads"),
        is_joined=is_joined,
        unsent=waiting(db, _COUNTED).unsent if is_joined else 0,
    )


def _moment(db: Database, at: str | None) -> datetime | None:
    """A backup may hold anything, also a time that is none."""
    try:
        return local_time(at, db.clock.zone) if at else None
    except ValueError:
        return None


def contents_at(path: Path) -> Contents | None:
    """What is in the shop at ``path``; None if it cannot be read."""
    try:
        with open_database(path) as db:
            return contents_of(db)
    except (Refusal, NotSaved, DatabaseError, OSError):
        return None
