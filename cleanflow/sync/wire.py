"""The HTTP client: requests to the server with timeouts and limits. The only module that imports requests.

Every failure is one of two: :class:`Unreachable` (the outcome is unknown, try again later) or
:class:`ServerRefused` (the server refused, with a reason).
"""

from __future__ import annotations

import gzip
import http.client
import ipaddress
import json
import re
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from cleanflow import __version__
from cleanflow.errors import Refusal
from cleanflow.sync.protocol import (
    JoinAnswer,
    JoinRequest,
    ProtocolError,
    PullAnswer,
    PullRequest,
    PushAnswer,
    PushRequest,
    StatusAnswer,
    decode_health,
    decode_join_answer,
    decode_pull_answer,
    decode_push_answer,
    decode_status_answer,
    encode,
)

if TYPE_CHECKING:
    import requests

_CONNECT_S: Final = 10.0
#: Longest wait between two pieces of an answer; a slow server may take long before the first.
_SILENCE_S: Final = 100.0
#: Time limit of a whole answer, however steadily it trickles.
_WHOLE_ANSWER_S: Final = 300.0
#: Size limit of a decompressed answer: above the largest push, which a page must carry whole.
_MOST_ANSWER_BYTES: Final = 64 * 2**20
_PIECE_BYTES: Final = 64 * 2**10

#: Statuses of a server, or a proxy before it, that is away or busy: the request may succeed later.
_PASSING: Final = frozenset({408, 425, 429, *range(500, 600)})
#: The form of the server's refusal codes.
_CODE: Final = re.compile("[a-z0-9_]{1,100}")
#: Characters that urlsplit accepts in a host's name and no host has.
_NO_HOST: Final = re.compile(r"[\s@\\*<>\"'`]|:$")


class Unreachable(Exception):
    """The server could not be reached, or its answer did not arrive: what was sent may be stored or not."""


class ServerRefused(Exception):
    """The server refused. ``code`` is for programs; ``retry_after_s`` is the wait it asked for, or 0."""

    def __init__(
        self, code: str, words: str, status: int, facts: Mapping[str, Any], retry_after_s: int
    ) -> None:
        self.code, self.words, self.status, self.facts = code, words, status, facts
        self.retry_after_s = retry_after_s
        super().__init__(words)


