"""The columns that every written row has: id, PC, timestamp, user, reference, business date."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from cleanflow import clock
from cleanflow.dao.clock_doubts import check, day_at, doubt_now, trust
from cleanflow.db import Database
from cleanflow.errors import Refusal
from cleanflow.records import RECORDS, later_values, split, to_json

#: How many days a cashier may date a record back; further needs an owner.
CASHIER_DAYS_BACK = 1


def new_id() -> str:
    """A new UUID v4. Forms make it when they open, so that saving twice cannot make two records."""
    return str(uuid.uuid4())


def fact_stamp(db: Database) -> dict[str, Any]:
    """The common columns of a row that is never edited."""
    at = db.session.at
    return {"device_id": db.device_id, "created_at": at, "updated_at": at, "user_id": db.session.user_id}


def record_stamp(db: Database) -> dict[str, Any]:
    """The common columns of a new row whose descriptive columns may be edited later."""
    at = db.session.at
    return {"device_id": db.device_id, "created_at": at, "updated_at": at, "written_by": db.device_id}


def update_record(db: Database, table: str, record_id: str, changes: dict[str, Any]) -> None:
    """Edit descriptive columns; ``table`` and the names in ``changes`` must be literals.

    The row becomes PENDING, and its ``updated_at`` rises even if this PC's clock was set back.
    """
    columns, later = split(RECORDS[table], {**changes})
    values = later_values(RECORDS[table], later)
    assignments = "".join(f"{name} = :{name}, " for name in columns)
    if values:  # in SQL, so that fields which this version does not know stay as they are, byte for byte
        given = "".join(f", '$.{name}', json(:{name})" for name, value in values.items() if value is not None)
        gone = "".join(f", '$.{name}'" for name, value in values.items() if value is None)
        extra = f"json_remove(json_set(coalesce(extra, '{{}}'){given}){gone})"
        assignments += f"extra = nullif({extra}, '{{}}'), "
    db.execute(
        f"UPDATE {table} SET {assignments} updated_at = :at, written_by = :device_id,"
        " sync_status = 'PENDING', sync_error = NULL WHERE id = :id",
        {
            **columns,
            **{name: to_json(value) for name, value in values.items()},
            "id": record_id,
            "at": db.session.at,
            "device_id": db.device_id,
        },
    )


@dataclass(frozen=True)
class Reference:
    """A short number for people: gapless per PC and series, like ``C1-000123``."""

    number: int
    text: str


#: Series -> the letter before its numbers; jobs have none.
_SERIES_LETTER = {record.series: record.series_letter for record in RECORDS.values() if record.series}


def next_reference(db: Database, series: str) -> Reference:
    """The next number of ``series`` on this PC. A rolled-back operation uses none up."""
    number = db.value(
        "UPDATE reference_counters SET last_number = last_number + 1 WHERE series = :series"
        " RETURNING last_number",
        {"series": series},
    )
    code = db.value("SELECT code FROM devices WHERE id = :id", {"id": db.device_id})
    return Reference(number, f"{code}-{_SERIES_LETTER[series]}{number:06d}")


def today(db: Database) -> date:
    """The shop's current business date by the PC's clock: to show, not to store."""
    return day_at(db, db.clock.now())


def believed_today(db: Database) -> date:
    """:func:`today` for a date that will be stored. Refuses with ``clock_unsure``."""
    day = today(db)
    if day != db.session.trusted_day:
        check(db, day)
    return day


def business_date(
    db: Database, given: date | str | None, *, days_back: int | None = CASHIER_DAYS_BACK
) -> str:
    """``given`` or the shop's business date now, as ``YYYY-MM-DD``.

    Refuses with ``date_invalid``; with ``date_in_future`` unless the PC's clock is in doubt or a file is
    imported; with ``owner_needed`` when a cashier dates something back by more than ``days_back`` days
    (``None``: no limit); with ``clock_unsure`` while the clock is in doubt, if nothing or a cashier gives
    the day.
    """
    if given is not None:
        return _check_given(db, clock.check_date(given), days_back)
    day = today(db)
    if day != db.session.trusted_day:
        trust(db, day)
    return day.isoformat()


def _check_given(db: Database, day: str, days_back: int | None) -> str:
    """``day``; refuses one that this person may not write on, or nobody yet."""
    is_cashier = db.session.user_id is not None and not _is_owner(db)
    present = believed_today(db) if is_cashier else today(db)
    by_calendar = clock.business_date(db.clock, 0)  # past midnight in a shop whose day begins later
    is_ahead = day > max(present, by_calendar).isoformat() and not db.session.is_importing
    if is_ahead and doubt_now(db) is None:
        raise Refusal("date_in_future", text=day)
    if is_cashier and days_back is not None and day < (present - timedelta(days=days_back)).isoformat():
        raise Refusal("owner_needed")
    return day


def _is_owner(db: Database) -> bool:
    role = db.value("SELECT role FROM users WHERE id = :id", {"id": db.session.user_id})
    return bool(role == "OWNER")


def known(record: Any | None, what: str) -> Any:
    """``record``. Refuses with ``record_unknown`` if it is None: the query found nothing."""
    if record is None:
        raise Refusal("record_unknown", what=what)
    return record
