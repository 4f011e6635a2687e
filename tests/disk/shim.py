"""A SQLite VFS around the system's own that reports what is done to the disk and can make it fail.

Each file's methods are a copy of the real ones, except that those that change the disk call a
:class:`Listener` first; reads, locks and shared memory go straight through. Within :func:`shimmed` it is the
default VFS, so `open_database` uses it without knowing.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.disk import sqlite_abi as abi


@dataclass(frozen=True)
class Opened:
    """An open file. ``kind`` is `db`, `wal`, `journal` or `temporary`; ``number`` is new at each opening."""

    path: str
    kind: str
    number: int


@dataclass(frozen=True)
class Fault:
    """A failing call: its SQLite result code, and the bytes of a write that reach the disk before it."""

    code: int
    written: int = 0


class Listener:
    """Receives what SQLite does to the disk. ``before`` may make a call fail; the others report."""

    def before(self, call: str, file: Opened | None, size: int) -> Fault | None:
        """Called before a `write`, `truncate`, `sync`, `dirsync`, `shm` or `delete`."""
        return None

    def opened(self, file: Opened, *, creates: bool) -> None:
        """A file was opened."""

    def written(self, file: Opened, offset: int, data: bytes) -> None:
        """A write was done, perhaps partly."""

    def truncated(self, file: Opened, size: int) -> None:
        """A file was truncated."""

    def synced(self, file: Opened) -> None:
        """A file was synced."""

    def sync_failed(self, file: Opened) -> None:
        """A sync failed: the writes since the last one may be on disk or not, and no later sync tells."""

    def directory_synced(self) -> None:
        """The directory was synced. Called before it is: a power cut in between equals a later one."""

    def deleted(self, path: str) -> None:
        """A file was deleted."""


def _kind(flags: int) -> str:
    if flags & abi.OPEN_MAIN_DB:
        return "db"
    if flags & abi.OPEN_WAL:
        return "wal"
    return "journal" if flags & abi.OPEN_MAIN_JOURNAL else "temporary"


class Shim:
    """The VFS. Its structures and callbacks live as long as it does: SQLite holds pointers to them."""

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self.errors: list[BaseException] = []
        self._library = abi.library()
        self._real = self._library.sqlite3_vfs_find(None)
        if self._real.contents.zName not in (b"unix",) or self._real.contents.iVersion < 3:
            raise RuntimeError(f"these tests know the VFS 'unix' only, not {self._real.contents.zName!r}")
        self._files: dict[int, Opened] = {}
        self._methods: dict[int, tuple[abi.IoMethods, abi.IoMethods]] = {}
        self._number = 0
        self._own = abi.Vfs.from_buffer_copy(self._real.contents)
        self._own.zName = b"cleanflow-test"
        self._own.xOpen = abi.X_OPEN(self._open)
        self._own.xDelete = abi.X_DELETE(self._delete)
        self._callbacks = {
            "xClose": abi.X_CLOSE(self._close),
            "xWrite": abi.X_WRITE(self._write),
            "xTruncate": abi.X_TRUNCATE(self._truncate),
            "xSync": abi.X_SYNC(self._sync),
            "xShmMap": abi.X_SHM_MAP(self._shm_map),
        }
        get = self._real.contents.xGetSystemCall
        self._real_open_directory = abi.OPEN_DIRECTORY(get(self._real, b"openDirectory"))
        self._open_directory_callback = abi.OPEN_DIRECTORY(self._open_directory)

    @property
    def open_files(self) -> list[Opened]:
        return list(self._files.values())

    def install(self) -> None:
        """Make this the default VFS of the process."""
        self._library.sqlite3_vfs_register(ctypes.byref(self._own), 1)
        self._set_open_directory(ctypes.cast(self._open_directory_callback, ctypes.c_void_p))

    def remove(self) -> None:
        """Make the system's VFS the default again. All files must be closed."""
        self._set_open_directory(None)
        self._library.sqlite3_vfs_register(self._real, 1)
        self._library.sqlite3_vfs_unregister(ctypes.byref(self._own))

    def _set_open_directory(self, function: ctypes.c_void_p | None) -> None:
        self._real.contents.xSetSystemCall(self._real, b"openDirectory", function)

    # --- callbacks from SQLite: exceptions cannot pass through C, so they are stored and the call fails

    def _guarded(self, call: Callable[[], int]) -> int:
        try:
            return call()
        except BaseException as error:
            self.errors.append(error)
            return abi.IOERR

    def _open(self, _vfs: Any, name: int | None, file: Any, flags: int, out_flags: Any) -> int:
        return self._guarded(lambda: self._do_open(name, file, flags, out_flags))

    def _do_open(self, name: int | None, file: Any, flags: int, out_flags: Any) -> int:
        done: int = self._real.contents.xOpen(self._real, name, file, flags, out_flags)
        if done != abi.OK or not file.contents.pMethods:
            return done
        address = ctypes.addressof(file.contents)
        self._number += 1
        opened = self._files[address] = Opened(
            ctypes.string_at(name).decode() if name else "", _kind(flags), self._number
        )
        file.contents.pMethods = ctypes.pointer(self._listening(file.contents.pMethods.contents))
        self.listener.opened(opened, creates=bool(flags & abi.OPEN_CREATE))
        return done

    def _listening(self, real: abi.IoMethods) -> abi.IoMethods:
        """A copy of a method table that calls us first; SQLite has only a few such tables."""
        address = ctypes.addressof(real)
        if address not in self._methods:
            copy = abi.IoMethods.from_buffer_copy(real)
            for name, callback in self._callbacks.items():
                setattr(copy, name, callback)
            self._methods[address] = self._methods[ctypes.addressof(copy)] = (copy, real)
        return self._methods[address][0]

    def _of(self, file: Any) -> tuple[Opened, abi.IoMethods]:
        contents = file.contents
        return (
            self._files[ctypes.addressof(contents)],
            self._methods[ctypes.addressof(contents.pMethods.contents)][1],
        )

    def _close(self, file: Any) -> int:
        def do() -> int:
            _opened, real = self._of(file)
            del self._files[ctypes.addressof(file.contents)]
            return int(real.xClose(file))

        return self._guarded(do)

    def _write(self, file: Any, data: int, size: int, offset: int) -> int:
        def do() -> int:
            opened, real = self._of(file)
            fault = self.listener.before("write", opened, size)
            count = size if fault is None else fault.written
            done: int = abi.OK if count == 0 else real.xWrite(file, data, count, offset)
            if done == abi.OK and count > 0 and opened.kind != "temporary":
                self.listener.written(opened, offset, ctypes.string_at(data, count))
            return done if fault is None else fault.code

        return self._guarded(do)

    def _truncate(self, file: Any, size: int) -> int:
        def do() -> int:
            opened, real = self._of(file)
            fault = self.listener.before("truncate", opened, size)
            if fault is not None:
                return fault.code
            done: int = real.xTruncate(file, size)
            if done == abi.OK:
                self.listener.truncated(opened, size)
            return done

        return self._guarded(do)

    def _sync(self, file: Any, flags: int) -> int:
        def do() -> int:
            opened, real = self._of(file)
            fault = self.listener.before("sync", opened, 0)
            if fault is not None:
                self.listener.sync_failed(opened)
                return fault.code
            done: int = real.xSync(file, flags)
            if done == abi.OK:
                self.listener.synced(opened)
            return done

        return self._guarded(do)

    def _shm_map(self, file: Any, region: int, size: int, extend: int, out: Any) -> int:
        def do() -> int:
            opened, real = self._of(file)
            fault = self.listener.before("shm", opened, size) if extend else None
            return int(real.xShmMap(file, region, size, extend, out)) if fault is None else fault.code

        return self._guarded(do)

    def _delete(self, _vfs: Any, name: bytes, sync_directory: int) -> int:
        def do() -> int:
            fault = self.listener.before("delete", None, 0)
            if fault is not None:
                return fault.code
            # The name is removed first, then the directory synced; we report it in the same order.
            done: int = self._real.contents.xDelete(self._real, name, 0)
            if done == abi.OK:
                self.listener.deleted(name.decode())
                if sync_directory:
                    self.listener.directory_synced()
            return done

        return self._guarded(do)

    def _open_directory(self, name: bytes, descriptor: Any) -> int:
        def do() -> int:
            self.listener.directory_synced()
            return int(self._real_open_directory(name, descriptor))

        return self._guarded(do)


@contextmanager
def shimmed(listener: Listener) -> Iterator[Shim]:
    """Put ``listener`` under every database opened in the block, which must also close them."""
    shim = Shim(listener)
    shim.install()
    try:
        yield shim
    finally:
        shim.remove()
    if shim.errors:
        raise shim.errors[0]
    assert shim.open_files == [], "a database was left open"
