"""With a faulty, hostile or absent server a synchronisation ends with a message, and the books stay."""

from __future__ import annotations

import gzip
import itertools
import json
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cleanflow.sync import wire
from cleanflow.sync.client import Summary
from cleanflow.sync.state import last_attempt
from tests.server.live import Live
from tests.sync.lying_server import LyingServer, Raw, answer, json_answer, lying_server_at
from tests.sync.pcs import ShopPc, contents

STATUS, PUSH, PULL = "/v1/status", "/v1/push", "/v1/pull"
PATHS = (STATUS, PUSH, PULL)
#: Technical words that no shop owner should read.
_GIBBERISH = ("Traceback", "object at 0x", "HTTPConnectionPool", "Error(", "<html", "urllib3", "\n")


@pytest.fixture(scope="module")
def lying_server(live: Live) -> Iterator[LyingServer]:
    with lying_server_at(live.url) as lying_server:
        yield lying_server


@pytest.fixture(scope="module")
def one_pc(
    live: Live, lying_server: LyingServer, tmp_path_factory: pytest.TempPathFactory, new_shop_file: Path
) -> Iterator[ShopPc]:
    folder = tmp_path_factory.mktemp("C1")
    (folder / "cleanflow.db").write_bytes(new_shop_file.read_bytes())
    pc = ShopPc(folder, "C1")
    pc.join(lying_server.url, live.new_code(live.new_shop()))
    pc.sync()
    yield pc
    pc.db.close()


@pytest.fixture
def pc(one_pc: ShopPc, lying_server: LyingServer) -> Iterator[ShopPc]:
    """A PC with something to send; after the test it must be able to synchronise normally."""
    one_pc.job(one_pc.customer("Ann"), 700)
    yield one_pc
    lying_server.be_honest()
    assert one_pc.sync().is_same_books
    assert one_pc.value("SELECT count(*) FROM sync_waiting") == 0


def failed(pc: ShopPc) -> Summary:
    """Synchronise, and check that it fails with a code and a message, is noted, and changes no books."""
    before = contents(pc.db)
    summary = pc.try_sync()
    assert summary.code, summary
    assert 10 < len(summary.words) < 700 and not any(one in summary.words for one in _GIBBERISH), summary
    assert pc.value("SELECT token FROM sync_state") not in summary.words
    assert contents(pc.db) == before
    noted = last_attempt(pc.db)
    assert noted is not None and (noted.code, noted.words) == (summary.code, summary.words)
    return summary


def _endless() -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    yield from itertools.repeat(b"10000\r\n" + b"x" * 65536 + b"\r\n")


def _bomb(layers: int) -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    packed = b"".join(packer.compress(bytes(2**20)) for _ in range(512)) + packer.flush()
    for _ in range(layers - 1):
        packed = gzip.compress(packed)
    return answer(200, packed, f"Content-Encoding: {', '.join(['gzip'] * layers)}")


