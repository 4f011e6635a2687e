"""The messages between PCs and server: what each one holds, and its limits.

coding.py writes and reads them. Unknown fields of a message are skipped, so that a later program may add
optional ones. A single bad row does not make a bad message: see checks.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from cleanflow.records.types import MAX_INTEGER, Row

PROTOCOL_VERSION: Final = 1
#: The versions that this program speaks. Every message names them, so that a later program can choose one.
VERSIONS: Final = tuple(range(1, PROTOCOL_VERSION + 1))

#: Rows at which a PC closes a push, at the end of an operation …
PUSH_ROWS: Final = 5_000
#: … and the rows that the server accepts: a single operation (a payment over thousands of jobs) may be long.
MAX_PUSH_ROWS: Final = 20_000
MAX_MARK: Final = 64
#: Size of a body on the wire, and after gunzip.
MAX_BODY_BYTES: Final = 8 * 2**20
MAX_DECOMPRESSED_BYTES: Final = 32 * 2**20
#: Rows and bytes of JSON in a page of a pull. A push is never cut, so a page may hold one larger push.
PULL_ROWS: Final = 5_000
PULL_BYTES: Final = 8 * 2**20
MAX_PULL_ROWS: Final = 20_000
MOST_PREDECESSORS: Final = 50


def _like(pattern: str, max_length: int | None = None) -> Meta:
    """A text that ``pattern`` matches whole: a bare `$` would also match before a line feed at the end."""
    shown = {"pattern": f"^{pattern}$"}
    return Meta(pattern=f"^{pattern}$(?!\n)", max_length=max_length, extra_json_schema=shown)


#: A PC's id.
DeviceId = Annotated[str, _like("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")]
#: When it was on the server; described for other programs, and taken as it comes.
Time = Annotated[str, Meta(extra_json_schema={"pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$"})]
Count = Annotated[int, Meta(ge=0, le=MAX_INTEGER)]
_Positive = Annotated[int, Meta(ge=1, le=MAX_INTEGER)]
Mark = Annotated[str, _like("[0-9A-Za-z]*", MAX_MARK)]
_NO_NUL: Final = r"^[^\x00]*$"
_Short = Annotated[str, Meta(max_length=100, pattern=_NO_NUL)]
_Name = Annotated[str, Meta(max_length=200, pattern=_NO_NUL)]

#: Table -> its rows. Only tables that have some.
Rows = Mapping[str, Sequence[Row]]


class ProtocolError(Exception):
    """A message that cannot be understood; ``code`` for programs, ``words`` for people.

    Codes: ``json_invalid``, ``message_invalid``, ``protocol_newer``, ``table_unknown``, ``too_many_rows``.
    """

    def __init__(self, code: str, words: str) -> None:
        super().__init__(f"{code}: {words}")
        self.code = code
        self.words = words


class Message(Struct, frozen=True, kw_only=True):
    """The version that a message is written in, and those that its writer speaks."""

    protocol: _Positive = PROTOCOL_VERSION
    versions: tuple[int, ...] = VERSIONS


class Outcome(StrEnum):
    """Outcome of a pushed row."""

    STORED = "stored"  # the server has it now
    ALREADY = "already"  # the server had exactly this
    CORRECTED = "corrected"  # stored with the server's time, in `row`: the PC's clock is ahead
    SUPERSEDED = "superseded"  # a newer edit, in `row`, won
    REFUSED = "refused"  # it cannot be stored, for `reason`; send it again when that is mended
    CONFLICT = "conflict"  # an alarm: the server has other content under this id (`reason`)


class RecordAnswer(Struct, frozen=True, omit_defaults=True):
    """The outcome of one row."""

    outcome: Outcome
    reason: str | None = None
    row: Row | None = None


STORED: Final = RecordAnswer(Outcome.STORED)


class OddRow(Struct, frozen=True):
    """A row that cannot be stored here: its JSON, and a code of checks.py or ``row_unreadable``."""

    table: str
    row: str
    reason: str


class JoinRequest(Message, frozen=True):
    """A PC asks to join a shop.

    ``join_code`` is a one-time code like 7K2M-QX4D-9TBW, in any case, with or without dashes. ``pc_code`` is
    the prefix of the PC's references, ``name`` for the list of PCs. ``predecessors`` are the devices that the
    PC was before a backup was restored, and ``previous_token`` its token as the last of them, or as the PC
    that left: with it no ``join_code`` is needed. ``shop_id`` is the shop that it already belongs to (the
    code of another shop is then not used up), ``currency`` that of its books.
    """

    join_code: _Short
    device_id: DeviceId
    pc_code: Annotated[str, _like("[A-Z0-9]{1,6}")]
    name: _Name = ""
    predecessors: Annotated[tuple[DeviceId, ...], Meta(max_length=MOST_PREDECESSORS)] = ()
    previous_token: _Short = ""
    shop_id: _Short = ""
    currency: Annotated[str, _like("([A-Z]{3})?")] = ""


class JoinAnswer(Message, frozen=True):
    """The PC has joined. Its token is told this once."""

    shop_id: Annotated[str, Meta(min_length=1, max_length=100, pattern=_NO_NUL)]
    shop_name: _Name
    token: Annotated[str, Meta(min_length=1, max_length=200, pattern=_NO_NUL)]
    server_time: Time


class PushRequest(Message, frozen=True):
    """Whole operations, rows in history order within their table.

    ``mark`` is a word that the PC has noted before: the status tells the last one under which something was
    stored, so a PC sees whether that was really itself. ``unknown`` holds rows of tables that this program
    does not know; on the wire they are among ``rows``.
    """

    rows: Rows
    mark: Mark = ""
    unknown: Rows = {}

    @property
    def count(self) -> int:
        """Number of rows."""
        return sum(map(len, self.rows.values())) + sum(map(len, self.unknown.values()))


class PushAnswer(Message, frozen=True):
    """``outcomes`` in the order of the pushed rows; ``change_seq`` is None when nothing was new.

    ``odd`` holds rows of the server that cannot be stored here; their outcomes come without a row.
    """

    outcomes: Mapping[str, Sequence[RecordAnswer]]
    change_seq: int | None
    server_time: Time
    odd: tuple[OddRow, ...] = ()


class PullRequest(Message, frozen=True):
    """Asks for what others wrote last after ``since``; with ``include_own`` also what this PC wrote.

    A restored PC needs its own rows. ``only_records`` leaves facts out: a PC that fetches a whole shop asks
    first for what facts point to. ``limit`` counts rows, but no push is cut.
    """

    since: Count
    limit: _Positive = PULL_ROWS
    include_own: bool = False
    only_records: bool = False


class PullAnswer(Message, frozen=True):
    """A page of whole pushes; rows in history order within their table. The next page begins at ``cursor``.

    ``unknown`` holds rows of tables that this program does not know (on the wire they are among ``rows``),
    and ``odd`` those that cannot be stored here.
    """

    rows: Rows
    cursor: Count
    more: bool
    server_time: Time
    unknown: Rows = {}
    odd: tuple[OddRow, ...] = ()


class ChainHead(Struct, frozen=True):
    """The last entry of a PC's chain; the chain has ``number`` entries."""

    number: _Positive
    hash: str


class LastSync(Struct, frozen=True):
    """When a PC last pushed and pulled, by the server's clock (None is never), and the mark of its last push
    that stored something."""

    pushed_at: Time | None = None
    pulled_at: Time | None = None
    push_mark: str | None = None


class StatusAnswer(Message, frozen=True):
    """What the server has, by PC and table. ``counts`` leaves out the rows that every PC starts with."""

    chain_heads: dict[DeviceId, ChainHead]
    counts: dict[str, Count]
    last_syncs: dict[DeviceId, LastSync] = {}
    change_seq: Count = 0
    server_time: Time = ""


class Reason(Struct, frozen=True, omit_defaults=True):
    """Why a request was refused: ``code`` for programs, ``words`` for people.

    The server's log has more under ``request_id``. ``suggestion`` is a PC code that is free.
    """

    code: str
    words: str
    request_id: str
    suggestion: str = ""


class Refused(Message, frozen=True):
    """A request was refused."""

    error: Reason


class Health(Message, frozen=True):
    """The server and its database work."""

    database: Literal["ok"]
    server_time: Time = ""
