"""A TCP proxy between one PC and the server that can cut, delay and repeat whole HTTP requests."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

#: Faults of a request: it never leaves, its answer is lost, half the answer arrives.
FAULTS = ("refused", "answer_lost", "cut_short")


@dataclass
class CuttableProxy:
    """A proxy to ``target``. ``faults``: number of a request -> its fault. ``pushes``: all pushes so far."""

    target: tuple[str, int]
    faults: dict[int, str] = field(default_factory=dict)
    pushes: list[bytes] = field(default_factory=list)
    delay_s: float = 0.0
    bytes_per_s: float = 0.0
    is_cut: bool = False
    requests: int = 0

    def __post_init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def plan(self, faults: dict[int, str]) -> None:
        """Set the faults of the coming requests, counted from 0."""
        self.requests, self.faults = 0, faults

    def close(self) -> None:
        self._listening.close()

    def lead_to(self, url: str) -> None:
        """Connect to a server at another address from now on."""
        parts = urlsplit(url)
        assert parts.hostname and parts.port
        self.target = (parts.hostname, parts.port)

    def replay(self, request: bytes) -> None:
        """Send an old push again, as a network that delays and repeats may do."""
        with socket.create_connection(self.target, 30) as server:
            server.sendall(request)
            read_message(server)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _address = self._listening.accept()
                threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        with suppress(OSError), client:
            while request := read_message(client):
                number, self.requests = self.requests, self.requests + 1
                fault = "refused" if self.is_cut else self.faults.get(number)
                if fault == "refused":
                    return
                if request.startswith(b"POST /v1/push"):
                    self.pushes.append(request)
                self._slowly(len(request))
                with socket.create_connection(self.target, 30) as server:
                    server.settimeout(60)
                    server.sendall(request)
                    answer = read_message(server)
                if not answer:  # the server is gone
                    return
                self._slowly(len(answer))
                if fault == "answer_lost":
                    return
                if fault == "cut_short":
                    client.sendall(answer[: len(answer) // 2])
                    return
                client.sendall(answer)

    def _slowly(self, size: int) -> None:
        pause_s = self.delay_s + (size / self.bytes_per_s if self.bytes_per_s else 0)
        if pause_s:
            time.sleep(pause_s)


def read_message(source: socket.socket) -> bytes:
    """One complete request or answer; b"" at the end of the connection."""
    received = b""
    while b"\r\n\r\n" not in received:
        piece = source.recv(65536)
        if not piece:
            return b""
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            length = int(value)
    pieces = [body]
    missing = length - len(body)
    while missing > 0:
        piece = source.recv(min(missing, 1 << 20))
        if not piece:
            return b""
        pieces.append(piece)
        missing -= len(piece)
    return head + b"\r\n\r\n" + b"".join(pieces)


@contextmanager
def proxy_to(url: str) -> Iterator[CuttableProxy]:
    """A proxy to the server at ``url``."""
    parts = urlsplit(url)
    assert parts.hostname and parts.port
    proxy = CuttableProxy((parts.hostname, parts.port))
    try:
        yield proxy
    finally:
        proxy.close()
