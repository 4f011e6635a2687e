"""Messages as JSON in UTF-8: ``encode`` writes any of them, ``decode_…`` read what arrived.

Every function that reads raises :class:`ProtocolError`, with ``json_invalid``, ``message_invalid`` or
``protocol_newer`` and what its docstring names. Rows are decoded one by one: no single call keeps Python's
lock, and with it the window's thread, for longer than some milliseconds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, TypeVar

import msgspec
from msgspec import Meta, Raw, Struct
from msgspec.json import Decoder, Encoder
from msgspec.structs import asdict, replace

from cleanflow.records import RECORDS
from cleanflow.records.checks import check_carried, check_rows
from cleanflow.records.types import Row
from cleanflow.sync.protocol.messages import (
    MAX_PULL_ROWS,
    MAX_PUSH_ROWS,
    PROTOCOL_VERSION,
    STORED,
    Count,
    Health,
    JoinAnswer,
    JoinRequest,
    Mark,
    Message,
    OddRow,
    Outcome,
    ProtocolError,
    PullAnswer,
    PullRequest,
    PushAnswer,
    PushRequest,
    RecordAnswer,
    Rows,
    StatusAnswer,
    Time,
)

_T = TypeVar("_T")
_RawRows = dict[str, list[Raw]]

_NO_JSON: Final = "this is not JSON in UTF-8"
#: What one call writes; the report of a closed day alone may have a million characters.
_ROWS_AT_ONCE: Final = 50
#: A table's name, known here or not.
_TABLE_NAME: Final = re.compile("[a-z][a-z0-9_]{0,62}")
#: An escape in JSON. Group 1 is half of a character, which no text can hold.
_ESCAPE: Final = re.compile(rb"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(u[dD][89a-fA-F]..)|.)", re.DOTALL)


# --- messages with rows, as they are on the wire -----------------------------------------------------


class WirePushRequest(Message, frozen=True):
    rows: _RawRows
    mark: Mark = ""


class WirePushAnswer(Message, frozen=True):
    outcomes: dict[str, list[Outcome | RecordAnswer]]
    change_seq: Count | None
    server_time: Time


class WirePullAnswer(Message, frozen=True):
    rows: _RawRows
    cursor: Count
    more: bool
    server_time: Time


class _Version(Struct, frozen=True):
    protocol: Annotated[int, Meta(ge=1)]


_encoder: Final = Encoder()
_encode: Final = _encoder.encode
_version: Final = Decoder(_Version)
_row: Final = Decoder(dict[str, Any])
_raw_rows: Final = Decoder(_RawRows)
_join_request: Final = Decoder(JoinRequest)
_join_answer: Final = Decoder(JoinAnswer)
_push_request: Final = Decoder(WirePushRequest)
_push_answer: Final = Decoder(WirePushAnswer)
_pull_request: Final = Decoder(PullRequest)
_pull_answer: Final = Decoder(WirePullAnswer)
_status_answer: Final = Decoder(StatusAnswer)
_health: Final = Decoder(Health)


# --- writing -----------------------------------------------------------------------------------------


def encode(message: Message) -> bytes:
    """The message as JSON in UTF-8."""
    fields = asdict(message)
    fields.pop("odd", None)
    if "rows" in fields:
        fields["rows"] = Raw(encode_rows({**fields["rows"], **fields.pop("unknown")}))
    if isinstance(message, PushAnswer):
        fields["outcomes"] = {name: list(map(_short, part)) for name, part in message.outcomes.items()}
    return _encode(fields)


def _short(answer: RecordAnswer) -> Outcome | RecordAnswer:
    return answer.outcome if answer.reason is None and answer.row is None else answer


def encode_rows(rows: Rows) -> bytes:
    """``{table: [row, …], …}`` as JSON."""
    tables = [_encode(name) + b":" + _table_json(part) for name, part in rows.items()]
    return b"{" + b",".join(tables) + b"}"


def _table_json(rows: Sequence[Row]) -> bytes:
    written = bytearray(b"[]")
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        end = len(written) - 1
        _encoder.encode_into(rows[start : start + _ROWS_AT_ONCE], written, end)
        written[end] = ord(",") if start else ord("[")
    return bytes(written[1:] if rows else written)


# --- reading -----------------------------------------------------------------------------------------


def decode_rows(data: bytes) -> dict[str, list[Row]]:
    """What :func:`encode_rows` wrote."""
    return {name: [_row.decode(raw) for raw in part] for name, part in _raw_rows.decode(data).items()}


def decode_join_request(data: bytes) -> JoinRequest:
    """The request."""
    return _read(data, _join_request)


def decode_join_answer(data: bytes) -> JoinAnswer:
    """The answer to a join."""
    return _read(data, _join_answer)


def decode_push_request(data: bytes) -> PushRequest:
    """The request. Its rows are JSON objects that have not been checked.

    Also raises ``too_many_rows``, and ``table_unknown`` for a name that no table can have.
    """
    wire = _read(data, _push_request)
    _check_names(wire.rows)
    if sum(map(len, wire.rows.values())) > MAX_PUSH_ROWS:
        raise ProtocolError("too_many_rows", f"a push has at most {MAX_PUSH_ROWS} rows")
    rows = {name: [_understood(raw, _row) for raw in part] for name, part in wire.rows.items() if part}
    return PushRequest(**asdict(wire) | {"rows": _known(rows), "unknown": _unknown(rows)})


def decode_push_answer(data: bytes, request: PushRequest) -> PushAnswer:
    """The answer to ``request``, with one outcome for each of its rows."""
    wire = _read(data, _push_answer)
    pushed = {**request.rows, **request.unknown}
    if {name: len(part) for name, part in wire.outcomes.items()} != {
        name: len(rows) for name, rows in pushed.items()
    }:
        raise ProtocolError("message_invalid", "the answer does not fit what was pushed")
    odd: list[OddRow] = []
    outcomes = {
        name: [
            _checked(name, one, sent, odd) if isinstance(one, RecordAnswer) else _plain(one)
            for one, sent in zip(part, pushed[name], strict=True)
        ]
        for name, part in wire.outcomes.items()
    }
    return PushAnswer(**asdict(wire) | {"outcomes": outcomes, "odd": tuple(odd)})


def _plain(outcome: Outcome) -> RecordAnswer:
    if outcome in (Outcome.CORRECTED, Outcome.SUPERSEDED):
        raise ProtocolError("message_invalid", f"{outcome} without the row that the server has")
    return STORED if outcome is Outcome.STORED else RecordAnswer(outcome)


def _checked(table: str, answer: RecordAnswer, sent: Row, odd: list[OddRow]) -> RecordAnswer:
    """The answer about the row ``sent``; a row of the server that cannot be stored here goes to ``odd``."""
    if answer.row is None:
        _plain(answer.outcome)
        return answer
    if any(answer.row.get(key) != sent.get(key) for key in ("id", "device_id")):
        raise ProtocolError("message_invalid", f"the answer about a row of {table} has another id")
    if table not in RECORDS:
        return answer
    (reason,) = check_rows(RECORDS[table], [answer.row])
    if reason is None:
        return answer
    odd.append(OddRow(table, _encode(answer.row).decode(), reason))
    return RecordAnswer(answer.outcome, reason)


def decode_pull_request(data: bytes) -> PullRequest:
    """The request, its limit cut to what the server gives."""
    request = _read(data, _pull_request)
    return replace(request, limit=min(request.limit, MAX_PULL_ROWS))


def decode_pull_answer(data: bytes) -> PullAnswer:
    """The page, its rows checked. Those that cannot be stored here stand apart, each with its reason.

    Also raises ``table_unknown`` for a name that no table can have.
    """
    wire = _read(data, _pull_answer)
    _check_names(wire.rows)
    odd: list[OddRow] = []
    rows = {name: _good_rows(name, part, odd) for name, part in wire.rows.items()}
    return PullAnswer(**asdict(wire) | {"rows": _known(rows), "unknown": _unknown(rows), "odd": tuple(odd)})


def _good_rows(table: str, given: Sequence[Raw], odd: list[OddRow]) -> list[Row]:
    read: list[tuple[Raw, Row]] = []
    for raw in given:
        try:
            read.append((raw, _row.decode(raw)))
        except (ValueError, RecursionError):
            odd.append(OddRow(table, _text(raw), "row_unreadable"))
    rows = [row for _raw, row in read]
    reasons = check_rows(RECORDS[table], rows) if table in RECORDS else check_carried(rows)
    if not any(reasons):
        return rows
    odd += [OddRow(table, _text(raw), why) for (raw, _row), why in zip(read, reasons, strict=True) if why]
    return [row for row, why in zip(rows, reasons, strict=True) if not why]


def _text(raw: Raw) -> str:
    return bytes(raw).decode("utf-8", "replace")


def decode_status_answer(data: bytes) -> StatusAnswer:
    """What the server has of the tables that are known here."""
    answer = _read(data, _status_answer)
    return replace(answer, counts={name: count for name, count in answer.counts.items() if name in RECORDS})


def decode_health(data: bytes) -> Health:
    """That server and database work."""
    return _read(data, _health)


def _read(data: bytes, decoder: Decoder[_T]) -> _T:
    """A message of a version that is spoken here."""
    version = _understood(data, _version).protocol
    if version > PROTOCOL_VERSION:
        raise ProtocolError(
            "protocol_newer", f"this program speaks version {PROTOCOL_VERSION}, not {version}"
        )
    return _understood(data, decoder)


def _understood(data: bytes | Raw, decoder: Decoder[_T]) -> _T:
    try:
        return decoder.decode(data)
    except msgspec.ValidationError as error:
        if not _is_json(data):  # found wrong before its end was reached
            raise ProtocolError("json_invalid", _NO_JSON) from None
        words = " ".join(str(error).split())[:200]
        raise ProtocolError("message_invalid", words.replace("`", "")) from None
    except (ValueError, RecursionError):
        whole = _ESCAPE.sub(lambda escape: rb"\u0000" if escape[1] else escape[0], bytes(data))
        if whole == data or isinstance(data, Raw):
            raise ProtocolError("json_invalid", _NO_JSON) from None
    # Half of a character became NUL: then only the row or field that has it is refused.
    return _understood(whole, decoder)


def _is_json(data: bytes | Raw) -> bool:
    try:
        msgspec.json.decode(data)
    except (ValueError, RecursionError):
        return False
    return True


def _check_names(rows: Mapping[str, object]) -> None:
    for name in rows:
        if not _TABLE_NAME.fullmatch(name):
            raise ProtocolError("table_unknown", f"no table can be called {name[:100]!r}")


def _known(rows: Rows) -> dict[str, Sequence[Row]]:
    """Parents first."""
    return {name: rows[name] for name in RECORDS if rows.get(name)}


def _unknown(rows: Rows) -> dict[str, Sequence[Row]]:
    return {name: part for name, part in rows.items() if part and name not in RECORDS}
