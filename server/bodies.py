"""Reads request bodies and sends answers, with gzip both ways, within limits.

A body is limited by its size on the wire, by its decompressed size (a small gzip can hold gigabytes), and by
the time it takes to arrive. The protocol decodes the bytes.
"""

from __future__ import annotations

import asyncio
import gzip
import zlib
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from cleanflow.sync.protocol import MAX_BODY_BYTES, MAX_DECOMPRESSED_BYTES

BODY_WITHIN_S: Final = 120.0
#: Minimum average speed after the grace period; a slower client is cut off.
LEAST_BYTES_PER_S: Final = 500
_GRACE_S: Final = 15.0

_GZIP_ABOVE_BYTES: Final = 1_000
_GZIP_LEVEL: Final = 2  # half the time of 5, a tenth more bytes
_PIECE_BYTES: Final = 64 * 1024
_GZIP = 16 + zlib.MAX_WBITS  # zlib's way of saying “a gzip header”


class BodyRefused(Exception):
    """The body is too large, too slow, or not what its headers say."""

    def __init__(self, status: int, code: str, words: str) -> None:
        self.status, self.code, self.words = status, code, words
        super().__init__(code)


async def read_body(request: Request, most_bytes: int) -> bytes:
    """A small body, read and decompressed with one limit for both sizes."""
    return unpacked(request, await read_wire(request, most_bytes), most_bytes)


async def read_form(request: Request, most_bytes: int) -> dict[str, str]:
    """A small HTML form; of a repeated field the last value."""
    if _media_type(request) != "application/x-www-form-urlencoded":
        raise BodyRefused(415, "type_unknown", "A form is application/x-www-form-urlencoded.")
    sent = await _received(request, most_bytes)
    return dict(parse_qsl(sent.decode("utf-8", "replace"), errors="replace"))


async def read_wire(request: Request, most_bytes: int = MAX_BODY_BYTES) -> bytes:
    """The body as sent. Raises :class:`BodyRefused` as soon as a limit is passed."""
    if _encoding(request) not in ("identity", "gzip", ""):
        raise BodyRefused(415, "encoding_unknown", "A body is sent as it is, or as gzip.")
    if _media_type(request) != "application/json":
        raise BodyRefused(415, "type_unknown", "A body is application/json.")
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > most_bytes:
        raise _too_large()
    return await _received(request, most_bytes)


def unpacked(request: Request, wire: bytes, most_bytes: int = MAX_DECOMPRESSED_BYTES) -> bytes:
    """The body, decompressed if the headers say gzip. Raises :class:`BodyRefused`."""
    if _encoding(request) != "gzip":
        return wire
    packed = zlib.decompressobj(_GZIP)
    try:
        body = packed.decompress(wire, most_bytes + 1)
    except zlib.error:
        raise BodyRefused(400, "gzip_broken", "The body is not the gzip it says it is.") from None
    if len(body) > most_bytes:
        raise _too_large()
    if not packed.eof or packed.unused_data:
        raise BodyRefused(400, "gzip_broken", "The body is not one whole gzip.")
    return body


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _encoding(request: Request) -> str:
    return request.headers.get("content-encoding", "").strip().lower()


async def _received(request: Request, most_bytes: int) -> bytes:
    loop = asyncio.get_running_loop()
    started, received = loop.time(), bytearray()
    stream = request.stream()
    while True:
        paid_for_s = _GRACE_S + len(received) / LEAST_BYTES_PER_S
        deadline = started + min(BODY_WITHIN_S, paid_for_s)
        try:
            async with asyncio.timeout_at(deadline):
                received += await anext(stream)
        except StopAsyncIteration:
            return bytes(received)
        except TimeoutError:
            raise BodyRefused(408, "too_slow", "The request took too long to arrive.") from None
        except ClientDisconnect:
            raise BodyRefused(400, "cut_off", "The request ended before its body did.") from None
        if len(received) > most_bytes:
            raise _too_large()


def _too_large() -> BodyRefused:
    return BodyRefused(413, "too_large", "The request is too large: send fewer rows at once.")


class PiecewiseResponse(Response):
    """An answer sent in pieces, each after the client has taken the one before.

    A slow reader's time then counts towards the request's time limit, and memory is freed early.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        start = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        await send(start)
        body = memoryview(self.body)
        for begin in range(0, max(1, len(body)), _PIECE_BYTES):
            piece = bytes(body[begin : begin + _PIECE_BYTES])
            more = begin + _PIECE_BYTES < len(body)
            await send({"type": "http.response.body", "body": piece, "more_body": more})


async def json_answer(request: Request, body: bytes, status: int = 200) -> Response:
    """A JSON answer, compressed if it is long and the client accepts gzip."""
    headers = {"vary": "Accept-Encoding", "cache-control": "no-store"}
    if len(body) > _GZIP_ABOVE_BYTES and _takes_gzip(request):
        body = await asyncio.to_thread(gzip.compress, body, _GZIP_LEVEL, mtime=0)
        headers["content-encoding"] = "gzip"
    return PiecewiseResponse(body, status, headers, "application/json")


def _takes_gzip(request: Request) -> bool:
    for offer in request.headers.get("accept-encoding", "").lower().split(","):
        name, _, quality = offer.partition(";")
        if name.strip() == "gzip":
            return quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
