"""The server's address as people type it, whether others can read the traffic, and who receives the token."""

from __future__ import annotations

import socket
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cleanflow.errors import Refusal
from cleanflow.sync.enrolling import look
from cleanflow.sync.wire import Unreachable, Wire, clean_url, in_words, is_readable_by_others
from server.database import Shop
from tests.server.live import Live
from tests.sync.lying_server import answer, lying_server_at
from tests.sync.pcs import ShopPc

NewPc = Callable[..., ShopPc]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("shop.example.com", "https://shop.example.com"),
        ("  shop.example.com:8443/ ", "https://shop.example.com:8443"),
        ("http://192.168.1.5:8080", "http://192.168.1.5:8080"),
        ("HTTP://Till.Local:8080/", "http://Till.Local:8080"),
        ("https://example.com/books//", "https://example.com/books"),
        ("https://[::1]:8000", "https://[::1]:8000"),
        ("https://boutique-é.example", "https://boutique-é.example"),
        ("localhost:8080", "https://localhost:8080"),
    ],
)
def test_an_address_is_kept_with_its_scheme(typed: str, kept: str) -> None:
    assert clean_url(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "", " ", "https://", "http:/shop.example.com", "ftp://shop.example.com", "file:///etc/passwd",
        "javascript:alert(1)", "https://user:word@shop.example.com", "https://@shop.example.com",
        "https://shop.example.com?x=1", "https://shop.example.com/#x", "https://shop.example.com:0",
        "https://shop.example.com:99999", "https://shop.example.com:x", "https://shop.example.com:",
        "https://[::1", "https://::1]", "https://shop example.com", "https://shop\\example.com",
        "https://shop.exa\tmple.com", "https://shop.example.com\nX-Header: 1", "https://a..b",
        "https://.example.com", f"https://{'a' * 70}.com", "https://℀.com", "https://shop\u200b.example.com",
        "https://*",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_in_words(typed: str) -> None:
    with pytest.raises(Refusal) as caught:
        clean_url(typed)
    assert caught.value.code == "address_invalid"


@given(st.text(st.characters(codec="utf-8"), max_size=40) | st.from_regex(r"https?://[^ ]{0,30}"))
@example("https://[v1.x]")
@example("http://1.2.3.4.5.6:80:80")
def test_whatever_is_typed_is_an_address_or_refused(typed: str) -> None:
    try:
        kept = clean_url(typed)
    except Refusal as refusal:
        assert refusal.code == "address_invalid"
    else:
        assert clean_url(kept) == kept


@pytest.mark.parametrize(
    "host", [f"{'a' * 70}.com", "a..b", "exa mple.com", ".example.com", "*", "xn--.com", "999.1.1.1"]
)
def test_an_address_that_was_kept_by_an_older_version_is_unreachable_in_words(host: str) -> None:
    with Wire(f"http://{host}") as wire, pytest.raises(Unreachable):
        wire.status()
    assert not is_readable_by_others(f"http://{host}")


@pytest.mark.parametrize(
    ("url", "is_open"),
    [
        ("http://127.0.0.1:8080", False),
        ("http://localhost:8080", False),
        ("http://192.168.1.5", False),
        ("http://10.1.2.3:80", False),
        ("http://172.31.0.1", False),
        ("http://[::1]:80", False),
        ("http://[fe80::1]:80", False),
        ("http://[fd00::1]", False),
        ("http://[::ffff:192.168.1.5]", False),
        ("http://8.8.8.8", True),
        ("http://172.32.0.1", True),
        ("http://[2001:4860:4860::8888]:80", True),
        ("http://[::ffff:8.8.8.8]", True),
        ("https://8.8.8.8", False),
        ("http://nowhere.invalid", False),
        (f"http://{'a' * 70}.com", False),
    ],
)
def test_plain_http_outside_the_own_network_can_be_read_by_others(url: str, is_open: bool) -> None:
    assert is_readable_by_others(url) is is_open


def test_a_netrc_of_the_pc_does_not_take_the_place_of_the_token(
    live: Live, shop: Shop, new_pc: NewPc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    pc = new_pc("C1", is_set_up=True)
    with lying_server_at(live.url) as lying_server:
        pc.join(lying_server.url, live.new_code(shop))
        assert pc.sync().is_same_books
        heard = b"".join(lying_server.heard)
    assert b"Basic" not in heard
    assert heard.count(b"Authorization: Bearer ") == len(lying_server.heard) - 1  # all but the join


@pytest.fixture
def self_signed(tmp_path: Path) -> ssl.SSLContext:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def test_a_certificate_that_nobody_vouches_for_is_refused_before_anything_is_sent(
    live: Live, shop: Shop, new_pc: NewPc, self_signed: ssl.SSLContext
) -> None:
    pc = new_pc("C1", is_set_up=True)
    pc.join(live.url, live.new_code(shop))
    pc.customer("Ann")
    with lying_server_at(live.url, self_signed) as lying_server:
        pc.db.execute("UPDATE sync_state SET server_url = :url", {"url": lying_server.url})
        summary = pc.try_sync()
        with pytest.raises(Refusal) as caught:
            look(pc.db, lying_server.url)
        assert lying_server.heard == []
    assert summary.code == "unreachable" and "certificate is not trusted" in summary.words
    assert "certificate is not trusted" in str(caught.value)
    assert pc.value("SELECT count(*) FROM customers WHERE sync_status = 'PENDING'") == 1


def test_a_server_without_https_is_told_from_one_with_a_bad_certificate(live: Live, new_pc: NewPc) -> None:
    """`serve` in the shop's own network speaks HTTP; an address without a scheme means HTTPS."""
    pc = new_pc("C1", is_set_up=True)
    address = live.url.removeprefix("http://")
    for ask in (lambda: look(pc.db, address), lambda: pc.join(address, "ABCD-EFGH")):
        with pytest.raises(Refusal) as caught:
            ask()
        said = str(caught.value)
        assert "does not speak https" in said and "type its address with http:// in front" in said
        assert not any(word in said for word in ("certificate", "SSL", "_ssl.c"))


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'"ok"', b'{"database": "gone"}', b"[" * 100_000, b"\xff"]
)
def test_looking_at_what_is_no_server_says_so(live: Live, new_pc: NewPc, body: bytes) -> None:
    pc = new_pc("C1", is_set_up=True)
    with lying_server_at(live.url) as lying_server:
        lying_server.instead = {"/v1/health": answer(200, body)}
        with pytest.raises(Refusal) as caught:
            look(pc.db, lying_server.url)
    assert caught.value.code == "server_silent" and "no CleanFlow server" in str(caught.value)


