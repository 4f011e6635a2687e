"""One window to a data folder: the second one says so, instead of two people typing into one drawer."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cleanflow.errors import Refusal

_NAME = "cleanflow.lock"


@contextmanager
def only_instance(folder: Path) -> Iterator[None]:
    """Hold a data folder until the block ends; the system lets go of it when the program dies.

    Refuses with ``open_elsewhere``. Nothing is held where the disk has no locks, or where the folder is
    missing or read-only: opening the records tells better what is wrong.
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
    """False when another program holds it."""
    from filelock import lock_descriptor

    try:
        return lock_descriptor(handle, blocking=False)
    except OSError:  # a disk without locks
        return True