class Wire:
    """A client of one server with persistent connections, for one thread. Counts its bytes."""

    def __init__(self, server_url: str, token: str = "") -> None:
        import requests
        from urllib3.exceptions import HTTPError

        self._requests = requests
        # requests does not wrap all exceptions of the layers below.
        self._failures = (requests.RequestException, HTTPError, http.client.HTTPException, OSError)
        self._session = requests.Session()
        self._base = server_url.rstrip("/")
        self._proxy = _proxy_to(self._base)
        self._headers = {"User-Agent": f"CleanFlow/{__version__}", "Accept-Encoding": "gzip"}
        errors = requests.exceptions
        self._proxy_failures = (errors.ProxyError, errors.InvalidProxyURL, errors.InvalidSchema)
        # As `auth`, because a .netrc of the PC would take the place of a header.
        self._session.auth = _Bearer(token)
        self.bytes_sent = 0
        self.bytes_received = 0

    def use_token(self, token: str) -> None:
        """Authenticate with this token from now on."""
        self._session.auth = _Bearer(token)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def health(self) -> None:
        """Ask whether the server and its database work. Raises like every request."""
        try:
            decode_health(self._ask("GET", "/v1/health"))
        except ProtocolError as error:
            if error.code == "protocol_newer":
                raise
            raise ServerRefused("not_a_server", _NO_SERVER, 404, {}, 0) from None

    def join(self, wanted: JoinRequest) -> JoinAnswer:
        """Join a shop."""
        return decode_join_answer(self._ask("POST", "/v1/join", encode(wanted)))

    def status(self) -> StatusAnswer:
        """What the server has."""
        return decode_status_answer(self._ask("GET", "/v1/status"))

    def push(self, request: PushRequest) -> PushAnswer:
        """Send records."""
        return decode_push_answer(self._ask("POST", "/v1/push", encode(request)), request)

    def pull(self, request: PullRequest) -> PullAnswer:
        """Fetch a page of what others wrote."""
        page = decode_pull_answer(self._ask("POST", "/v1/pull", encode(request)))
        if page.cursor < request.since or (page.more and page.cursor == request.since):
            raise ProtocolError("message_invalid", "it gives pages that were fetched before")
        return page

    def _ask(self, method: str, path: str, body: bytes | None = None) -> bytes:
        headers = dict(self._headers)
        if body is not None:
            headers["Content-Type"] = "application/json"
            if len(body) > 1_000:
                body = gzip.compress(body, 2, mtime=0)
                headers["Content-Encoding"] = "gzip"
            self.bytes_sent += len(body)
        try:
            with self._session.request(
                method, self._base + path, data=body, headers=headers, stream=True,
                timeout=(_CONNECT_S, _SILENCE_S), allow_redirects=False, proxies=self._proxies(),
            ) as answer:  # fmt: skip
                received = self._received(answer)
        except self._proxy_failures as error:
            raise Unreachable(self._proxy_words(error)) from error
        except self._requests.exceptions.SSLError as error:
            raise Unreachable(_insecure(error)) from error
        except self._failures as error:
            raise Unreachable(_reason(error)) from error
        if answer.status_code == 407 and self._proxy:
            raise Unreachable(_PROXY_FAILED.format(proxy=self._proxy, reason="it asks for a password"))
        if answer.status_code != 200:
            raise _refusal(answer.status_code, answer.headers, received)
        return received

    def _proxies(self) -> dict[str, Any] | None:
        """None to use the settings of the PC; without a proxy, a value that switches each of them off."""
        return None if self._proxy else dict.fromkeys(("http", "https", "all"))

    def _proxy_words(self, error: Exception) -> str:
        if not self._proxy:
            return _reason(error)
        return _PROXY_FAILED.format(proxy=self._proxy, reason=_reason(error))

    def _received(self, answer: requests.Response) -> bytes:
        until = time.monotonic() + _WHOLE_ANSWER_S
        received = bytearray()
        # read1 takes what has arrived: waiting for a whole piece, a trickle could last for ever.
        while piece := answer.raw.read1(_PIECE_BYTES, decode_content=True):
            received += piece
            if len(received) > _MOST_ANSWER_BYTES:
                raise Unreachable("the server's answer is too large")
            if time.monotonic() > until:
                raise Unreachable("the server's answer takes too long")
        self.bytes_received += answer.raw.tell()
        return bytes(received)


class _Bearer:
    """Adds the token to a request."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: Any) -> Any:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


#: The settings are variables like http_proxy, on Windows and macOS also those of the system.
_PROXY_FAILED: Final = (
    "this PC is set to reach the internet through the proxy {proxy}, and that does not work ({reason});"
    " correct or remove that setting (http_proxy, https_proxy, or the system's proxy)"
)


def _proxy_to(url: str) -> str:
    """The proxy through which ``url`` is reached, without a password; "" if there is none.

    A server on this PC or in its own network is reached directly, whatever the settings say. A name is looked
    up only where a proxy is set.
    """
    from requests.utils import get_environ_proxies, select_proxy

    try:
        proxy = select_proxy(url, get_environ_proxies(url, no_proxy=None))
        if not proxy or _is_near(urlsplit(url).hostname or ""):
            return ""
        return urlsplit(proxy if "://" in proxy else f"http://{proxy}").netloc.rpartition("@")[2]
    except ValueError:  # no address: requests says so
        return ""


def _is_near(host: str) -> bool:
    """Whether ``host`` is this PC or in its own network: a loopback, private or link-local address."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False  # behind a proxy, names of the internet are often unknown
    return all(_is_own_network(str(one[4][0])) for one in found)


_NO_SERVER = "There is no CleanFlow server at this address."


