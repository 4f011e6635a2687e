"""The server's HTTP routes; each handler decodes, checks, stores and answers.

store.py stores, auth.py decides who may ask, bodies.py limits size and speed, failures.py turns exceptions
into answers, so no handler catches any. The app's only state is the pool and counts of failures: any number
of processes may run side by side on one database.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from weakref import WeakValueDictionary

import asyncpg
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from cleanflow.sync.protocol import (
    PULL_BYTES,
    Health,
    JoinAnswer,
    decode_join_request,
    decode_pull_request,
    decode_push_request,
    encode,
)

from . import auth, openapi, owner_view, page, store
from .auth import Device, Doorkeeper, NotAllowed
from .bodies import json_answer, read_body, read_form, read_wire, unpacked
from .database import Database, Shop, open_database
from .failures import ANSWERS, failure_of
from .rates import FailureLimit
from .recording import Recorder, note_failure

#: Limit of a body that is not a push: three times the longest valid join with every letter escaped.
_MOST_SMALL_BYTES: Final = 16_384
#: Bodies that are decompressed and decoded at once; others wait, compressed.
_UNPACKED_AT_ONCE: Final = 3
#: Pages that are assembled at once: they take most of the memory, and must not starve pushes.
_PAGES_AT_ONCE: Final = 3


@dataclass(frozen=True)
class Service:
    """What handlers share while the app runs."""

    database: Database
    doorkeeper: Doorkeeper
    join_failures: FailureLimit
    unpacking: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_UNPACKED_AT_ONCE))
    paging: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_PAGES_AT_ONCE))
    _turns: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    def turn_of(self, shop: Shop) -> asyncio.Lock:
        """Serialises a shop's pushes in this process, so that waiting ones hold no connection of the pool.

        Between processes the store's advisory lock does the same.
        """
        return self._turns.setdefault(shop.id, asyncio.Lock())


def make_app(
    url: str,
    *,
    pool_size: int = 10,
    join_failures: FailureLimit | None = None,
    bad_tokens: FailureLimit | None = None,
) -> Starlette:
    """The app over the PostgreSQL at ``url``; its start connects to the database and migrates it."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        database = await open_database(url, pool_size=pool_size)
        app.state.service = Service(
            database,
            Doorkeeper(bad_tokens or FailureLimit(30, 60)),
            join_failures or FailureLimit(10, 600),
        )
        try:
            yield
        finally:
            await database.close()

    handlers: dict[Any, Callable[..., Any]] = {kind: _failed for kind in ANSWERS if kind is not Exception}
    app = Starlette(
        routes=_ROUTES, middleware=[Middleware(Recorder)], exception_handlers=handlers, lifespan=lifespan
    )
    app.router.redirect_slashes = False
    return app


# --- the PCs ---------------------------------------------------------------------------------------


async def _join(request: Request) -> Response:
    service = _service(request)
    wanted = decode_join_request(await read_body(request, _MOST_SMALL_BYTES))
    address = _address(request)
    service.join_failures.take(address)
    async with service.database.control_connection() as connection:
        joined = await auth.join(connection, wanted)
    service.join_failures.give_back(address)
    answer = JoinAnswer(joined.shop.id, joined.shop.name, joined.token, _server_time())
    return await json_answer(request, encode(answer))


async def _push(request: Request) -> Response:
    service, device = await _admitted(request)
    wire = await read_wire(request)
    async with service.turn_of(device.shop), service.unpacking:
        wanted = await asyncio.to_thread(lambda: decode_push_request(unpacked(request, wire)))
        async with service.database.connection_for(device.shop) as connection:
            answer = await store.push(connection, device.device_id, wanted, predecessors=device.predecessors)
    return await json_answer(request, await asyncio.to_thread(encode, answer))


async def _pull(request: Request) -> Response:
    service, device = await _admitted(request)
    wanted = decode_pull_request(await read_body(request, _MOST_SMALL_BYTES))
    async with service.paging:
        async with service.database.connection_for(device.shop) as connection:
            answer = await store.pull(
                connection,
                device.device_id,
                wanted.since,
                wanted.limit,
                PULL_BYTES,
                include_own=wanted.include_own,
                only_records=wanted.only_records,
            )
        body = await asyncio.to_thread(encode, answer)
    return await json_answer(request, body)


async def _status(request: Request) -> Response:
    service, device = await _admitted(request)
    async with service.database.connection_for(device.shop) as connection:
        answer = await store.status(connection)
    return await json_answer(request, encode(answer))


async def _health(request: Request) -> Response:
    if not await _service(request).database.answers():
        raise asyncpg.InterfaceError("the database takes no writes")
    return await json_answer(request, encode(Health(database="ok", server_time=_server_time())))


async def _openapi(request: Request) -> Response:
    return await json_answer(request, openapi.DOCUMENT)


async def _docs(_request: Request) -> Response:
    return openapi.docs_page()


async def _root(_request: Request) -> Response:
    return RedirectResponse("/docs", 307)


async def _admitted(request: Request) -> tuple[Service, Device]:
    """The PC that the request's token belongs to; asked before any of the body is read."""
    service = _service(request)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotAllowed("token_missing", "The request carries no token: join the shop first.")
    async with service.database.control_connection() as connection:
        device = await service.doorkeeper.device_of(connection, token.strip(), _address(request))
    request.state.who = f"{device.code} of {device.shop.schema_name}"
    return service, device


# --- the owner -------------------------------------------------------------------------------------


async def _owner(request: Request) -> Response:
    service = _service(request)
    session = request.cookies.get(owner_view.cookie_name(request), "")
    async with service.database.control_connection() as connection:
        shop = await auth.shop_of_session(connection, session)
    if shop is None:
        return owner_view.signed_out()
    async with service.database.connection_for(shop) as connection:
        seen = await page.read(connection, shop, request.query_params.get("date", ""))
    return owner_view.owner_page(seen)


async def _sign_in(request: Request) -> Response:
    return owner_view.sign_in(request.query_params.get("key", ""))


async def _signed_in(request: Request) -> Response:
    service, address = _service(request), _address(request)
    form = await read_form(request, _MOST_SMALL_BYTES)
    service.join_failures.take(address)
    async with service.database.control_connection() as connection:
        session = await auth.open_owner_link(connection, form.get("key", ""))
    if session is None:
        return owner_view.signed_out()
    service.join_failures.give_back(address)
    return owner_view.signed_in(request, session)


# --- what they share -------------------------------------------------------------------------------


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


def _server_time() -> str:
    """The current time in the wire's format."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"


async def _failed(request: Request, error: Exception) -> Response:
    if isinstance(error, asyncpg.ReadOnlySQLTransactionError):
        await _service(request).database.forget_connections()
    failure = failure_of(error)
    request_id = note_failure(request.scope, failure, error)
    return Response(failure.body(request_id), failure.status, failure.headers, "application/json")


_ROUTES: Final = [
    Route("/v1/join", _join, methods=["POST"]),
    Route("/v1/push", _push, methods=["POST"]),
    Route("/v1/pull", _pull, methods=["POST"]),
    Route("/v1/status", _status, methods=["GET"]),
    Route("/v1/health", _health, methods=["GET"]),
    Route("/openapi.json", _openapi, methods=["GET"]),
    Route("/docs", _docs, methods=["GET"]),
    Route("/owner", _owner, methods=["GET"]),
    Route("/owner/sign-in", _sign_in, methods=["GET"]),
    Route("/owner/sign-in", _signed_in, methods=["POST"]),
    Route("/", _root, methods=["GET"]),
]
