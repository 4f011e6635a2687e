"""The messages of version 1, and their JSON: strict when read, the same words on both sides.

``decode_*`` take what arrived (bytes, or JSON that is already parsed) and raise :class:`ProtocolError`;
``encode`` gives the bytes of any message. A single bad row is no bad message: see checks.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from cleanflow.records import RECORDS
from cleanflow.records.checks import check_rows
from cleanflow.records.types import Row
from cleanflow.sync.protocol.big_json import rows_text
from cleanflow.sync.protocol.joining import JoinAnswer, JoinRequest
from cleanflow.sync.protocol.strict import (
    PROTOCOL_VERSION,
    ProtocolError,
    a_device,
    a_list,
    a_switch,
    a_text,
    an_integer,
    an_object,
    read_message,
)

#: A PC aims at this many rows a push and cuts at the end of an operation …
PUSH_ROWS: Final = 5_000
#: … the server takes this many: one operation (a payment over thousands of jobs) may be long.
MAX_PUSH_ROWS: Final = 20_000
MAX_MARK: Final = 64
#: Of a body as it is sent, and after gunzip.
MAX_BODY_BYTES: Final = 8 * 2**20
MAX_DECOMPRESSED_BYTES: Final = 32 * 2**20
#: A page of a pull: rows and bytes of JSON. A single push is never cut, so a page may be one larger push.
PULL_ROWS: Final = 5_000
PULL_BYTES: Final = 8 * 2**20
MAX_PULL_ROWS: Final = 20_000


class Outcome(StrEnum):
    """What became of one pushed record."""

    STORED = "stored"  # it is the server's now
    ALREADY = "already"  # the server had exactly this
    CORRECTED = "corrected"  # the server has it, with its own time in `row`: the PC's clock is ahead
    SUPERSEDED = "superseded"  # a newer edit won; it is in `row`
    REFUSED = "refused"  # it cannot be stored, `reason` says why; send it again when that is mended
    CONFLICT = "conflict"  # an alarm: the server has something else under this id (`reason`)


@dataclass(frozen=True)
class RecordAnswer:
    """The outcome of one record."""

    outcome: Outcome
    reason: str | None = None
    row: Row | None = None


STORED: Final = RecordAnswer(Outcome.STORED)
_PLAIN: Final = {outcome.value: RecordAnswer(outcome) for outcome in (Outcome.STORED, Outcome.ALREADY)}

#: Table -> its rows. Only tables that have some.
Rows = Mapping[str, Sequence[Row]]


@dataclass(frozen=True)
class PushRequest:
    """Whole operations, rows in history order within their table.

    ``mark`` is a word that the PC has noted before: the server tells the last one under which it stored
    something, so that a PC sees whether that was really itself.
    """

    rows: Rows
    mark: str = ""

    @property
    def count(self) -> int:
        """How many rows there are."""
        return sum(map(len, self.rows.values()))


@dataclass(frozen=True)
class PushAnswer:
    """``outcomes`` in the order of the pushed rows; ``change_seq`` None when nothing was new."""

    outcomes: Mapping[str, Sequence[RecordAnswer]]
    change_seq: int | None
    server_time: str


@dataclass(frozen=True)
class PullRequest:
    """What the others wrote last after ``since``; with ``include_own`` also this PC's own (a restored PC).

    With ``only_records`` no facts: a PC that fetches a whole shop asks for what facts point to first.
    """

    since: int
    limit: int = PULL_ROWS
    include_own: bool = False
    only_records: bool = False


@dataclass(frozen=True)
class PullAnswer:
    """A page of whole pushes; rows in history order within their table. Next time ask since ``cursor``."""

    rows: Rows
    cursor: int
    more: bool
    server_time: str


@dataclass(frozen=True)
class ChainHead:
    """The last entry of a PC's chain; the chain has ``number`` entries."""

    number: int
    hash: str


@dataclass(frozen=True)
class LastSync:
    """When a PC last pushed and pulled, by the server's clock (None is never), and the mark of its last push
    that brought something new."""

    pushed_at: str | None
    pulled_at: str | None
    push_mark: str | None = None


@dataclass(frozen=True)
class StatusAnswer:
    """What the server has. ``counts`` leaves out the rows that every PC starts with (NO_DEVICE)."""

    chain_heads: Mapping[str, ChainHead]
    counts: Mapping[str, int]
    last_syncs: Mapping[str, LastSync] = field(default_factory=dict)
    change_seq: int = 0
    server_time: str = ""


Message = JoinRequest | JoinAnswer | PushRequest | PushAnswer | PullRequest | PullAnswer | StatusAnswer


def encode(message: Message) -> bytes:
    """The message as JSON in UTF-8, with the version it is written in."""
    fields = {"protocol": PROTOCOL_VERSION, **vars(message)}
    rows = fields.pop("rows", None)
    # check_circular off: our own messages, and it is a tenth of the time
    text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"), check_circular=False, default=_plain)
    return (text if rows is None else f'{text[:-1]},"rows":{rows_text(rows)}}}').encode()


def _plain(value: object) -> object:
    if isinstance(value, RecordAnswer):
        if value.reason is None and value.row is None:
            return value.outcome.value
        return {key: part for key, part in vars(value).items() if part is not None}
    return vars(value)