def _reason(error: BaseException) -> str:
    """The innermost cause in words, without the layers that requests wraps around it."""
    inner = error
    for inner in _causes(error):
        if type(inner).__name__ in _BROKEN_ANSWERS:
            return _BROKEN_ANSWERS[type(inner).__name__]
    return _one_line(str(getattr(inner, "strerror", None) or inner), 200) or type(inner).__name__


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error itself, then what lies below it."""
    inner: object = error
    while isinstance(inner, BaseException):
        yield inner
        deeper = inner.__cause__ or inner.__context__ or getattr(inner, "reason", None)
        inner = None if deeper is inner else deeper


_NOT_HTTPS: Final = (
    "the server does not speak https; if it is in your own network, type its address with http:// in front"
)
#: OpenSSL's reasons for an answer that is not TLS.
_NOT_TLS: Final = frozenset(
    {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "PACKET_LENGTH_TOO_LONG"}
)


def _insecure(error: BaseException) -> str:
    """Why https fails: the server does not speak it, its certificate is not trusted, or another reason."""
    for inner in _causes(error):
        if isinstance(inner, ssl.SSLCertVerificationError):
            return f"the server's certificate is not trusted ({_reason(error)})"
        if isinstance(inner, ssl.SSLError) and inner.reason in _NOT_TLS:
            return _NOT_HTTPS
    return f"no https connection can be made with the server ({_reason(error)})"


#: Exceptions of http.client and urllib3 whose messages are for programmers.
_BROKEN_ANSWERS: Final = {
    "IncompleteRead": "its answer broke off",
    "InvalidChunkLength": "its answer broke off",
    "BadStatusLine": "what answers there is no web server",
    "LineTooLong": "what answers there is no web server",
    "DecodeError": "its answer arrived damaged",
    "ReadTimeoutError": "it does not answer in time",
    "ConnectTimeoutError": "it does not answer in time",
    "LocationParseError": "the address is not one",
}


def _one_line(text: str, longest: int) -> str:
    return " ".join(text.split())[:longest].rstrip(" .")


def _refusal(status: int, headers: Mapping[str, str], body: bytes) -> ServerRefused:
    after = headers.get("Retry-After", "")
    retry_after_s = min(int(after), 3600) if after.isdecimal() and len(after) < 6 else 0
    try:
        facts = json.loads(body)["error"]
        code, words = facts["code"], _one_line(facts["words"], 500)
        if words and _CODE.fullmatch(code):
            return ServerRefused(code, f"{words}.", status, facts, retry_after_s)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass
    # Something between us and the server, or no CleanFlow server at all.
    if status in _PASSING:
        words = f"The server is away or busy at the moment ({status}); it will be asked again."
        return ServerRefused("unavailable", words, status, {}, retry_after_s)
    if status == 413:
        words = "The server, or what stands before it, takes no request of this size (413)."
        return ServerRefused("too_large", words, status, {}, retry_after_s)
    return ServerRefused("not_a_server", f"{_NO_SERVER[:-1]} ({status}).", status, {}, retry_after_s)


def in_words(error: Unreachable | ServerRefused | ProtocolError) -> str:
    """The failure in words for people."""
    if isinstance(error, Unreachable):
        return f"no connection: {error}."
    if isinstance(error, ProtocolError):
        if error.code == "protocol_newer":
            return "the server is newer than this program: please update CleanFlow on this PC."
        return f"the server's answer is not understood ({error.words})."
    return error.words


def clean_url(text: str) -> str:
    """The server's address as stored: with a scheme (https if none was typed), without a trailing slash.

    Refuses with ``address_invalid``.
    """
    typed = text.strip()
    try:
        parts = urlsplit(typed if "://" in typed else f"https://{typed}")
        host = parts.hostname or ""
        host.encode("idna")  # raises when a part of the name is empty or too long
        is_fine = parts.scheme in ("http", "https") and bool(host) and parts.port != 0
    except ValueError:
        raise Refusal("address_invalid", text=text) from None
    if not is_fine or _NO_HOST.search(parts.netloc) or parts.query or parts.fragment:
        raise Refusal("address_invalid", text=text)
    if not typed.isprintable():
        raise Refusal("address_invalid", text=text)
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def is_readable_by_others(url: str) -> bool:
    """Whether requests to ``url`` cross foreign networks unencrypted. Resolves the host's name."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        return False
    host = parts.hostname or ""
    try:
        found = socket.getaddrinfo(host, parts.port or 80, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False  # not reachable at all, which is said elsewhere
    return not all(_is_own_network(str(one[4][0])) for one in found)


def _is_own_network(address: str) -> bool:
    found = ipaddress.ip_address(address.partition("%")[0])
    return (getattr(found, "ipv4_mapped", None) or found).is_private
