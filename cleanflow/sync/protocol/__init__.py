"""What PCs and server say to each other. Pure: no I/O, nothing but the standard library.

What is synchronised, and what a row may hold, is declared in cleanflow/records. messages.py and joining.py
have the messages, strict.py reads them, big_json.py reads and writes long ones.
"""

from cleanflow.sync.protocol.big_json import parsed, rows_of_text, rows_text
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
from cleanflow.sync.protocol.strict import PROTOCOL_VERSION, ProtocolError

__all__ = [
    "MAX_BODY_BYTES", "MAX_DECOMPRESSED_BYTES", "MAX_MARK", "MAX_PULL_ROWS",
    "MAX_PUSH_ROWS", "MOST_PREDECESSORS", "PROTOCOL_VERSION", "PULL_BYTES", "PULL_ROWS",
    "PUSH_ROWS", "STORED",
    "ChainHead", "JoinAnswer", "JoinRequest", "LastSync", "Outcome", "ProtocolError",
    "PullAnswer", "PullRequest", "PushAnswer", "PushRequest", "RecordAnswer", "Rows", "StatusAnswer",
    "decode_join_answer", "decode_join_request",
    "decode_pull_answer", "decode_pull_request", "decode_push_answer", "decode_push_request",
    "decode_status_answer", "encode", "parsed",
    "rows_of_text", "rows_text",
]  # fmt: skip
