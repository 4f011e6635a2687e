"""The audit trail in people's words: what was changed, which field, and its value before and after."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from cleanflow.dao.audit_lists import AuditLine
from cleanflow.dao.labels import called
from cleanflow.dao.shop import Shop
from cleanflow.db import Database
from cleanflow.gui.widgets.labels import ROLES, WORK_STATUSES, short_date
from cleanflow.language import _
from cleanflow.records import AUDITED, RECORDS
from cleanflow.records.checks import fits
from cleanflow.records.people import SHOP_SETTINGS
from cleanflow.records.types import Field, Kind
from cleanflow.reports.words import account_kind_word, entry_word, method_word

_FIRST = AUDITED.index("jobs")
#: Kinds of records, the most frequent first.
TABLES = {name: _(RECORDS[name].title) for name in (*AUDITED[_FIRST:], *reversed(AUDITED[:_FIRST]))}
_SETTINGS = {setting.key: _(setting.label) for setting in SHOP_SETTINGS}
_DATE_ORDERS = {"DMY": "24/12/2026", "MDY": "12/24/2026", "YMD": "2026-12-24"}


@dataclass(frozen=True)
class FieldChange:
    """One field of a change; of a new record ``before`` is empty and nothing counts as changed."""

    field: str
    before: str
    after: str
    is_changed: bool


def action_word(action: str) -> str:
    """What was done with the record."""
    return {
        "INSERT": _("Added"),
        "UPDATE": _("Changed"),
        "OVERWRITTEN": _("Gave way to a newer change"),
    }.get(action, action)


def record_word(line: AuditLine) -> str:
    """Which record it was; a setting by what it sets."""
    return _SETTINGS.get(line.record, line.record) if line.table == "settings" else line.record


def field_changes(db: Database, shop: Shop, line: AuditLine) -> list[FieldChange]:
    """Every field that the trail has of this change, in the order of the record."""
    changes = []
    for column in [*line.new, *(column for column in line.old if column not in line.new)]:
        before, after = line.old.get(column), line.new.get(column)
        if not _is_shown(line.table, column) or (column == "secret" and after == "same"):
            continue
        is_new = line.action == "INSERT"
        if is_new and after in (None, ""):
            continue
        changes.append(
            FieldChange(
                _SETTINGS.get(line.record, _("Value")) if column == "value" else _field(line.table, column),
                "" if is_new or column == "secret" else _shown(db, shop, line, column, before),
                _shown(db, shop, line, column, after),
                not is_new and before != after,
            )
        )
    return changes


def _declared(table: str, column: str) -> Field | None:
    """The field that the trail calls ``column``."""
    record = RECORDS.get(table)
    if record is None:
        return None
    secret = next((field for field in record.fields if column and field.secret_as == column), None)
    return secret or record.get(column)


def _is_shown(table: str, column: str) -> bool:
    """Whether a field says something to people; one that this version does not know is shown as it is."""
    field = _declared(table, column)
    return field is None or bool(field.label)


def _field(table: str, column: str) -> str:
    field = _declared(table, column)
    return _(field.label) if field else column


def _shown(db: Database, shop: Shop, line: AuditLine, column: str, value: Any) -> str:
    """A stored value as people of this shop read it; a dash for nothing."""
    if value in (None, ""):
        return "–"
    if line.table == "settings":
        return _setting(shop, line.record, str(value))
    field = _declared(line.table, column)
    if field is not None and field.kind is Kind.BOOL:
        return _yes_or_no(value == 1)
    if field is not None and fits(field, value):  # another PC's program may have written anything
        if field.kind is Kind.MONEY:
            return shop.currency.format(value)
        if field.kind is Kind.DATE:
            return short_date(value, shop.date_order)
    if column == "denominations":
        return ", ".join(f"{count} × {shop.currency.format(int(piece))}"
                         for piece, count in json.loads(value).items())  # fmt: skip
    name = called(db, line.table, column, str(value))
    if name is not None:
        return name or "?"
    return _code(line.table, column, str(value))


def _code(table: str, column: str, value: str) -> str:
    if column == "kind":
        return _kind(table, value)
    words = {
        "work_status": WORK_STATUSES,
        "role": ROLES,
        "secret": {"changed": _("a new one")},
        "method": {value: method_word(value)},
    }
    return words.get(column, {}).get(value, value)


def _kind(table: str, kind: str) -> str:
    if table == "accounts":
        return account_kind_word(kind)
    if kind == "REVERSAL":
        return entry_word("EXPENSE_REVERSAL" if table == "expenses" else "PAYMENT_REVERSAL")
    return entry_word("JOB" if kind == "SERVICE" else kind)


def _setting(shop: Shop, key: str, value: str) -> str:
    if key == "variance_limit":
        return shop.currency.format(int(value))
    if key == "blind_count":
        return _yes_or_no(value == "1")
    return _DATE_ORDERS.get(value, value) if key == "date_order" else value


def _yes_or_no(is_so: bool) -> str:
    return _("yes") if is_so else _("no")
