"""Which slips have been printed before, so that a reprint says that it is a copy.

Only the first print on this PC, on the record's own business date, is an original; so only that day's ids
are remembered.
"""

from __future__ import annotations

from typing import Any

from cleanflow.dao.remembered import recall, remember
from cleanflow.dao.stamps import today
from cleanflow.db import Database

_KEY = "print.originals"


def is_copy(db: Database, record_id: str, business_date: str) -> bool:
    """Whether the slip of this record, made on ``business_date`` (YYYY-MM-DD), was printed before."""
    return business_date != today(db).isoformat() or record_id in _printed_today(db)


def note_original(db: Database, record_id: str) -> None:
    """Note that the printer took the slip of this record: every later one is a copy."""
    printed = _printed_today(db)
    if record_id not in printed:
        remember(db, _KEY, {"day": today(db).isoformat(), "ids": [*printed, record_id]})


def _printed_today(db: Database) -> list[Any]:
    known = recall(db, _KEY, {})
    if not isinstance(known, dict) or known.get("day") != today(db).isoformat():
        return []
    ids = known.get("ids")
    return ids if isinstance(ids, list) else []
