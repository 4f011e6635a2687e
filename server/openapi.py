"""The OpenAPI document: what may be asked, in the messages of schemas.py; and /docs, the same for people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from starlette.responses import HTMLResponse

from cleanflow.records import RECORDS
from cleanflow.records.types import Field, Kind, Record
from cleanflow.sync.protocol import MAX_BODY_BYTES, MAX_DECOMPRESSED_BYTES, PROTOCOL_VERSION
from server.failures import VERSIONS
from server.html import Html, element, page, table
from server.schemas import SCHEMAS, Schema, ref

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


def _answers(answer: str, *refusals: int) -> Schema:
    told: Schema = {"200": {"description": "Done.", "content": {"application/json": {"schema": ref(answer)}}}}
    for status in refusals:
        told[str(status)] = {
            "description": _REFUSALS[status],
            "content": {"application/json": {"schema": ref("Refused")}},
        }
    return told


def _operation(summary: str, answer: str, *refusals: int, request: str = "", is_open: bool = False) -> Schema:
    operation: Schema = {"summary": summary, "responses": _answers(answer, *refusals)}
    if request:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": ref(request)}},
        }
    if is_open:
        operation["security"] = []
    return operation


_PATHS: Final[Mapping[str, Mapping[str, Schema]]] = {
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
            "schemas": SCHEMAS,
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
    rows = [_table_section(described) for described in RECORDS.values()]
    return page(
        "CleanFlow sync server",
        element("h1", "CleanFlow sync server"),
        element("p", f"Protocol {', '.join(map(str, VERSIONS))}. For programs: ", _link("/openapi.json")),
        table(["Request", "What it does"], paths, numbers_from=2),
        element("h2", "Refusals"),
        table(["Status", "Why"], refusals, numbers_from=2),
        *rows,
    )


def _link(path: str) -> Html:
    return element("a", path, href=path)


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
