"""The protocol's messages and rows as JSON schemas, for openapi.py.

Kept in step by being computed: a column that the protocol knows is in here, and no other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cleanflow.records import RECORDS
from cleanflow.records.types import Field, Kind, Record
from cleanflow.sync.protocol import (
    MAX_MARK,
    MAX_PULL_ROWS,
    MAX_PUSH_ROWS,
    MOST_PREDECESSORS,
    PROTOCOL_VERSION,
    Outcome,
)
from server.failures import VERSIONS

#: A part of a JSON schema, as a document of JSON has it.
Schema = dict[str, Any]

_UUID4: Final = "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
_TIME: Final = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$"
_SEQUENCE: Final[Schema] = {"type": "integer", "minimum": 0, "maximum": 2**62}
_SERVER_TIME: Final[Schema] = {"type": "string", "pattern": _TIME}
_VERSION: Final[Schema] = {"type": "integer", "enum": list(VERSIONS)}
_WRITTEN_VERSION: Final[Schema] = {"type": "integer", "const": PROTOCOL_VERSION}


def ref(name: str) -> Schema:
    """A reference to the schema ``name`` of :data:`SCHEMAS`."""
    return {"$ref": f"#/components/schemas/{name}"}


def _object(properties: Mapping[str, Schema], *optional: str) -> Schema:
    required = [name for name in properties if name not in optional]
    return {
        "type": "object",
        "properties": dict(properties),
        "required": required,
        "additionalProperties": False,
    }


# --- rows ------------------------------------------------------------------------------------------

_KINDS: Final[Mapping[Kind, Schema]] = {
    Kind.ID: {"type": "string", "format": "uuid"},
    Kind.TEXT: {"type": "string"},
    Kind.INTEGER: {"type": "integer"},
    Kind.MONEY: {"type": "integer", "description": "In the currency's minor unit."},
    Kind.DATE: {"type": "string", "format": "date"},
    Kind.TIMESTAMP: {"type": "string", "pattern": _TIME},
    Kind.BOOL: {"type": "boolean"},
    Kind.JSON: {"type": "string", "description": "JSON text, handed on byte for byte."},
    Kind.EXTRA: {
        "type": "string",
        "description": "A JSON object: fields that a later version brought, handed on as they are.",
    },
    Kind.HASH: {"type": "string", "pattern": "^[0-9a-f]{64}$"},
}


def _column(column: Field) -> Schema:
    schema = dict(_KINDS[column.kind])
    if column.kind in (Kind.INTEGER, Kind.MONEY):
        schema |= {"minimum": column.low, "maximum": column.high}
    if column.kind in (Kind.TEXT, Kind.JSON, Kind.EXTRA):
        schema |= {"maxLength": column.high} if not column.trimmed else {"minLength": column.low}
    if column.choices:
        schema = {"type": "string", "enum": list(column.choices)}
    if column.nullable:
        schema = {"anyOf": [schema, {"type": "null"}]}
    return schema


def _row(described: Record) -> Schema:
    return _object({column.name: _column(column) for column in described.fields})


def _row_name(described: Record) -> str:
    return f"Row_{described.name}"


#: Asked for: any object is taken, and one that cannot be stored is refused by itself. Given: as described.
_PUSHED_ROWS: Final[Schema] = {
    "type": "object",
    "properties": {
        name: {
            "type": "array",
            "items": {
                "anyOf": [
                    ref(_row_name(described)),
                    {"type": "object", "description": "Anything else is refused, alone."},
                ]
            },
        }
        for name, described in RECORDS.items()
    },
    "additionalProperties": False,
    "description": f"Whole operations in history order, at most {MAX_PUSH_ROWS} rows in all.",
}
_PULLED_ROWS: Final[Schema] = _object(
    {name: {"type": "array", "items": ref(_row_name(described))} for name, described in RECORDS.items()},
    *RECORDS,
)

# --- messages --------------------------------------------------------------------------------------

_RECORD_ANSWER: Final[Schema] = {
    "anyOf": [
        {"type": "string", "enum": [Outcome.STORED.value, Outcome.ALREADY.value]},
        _object(
            {
                "outcome": {"type": "string", "enum": [outcome.value for outcome in Outcome]},
                "reason": {"type": "string"},
                "row": {"type": "object"},
            },
            "reason",
            "row",
        ),
    ]
}

_TIME_OR_NEVER: Final[Schema] = {"anyOf": [_SERVER_TIME, {"type": "null"}]}

#: Name -> schema, for requests, answers and the rows of each table.
SCHEMAS: Final[dict[str, Schema]] = {
    "JoinRequest": _object(
        {
            "protocol": _VERSION,
            "join_code": {
                "type": "string",
                "maxLength": 100,
                "description": "A one-time code like 7K2M-QX4D-9TBW, in any case, with or without dashes;"
                " empty where previous_token stands for it.",
            },
            "device_id": {"type": "string", "pattern": _UUID4},
            "pc_code": {"type": "string", "pattern": "^[A-Z0-9]{1,6}$"},
            "name": {"type": "string", "maxLength": 200},
            "predecessors": {
                "type": "array",
                "maxItems": MOST_PREDECESSORS,
                "items": {"type": "string", "pattern": _UUID4},
                "description": "What this PC was before a backup was restored: it may bring their records.",
            },
            "previous_token": {
                "type": "string",
                "maxLength": 100,
                "description": "Its token as the last of them, or as the one that left. With it a PC that"
                " goes on as another one after a restore needs no join_code.",
            },
            "shop_id": {
                "type": "string",
                "maxLength": 100,
                "description": "The shop that it belongs to already; a code of another one is not used up.",
            },
            "currency": {"type": "string", "pattern": "^([A-Z]{3})?$", "description": "Of its books."},
        },
        *("name", "predecessors", "previous_token", "shop_id", "currency"),
    ),
    "Joined": _object(
        {
            "protocol": _WRITTEN_VERSION,
            "shop_id": {"type": "string", "format": "uuid"},
            "shop_name": {"type": "string"},
            "token": {"type": "string", "description": "Told this once; send it as a bearer token."},
            "server_time": _SERVER_TIME,
        }
    ),
    "PushRequest": _object(
        {
            "protocol": _VERSION,
            "rows": _PUSHED_ROWS,
            "mark": {
                "type": "string",
                "maxLength": MAX_MARK,
                "pattern": "^[0-9A-Za-z]*$",
                "description": "Told again by the status: the last under which something was stored.",
            },
        },
        "mark",
    ),
    "PushAnswer": _object(
        {
            "protocol": _WRITTEN_VERSION,
            "outcomes": {
                "type": "object",
                "additionalProperties": {"type": "array", "items": ref("RecordAnswer")},
                "description": "Record -> one outcome for each pushed row, in their order.",
            },
            "change_seq": {"anyOf": [_SEQUENCE, {"type": "null"}]},
            "server_time": _SERVER_TIME,
        }
    ),
    "RecordAnswer": _RECORD_ANSWER,
    "PullRequest": _object(
        {
            "protocol": _VERSION,
            "since": _SEQUENCE,
            "limit": {
                "type": "integer",
                "minimum": 1,
                "maximum": 2**62,
                "description": f"Rows; the server gives {MAX_PULL_ROWS} at most, but never cuts one push.",
            },
            "include_own": {"type": "boolean", "description": "What this PC wrote itself, too."},
            "only_records": {"type": "boolean", "description": "Leave out facts: what they point to first."},
        },
        "limit",
        "include_own",
        "only_records",
    ),
    "PullAnswer": _object(
        {
            "protocol": _WRITTEN_VERSION,
            "rows": _PULLED_ROWS,
            "cursor": _SEQUENCE,
            "more": {"type": "boolean"},
            "server_time": _SERVER_TIME,
        }
    ),
    "StatusAnswer": _object(
        {
            "protocol": _WRITTEN_VERSION,
            "chain_heads": {
                "type": "object",
                "additionalProperties": _object({"number": _SEQUENCE, "hash": _KINDS[Kind.HASH]}),
                "description": "PC -> the last entry of its chain.",
            },
            "counts": {"type": "object", "additionalProperties": _SEQUENCE},
            "last_syncs": {
                "type": "object",
                "additionalProperties": _object(
                    {
                        "pushed_at": _TIME_OR_NEVER,
                        "pulled_at": _TIME_OR_NEVER,
                        "push_mark": {"type": ["string", "null"]},
                    }
                ),
            },
            "change_seq": _SEQUENCE,
            "server_time": _SERVER_TIME,
        }
    ),
    "Health": _object(
        {
            "protocol": _WRITTEN_VERSION,
            "versions": {"type": "array", "items": {"type": "integer"}},
            "database": {"type": "string", "const": "ok"},
            "server_time": _SERVER_TIME,
        }
    ),
    "Refused": _object(
        {
            "protocol": _WRITTEN_VERSION,
            "versions": {
                "type": "array",
                "items": {"type": "integer"},
                "description": "The versions of the protocol that this server speaks.",
            },
            "error": _object(
                {
                    "code": {"type": "string", "description": "For programs."},
                    "words": {"type": "string", "description": "For people."},
                    "request_id": {"type": "string", "description": "Under which the log has the reason."},
                    "suggestion": {"type": "string", "description": "A PC code that is free."},
                },
                "suggestion",
            ),
        }
    ),
    **{_row_name(described): _row(described) for described in RECORDS.values()},
}
