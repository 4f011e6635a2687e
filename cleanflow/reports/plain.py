"""A report's numbers for other programs."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any

from cleanflow.money import Currency


def whole_report(report: Any) -> dict[str, Any]:
    """A report as plain values: its PC and currency, its sums (properties ``…_minor``) and its fields."""
    unit: Currency = report.shop.currency
    return {"pc": report.shop.pc_code, "currency": unit.code, **plain(report, unit)}


def plain(value: Any, unit: Currency) -> Any:
    """Dataclasses as dicts with their sums, tuples as lists (named ones as dicts), money as "1200.00".

    A field ``amount_minor`` becomes the key ``amount``; a moment becomes ISO 8601 with its offset.
    """
    if isinstance(value, Currency):
        return value.code
    if is_dataclass(value) and not isinstance(value, type):
        own = dict(_item(field.name, getattr(value, field.name), unit) for field in fields(value))
        return {**_sums(value, unit), **own}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return dict(_item(name, item, unit) for name, item in value._asdict().items())
    if isinstance(value, tuple):
        return [plain(item, unit) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return value


def _sums(value: Any, unit: Currency) -> dict[str, Any]:
    """The properties ``…_minor`` of a dataclass; a sum that is a secret is None."""
    names = [
        name
        for name, member in vars(type(value)).items()
        if isinstance(member, property) and name.endswith("_minor")
    ]
    return dict(_item(name, getattr(value, name), unit) for name in names)


def _item(name: str, value: Any, unit: Currency) -> tuple[str, Any]:
    if name.endswith("_minor") and (value is None or isinstance(value, int)):
        return name.removesuffix("_minor"), None if value is None else unit.text(value)
    return name, plain(value, unit)
