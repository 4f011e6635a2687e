"""What PCs and server say to each other. Pure: no I/O, nothing but the standard library.

tables.py and rules.py say what is synchronised and what a row may hold, checks.py whether one can be stored,
messages.py and joining.py how it is said, strict.py how
strictly it is read, pieces.py its long JSON.
The only part of cleanflow that the server imports.
"""

from cleanflow.sync.protocol.big_json import parsed, rows_of_text, rows_text
from cleanflow.sync.protocol.checks import CHAIN_FIELDS, GENESIS, check_rows, entry_hash, is_id
from cleanflow.sync.protocol.joining import (
    MOST_PREDECESSORS,
    JoinAnswer,
    JoinRequest,
    decode_join_answer,
    decode_join_request,
)
from cleanflow.sync.protocol.messages import (
    MAX_BODY_BYTES,
    MAX_DECOMPRESSED_BYTES,
    MAX_MARK,
    MAX_PULL_ROWS,
    MAX_PUSH_ROWS,
    PULL_BYTES,
    PULL_ROWS,
    PUSH_ROWS,
    STORED,
    ChainHead,
    LastSync,
    Outcome,
    PullAnswer,
    PullRequest,
    PushAnswer,
    PushRequest,
    RecordAnswer,
    Rows,
    StatusAnswer,
    decode_pull_answer,
    decode_pull_request,
    decode_push_answer,
    decode_push_request,
    decode_status_answer,
    encode,
)
from cleanflow.sync.protocol.rules import Row
from cleanflow.sync.protocol.strict import PROTOCOL_VERSION, ProtocolError
from cleanflow.sync.protocol.tables import NO_DEVICE, TABLES, Column, Kind, Table

__all__ = [
    "CHAIN_FIELDS", "GENESIS", "MAX_BODY_BYTES", "MAX_DECOMPRESSED_BYTES", "MAX_MARK", "MAX_PULL_ROWS",
    "MAX_PUSH_ROWS", "MOST_PREDECESSORS", "NO_DEVICE", "PROTOCOL_VERSION", "PULL_BYTES", "PULL_ROWS",
    "PUSH_ROWS", "STORED", "TABLES",
    "ChainHead", "Column", "JoinAnswer", "JoinRequest", "Kind", "LastSync", "Outcome", "ProtocolError",
    "PullAnswer", "PullRequest", "PushAnswer", "PushRequest", "RecordAnswer", "Row", "Rows", "StatusAnswer",
    "Table", "check_rows",
    "decode_join_answer", "decode_join_request",
    "decode_pull_answer", "decode_pull_request", "decode_push_answer", "decode_push_request",
    "decode_status_answer", "encode", "entry_hash", "is_id", "parsed",
    "rows_of_text", "rows_text",
]  # fmt: skip
