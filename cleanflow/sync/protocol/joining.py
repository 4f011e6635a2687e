"""How a PC joins a shop: a one-time code in, a token out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from cleanflow.sync.protocol.strict import ProtocolError, a_device, a_list, a_text, read_message

MOST_PREDECESSORS: Final = 50

_PC_CODE: Final = re.compile(r"[A-Z0-9]{1,6}")


@dataclass(frozen=True)
class JoinRequest:
    """A PC asks to be let in: ``pc_code`` as in its references, ``name`` for the list of PCs.

    ``predecessors`` are the devices it was before a backup was restored, ``previous_token`` its token as
    the last of them; with that it needs no ``join_code``. ``shop_id`` is the shop that it belongs to
    already, ``currency`` that of its books.
    """

    join_code: str
    device_id: str
    pc_code: str
    name: str = ""
    predecessors: tuple[str, ...] = ()
    previous_token: str = ""
    shop_id: str = ""
    currency: str = ""


@dataclass(frozen=True)
class JoinAnswer:
    """The PC is let in; the only time that its token is told."""

    shop_id: str
    shop_name: str
    token: str
    server_time: str


def decode_join_request(data: bytes) -> JoinRequest:
    """The request. Raises ProtocolError."""
    message = read_message(
        data,
        {"join_code", "device_id", "pc_code"},
        {"name", "predecessors", "previous_token", "shop_id", "currency"},
    )
    predecessors = a_list(message.get("predecessors", []), "predecessors")
    if len(predecessors) > MOST_PREDECESSORS:
        raise ProtocolError("message_invalid", f"predecessors is a list of at most {MOST_PREDECESSORS} ids")
    return JoinRequest(
        join_code=_short(message["join_code"], "join_code", 0, 100),
        device_id=a_device(message["device_id"]),
        pc_code=_pc_code(message["pc_code"]),
        name=_short(message.get("name", ""), "name", 0, 200),
        predecessors=tuple(map(a_device, predecessors)),
        previous_token=_short(message.get("previous_token", ""), "previous_token", 0, 100),
        shop_id=_short(message.get("shop_id", ""), "shop_id", 0, 100),
        currency=_currency(message.get("currency", "")),
    )


def decode_join_answer(data: bytes) -> JoinAnswer:
    """What the server answers. Raises ProtocolError."""
    message = read_message(data, {"shop_id", "shop_name", "token", "server_time"})
    return JoinAnswer(
        shop_id=_short(message["shop_id"], "shop_id", 1, 100),
        shop_name=_short(message["shop_name"], "shop_name", 0, 200),
        token=_short(message["token"], "token", 1, 200),
        server_time=a_text(message["server_time"], "server_time"),
    )


def _short(value: object, what: str, low: int, high: int) -> str:
    text = a_text(value, what)
    if not low <= len(text) <= high or "\0" in text or any("\ud800" <= one <= "\udfff" for one in text):
        raise ProtocolError("message_invalid", f"{what} is a text of {low} to {high} characters")
    return text


def _currency(value: object) -> str:
    if type(value) is not str or not re.fullmatch("([A-Z]{3})?", value):
        raise ProtocolError("message_invalid", "currency is a code of ISO 4217")
    return value


def _pc_code(value: object) -> str:
    if type(value) is not str or not _PC_CODE.fullmatch(value):
        raise ProtocolError("message_invalid", "pc_code is 1 to 6 capital letters and digits")
    return value
