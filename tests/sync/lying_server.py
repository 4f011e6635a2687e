"""A faulty or hostile server: it stands before the real one and replaces or alters its answers."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tests.sync.cuttable_proxy import read_message

#: A replacement: the raw bytes of an answer, or a function that gives them in pieces.
Raw = bytes | Callable[[], Iterable[bytes]]
#: Turns the real server's JSON into another.
Alter = Callable[[dict[str, Any]], object]


def answer(status: int, body: bytes = b"", *headers: str) -> bytes:
    """The raw bytes of an HTTP answer."""
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def json_answer(message: object, status: int = 200, *headers: str) -> bytes:
    return answer(status, json.dumps(message).encode(), "Content-Type: application/json", *headers)


@dataclass
class LyingServer:
    """``instead``: path -> the answer given without asking the server. ``altered``: path -> the change of the
    server's JSON. ``heard``: all requests received."""

    target: tuple[str, int]
    tls: ssl.SSLContext | None = None
    instead: dict[str, Raw] = field(default_factory=dict)
    altered: dict[str, Alter] = field(default_factory=dict)
    heard: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        scheme = "https" if self.tls else "http"
        self.url = f"{scheme}://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def be_honest(self) -> None:
        self.instead, self.altered = {}, {}

    def close(self) -> None:
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _address = self._listening.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError), client:
            if self.tls is None:
                self._talk(client)
            else:
                with self.tls.wrap_socket(client, server_side=True) as secret:
                    self._talk(secret)

    def _talk(self, client: socket.socket) -> None:
        while request := read_message(client):
            self.heard.append(request)
            path = request.split(b" ", 2)[1].decode()
            raw = self.instead.get(path)
            if raw is None:
                client.sendall(self._from_server(path, request))
                continue
            for piece in [raw] if isinstance(raw, bytes) else raw():
                client.sendall(piece)
            return

    def _from_server(self, path: str, request: bytes) -> bytes:
        plain = request.replace(b"Accept-Encoding: gzip\r\n", b"", 1)
        with socket.create_connection(self.target, 30) as server:
            server.sendall(plain)
            told = read_message(server)
        alter = self.altered.get(path)
        if alter is None:
            return told
        return json_answer(alter(json.loads(told.partition(b"\r\n\r\n")[2])))


@contextmanager
def lying_server_at(url: str, tls: ssl.SSLContext | None = None) -> Iterator[LyingServer]:
    """A lying server before the real one at ``url``; ``tls``: it speaks HTTPS."""
    parts = urlsplit(url)
    assert parts.hostname and parts.port
    lying_server = LyingServer((parts.hostname, parts.port), tls)
    try:
        yield lying_server
    finally:
        lying_server.close()