_HTML = b"<html><head><title>Sorry</title></head><body><h1>Sorry</h1></body></html>"
_DEEP = b"[" * 200_000
BROKEN: dict[str, Raw] = {
    "html_404": answer(404, _HTML, "Content-Type: text/html"),
    "html_413": answer(413, _HTML, "Content-Type: text/html"),
    "html_502": answer(502, _HTML, "Content-Type: text/html"),
    "html_200_of_a_hotel": answer(200, _HTML, "Content-Type: text/html"),
    "nothing": answer(200),
    "no_content": answer(204),
    "closed_at_once": b"",
    "not_http": b"220 mail.example.com ESMTP\r\n",
    "strange_status": b"HTTP/1.1 999 Whatever\r\nContent-Length: 0\r\n\r\n",
    "half": answer(200, b'{"protocol": 1, "rows": {')[:-8],
    "half_a_chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\nabc",
    "bad_chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n",
    "not_gzip": answer(200, b"{}", "Content-Encoding: gzip"),
    "half_a_gzip": answer(200, gzip.compress(b"{}" * 1000)[:20], "Content-Encoding: gzip"),
    "too_many_headers": answer(200, b"{}", *(f"X-{number}: 1" for number in range(500))),
    "long_header": answer(200, b"{}", "X: " + "x" * 100_000),
    "not_utf8": answer(200, b"\xff\xfe"),
    "deep": answer(200, _DEEP),
    "deep_and_failed": answer(500, _DEEP),
    "list": json_answer([]),
    "null": json_answer(None),
    "empty_object": json_answer({}),
    "no_version": json_answer({"rows": {}, "cursor": 1, "more": False, "server_time": ""}),
    "version_0": json_answer({"protocol": 0}),
    "not_a_number": answer(200, b'{"protocol": NaN}'),
    "long_number": answer(200, b'{"protocol": 1' + b"0" * 5000 + b"}"),
    "error_without_code": json_answer({"error": {"words": "No."}}, 400),
    "error_with_empty_code": json_answer({"error": {"code": "", "words": ""}}, 400),
    "error_with_lists": json_answer({"error": {"code": [], "words": {}}}, 400),
    "error_that_is_a_text": json_answer({"error": "No."}, 500),
    "error_with_lines": json_answer({"error": {"code": "x", "words": "No.\n" * 400}}, 500),
    "retry_never": json_answer({"error": {"code": "x", "words": "Not now, please."}}, 503, "Retry-After: 9e9"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_answer_ends_in_words_and_changes_nothing(
    pc: ShopPc, lying_server: LyingServer, name: str
) -> None:
    for path in PATHS:
        lying_server.instead = {path: BROKEN[name]}
        failed(pc)


@pytest.mark.parametrize("layers", [1, 3])
def test_an_answer_that_unpacks_to_gigabytes_is_given_up(
    pc: ShopPc, lying_server: LyingServer, layers: int
) -> None:
    lying_server.instead = {PULL: _bomb(layers)}
    assert failed(pc).code == "unreachable"


def test_an_endless_answer_is_given_up(pc: ShopPc, lying_server: LyingServer) -> None:
    lying_server.instead = {PULL: _endless}
    assert "too large" in failed(pc).words


def test_an_answer_that_trickles_is_given_up(
    pc: ShopPc, lying_server: LyingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    def trickling() -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
        for _ in range(100):
            time.sleep(0.05)
            yield b" "

    monkeypatch.setattr(wire, "_WHOLE_ANSWER_S", 0.5)
    lying_server.instead = {STATUS: trickling}
    started = time.monotonic()
    assert "takes too long" in failed(pc).words
    assert time.monotonic() - started < 3


def test_a_server_that_says_nothing_is_given_up(
    pc: ShopPc, lying_server: LyingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    def silence() -> Iterator[bytes]:
        time.sleep(5)
        yield b""

    monkeypatch.setattr(wire, "_SILENCE_S", 0.3)
    lying_server.instead = {STATUS: silence}
    started = time.monotonic()
    assert failed(pc).code == "unreachable"
    assert time.monotonic() - started < 4


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_no_other_host_hears_the_token(
    pc: ShopPc, lying_server: LyingServer, live: Live, status: int
) -> None:
    with lying_server_at(live.url) as other:
        for path in PATHS:
            lying_server.instead = {path: answer(status, b"", f"Location: {other.url}{path}")}
            assert failed(pc).code == "not_a_server"
        assert other.heard == []


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_server_that_is_busy_or_away_is_asked_again_later(
    pc: ShopPc, lying_server: LyingServer, status: int
) -> None:
    """nginx answers in HTML while the server behind it is down; that does not mean a wrong address."""
    for path in PATHS:
        lying_server.instead = {path: answer(status, _HTML, "Retry-After: 7")}
        summary = failed(pc)
        assert (summary.code, summary.retry_after_s) == ("unavailable", 7)
        assert "again" in summary.words and str(status) in summary.words


def test_what_nginx_finds_too_large_is_sent_in_smaller_parts(pc: ShopPc, lying_server: LyingServer) -> None:
    for number in range(120):
        pc.customer(f"Ann {number}")
    asked = len(lying_server.heard)
    too_large = answer(413, _HTML, "Content-Type: text/html")

    def once() -> Iterator[bytes]:
        lying_server.be_honest()
        yield too_large

    lying_server.instead = {PUSH: once}
    assert pc.sync().is_same_books
    assert sum(request.startswith(b"POST /v1/push") for request in lying_server.heard[asked:]) == 3


def test_a_part_that_is_too_large_however_small_is_told(pc: ShopPc, lying_server: LyingServer) -> None:
    lying_server.instead = {PUSH: answer(413, _HTML)}
    assert "413" in failed(pc).words


def test_a_newer_server_says_that_the_program_is_to_be_updated(pc: ShopPc, lying_server: LyingServer) -> None:
    for path in PATHS:
        lying_server.altered = {path: lambda message: {**message, "protocol": 2, "something": "new"}}
        summary = failed(pc)
        assert summary.code == "protocol_newer" and "update" in summary.words.lower()


def test_a_pc_that_the_server_shut_out_says_so(pc: ShopPc, lying_server: LyingServer) -> None:
    refusal = {"error": {"code": "token_revoked", "words": "This PC was removed from the shop by its owner."}}
    lying_server.instead = {STATUS: json_answer(refusal, 401)}
    summary = failed(pc)
    assert summary.code == "token_revoked" and summary.words == refusal["error"]["words"]


def _wrong(change: Callable[[dict[str, object]], None]) -> Callable[[dict[str, object]], object]:
    def alter(message: dict[str, object]) -> object:
        whole = json.loads(json.dumps(message))
        change(whole)
        return whole

    return alter


WRONG_OUTCOMES: dict[str, Callable[[list[object]], list[object]]] = {
    "one_is_missing": lambda given: given[1:],
    "one_too_many": lambda given: [*given, "stored"],
    "none": lambda given: [],
    "unknown": lambda given: ["eaten"] * len(given),
    "numbers": lambda given: [1] * len(given),
    "a_list_as_outcome": lambda given: [{"outcome": []}] * len(given),
    "corrected_without_its_time": lambda given: [{"outcome": "corrected", "row": {}}] * len(given),
    "corrected_by_nonsense": lambda given: [{"outcome": "corrected", "row": {"updated_at": 7}}] * len(given),
    "superseded_by_nothing": lambda given: [{"outcome": "superseded", "row": {}}] * len(given),
    "superseded_by_a_text": lambda given: [{"outcome": "superseded", "row": "Ann"}] * len(given),
}


@pytest.mark.parametrize("name", WRONG_OUTCOMES)
def test_an_answer_that_does_not_fit_the_push_leaves_everything_to_be_sent(
    pc: ShopPc, lying_server: LyingServer, name: str
) -> None:
    def change(message: dict[str, object]) -> None:
        outcomes = message["outcomes"]
        assert isinstance(outcomes, dict)
        for table, given in outcomes.items():
            outcomes[table] = WRONG_OUTCOMES[name](given)

    unsent = "SELECT count(*) FROM customers WHERE sync_status = 'PENDING'"
    before = pc.value(unsent)
    lying_server.altered = {PUSH: _wrong(change)}
    assert failed(pc).code == "message_invalid"
    assert pc.value(unsent) == before > 0
