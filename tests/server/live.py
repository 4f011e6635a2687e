"""The real server over real HTTP for tests and benchmarks: uvicorn in a thread, a database of its own."""

from __future__ import annotations

import asyncio
import gzip
import json
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import requests

from cleanflow.sync.protocol import PushRequest, encode
from server import admin
from server.app import make_app
from server.database import Shop, use_schema
from server.rates import FailureLimit
from server.running import Server, listening_socket, server_for
from tests.sync.made_rows import MadePc, Rows

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def fresh_database(postgres: str) -> Iterator[str]:
    """The URL of an empty database on the session's PostgreSQL; dropped afterwards."""
    name = f"test_{uuid.uuid4().hex}"
    run_sql(postgres, f"CREATE DATABASE {name}")
    try:
        yield urlunsplit(urlsplit(postgres)._replace(path=f"/{name}"))
    finally:
        run_sql(postgres, f"DROP DATABASE {name} WITH (FORCE)")


def run_sql(url: str, query: str, *arguments: Any, shop: Shop | None = None) -> list[Any]:
    async def work(connection: Any) -> list[Any]:
        if shop:
            await use_schema(connection, shop)
        return list(await connection.fetch(query, *arguments))

    return with_connection(url, work)


def with_connection(url: str, work: Callable[[Any], Awaitable[Any]]) -> Any:
    async def connected() -> Any:
        connection = await asyncpg.connect(url)
        try:
            return await work(connection)
        finally:
            await connection.close()

    return asyncio.run(connected())


class Live:
    """A running server and its administrator."""

    def __init__(self, database: str, server: Server, port: int) -> None:
        self.database, self.server, self.port = database, server, port
        self.url = f"http://127.0.0.1:{port}"

    def admin(self, work: Callable[[Any], Awaitable[Any]]) -> Any:
        return with_connection(self.database, work)

    def new_shop(self, name: str = "") -> Shop:
        return self.admin(lambda connection: admin.new_shop(connection, name or f"Shop {uuid.uuid4()}"))

    def new_code(self, shop: Shop) -> str:
        return self.admin(lambda connection: admin.new_code(connection, shop))

    def owner_link(self, shop: Shop) -> str:
        return self.url + self.admin(lambda connection: admin.owner_link(connection, shop))

    def join(self, shop: Shop, code: str = "C1", **fields: Any) -> Pc:
        pc = Pc(self, code)
        answer = pc.join(self.new_code(shop), **fields)
        assert answer.status_code == 200, answer.text
        return pc

    def rows(self, shop: Shop, table: str) -> int:
        return int(run_sql(self.database, f"SELECT count(*) FROM {table}", shop=shop)[0][0])


class Pc:
    """A PC without a database: makes rows, and sends plain HTTP requests to the server."""

    def __init__(self, live: Live | Serving, code: str = "C1") -> None:
        self.live, self.code, self.made = live, code, MadePc()
        self.token = ""

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}

    def join(self, join_code: str, **fields: Any) -> requests.Response:
        message = {
            "protocol": 1,
            "join_code": join_code,
            "device_id": self.made.id,
            "pc_code": self.code,
            **fields,
        }
        answer = requests.post(f"{self.live.url}/v1/join", json=message, timeout=30)
        self.token = answer.json().get("token", self.token)
        return answer

    def push(self, rows: Rows, **headers: str) -> requests.Response:
        body = gzip.compress(encode(PushRequest(rows)))
        return self.post("push", body, **{"Content-Encoding": "gzip", **headers})

    def pull(self, since: int = 0, **fields: Any) -> requests.Response:
        message = {"protocol": 1, "since": since, **fields}
        return requests.post(f"{self.live.url}/v1/pull", json=message, headers=self.headers, timeout=60)

    def status(self) -> requests.Response:
        return requests.get(f"{self.live.url}/v1/status", headers=self.headers, timeout=30)

    def post(self, what: str, body: bytes, **headers: str) -> requests.Response:
        return requests.post(
            f"{self.live.url}/v1/{what}", data=body, headers={**self.headers, **headers}, timeout=60
        )


@contextmanager
def live_server(database: str, **options: Any) -> Iterator[Live]:
    """The app over ``database`` on a free port, until the block ends."""
    generous = {"join_failures": FailureLimit(1000, 1), "bad_tokens": FailureLimit(1000, 1)}
    server = server_for(make_app(database, **{**generous, **options}))
    listening = listening_socket("127.0.0.1", 0)
    port = listening.getsockname()[1]
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        wait_until(lambda: server.started or not thread.is_alive())
        assert server.started, "the server did not start"
        yield Live(database, server, port)
    finally:
        server.should_exit = True
        thread.join(60)
        listening.close()


def wait_until(is_so: Callable[[], object], within_s: float = 20) -> None:
    ticking = threading.Event()
    for _ in range(int(within_s / 0.02)):
        if is_so():
            return
        ticking.wait(0.02)
    raise AssertionError(f"not so within {within_s} s")


def serve_command(data: Path, *words: str) -> list[str]:
    """The command line of `serve` with the data folder `data`."""
    return [sys.executable, "-s", "-m", "cleanflow", "--data", str(data), "serve", *words]


class Serving:
    """A `serve` in a process of its own."""

    def __init__(self, data: Path, *words: str) -> None:
        data.mkdir(parents=True, exist_ok=True)
        complaints = data / "serve.err"
        with complaints.open("w") as stderr:
            self.process = subprocess.Popen(
                serve_command(data, "--host", "127.0.0.1", "--port", "0", "--json", *words),
                cwd=ROOT, stdout=subprocess.PIPE, stderr=stderr, text=True,
            )  # fmt: skip
        try:
            self.told = self._greeting(complaints)
            self.url = str(self.told["address"])
            wait_until(self.answers)
        except BaseException:
            self.end()
            raise

    def _greeting(self, complaints: Path) -> dict[str, Any]:
        assert self.process.stdout is not None
        told = ""
        for line in self.process.stdout:
            told += line
            if line == "}\n":
                break
        assert told.endswith("}\n"), f"it never came up: {complaints.read_text()}"
        greeting: dict[str, Any] = json.loads(told)
        return greeting

    def answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/v1/health", timeout=5).status_code == 200
        except requests.ConnectionError:
            return False

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)

    def end(self) -> None:
        """End the process, whatever it is doing."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def pc(self, code: str = "C1") -> Pc:
        return Pc(self, code)


@contextmanager
def serving(data: Path, *words: str) -> Iterator[Serving]:
    started = Serving(data, *words)
    try:
        yield started
    finally:
        started.end()
