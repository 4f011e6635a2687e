"""Runs the app under uvicorn, with the timeouts that uvicorn lacks and a clean stop.

A client that sends its headers or reads its answer too slowly would occupy a connection. Here each request
has one time limit, from its first byte in to its answer's last byte out.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

HEADERS_WITHIN_S: Final = 15.0
REQUEST_WITHIN_S: Final = 300.0
_KEEP_ALIVE_S: Final = 20
_MOST_CONNECTIONS: Final = 900  # below the usual 1024 open files, with room for the database
_STOP_WITHIN_S: Final = 30
_LARGEST_HEADERS: Final = 16 * 1024


class PunctualProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 with a time limit: a request that exceeds it loses its connection."""

    headers_within_s = HEADERS_WITHIN_S
    request_within_s = REQUEST_WITHIN_S
    _deadline: asyncio.TimerHandle | None = None
    _is_in_request = False

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.access_log = False  # it would log queries, which may hold the key of a link

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._set_deadline(self.headers_within_s)

    def data_received(self, data: bytes) -> None:
        if self._deadline is None:  # the first byte after an answer
            self._set_deadline(self.headers_within_s)
        super().data_received(data)
        self._note_request()

    def on_response_complete(self) -> None:
        self._is_in_request = False
        self._cancel_deadline()
        super().on_response_complete()  # may begin the next request of a pipeline
        self._note_request()
        if self.transport.is_closing():
            self._set_deadline(self.headers_within_s)

    def shutdown(self) -> None:
        """The server stops: a connection without a request is closed at once."""
        super().shutdown()
        if self.transport.is_closing():  # with TLS, closing would wait for an idle client
            self._set_deadline(1.0)

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel_deadline()
        super().connection_lost(exc)

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._set_deadline(self.headers_within_s)  # closing waits until the client has read its answer

    def _note_request(self) -> None:
        is_in_request = self.cycle is not None and not self.cycle.response_complete
        if is_in_request and not self._is_in_request:
            self._is_in_request = True
            self._set_deadline(self.request_within_s)

    def _set_deadline(self, seconds: float) -> None:
        self._cancel_deadline()
        self._deadline = self.loop.call_later(seconds, self.transport.abort)

    def _cancel_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class Server(uvicorn.Server):
    """uvicorn's server, which returns after a signal instead of raising it again."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """SIGINT and SIGTERM stop it: running requests are finished, a second signal cuts them off."""
        try:
            before = {number: signal.signal(number, self.handle_exit) for number in _ENDING}
        except ValueError:  # not the main thread: the caller sets should_exit
            before = {}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


_ENDING: Final = (signal.SIGINT, signal.SIGTERM)


def listening_socket(host: str, port: int) -> socket.socket:
    """The bound socket; made before anything else starts. Raises OSError, as when the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # on Windows REUSEADDR lets two programs listen
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen(512)
    except OSError:
        bound.close()
        raise
    return bound


def server_for(app: Any, *, certificate: Path | None = None, key: Path | None = None) -> Server:
    """A server; its ``run(sockets=[…])`` returns after it was told to stop."""
    config = uvicorn.Config(
        app,
        http=PunctualProtocol,
        ws="none",
        lifespan="on",
        loop="asyncio",
        log_config=None,  # recording.py logs requests, without their secrets
        access_log=False,
        server_header=False,
        limit_concurrency=_MOST_CONNECTIONS,
        h11_max_incomplete_event_size=_LARGEST_HEADERS,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=_STOP_WITHIN_S,
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )
    return Server(config)
