"""Only one window may use a data folder; a second one is refused."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cleanflow.errors import Refusal

_NAME = "cleanflow.lock"


@contextmanager
def only_instance(folder: Path) -> Iterator[None]:
    """Lock a data folder until the block ends; the system releases it if the program dies.

    Refuses with ``open_elsewhere``. Nothing is locked where the disk has no locks or the folder cannot be
    written: opening the records then reports the cause.
    """
    handle = _open(folder)
    if handle is None:
        yield
        return
    try:
        if not _lock(handle):
            raise Refusal("open_elsewhere")
        yield
    finally:
        os.close(handle)


def _open(folder: Path) -> int | None:
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        return os.open(folder / _NAME, os.O_RDWR | os.O_CREAT, 0o600)
    return None


def _lock(handle: int) -> bool:
    """False if another program holds the lock."""
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import errno
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES)
    return True
