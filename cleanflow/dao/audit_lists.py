"""Lists of the audit trail: who changed what, when, on which PC, with the values before and after."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from cleanflow.clock import timestamp
from cleanflow.dao.fields import choice
from cleanflow.dao.labels import label_by_id
from cleanflow.dao.paging import Listing, Page, Slice
from cleanflow.db import Database, Row
from cleanflow.language import _
from cleanflow.records import AUDITED, RECORDS

#: Up to so many records of a kind lead to their changes; of more one soon meets some going back in time.
_FEW = 5_000


@dataclass(frozen=True)
class AuditLine:
    """One change. ``action`` is INSERT, UPDATE or OVERWRITTEN (an edit that lost against a newer one).

    ``record`` is what people call the record: its reference, name or key. ``user`` is empty where nobody was
    signed in: a command, the set-up, a synchronisation. ``old`` and ``new`` are columns and their values; of
    an UPDATE those that may be edited, of an INSERT all.
    """

    id: str
    at: str
    user: str
    pc_code: str
    action: str
    table: str
    record_id: str
    record: str
    old: dict[str, Any]
    new: dict[str, Any]

    @property
    def who(self) -> str:
        """Who did it: a user, or the PC by itself."""
        return self.user or _("PC {code}").format(code=self.pc_code)


def _line(row: Row) -> AuditLine:
    old, new = json.loads(row["old_value"] or "{}"), json.loads(row["new_value"] or "{}")
    record = row["record"] or new.get("reference") or new.get("name") or new.get("code") or ""
    return AuditLine(
        row["id"], row["created_at"], row["user"], row["pc_code"], row["action"], row["table_name"],
        row["record_id"], record, old, new,
    )  # fmt: skip


def _record_sql() -> str:
    """The SQL of what people call the record of an audit row. One that is called after another record, as a
    change of a job's price is, names that in its first row alone."""
    cases = []
    for table in AUDITED:
        label = RECORDS[table][RECORDS[table].label]
        if label.points_to:
            named = label_by_id(label.points_to, f"json_extract(new_value, '$.{label.name}')")
        else:
            named = label_by_id(table, "record_id")
        cases.append(f"WHEN '{table}' THEN {named}")
    return f"CASE logs.table_name {' '.join(cases)} END"


_RECORD = _record_sql()


def _listing(source: str) -> Listing[AuditLine]:
    return Listing(
        columns=f"""logs.id, logs.created_at, coalesce(users.name, '') AS user,
                   coalesce(devices.code, '?') AS pc_code, logs.action, logs.table_name, logs.record_id,
                   logs.old_value, logs.new_value,
                   {_RECORD} AS record""",
        source=f"""{source}
                   LEFT JOIN users ON users.id = logs.user_id
                   LEFT JOIN devices ON devices.id = logs.device_id""",
        sorts={"time": ("logs.created_at", "logs.rowid")},
        make=_line,
        counted=source,
    )


_ALL = _listing("audit_logs AS logs")
_OF_FEW = {
    table: _listing(f"{table} AS records CROSS JOIN audit_logs AS logs ON logs.record_id = records.id")
    for table in AUDITED
}


_OF_RECORD = """logs.record_id IN (
    SELECT :record_id
    UNION SELECT id FROM job_adjustments WHERE job_id = :record_id
    UNION SELECT id FROM payment_allocations WHERE job_id = :record_id
    UNION SELECT payment_id FROM payment_allocations WHERE job_id = :record_id
    UNION SELECT id FROM payment_allocations WHERE payment_id = :record_id
    UNION SELECT id FROM payments WHERE reverses_id = :record_id)"""


def list_audit(
    db: Database,
    part: Slice,
    *,
    first: date | None = None,
    last: date | None = None,
    user_id: str | None = None,
    table: str | None = None,
    record_id: str | None = None,
    with_parts: bool = False,
) -> Page[AuditLine]:
    """What was changed on the days ``first`` to ``last`` (the PC's calendar); sorts: ``time``.

    ``record_id`` leaves one record, ``with_parts`` also what belongs to it: of a job the changes of its price
    and the money that was used for it, of a payment what it was used for. So it tells why a job is paid.
    """
    wanted: dict[str, object] = {
        _OF_RECORD if with_parts else "logs.record_id = :record_id": record_id,
        "logs.created_at >= :since": _midnight(db, first) if first else None,
        "logs.created_at < :until": _midnight(db, last, 1) if last else None,
    }
    sifted: dict[str, object] = {
        "logs.user_id = :user_id": user_id,
        "logs.table_name = :table_name": table,
    }
    if record_id is not None:
        return _ALL.read(db, part, {**wanted, **sifted})
    if table is not None and _is_few(db, table):
        return _OF_FEW[table].read(db, part, {**wanted, **sifted})
    return _ALL.read(db, part, wanted, {}, sifted)


def _is_few(db: Database, table: str) -> bool:
    query = f"SELECT count(*) FROM (SELECT 1 FROM {choice(table, AUDITED)} LIMIT {_FEW + 1})"
    return bool(db.value(query) <= _FEW)


def _midnight(db: Database, day: date, days_later: int = 0) -> str:
    """When a day of the calendar began, as the trail writes time.

    A day at the ends of the calendar, or older than Windows knows (1970), lies before or behind everything.
    """
    try:
        begins = day + timedelta(days=days_later)
        return timestamp(datetime.combine(begins, time(), tzinfo=db.clock.zone).astimezone())
    except (OverflowError, OSError, ValueError):
        return "0" if day.year <= 1970 else "~"
