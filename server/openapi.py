"""The OpenAPI document, computed from the protocol's messages and columns; and /docs, the same for people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from inspect import cleandoc
from typing import Any, Final

import msgspec
from starlette.responses import HTMLResponse

from cleanflow.records import RECORDS
from cleanflow.records.types import Field, Kind, Record
from cleanflow.sync.protocol import (
    MAX_BODY_BYTES,
    MAX_DECOMPRESSED_BYTES,
    MAX_PUSH_ROWS,
    PROTOCOL_VERSION,
    VERSIONS,
    Health,
    JoinAnswer,
    JoinRequest,
    PullRequest,
    Refused,
    StatusAnswer,
    WirePullAnswer,
    WirePushAnswer,
    WirePushRequest,
)

from .html import Html, element, page, table

#: A part of a JSON schema, as a document of JSON has it.
Schema = dict[str, Any]

_REF: Final = "#/components/schemas/{name}"
_REQUESTS: Final = (JoinRequest, WirePushRequest, PullRequest)
_ANSWERS: Final = (JoinAnswer, WirePushAnswer, WirePullAnswer, StatusAnswer, Health, Refused)


def _ref(name: str) -> Schema:
    return {"$ref": _REF.format(name=name)}


# --- rows ------------------------------------------------------------------------------------------

_KINDS: Final[Mapping[Kind, Schema]] = {
    Kind.ID: {"type": "string", "format": "uuid"},
    Kind.TEXT: {"type": "string"},
    Kind.INTEGER: {"type": "integer"},
    Kind.MONEY: {"type": "integer", "description": "In the currency's minor unit."},
    Kind.DATE: {"type": "string", "format": "date"},
    Kind.TIMESTAMP: {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$"},
    Kind.BOOL: {"type": "boolean"},
    Kind.JSON: {"type": "string", "description": "JSON text, handed on byte for byte."},
    Kind.EXTRA: {"type": "string", "description": "A JSON object: fields of a later version."},
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
    return {"anyOf": [schema, {"type": "null"}]} if column.nullable else schema


def _row(described: Record) -> Schema:
    properties = {column.name: _column(column) for column in described.fields}
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _rows(items: Mapping[str, Schema]) -> Schema:
    """Record -> rows. A table of a later version has any objects."""
    return {
        "type": "object",
        "properties": {name: {"type": "array", "items": schema} for name, schema in items.items()},
        "propertyNames": {"pattern": "^[a-z][a-z0-9_]{0,62}$"},
        "additionalProperties": {"type": "array", "items": {"type": "object"}},
    }


# --- messages --------------------------------------------------------------------------------------


def _schemas() -> dict[str, Schema]:
    """Name -> schema, for requests, answers and the rows of each table."""
    messages = (*_REQUESTS, *_ANSWERS)
    _refs, components = msgspec.json.schema_components(messages, ref_template=_REF)
    for kind in messages:
        schema = components[kind.__name__]
        versions = {"enum": list(VERSIONS)} if kind in _REQUESTS else {"const": PROTOCOL_VERSION}
        schema["properties"]["protocol"] = {"type": "integer", **versions}
        schema["required"] = ["protocol", *schema.get("required", ())]
    rows = {name: _ref(f"Row_{name}") for name in RECORDS}
    anything = {"type": "object", "description": "Another object is refused, alone."}
    pushed = components["WirePushRequest"]["properties"]
    pushed["rows"] = _rows({name: {"anyOf": [row, anything]} for name, row in rows.items()})
    pushed["rows"]["description"] = f"Whole operations in history order, {MAX_PUSH_ROWS} rows at most."
    components["WirePullAnswer"]["properties"]["rows"] = _rows(rows)
    for schema in components.values():
        schema["description"] = cleandoc(schema.get("description", "")).replace("``", "")
    return {name.removeprefix("Wire"): schema for name, schema in components.items()} | {
        f"Row_{name}": _row(described) for name, described in RECORDS.items()
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
    503: "The database is away or too busy: send it again later; what was stored is not stored twice.",
}


def _content(name: str) -> Schema:
    return {"application/json": {"schema": _ref(name)}}


def _operation(summary: str, answer: str, *refusals: int, request: str = "", is_open: bool = False) -> Schema:
    told: Schema = {"200": {"description": "Done.", "content": _content(answer)}}
    for status in refusals:
        told[str(status)] = {"description": _REFUSALS[status], "content": _content("Refused")}
    operation: Schema = {"summary": summary, "responses": told}
    if request:
        operation["requestBody"] = {"required": True, "content": _content(request)}
    if is_open:
        operation["security"] = []
    return operation


_OF_A_BODY: Final = (400, 401, 408, 413, 415, 429, 503)
_PATHS: Final[Mapping[str, Mapping[str, Schema]]] = {
    "/v1/join": {
        "post": _operation(
            "A PC joins the shop that made the code, and gets its token",
            *("JoinAnswer", 400, 403, 408, 409, 413, 415, 429, 503),
            request="JoinRequest",
            is_open=True,
        )
    },
    "/v1/push": {
        "post": _operation(
            "Store rows; each has its own answer, and sending them again changes nothing",
            *("PushAnswer", *_OF_A_BODY),
            request="PushRequest",
        )
    },
    "/v1/pull": {
        "post": _operation(
            "What other PCs wrote last, whole pushes at a time",
            *("PullAnswer", *_OF_A_BODY),
            request="PullRequest",
        )
    },
    "/v1/status": {
        "get": _operation("Chain heads, counts, last sync of each PC", "StatusAnswer", 401, 429, 503)
    },
    "/v1/health": {"get": _operation("Whether server and database work", "Health", 503, is_open=True)},
}

DOCUMENT: Final = (
    json.dumps(
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
                "schemas": _schemas(),
            },
        },
        ensure_ascii=False,
    )
    .replace(r"$(?!\n)", "$")
    .encode()
)


# --- for people ------------------------------------------------------------------------------------


def docs_page() -> HTMLResponse:
    """The document as a page."""
    paths: list[list[object]] = [
        [f"{method.upper()} {path}", operation["summary"]]
        for path, operations in _PATHS.items()
        for method, operation in operations.items()
    ]
    refusals: list[list[object]] = [[status, words] for status, words in _REFUSALS.items()]
    versions = ", ".join(map(str, VERSIONS))
    return page(
        "CleanFlow sync server",
        element("h1", "CleanFlow sync server"),
        element(
            "p", f"Protocol {versions}. For programs: ", element("a", "/openapi.json", href="/openapi.json")
        ),
        table(["Request", "What it does"], paths, numbers_from=2),
        element("h2", "Refusals"),
        table(["Status", "Why"], refusals, numbers_from=2),
        *map(_table_section, RECORDS.values()),
    )


def _table_section(described: Record) -> Html:
    lines: list[list[object]] = [
        [column.name, _words(column), "may change" if column.editable else ""] for column in described.fields
    ]
    return element("section", element("h2", described.name), table(["Field", "", ""], lines, numbers_from=3))


def _words(column: Field) -> str:
    text = " | ".join(column.choices) or column.kind.value
    if column.kind in (Kind.TEXT, Kind.JSON) and column.high and not column.choices:
        text += f", up to {column.high:,} characters"
    return text + (", or nothing" if column.nullable else "")
