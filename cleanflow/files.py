"""Writes files atomically and durably, and never over a database."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from cleanflow.errors import Refusal

_DATABASE_MAGIC = b"SQLite format 3\x00"


@contextmanager
def written_whole(path: Path) -> Iterator[BinaryIO]:
    """A file to write bytes into, renamed to ``path`` at the end.

    Follows links. Refuses with ``file_unwritable``, or with ``file_not_replaced`` where ``path`` is not a
    regular file, or is a database or its log; what was there stays.
    """
    try:
        target = path.resolve()
        _check_replaceable(target)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:40]}.", suffix=".part")
    except OSError as error:
        raise Refusal("file_unwritable", path=path, reason=error.strerror or error) from error
    except ValueError as error:  # a NUL, or half a character
        raise Refusal("file_unwritable", path=path, reason="no file can have this name.") from error
    try:
        with open(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, target)
    except OSError as error:
        with suppress(OSError):
            os.unlink(name)
        raise Refusal("file_unwritable", path=path, reason=error.strerror or error) from error
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


def reach_the_disk(path: Path) -> None:
    """Sync a file, or the entries of a folder where the system can, to the disk."""
    try:
        handle = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
    except OSError:
        if path.is_dir():  # Windows
            return
        raise
    try:
        os.fsync(handle)
    except OSError:
        if not path.is_dir():
            raise
    finally:
        os.close(handle)


def _check_replaceable(target: Path) -> None:
    if target.name.endswith(("-wal", "-shm", "-journal")):  # SQLite would take the file for a database's log
        raise Refusal("file_not_replaced", path=target)
    # A database in use is not even opened: closing it again would drop this process's SQLite locks.
    if any(Path(f"{target}{suffix}").exists() for suffix in ("-wal", "-shm")):
        raise Refusal("file_not_replaced", path=target)
    if not target.exists():
        return
    if target.is_dir():
        raise Refusal("file_unwritable", path=target, reason="it is a folder.")
    if not target.is_file():
        raise Refusal("file_not_replaced", path=target)
    with target.open("rb") as file:
        if file.read(len(_DATABASE_MAGIC)) == _DATABASE_MAGIC:
            raise Refusal("file_not_replaced", path=target)
