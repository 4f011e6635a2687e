"""Whether rows that came over the wire can be stored: column by column for speed, row by row for a reason.

A row that cannot is refused with a code and holds up nothing else. Who may write what, and what the rows
mean together, is the server's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from operator import itemgetter
from typing import Any, Final

from cleanflow.records.book import LEDGER_ENTRIES
from cleanflow.records.chain import entry_hash
from cleanflow.records.types import FIELD_NAME, MAX_JSON, NO_DEVICE, Field, Kind, Record, Row, Rule

_UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z")
_HASH = re.compile(r"[0-9a-f]{64}")

#: Half a surrogate pair or NUL, written as an escape: no store takes either.
_BAD_ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*\\u(?:0000|[dD][89a-fA-F])")
#: How deep JSON may be nested.
_MAX_DEPTH: Final = 64

_FACT_EDITED: Final = Rule(
    "fact_edited", lambda row: row["updated_at"] == row["created_at"], "updated_at = created_at"
)


def rules_of(record: Record) -> tuple[Rule, ...]:
    """The rules for rows whose values are all valid one by one."""
    return (*record.rules, _FACT_EDITED) if record.is_fact else record.rules


def is_id(value: object) -> bool:
    """Whether ``value`` is a UUID v4 in lower case."""
    return type(value) is str and _UUID4.fullmatch(value) is not None


def fits(field: Field, value: object) -> bool:
    """Whether ``value`` can be stored as ``field``."""
    return _is_fine(field, (value,))


def check_rows(record: Record, rows: Sequence[Row]) -> list[str | None]:
    """For each row of ``record`` why it cannot be stored, or None.

    Codes: ``column_missing:x``, ``column_unknown:x``, ``value_invalid:x`` (x is the column or later field),
    ``hash_wrong``, and those of the record's rules.
    """
    if _all_fine(record, rows):
        return [None] * len(rows)
    return [_why_not(record, row) for row in rows]


#: What a row of a table that this version does not know has at least; the last is missing in a fact.
_CARRIED: Final = (
    Field(name="id", kind=Kind.ID),
    Field(name="device_id", kind=Kind.ID),
    Field(name="created_at", kind=Kind.TIMESTAMP),
    Field(name="updated_at", kind=Kind.TIMESTAMP),
    Field(name="written_by", kind=Kind.ID),
)
#: How long it may be as JSON, in characters.
_MAX_CARRIED: Final = 2 * MAX_JSON


def check_carried(rows: Sequence[Row]) -> list[str | None]:
    """For each row of a table that this version does not know why it cannot be carried, or None."""
    return [_why_not_carried(row) for row in rows]


def _why_not_carried(row: Row) -> str | None:
    for field in _CARRIED:
        if field.name not in row:
            if field.name != "written_by":
                return f"column_missing:{field.name}"
        elif not _is_fine(field, (row[field.name],)):
            return f"value_invalid:{field.name}"
    try:
        text = json.dumps(row, ensure_ascii=False)
        is_fine = _depth(dict(row)) <= _MAX_DEPTH and not _BAD_ESCAPE.search(text) and _is_storable(text)
    except RecursionError:
        return "row_invalid"
    return None if is_fine and len(text) <= _MAX_CARRIED else "row_invalid"


def _all_fine(record: Record, rows: Sequence[Row]) -> bool:
    width = len(record.fields)
    if not rows or any(len(row) != width for row in rows):
        return not rows
    try:
        columns = list(zip(*map(itemgetter(*record.names), rows), strict=True))
    except KeyError:
        return False
    if not all(map(_is_fine, record.fields, columns)):
        return False
    if any(text is not None and _later_fault(record, text) for text in columns[-1]):  # extra is the last
        return False
    return all(all(map(rule.holds, rows)) for rule in rules_of(record)) and (
        record.name != LEDGER_ENTRIES.name or all(entry_hash(row) == row["hash"] for row in rows)
    )


def _why_not(record: Record, row: Row) -> str | None:
    for field in record.fields:
        if field.name not in row:
            return f"column_missing:{field.name}"
        if not _is_fine(field, (row[field.name],)):
            return f"value_invalid:{field.name}"
    if len(row) != len(record.fields):
        return f"column_unknown:{ascii(min(set(row) - set(record.names))[:50])[1:-1]}"
    fault = None if row["extra"] is None else _later_fault(record, row["extra"])
    if fault is not None:
        return f"value_invalid:{fault}"
    for rule in rules_of(record):
        if not rule.holds(row):
            return rule.code
    if record.name == LEDGER_ENTRIES.name and entry_hash(row) != row["hash"]:
        return "hash_wrong"
    return None


def _later_fault(record: Record, extra: str) -> str | None:
    """The later field of ``extra`` that cannot be stored, ``extra`` itself when that is wrong, or None.

    A field that this version does not know is carried as it is. None may have the name of a column: in the
    audit trail both stand side by side.
    """
    try:
        pairs = json.loads(extra, object_pairs_hook=list)
    except (ValueError, RecursionError):
        return "extra"
    values = dict(pairs)
    if len(values) != len(pairs) or not all(map(FIELD_NAME.fullmatch, values)):
        return "extra"
    if not record.columns.isdisjoint(values):
        return "extra"
    for field in record.later:
        if field.name in values and not _is_fine(field, (values[field.name],)):
            return field.name
    return None


def _is_fine(field: Field, values: Iterable[Any]) -> bool:
    distinct = _distinct(values)
    if distinct is None:
        return False
    if field.nullable:
        distinct.discard(None)
    return not distinct or _CHECKS[field.kind](field, distinct)


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


def _ids(field: Field, values: set[Any]) -> bool:
    if field.name == "device_id":
        values.discard(NO_DEVICE)
    return not values or (_all_are(str, values) and all(map(_UUID4.fullmatch, values)))


def _texts(field: Field, values: set[Any]) -> bool:
    if not _all_are(str, values) or (field.choices and not values.issubset(field.choices)):
        return False
    lengths = [len(value.strip(" ")) for value in values] if field.trimmed else list(map(len, values))
    return field.low <= min(lengths) and max(lengths) <= field.high and _is_storable("".join(values))


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


def _numbers(field: Field, values: set[Any]) -> bool:
    return _all_are(int, values) and field.low <= min(values) and max(values) <= field.high


def _bools(field: Field, values: set[Any]) -> bool:
    return _all_are(bool, values)


def _dates(field: Field, values: set[Any]) -> bool:
    return (
        _all_are(str, values) and all(map(_DATE.fullmatch, values)) and _all_parse(date.fromisoformat, values)
    )


def _timestamps(field: Field, values: set[Any]) -> bool:
    return (
        _all_are(str, values)
        and all(map(_TIME.fullmatch, values))
        and _all_parse(datetime.fromisoformat, values)
    )


def _jsons(field: Field, values: set[Any]) -> bool:
    return _texts(field, values) and _all_parse(_strict_json, values)


def _extras(field: Field, values: set[Any]) -> bool:
    return (
        _texts(field, values)
        and not any(map(_BAD_ESCAPE.search, values))
        and _all_parse(_shallow_object, values)
    )


def _shallow_object(text: str) -> object:
    value = _strict_json(text)
    if not isinstance(value, dict) or _depth(value) > _MAX_DEPTH:
        raise ValueError("this is no object, or nested too deep")
    return value


def _depth(value: object) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(_depth, inner), default=0)


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


def _hashes(field: Field, values: set[Any]) -> bool:
    return _all_are(str, values) and all(map(_HASH.fullmatch, values))


_CHECKS: Final[Mapping[Kind, Callable[[Field, set[Any]], bool]]] = {
    Kind.ID: _ids,
    Kind.TEXT: _texts,
    Kind.INTEGER: _numbers,
    Kind.MONEY: _numbers,
    Kind.DATE: _dates,
    Kind.TIMESTAMP: _timestamps,
    Kind.BOOL: _bools,
    Kind.JSON: _jsons,
    Kind.EXTRA: _extras,
    Kind.HASH: _hashes,
}
