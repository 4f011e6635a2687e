"""A report's numbers for other programs."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any

from cleanflow.money import Currency


def whole_report(report: Any) -> dict[str, Any]:
    """A report as plain values: its PC and currency, its sums (properties ``…_minor``) and its fields."""
    unit: Currency = report.shop.currency
    sums = {
        name.removesuffix("_minor"): unit.text(getattr(report, name))
        for name, value in vars(type(report)).items()
        if isinstance(value, property) and name.endswith("_minor")
    }
    return {"pc": report.shop.pc_code, "currency": unit.code, **sums, **plain(report, unit)}


def plain(value: Any, unit: Currency) -> Any:
    """Frozen dataclasses as dicts, tuples as lists (named ones as dicts), money (``…_minor``) as "1200.00".

    A field ``amount_minor`` becomes the key ``amount``; a moment becomes ISO 8601 with its offset.
    """
    if isinstance(value, Currency):
        return value.code
    if is_dataclass(value) and not isinstance(value, type):
        return dict(_item(field.name, getattr(value, field.name), unit) for field in fields(value))
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return dict(_item(name, item, unit) for name, item in value._asdict().items())
    if isinstance(value, tuple):
        return [plain(item, unit) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return value


def _item(name: str, value: Any, unit: Currency) -> tuple[str, Any]:
    if name.endswith("_minor") and (value is None or isinstance(value, int)):
        return name.removesuffix("_minor"), None if value is None else unit.text(value)
    return name, plain(value, unit)