# --- a proxy that the PC is set to use ---------------------------------------------------------------------


@pytest.fixture
def dead_proxy(monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a proxy that is not there, in every variable that names one."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        host = f"127.0.0.1:{taken.getsockname()[1]}"
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://somebody:secret@{host}")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return host


@pytest.mark.parametrize("url", ["http://8.8.8.8:8080", "https://8.8.8.8", "http://shop.invalid"])
def test_a_dead_proxy_is_named_with_its_setting_and_without_its_password(dead_proxy: str, url: str) -> None:
    with Wire(url) as wire, pytest.raises(Unreachable) as caught:
        wire.health()
    words = in_words(caught.value)
    assert f"through the proxy {dead_proxy}" in words
    assert "http_proxy" in words and "refused" in words
    assert "secret" not in words


def test_a_proxy_that_wants_a_password_is_named(monkeypatch: pytest.MonkeyPatch, live: Live) -> None:
    with lying_server_at(live.url) as proxy:
        proxy.instead = {path: answer(407) for path in ("/v1/health", "http://8.8.8.8/v1/health")}
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        with Wire("http://8.8.8.8") as wire, pytest.raises(Unreachable, match="it asks for a password"):
            wire.health()


def test_what_is_no_proxy_is_named_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("http_proxy", "socks9://192.0.2.1:80")
    with Wire("http://8.8.8.8") as wire, pytest.raises(Unreachable, match=r"the proxy 192\.0\.2\.1:80"):
        wire.health()


def test_a_server_in_the_own_network_is_reached_without_the_proxy(
    dead_proxy: str, live: Live, shop: Shop, new_pc: NewPc
) -> None:
    pc = new_pc("C1", is_set_up=True)
    pc.join(live.url, live.new_code(shop))
    assert pc.sync().is_same_books
    with Wire(live.url.replace("127.0.0.1", "localhost")) as wire:
        wire.health()


@pytest.mark.parametrize(
    ("host", "is_direct"),
    [
        ("127.0.0.1", True), ("localhost", True), ("10.1.2.3", True), ("172.16.0.9", True),
        ("192.168.1.5", True), ("169.254.3.4", True), ("[::1]", True), ("[fe80::1]", True),
        ("[fd00::1]", True), ("8.8.8.8", False), ("172.32.0.1", False), ("[2001:4860:4860::8888]", False),
        ("shop.invalid", False),
    ],
)  # fmt: skip
def test_loopback_private_and_link_local_addresses_use_no_proxy(
    dead_proxy: str, host: str, is_direct: bool
) -> None:
    with Wire(f"http://{host}:8080") as wire:
        assert (wire._proxy == "") is is_direct
