"""The audit trail in people's words: what was changed, which field, and its value before and after."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from cleanflow.dao.audit_lists import AuditLine, called
from cleanflow.dao.shop import Shop
from cleanflow.db import Database
from cleanflow.gui.widgets.labels import ROLES, WORK_STATUSES, short_date
from cleanflow.language import _
from cleanflow.reports.words import account_kind_word, entry_word, method_word

#: Kinds of records, the most frequent first.
TABLES = {
    "jobs": _("Job"),
    "job_adjustments": _("Change of a job's price"),
    "payments": _("Payment"),
    "expenses": _("Expense"),
    "drawer_movements": _("Drawer movement"),
    "day_closings": _("Day closing"),
    "closing_addenda": _("Addendum to a closing"),
    "customers": _("Customer"),
    "service_types": _("Service"),
    "expense_categories": _("Expense category"),
    "accounts": _("Account"),
    "users": _("User"),
    "settings": _("Setting"),
    "devices": _("PC"),
}
_FIELDS = {
    "reference": _("No."),
    "name": _("Name"),
    "phone": _("Phone"),
    "address": _("Address"),
    "notes": _("Notes"),
    "external_key": _("Key in the old system"),
    "is_active": _("In use"),
    "price_minor": _("Price"),
    "kind": _("Kind"),
    "customer_id": _("Customer"),
    "service_type_id": _("Service"),
    "description": _("Description"),
    "amount_minor": _("Amount"),
    "business_date": _("Date"),
    "due_date": _("Ready on"),
    "work_status": _("Work"),
    "user_id": _("Entered by"),
    "job_id": _("Job"),
    "reason": _("Reason"),
    "reverses_id": _("Takes back"),
    "method": _("Paid by"),
    "category_id": _("Category"),
    "account_id": _("Account"),
    "expected_minor": _("Expected in the drawer"),
    "counted_minor": _("Counted"),
    "variance_minor": _("Difference"),
    "denominations": _("Notes and coins"),
    "closing_id": _("Day closing"),
    "number": _("Number"),
    "role": _("Role"),
    "secret": _("PIN"),
    "code": _("PC code"),
    "drawer_id": _("Drawer shared by"),
    "value": _("Value"),
}
_SETTINGS = {
    "shop_name": _("Shop's name"),
    "shop_address": _("Shop's address"),
    "shop_phone": _("Shop's phone"),
    "currency": _("Currency"),
    "day_starts_at": _("Day starts at (hour)"),
    "date_order": _("How dates are written"),
    "variance_limit": _("Drawer difference a cashier may close with"),
    "blind_count": _("Drawer is counted without seeing what is expected"),
}
_DATE_ORDERS = {"DMY": "24/12/2026", "MDY": "12/24/2026", "YMD": "2026-12-24"}
#: What a longer field says already, or what says nothing to people.
_LEFT_OUT = ("reference_number", "key")


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
        if column in _LEFT_OUT or (column == "secret" and after == "same"):
            continue
        is_new = line.action == "INSERT"
        if is_new and after in (None, ""):
            continue
        changes.append(
            FieldChange(
                _SETTINGS.get(line.record, _FIELDS["value"]) if column == "value" else _field(column),
                "" if is_new or column == "secret" else _shown(db, shop, line, column, before),
                _shown(db, shop, line, column, after),
                not is_new and before != after,
            )
        )
    return changes


def _field(column: str) -> str:
    return _FIELDS.get(column, column)


def _shown(db: Database, shop: Shop, line: AuditLine, column: str, value: Any) -> str:
    """A stored value as people of this shop read it; a dash for nothing."""
    if value in (None, ""):
        return "–"
    if line.table == "settings":
        return _setting(shop, line.record, str(value))
    if column.endswith("_minor"):
        return shop.currency.format(int(value))
    if column.endswith("_date"):
        return short_date(str(value), shop.date_order)
    if column == "is_active":
        return _yes_or_no(value == 1)
    if column == "denominations":
        return ", ".join(f"{count} × {shop.currency.format(int(piece))}"
                         for piece, count in json.loads(value).items())  # fmt: skip
    name = called(db, column, str(value))
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
