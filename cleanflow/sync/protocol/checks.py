"""Whether rows that came over the wire can be stored: column by column for speed, row by row for a reason.

A row that cannot is refused with a code and holds up nothing else. Who may write what, and what the rows
mean together, is the server's.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from operator import itemgetter
from typing import Any, Final

from cleanflow.sync.protocol.rules import Row, rules_of
from cleanflow.sync.protocol.tables import NO_DEVICE, Column, Kind, Table

#: What the first entry of a PC's chain follows.
GENESIS: Final = "0" * 64

#: The hashed fields of a ledger entry in their order, part of the format for ever (cleanflow/dao/chain.py).
CHAIN_FIELDS: Final = (
    "id", "device_id", "chain_number", "kind", "debit_account_id", "credit_account_id", "amount_minor",
    "customer_id", "job_id", "source_id", "business_date", "user_id", "created_at", "previous_hash",
)  # fmt: skip

_UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z")
_HASH = re.compile(r"[0-9a-f]{64}")

_compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


def entry_hash(entry: Row) -> str:
    """Lower-case hexadecimal SHA-256 of a ledger entry's fields as a compact JSON array in UTF-8."""
    fields = _compact([entry[name] for name in CHAIN_FIELDS])
    return hashlib.sha256(fields.encode("utf-8", "surrogatepass")).hexdigest()


def is_id(value: object) -> bool:
    """Whether ``value`` is a UUID v4 in lower case."""
    return type(value) is str and _UUID4.fullmatch(value) is not None


def check_rows(table: Table, rows: Sequence[Row]) -> list[str | None]:
    """For each row of ``table`` why it cannot be stored, or None.

    Codes: ``column_missing:x``, ``column_unknown:x``, ``value_invalid:x`` (x is the column), ``hash_wrong``,
    and those of rules.py.
    """
    if _all_fine(table, rows):
        return [None] * len(rows)
    return [_why_not(table, row) for row in rows]


def _all_fine(table: Table, rows: Sequence[Row]) -> bool:
    width = len(table.columns)
    if not rows or any(len(row) != width for row in rows):
        return not rows
    try:
        columns = zip(*map(itemgetter(*table.names), rows), strict=True)
    except KeyError:
        return False
    if not all(map(_column_is_fine, table.columns, columns)):
        return False
    return all(all(map(rule.holds, rows)) for rule in rules_of(table)) and (
        table.name != "ledger_entries" or all(entry_hash(row) == row["hash"] for row in rows)
    )


def _why_not(table: Table, row: Row) -> str | None:
    for column in table.columns:
        if column.name not in row:
            return f"column_missing:{column.name}"
        if not _column_is_fine(column, (row[column.name],)):
            return f"value_invalid:{column.name}"
    if len(row) != len(table.columns):
        return f"column_unknown:{ascii(min(set(row) - set(table.names))[:50])[1:-1]}"
    for rule in rules_of(table):
        if not rule.holds(row):
            return rule.code
    if table.name == "ledger_entries" and entry_hash(row) != row["hash"]:
        return "hash_wrong"
    return None


def _column_is_fine(column: Column, values: Iterable[Any]) -> bool:
    distinct = _distinct(values)
    if distinct is None:
        return False
    if column.nullable:
        distinct.discard(None)
    return not distinct or _CHECKS[column.kind](column, distinct)


def _distinct(values: Iterable[Any]) -> set[Any] | None:
    """The different values; None when there is a list or an object among them.

    1, 1.0 and True are one value to a set: they are told apart by their types before.
    """
    given = list(values)
    types = set(map(type, given))
    types.discard(type(None))
    if len(types) > 1:
        return None
    try:
        return set(given)
    except TypeError:
        return None


def _all_are(kind: type, values: set[Any]) -> bool:
    return set(map(type, values)) == {kind}


def _ids(column: Column, values: set[Any]) -> bool:
    if column.name == "device_id":
        values.discard(NO_DEVICE)
    return not values or (_all_are(str, values) and all(map(_UUID4.fullmatch, values)))


def _texts(column: Column, values: set[Any]) -> bool:
    if not _all_are(str, values) or (column.choices and not values.issubset(column.choices)):
        return False
    lengths = [len(value.strip(" ")) for value in values] if column.trimmed else list(map(len, values))
    return column.low <= min(lengths) and max(lengths) <= column.high and _is_storable("".join(values))


def _is_storable(text: str) -> bool:
    """PostgreSQL stores neither NUL nor half a surrogate pair. (Two halves of two texts are no pair: a
    Python string never joins them.)"""
    if "\0" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _numbers(column: Column, values: set[Any]) -> bool:
    return _all_are(int, values) and column.low <= min(values) and max(values) <= column.high


def _bools(column: Column, values: set[Any]) -> bool:
    return _all_are(bool, values)


def _dates(column: Column, values: set[Any]) -> bool:
    return (
        _all_are(str, values) and all(map(_DATE.fullmatch, values)) and _all_parse(date.fromisoformat, values)
    )


def _timestamps(column: Column, values: set[Any]) -> bool:
    return (
        _all_are(str, values)
        and all(map(_TIME.fullmatch, values))
        and _all_parse(datetime.fromisoformat, values)
    )


def _jsons(column: Column, values: set[Any]) -> bool:
    return _texts(column, values) and _all_parse(_strict_json, values)


def _strict_json(text: str) -> object:
    return json.loads(text, parse_constant=_no_constant)


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON")


def _all_parse(parse: Callable[[str], object], values: set[Any]) -> bool:
    try:
        for value in values:
            parse(value)
    except (ValueError, RecursionError):
        return False
    return True


def _hashes(column: Column, values: set[Any]) -> bool:
    return _all_are(str, values) and all(map(_HASH.fullmatch, values))


_CHECKS: Final[Mapping[Kind, Callable[[Column, set[Any]], bool]]] = {
    Kind.ID: _ids,
    Kind.TEXT: _texts,
    Kind.INTEGER: _numbers,
    Kind.MONEY: _numbers,
    Kind.DATE: _dates,
    Kind.TIMESTAMP: _timestamps,
    Kind.BOOL: _bools,
    Kind.JSON: _jsons,
    Kind.HASH: _hashes,
}
