"""Logs one line per request under an id that the answer carries, without secrets.

Queries, headers and bodies may hold keys and tokens: only method, path, PC, status and duration are logged.
It also answers exceptions that no handler caught.
"""

from __future__ import annotations

import logging
import secrets
import time
from typing import Final

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .failures import Failure, failure_of

log = logging.getLogger("cleanflow.server")

_SAFETY: Final = [(b"x-content-type-options", b"nosniff")]


class Recorder:
    """Middleware around all handlers: gives each request its id and logs its end."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = secrets.token_hex(6)
        state = scope.setdefault("state", {})
        state["request_id"] = request_id
        started, status = time.monotonic(), 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [*message.get("headers", []), (b"x-request-id", request_id.encode())]
                known = {name.lower() for name, _ in headers}
                message["headers"] = headers + [pair for pair in _SAFETY if pair[0] not in known]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as error:  # the boundary: no exception leaves the server
            failure = failure_of(error)
            note_failure(scope, failure, error)
            if status:
                raise  # the answer has begun: uvicorn cuts the connection
            answer = Response(failure.body(request_id), failure.status, failure.headers, "application/json")
            await answer(scope, receive, sending)
        finally:
            spent_ms = (time.monotonic() - started) * 1000
            path, who = ascii(scope["path"][:200])[1:-1], state.get("who", "-")
            log.info("%s %s %s %s %.0f ms %s", request_id, scope["method"], path, status, spent_ms, who)


def note_failure(scope: Scope, failure: Failure, error: Exception) -> str:
    """Log why the request failed; returns its id. A bug with its traceback, anything else in one line.

    While the database is away every request of every PC fails.
    """
    request_id = str(scope["state"]["request_id"])
    if failure.status == 500:
        log.error("%s %s", request_id, failure.code, exc_info=error)
    elif failure.status > 500:
        log.warning("%s %s: %s: %s", request_id, failure.code, type(error).__name__, ascii(str(error))[1:-1])
    else:
        log.info("%s refused: %s", request_id, failure.code)
    return request_id
