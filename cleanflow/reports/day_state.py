"""The state of the books: late entries, records to synchronise, the last backup, the chain heads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from cleanflow.clock import Clock, local_time, timestamp
from cleanflow.dao.remembered import LAST_BACKUP_AT, recall
from cleanflow.db import Database
from cleanflow.records import RECORDS

#: Records waiting to be synchronised are counted up to this many.
WAITING_LIMIT = 2_000


@dataclass(frozen=True)
class ChainHead:
    """The last entry of a PC's ledger; ``hash`` is its first 16 hexadecimal digits."""

    pc: str
    number: int
    hash: str


def entered_on_other_days(db: Database, day: str) -> int:
    starts_at = int(db.value("SELECT value FROM settings WHERE key = 'day_starts_at'"))
    first, end = day_in_utc(db.clock, date.fromisoformat(day), starts_at)
    count: int = db.value(
        "SELECT count(*) FROM ledger_entries"
        " WHERE business_date = :day AND (created_at < :first OR created_at >= :end)",
        {"day": day, "first": first, "end": end},
    )
    return count


def waiting_to_sync(db: Database) -> int | None:
    if db.value("SELECT server_url FROM sync_state") is None:
        return None
    unsent = " UNION ALL ".join(f"SELECT 1 FROM {table} WHERE sync_status <> 'SYNCED'" for table in RECORDS)
    query = f"SELECT count(*) FROM ({unsent} LIMIT :limit)"
    count: int = db.value(query, {"limit": WAITING_LIMIT})
    return count


def last_backup_at(db: Database) -> datetime | None:
    text = recall(db, LAST_BACKUP_AT, "")
    return local_time(text, db.clock.zone) if text else None


def chain_heads(db: Database) -> tuple[ChainHead, ...]:
    query = """
        SELECT coalesce(code, '?') AS code, chain_number, substr(hash, 1, 16)
          FROM chain_heads LEFT JOIN devices ON devices.id = chain_heads.device_id
         ORDER BY code, chain_heads.device_id
    """
    return tuple(ChainHead(*row) for row in db.rows(query))


def day_in_utc(clock: Clock, day: date, starts_at: int) -> tuple[str, str]:
    """First and end timestamp of a business day; open at the ends of the calendar."""

    def moment(on: date) -> str:
        local = datetime(on.year, on.month, on.day, starts_at, tzinfo=clock.zone)
        return timestamp(local.astimezone(timezone.utc))

    first = "" if day <= date(1, 1, 2) else moment(day)
    return first, "~" if day >= date(9999, 12, 30) else moment(day + timedelta(days=1))