def decode_push_request(data: bytes | object) -> PushRequest:
    """The request. Its rows are objects of known tables, not yet checked."""
    message = read_message(data, {"rows"}, {"mark"})
    mark = a_text(message.get("mark", ""), "mark")
    if len(mark) > MAX_MARK or not (mark.isascii() and (mark.isalnum() or not mark)):
        raise ProtocolError("message_invalid", f"mark is at most {MAX_MARK} letters and digits")
    request = PushRequest(_rows(message["rows"]), mark)
    if request.count > MAX_PUSH_ROWS:
        raise ProtocolError("too_many_rows", f"a push has at most {MAX_PUSH_ROWS} rows")
    return request


def decode_push_answer(data: bytes | object, request: PushRequest) -> PushAnswer:
    """The answer to ``request``: one outcome for each of its rows, or it is no answer to it."""
    message = read_message(data, {"outcomes", "change_seq", "server_time"})
    given = an_object(message["outcomes"], "outcomes")
    if {name: len(a_list(part, name)) for name, part in given.items()} != {
        name: len(rows) for name, rows in request.rows.items()
    }:
        raise ProtocolError("message_invalid", "the answer does not fit what was pushed")
    seq = message["change_seq"]
    outcomes = {name: [_record_answer(one) for one in part] for name, part in given.items()}
    for name, part in outcomes.items():
        _check_rows_told(name, part, request.rows[name])
    return PushAnswer(
        outcomes,
        None if seq is None else an_integer(seq, "change_seq"),
        a_text(message["server_time"], "server_time"),
    )


def _check_rows_told(name: str, told: Sequence[RecordAnswer], pushed: Sequence[Row]) -> None:
    """A row that the server has in place of a pushed one is that record, and can be stored."""
    for answer, sent in zip(told, pushed, strict=True):
        if answer.outcome in (Outcome.CORRECTED, Outcome.SUPERSEDED) and answer.row is None:
            raise ProtocolError("message_invalid", f"{answer.outcome} without the row that the server has")
        if answer.row is None:
            continue
        (reason,) = check_rows(RECORDS[name], [answer.row])
        if reason or any(answer.row[key] != sent[key] for key in ("id", "device_id")):
            raise ProtocolError(
                "message_invalid", f"the server has a row of {name} with {reason or 'another id'}"
            )


def decode_pull_request(data: bytes | object) -> PullRequest:
    """The request, its limit cut to what the server gives."""
    message = read_message(data, {"since"}, {"limit", "include_own", "only_records"})
    limit = an_integer(message.get("limit", PULL_ROWS), "limit", 1)
    return PullRequest(
        an_integer(message["since"], "since"),
        min(limit, MAX_PULL_ROWS),
        a_switch(message.get("include_own", False), "include_own"),
        a_switch(message.get("only_records", False), "only_records"),
    )


def decode_pull_answer(data: bytes | object) -> PullAnswer:
    """The page; every row of it has been checked."""
    message = read_message(data, {"rows", "cursor", "more", "server_time"})
    rows = _rows(message["rows"])
    for name, part in rows.items():
        for reason in filter(None, check_rows(RECORDS[name], part)):
            raise ProtocolError("message_invalid", f"the server sent a row of {name} with {reason}")
    cursor, more = an_integer(message["cursor"], "cursor"), a_switch(message["more"], "more")
    return PullAnswer(rows, cursor, more, a_text(message["server_time"], "server_time"))


def decode_status_answer(data: bytes | object) -> StatusAnswer:
    """What the server has."""
    message = read_message(data, {"chain_heads", "counts", "last_syncs", "change_seq", "server_time"})
    heads = an_object(message["chain_heads"], "chain_heads")
    syncs = an_object(message["last_syncs"], "last_syncs")
    return StatusAnswer(
        {a_device(device): _head(an_object(head, "a chain head")) for device, head in heads.items()},
        {
            name: an_integer(count, name)
            for name, count in an_object(message["counts"], "counts").items()
            if name in RECORDS  # a newer server may have more
        },
        {a_device(device): _last_sync(an_object(one, "a last sync")) for device, one in syncs.items()},
        an_integer(message["change_seq"], "change_seq"),
        a_text(message["server_time"], "server_time"),
    )


def _head(given: Mapping[str, Any]) -> ChainHead:
    return ChainHead(an_integer(given.get("number"), "number", 1), a_text(given.get("hash"), "hash"))


def _last_sync(given: Mapping[str, Any]) -> LastSync:
    parts = (given.get("pushed_at"), given.get("pulled_at"), given.get("push_mark"))
    return LastSync(*(None if part is None else a_text(part, "a last sync") for part in parts))


def _record_answer(given: object) -> RecordAnswer:
    if type(given) is str:
        if given in _PLAIN:
            return _PLAIN[given]
        given = {"outcome": given}
    parts = an_object(given, "an outcome")
    try:
        outcome = Outcome(parts.get("outcome", ""))
    except ValueError:
        raise ProtocolError("message_invalid", "an outcome that this version does not know") from None
    reason, row = parts.get("reason"), parts.get("row")
    return RecordAnswer(
        outcome,
        None if reason is None else a_text(reason, "reason"),
        None if row is None else an_object(row, "row"),
    )


def _rows(given: object) -> dict[str, list[Row]]:
    rows = an_object(given, "rows")
    for name, part in rows.items():
        if name not in RECORDS:
            raise ProtocolError("table_unknown", f"no table {name[:100]!r} is synchronised")
        if not set(map(type, a_list(part, name))) <= {dict}:
            raise ProtocolError("message_invalid", f"each row of {name} is an object")
    return {name: rows[name] for name in RECORDS if rows.get(name)}
