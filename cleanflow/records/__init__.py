"""Every synchronised record, declared once.

The program and the server both read these declarations; `python3 -m release schema` makes the repeated
SQL from them. A field that comes later is one line here with ``since=N``: it travels in ``extra``, so that
PCs and servers of other versions keep it untouched. Pure: the standard library and words for people.
"""

from __future__ import annotations

import json
from typing import Any, Final

from cleanflow.records.book import ACCOUNTS, AUDIT_LOGS, FEATURES, LEDGER_ENTRIES
from cleanflow.records.money_in_and_out import (
    CLOSING_ADDENDA,
    DAY_CLOSINGS,
    DRAWER_MOVEMENTS,
    EXPENSE_CATEGORIES,
    EXPENSES,
    PAYMENT_ALLOCATIONS,
    PAYMENTS,
)
from cleanflow.records.people import CUSTOMERS, DEVICES, SETTINGS, USERS
from cleanflow.records.types import FIELD_NAME, Kind, Record
from cleanflow.records.work import JOB_ADJUSTMENTS, JOBS, SERVICE_TYPES

#: The version of the format: how many steps a database of this program has had (`PRAGMA user_version`), and
#: the highest ``since`` of a declaration.
FORMAT: Final = 1

#: What a shop's records may ask of a program beyond carrying them; a shop that has a row of `features` with
#: another name needs a newer program.
KNOWN_FEATURES: Final[frozenset[str]] = frozenset()

#: The synchronised records by name, parents first.
RECORDS: Final[dict[str, Record]] = {
    record.name: record
    for record in (
        FEATURES,
        DEVICES,
        SETTINGS,
        USERS,
        CUSTOMERS,
        SERVICE_TYPES,
        ACCOUNTS,
        EXPENSE_CATEGORIES,
        JOBS,
        JOB_ADJUSTMENTS,
        PAYMENTS,
        PAYMENT_ALLOCATIONS,
        EXPENSES,
        DRAWER_MOVEMENTS,
        DAY_CLOSINGS,
        CLOSING_ADDENDA,
        LEDGER_ENTRIES,
        AUDIT_LOGS,
    )
}

#: The records that others point to.
POINTED_AT: Final = frozenset(table for record in RECORDS.values() for _column, table in record.pointers)

#: Record -> the name of its number series.
SERIES: Final = {record.name: record.series for record in RECORDS.values() if record.series}

#: The records that the audit trail tells of.
AUDITED: Final = tuple(record.name for record in RECORDS.values() if record.is_audited)


def split(record: Record, values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """``values`` as (columns, later fields)."""
    later = values.keys() - record.columns
    if not later:
        return values, {}
    return (
        {name: value for name, value in values.items() if name not in later},
        {name: value for name, value in values.items() if name in later},
    )


def later_values(record: Record, later: dict[str, Any]) -> dict[str, Any]:
    """Later fields as ``extra`` has them: True or False for a switch. Raises ValueError for a name that no
    field can have: the caller pastes it into a JSON path."""
    for name in later:
        if not FIELD_NAME.fullmatch(name):
            raise ValueError(f"no field can be called {name!r}")
    switches = {field.name for field in record.later if field.kind is Kind.BOOL}
    return {
        name: bool(value) if name in switches and value is not None else value
        for name, value in later.items()
    }


def extra_of(record: Record, later: dict[str, Any]) -> str | None:
    """The text of ``extra``, always the same for the same fields; one without a value is left out."""
    told = {name: value for name, value in later_values(record, later).items() if value is not None}
    return to_json(told) if told else None


def to_json(value: object) -> str:
    """A value of ``extra`` as SQLite's own JSON functions write it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
