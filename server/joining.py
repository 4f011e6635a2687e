"""The messages of joining: strict when read, like the protocol's own."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cleanflow.sync.protocol import PROTOCOL_VERSION, ProtocolError, is_id

_PC_CODE: Final = re.compile(r"[A-Z0-9]{1,6}")
_FIELDS: Final = {"protocol", "join_code", "device_id", "pc_code"}
_OPTIONAL: Final = {"name", "predecessors", "previous_token"}

MOST_PREDECESSORS: Final = 50


@dataclass(frozen=True)
class JoinRequest:
    """A PC asks to be let in: ``pc_code`` as in its references, ``name`` for the list of PCs.

    ``predecessors`` are the devices it was before a backup was restored, ``previous_token`` its token as
    the last of them.
    """

    join_code: str
    device_id: str
    pc_code: str
    name: str = ""
    predecessors: tuple[str, ...] = ()
    previous_token: str = ""


def decode_join_request(data: bytes) -> JoinRequest:
    """The request. Raises ProtocolError."""
    try:
        message = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        raise ProtocolError("json_invalid", "this is not JSON in UTF-8") from None
    if not isinstance(message, dict):
        raise ProtocolError("message_invalid", "the message is an object")
    version = message.get("protocol")
    if type(version) is not int or version < 1:
        raise ProtocolError("message_invalid", "protocol is a whole number of at least 1")
    if version > PROTOCOL_VERSION:
        raise ProtocolError("protocol_newer", f"this server speaks version {PROTOCOL_VERSION}, not {version}")
    if not _FIELDS <= set(message) <= _FIELDS | _OPTIONAL:
        raise ProtocolError("message_invalid", "a field is missing, or one is not known")
    return JoinRequest(
        join_code=_text(message["join_code"], "join_code", 1, 100),
        device_id=_device_id(message["device_id"]),
        pc_code=_pc_code(message["pc_code"]),
        name=_text(message.get("name", ""), "name", 0, 200),
        predecessors=_predecessors(message.get("predecessors", [])),
        previous_token=_text(message.get("previous_token", ""), "previous_token", 0, 100),
    )


def encode_joined(shop_id: str, shop_name: str, token: str) -> bytes:
    """The answer, the only time that the token is told."""
    answer = {
        "protocol": PROTOCOL_VERSION,
        "shop_id": shop_id,
        "shop_name": shop_name,
        "token": token,
        "server_time": server_time(),
    }
    return json.dumps(answer, ensure_ascii=False).encode()


def server_time() -> str:
    """Now, as times are written on the wire."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _text(value: object, what: str, low: int, high: int) -> str:
    if type(value) is not str or not low <= len(value) <= high or not _is_storable(value):
        raise ProtocolError("message_invalid", f"{what} is a text of {low} to {high} characters")
    return value


def _is_storable(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _device_id(value: object) -> str:
    if type(value) is not str or not is_id(value):
        raise ProtocolError("message_invalid", "device_id is a UUID v4 in lower case")
    return value


def _predecessors(value: object) -> tuple[str, ...]:
    if type(value) is not list or len(value) > MOST_PREDECESSORS:
        raise ProtocolError("message_invalid", f"predecessors is a list of at most {MOST_PREDECESSORS} ids")
    return tuple(_device_id(one) for one in value)


def _pc_code(value: object) -> str:
    if type(value) is not str or not _PC_CODE.fullmatch(value):
        raise ProtocolError("message_invalid", "pc_code is 1 to 6 capital letters and digits")
    return value
