"""Writing files atomically and durably, and never over the books."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from cleanflow.errors import Refusal, declare
from cleanflow.language import _, _l

declare(
    {
        "file_unreadable": _l("{path} cannot be read: {reason}"),
        "file_unwritable": _l("{path} cannot be written: {reason}"),
        "file_not_replaced": _l("{path} is not an ordinary file that may be replaced; nothing was written."),
        "folder_missing": _l("There is no folder {path}."),
    }
)

_DATABASE_MAGIC = b"SQLite format 3\x00"


@contextmanager
def written_whole(path: Path) -> Iterator[BinaryIO]:
    """A file to write bytes into; at the end it is renamed to ``path`` and replaces an older file there.

    Symbolic links are followed. Refuses with ``file_unwritable``, or with ``file_not_replaced`` if ``path``
    is not an ordinary file, or is a database or its log; the older file is then unchanged.
    """
    try:
        target = path.resolve()
        _check_replaceable(target)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:40]}.", suffix=".part")
    except OSError as error:
        raise Refusal("file_unwritable", path=path, reason=error.strerror or error) from error
    except ValueError as error:  # a NUL or a lone surrogate
        raise Refusal("file_unwritable", path=path, reason=_("no file can have this name.")) from error
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
    """Flush a file, or the entries of a folder, to the disk. Windows cannot flush a folder."""
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
    if target.name.endswith(("-wal", "-shm", "-journal")):  # SQLite would mistake it for a database's log
        raise Refusal("file_not_replaced", path=target)
    # Never open a database in use: closing it again would drop SQLite's locks.
    if any(Path(f"{target}{suffix}").exists() for suffix in ("-wal", "-shm")):
        raise Refusal("file_not_replaced", path=target)
    if not target.exists():
        return
    if target.is_dir():
        raise Refusal("file_unwritable", path=target, reason=_("it is a folder."))
    if not target.is_file():
        raise Refusal("file_not_replaced", path=target)
    with target.open("rb") as file:
        if file.read(len(_DATABASE_MAGIC)) == _DATABASE_MAGIC:
            raise Refusal("file_not_replaced", path=target)
