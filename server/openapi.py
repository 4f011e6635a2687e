"""The OpenAPI document, written from the protocol's own description of tables and columns; and /docs.

Kept in step by being computed: a column that the protocol knows is in here, and no other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import HTMLResponse

from cleanflow.sync.protocol import (
    MAX_BODY_BYTES,
    MAX_DECOMPRESSED_BYTES,
    MAX_PULL_ROWS,
    MAX_PUSH_ROWS,
    MOST_PREDECESSORS,
    PROTOCOL_VERSION,
    TABLES,
    Column,
    Kind,
    Outcome,
    Table,
)
from server.failures import VERSIONS
from server.html import element, page, table

_Schema = dict[str, Any]

_UUID4: Final = "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
_TIME: Final = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$"
_SEQUENCE: Final[_Schema] = {"type": "integer", "minimum": 0, "maximum": 2**62}
_SERVER_TIME: Final[_Schema] = {"type": "string", "pattern": _TIME}
_VERSION: Final[_Schema] = {"type": "integer", "enum": list(VERSIONS)}
_WRITTEN_VERSION: Final[_Schema] = {"type": "integer", "const": PROTOCOL_VERSION}


def _ref(name: str) -> _Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(properties: Mapping[str, _Schema], *optional: str) -> _Schema:
    required = [name for name in properties if name not in optional]
    return {
        "type": "object",
        "properties": dict(properties),
        "required": required,
        "additionalProperties": False,
    }


# --- rows ------------------------------------------------------------------------------------------

_KINDS: Final[Mapping[Kind, _Schema]] = {
    Kind.ID: {"type": "string", "format": "uuid"},
    Kind.TEXT: {"type": "string"},
    Kind.INTEGER: {"type": "integer"},
    Kind.MONEY: {"type": "integer", "description": "In the currency's minor unit."},
    Kind.DATE: {"type": "string", "format": "date"},
    Kind.TIMESTAMP: {"type": "string", "pattern": _TIME},
    Kind.BOOL: {"type": "boolean"},
    Kind.JSON: {"type": "string", "description": "JSON text, handed on byte for byte."},
    Kind.HASH: {"type": "string", "pattern": "^[0-9a-f]{64}$"},
}


def _column(column: Column) -> _Schema:
    schema = dict(_KINDS[column.kind])
    if column.kind in (Kind.INTEGER, Kind.MONEY):
        schema |= {"minimum": column.low, "maximum": column.high}
    if column.kind in (Kind.TEXT, Kind.JSON):
        schema |= {"maxLength": column.high} if not column.trimmed else {"minLength": column.low}
    if column.choices:
        schema = {"type": "string", "enum": list(column.choices)}
    if column.nullable:
        schema = {"anyOf": [schema, {"type": "null"}]}
    return schema


def _row(described: Table) -> _Schema:
    return _object({column.name: _column(column) for column in described.columns})


def _row_name(described: Table) -> str:
    return f"Row_{described.name}"


#: Asked for: any object is taken, and one that cannot be stored is refused by itself. Given: as described.
_PUSHED_ROWS: Final[_Schema] = {
    "type": "object",
    "properties": {
        name: {
            "type": "array",
            "items": {
                "anyOf": [
                    _ref(_row_name(described)),
                    {"type": "object", "description": "Anything else is refused, alone."},
                ]
            },
        }
        for name, described in TABLES.items()
    },
    "additionalProperties": False,
    "description": f"Whole operations in history order, at most {MAX_PUSH_ROWS} rows in all.",
}
_PULLED_ROWS: Final[_Schema] = _object(
    {name: {"type": "array", "items": _ref(_row_name(described))} for name, described in TABLES.items()},
    *TABLES,
)

# --- messages --------------------------------------------------------------------------------------

_RECORD_ANSWER: Final[_Schema] = {
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

_TIME_OR_NEVER: Final[_Schema] = {"anyOf": [_SERVER_TIME, {"type": "null"}]}

_SCHEMAS: Final[dict[str, _Schema]] = {
    "JoinRequest": _object(
        {
            "protocol": _VERSION,
            "join_code": {
                "type": "string",
                "minLength": 1,
                "maxLength": 100,
                "description": "A one-time code like 7K2M-QX4D-9TBW, in any case, with or without dashes.",
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
                "description": "Its token as the last of them, when that had joined.",
            },
        },
        *("name", "predecessors", "previous_token"),
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
    "PushRequest": _object({"protocol": _VERSION, "rows": _PUSHED_ROWS}),
    "PushAnswer": _object(
        {
            "protocol": _WRITTEN_VERSION,
            "outcomes": {
                "type": "object",
                "additionalProperties": {"type": "array", "items": _ref("RecordAnswer")},
                "description": "Table -> one outcome for each pushed row, in their order.",
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
                "additionalProperties": _object({"pushed_at": _TIME_OR_NEVER, "pulled_at": _TIME_OR_NEVER}),
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
    **{_row_name(described): _row(described) for described in TABLES.values()},
}

# --- paths -----------------------------------------------------------------------------------------

_REFUSALS: Final[Mapping[int, str]] = {
    400: "The message cannot be understood, or is of a newer version.",
    401: "No token, an unknown one, or one that was revoked.",
    403: "The join code is wrong, used up, or too old; or the PC claims to have been another one.",
    408: "The request took too long to arrive.",
    409: "Another PC of the shop has this PC code; one that is free is suggested.",
    413: f"More than {MAX_BODY_BYTES} bytes sent, or {MAX_DECOMPRESSED_BYTES} unpacked.",
    415: "The body is neither JSON nor JSON in gzip.",
    429: "Too many failures from this address.",
    503: "The database is away or too busy: nothing was changed, try again.",
}


def _answers(answer: str, *refusals: int) -> _Schema:
    told: _Schema = {
        "200": {"description": "Done.", "content": {"application/json": {"schema": _ref(answer)}}}
    }
    for status in refusals:
        told[str(status)] = {
            "description": _REFUSALS[status],
            "content": {"application/json": {"schema": _ref("Refused")}},
        }
    return told


def _operation(
    summary: str, answer: str, *refusals: int, request: str = "", is_open: bool = False
) -> _Schema:
    operation: _Schema = {"summary": summary, "responses": _answers(answer, *refusals)}
    if request:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _ref(request)}},
        }
    if is_open:
        operation["security"] = []
    return operation


_PATHS: Final[Mapping[str, Mapping[str, _Schema]]] = {
    "/v1/join": {
        "post": _operation(
            "A PC joins the shop that made the code, and gets its token",
            *("Joined", 400, 403, 408, 409, 413, 415, 429, 503),
            request="JoinRequest",
            is_open=True,
        )
    },
    "/v1/push": {
        "post": _operation(
            "Store rows; each is answered for itself, sending them again changes nothing",
            *("PushAnswer", 400, 401, 408, 413, 415, 429, 503),
            request="PushRequest",
        )
    },
    "/v1/pull": {
        "post": _operation(
            "What other PCs wrote last, whole pushes at a time",
            *("PullAnswer", 400, 401, 408, 413, 415, 429, 503),
            request="PullRequest",
        )
    },
    "/v1/status": {
        "get": _operation("Chain heads, counts, last sync of each PC", "StatusAnswer", 401, 429, 503)
    },
    "/v1/health": {"get": _operation("Whether server and database work", "Health", 503, is_open=True)},
}

DOCUMENT: Final = json.dumps(
    {
        "openapi": "3.1.0",
        "info": {
            "title": "CleanFlow sync",
            "version": str(PROTOCOL_VERSION),
            "description": "A shop's PCs meet here. Bodies may be gzip in both directions.",
        },
        "security": [{"token": []}],
        "paths": _PATHS,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": _SCHEMAS,
        },
    },
    ensure_ascii=False,
).encode()


def docs_page() -> HTMLResponse:
    """The same for people."""
    paths: list[list[object]] = [
        [f"{method.upper()} {path}", operation["summary"]]
        for path, operations in _PATHS.items()
        for method, operation in operations.items()
    ]
    refusals: list[list[object]] = [[status, words] for status, words in _REFUSALS.items()]
    rows = [_table_section(described) for described in TABLES.values()]
    return page(
        "CleanFlow sync server",
        element("h1", "CleanFlow sync server"),
        element("p", f"Protocol {', '.join(map(str, VERSIONS))}. For programs: ", _link("/openapi.json")),
        table(["Request", "What it does"], paths, numbers_from=2),
        element("h2", "Refusals"),
        table(["Status", "Why"], refusals, numbers_from=2),
        *rows,
    )


def _link(path: str) -> object:
    return element("a", path, href=path)


def _table_section(described: Table) -> object:
    lines: list[list[object]] = [
        [column.name, _words(column), "may change" if column.editable else ""] for column in described.columns
    ]
    return element("section", element("h2", described.name), table(["Column", "", ""], lines, numbers_from=3))


def _words(column: Column) -> str:
    text = " | ".join(column.choices) or column.kind.value
    if column.kind in (Kind.TEXT, Kind.JSON) and column.high and not column.choices:
        text += f", up to {column.high:,} characters"
    return text + (", or nothing" if column.nullable else "")
