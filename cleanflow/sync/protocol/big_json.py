"""Long JSON, written and read piece by piece: one call for a page of thousands of rows would keep every other
thread of a PC's window waiting, since Python lets no other one run inside of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from cleanflow.records.types import Row

_ROWS_AT_ONCE: Final = 50
#: How deep the rows lie: message > rows > table > row. They themselves, and what they hold, are read at once.
_IN_A_MESSAGE: Final = 3
_IN_ROWS: Final = 2

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode
_scan: Callable[[str, int], tuple[Any, int]] = json.JSONDecoder().scan_once  # type: ignore[attr-defined]
_skip = re.compile(r"[ \t\n\r]*").match


def rows_text(rows: Mapping[str, Sequence[Row]]) -> str:
    """``{table: [row, …], …}`` as JSON."""
    tables = []
    for name, part in rows.items():
        pieces = (_encode(part[at : at + _ROWS_AT_ONCE])[1:-1] for at in range(0, len(part), _ROWS_AT_ONCE))
        tables.append(f"{_encode(name)}:[{','.join(pieces)}]")
    return f"{{{','.join(tables)}}}"


def rows_of_text(text: str) -> Any:
    """What :func:`rows_text` has written."""
    return parsed(text, _IN_ROWS)


def parsed(text: str, depth: int = _IN_A_MESSAGE) -> Any:
    """The value that ``text`` is; its containers down to ``depth`` one by one. Raises ValueError or
    RecursionError."""
    try:
        value, end = _value(text, _after(text, 0), depth)
    except StopIteration:
        raise ValueError("a value is missing") from None
    if _after(text, end) != len(text):
        raise ValueError("there is more than one value")
    return value


def _value(text: str, at: int, depth: int) -> tuple[Any, int]:
    if depth and text[at : at + 1] == "{":
        return _object(text, at, depth - 1)
    if depth and text[at : at + 1] == "[":
        return _array(text, at, depth - 1)
    return _scan(text, at)


def _after(text: str, at: int) -> int:
    """Where the next thing begins."""
    match = _skip(text, at)
    return match.end() if match else at


def _object(text: str, at: int, depth: int) -> tuple[dict[str, Any], int]:
    found: dict[str, Any] = {}
    at = _after(text, at + 1)
    if text[at : at + 1] == "}":
        return found, at + 1
    while True:
        if text[at : at + 1] != '"':
            raise ValueError("a name is missing")
        name, at = _scan(text, at)
        at = _after(text, at)
        if text[at : at + 1] != ":":
            raise ValueError("a colon is missing")
        found[name], at = _value(text, _after(text, at + 1), depth)
        at = _after(text, at)
        if text[at : at + 1] == "}":
            return found, at + 1
        if text[at : at + 1] != ",":
            raise ValueError("a comma is missing")
        at = _after(text, at + 1)


def _array(text: str, at: int, depth: int) -> tuple[list[Any], int]:
    found: list[Any] = []
    at = _after(text, at + 1)
    if text[at : at + 1] == "]":
        return found, at + 1
    while True:
        value, at = _value(text, at, depth)
        found.append(value)
        at = _after(text, at)
        if text[at : at + 1] == "]":
            return found, at + 1
        if text[at : at + 1] != ",":
            raise ValueError("a comma is missing")
        at = _after(text, at + 1)
