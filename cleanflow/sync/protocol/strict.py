"""Reading messages strictly: what is not exactly as agreed is refused, with a word for people.

Every function here raises :class:`ProtocolError`.
"""

from __future__ import annotations

from typing import Any, Final

from cleanflow.records.checks import is_id
from cleanflow.records.types import MAX_INTEGER
from cleanflow.sync.protocol.big_json import parsed

PROTOCOL_VERSION: Final = 1


class ProtocolError(Exception):
    """A message that cannot be understood; ``code`` for programs, ``words`` for people.

    Codes: ``json_invalid``, ``message_invalid``, ``protocol_newer``, ``table_unknown``, ``too_many_rows``.
    """

    def __init__(self, code: str, words: str) -> None:
        super().__init__(f"{code}: {words}")
        self.code = code
        self.words = words


def read_message(
    data: bytes | object, needed: set[str], optional: frozenset[str] | set[str] = frozenset()
) -> dict[str, Any]:
    """The message as an object: of a version that is spoken here, with these fields and no others."""
    message = an_object(_parsed(data) if isinstance(data, bytes) else data, "the message")
    version = an_integer(message.get("protocol"), "protocol", 1)
    if version > PROTOCOL_VERSION:
        raise ProtocolError(
            "protocol_newer", f"this program speaks version {PROTOCOL_VERSION}, not {version}"
        )
    fields = set(message) - {"protocol"}
    if missing := needed - fields:
        raise ProtocolError("message_invalid", f"{min(missing)} is missing")
    if unknown := fields - needed - optional:
        raise ProtocolError("message_invalid", f"{min(unknown)[:100]!r} is not known")
    return message


def _parsed(data: bytes) -> object:
    try:
        return parsed(data.decode("utf-8"))
    except (ValueError, RecursionError):
        raise ProtocolError("json_invalid", "this is not JSON in UTF-8") from None


def an_object(value: object, what: str) -> dict[str, Any]:
    """``value`` as a JSON object."""
    if type(value) is not dict or not all(type(key) is str for key in value):
        raise ProtocolError("message_invalid", f"{what} is an object")
    return value


def a_list(value: object, what: str) -> list[Any]:
    """``value`` as a list."""
    if type(value) is not list:
        raise ProtocolError("message_invalid", f"{what} is a list")
    return value


def an_integer(value: object, what: str, low: int = 0) -> int:
    """``value`` as a whole number of at least ``low``."""
    if type(value) is not int or not low <= value <= MAX_INTEGER:
        raise ProtocolError("message_invalid", f"{what} is a whole number of at least {low}")
    return value


def a_switch(value: object, what: str) -> bool:
    """``value`` as true or false."""
    if type(value) is not bool:
        raise ProtocolError("message_invalid", f"{what} is true or false")
    return value


def a_text(value: object, what: str) -> str:
    """``value`` as a text."""
    if type(value) is not str or (not value.isascii() and any("\ud800" <= one <= "\udfff" for one in value)):
        raise ProtocolError("message_invalid", f"{what} is a text")
    return value


def a_device(value: object) -> str:
    """``value`` as a PC's id."""
    if type(value) is not str or not is_id(value):
        raise ProtocolError("message_invalid", "a PC's id is a UUID v4 in lower case")
    return value
