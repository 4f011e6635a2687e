"""Only one window may use a data folder; a second one is refused."""

from __future__ import annotations

import os
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
    from filelock import lock_descriptor

    try:
        return lock_descriptor(handle, blocking=False)
    except OSError:  # a disk without locks
        return True
