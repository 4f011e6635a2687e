"""Maps exceptions to answers: one table from exception class to status and code.

An answer says what the client can do and carries the request's id; the log has the cause under that id. The
text of an exception that is not listed here never reaches a client.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import asyncpg
from starlette.exceptions import HTTPException

from cleanflow.sync.protocol import ProtocolError, Reason, Refused, encode

from .auth import CodeTaken, NotAllowed
from .bodies import BodyRefused
from .rates import TooManyFailures
from .store import ShopBusy


@dataclass(frozen=True)
class Failure:
    """What a client is told. ``suggestion`` is a PC code that is free, ``headers`` go with the answer."""

    status: int
    code: str
    words: str
    headers: Mapping[str, str] = field(default_factory=dict)
    suggestion: str = ""

    def body(self, request_id: str) -> bytes:
        """The answer's JSON."""
        return encode(Refused(Reason(self.code, self.words, request_id, self.suggestion)))


_AGAIN: Final = {"retry-after": "5"}
#: After a connection that broke at the end of a push it is unknown whether the push was stored.
_UNAVAILABLE: Final = Failure(
    503, "unavailable", "The server cannot reach its database: send it again later.", _AGAIN
)
_BUSY: Final = Failure(503, "busy", "The server is too busy: nothing was changed; try again.", _AGAIN)
_BUG: Final = Failure(500, "internal", "The server failed; its log has the reason under this request's id.")
_BEARER: Final = {"www-authenticate": "Bearer"}


def _http(error: HTTPException) -> Failure:
    known = {
        404: ("path_unknown", "There is nothing here."),
        405: ("method_unknown", "This path does not know that method."),
    }
    code, words = known.get(error.status_code, ("refused", "The request was refused."))
    return Failure(error.status_code, code, words, dict(error.headers or {}))


def _protocol(error: ProtocolError) -> Failure:
    return Failure(400, error.code, error.words)


def _not_allowed(error: NotAllowed) -> Failure:
    status = 401 if error.code.startswith("token_") else 403
    return Failure(status, error.code, error.words, _BEARER if status == 401 else {})


def _too_many(error: TooManyFailures) -> Failure:
    words = f"There were too many failures from your address: try again in {error.retry_after_s} s."
    return Failure(429, "too_many_failures", words, {"retry-after": str(error.retry_after_s)})


def _code_taken(error: CodeTaken) -> Failure:
    words = f"Another PC of this shop is {error.code} already; {error.suggestion} is free."
    return Failure(409, "pc_code_taken", words, suggestion=error.suggestion)


def _body(error: BodyRefused) -> Failure:
    return Failure(error.status, error.code, error.words)


def _always(failure: Failure) -> Callable[[Any], Failure]:
    return lambda _error: failure


#: The nearest class of an exception's MRO decides.
ANSWERS: Final[Mapping[type[Exception], Callable[[Any], Failure]]] = {
    HTTPException: _http,
    ProtocolError: _protocol,
    NotAllowed: _not_allowed,
    TooManyFailures: _too_many,
    CodeTaken: _code_taken,
    BodyRefused: _body,
    OSError: _always(_UNAVAILABLE),  # connection refused, reset; TimeoutError is one
    asyncpg.InterfaceError: _always(_UNAVAILABLE),
    asyncpg.InternalClientError: _always(_UNAVAILABLE),  # the connection broke between two of its messages
    asyncpg.TargetServerAttributeNotMatched: _always(_UNAVAILABLE),  # every host is a standby
    asyncpg.PostgresConnectionError: _always(_UNAVAILABLE),
    asyncpg.OperatorInterventionError: _always(_UNAVAILABLE),  # shutting down, starting up, cancelled
    asyncpg.InvalidAuthorizationSpecificationError: _always(_UNAVAILABLE),
    asyncpg.ReadOnlySQLTransactionError: _always(_UNAVAILABLE),  # it has become a standby
    asyncpg.InsufficientResourcesError: _always(_BUSY),  # disk full, too many connections
    asyncpg.TransactionRollbackError: _always(_BUSY),  # deadlock, serialisation
    asyncpg.LockNotAvailableError: _always(_BUSY),
    ShopBusy: _always(_BUSY),
    Exception: _always(_BUG),
}


def failure_of(error: Exception) -> Failure:
    """What a client is told of ``error``."""
    for kind in type(error).__mro__:
        if kind in ANSWERS:
            return ANSWERS[kind](error)
    return _BUG
