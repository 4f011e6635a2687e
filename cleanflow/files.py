"""Writing files atomically and durably, and never over the books."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from cleanflow.errors import Refusal, declare
from cleanflow.language import _, _l
from cleanflow.paths import DATABASE_NAME, DEMO_NAME

declare(
    {
        "file_unreadable": _l("{path} cannot be read: {reason}"),
        "file_unwritable": _l("{path} cannot be written: {reason}"),
        "file_not_replaced": _l("{path} is not an ordinary file that may be replaced; nothing was written."),
        "name_too_long": _l("{path} cannot be used: the name is too long."),
        "folder_missing": _l("There is no folder {path}."),
    }
)

_DATABASE_MAGIC = b"SQLite format 3\x00"

#: Endings of SQLite's logs: a file of such a name would be taken for one.
_LOG_ENDINGS: Final = ("-wal", "-shm", "-journal")
_DATABASES: Final = (DATABASE_NAME, DEMO_NAME)
#: What else the program and its server keep in a data folder: files, and folders with everything in them.
_OWN_FILES: Final = (
    "cleanflow.lock",
    "cleanflow.log",
    "cleanflow.log.1",
    "postgres-password",
    "postgres.lock",
)
_OWN_FOLDERS: Final = ("postgres", "postgres-unfinished", "spool", ".restoring")

_ON_WINDOWS: Final = sys.platform == "win32"
#: Names of devices, with any ending; COM¹ is one, too.
_DEVICE: Final = re.compile(r"(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9¹²³])", re.IGNORECASE)
_NOT_IN_NAMES: Final = re.compile(r'[<>:"|?*\x00-\x1f]')


@contextmanager
def written_whole(path: Path, *, is_own: bool = False) -> Iterator[BinaryIO]:
    """A file to write bytes into; at the end it is renamed to ``path`` and replaces an older file there.

    Symbolic links are followed. Refuses with ``file_unwritable``, or with ``file_not_replaced`` if ``path``
    is not an ordinary file, or belongs to the program (a database, its log, see :func:`check_output`); the
    older file is then unchanged. ``is_own``: the program itself keeps a file of its own.
    """
    try:
        if not is_own:
            check_output(path)
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


def check_output(path: Path, *, may_be_database: bool = False) -> None:
    """Refuse ``path``, which a person typed, if the program would lose something by a file of that name.

    Refuses with ``file_not_replaced`` what the program keeps in a data folder, whatever the case of the name:
    Windows does not tell the cases apart, and sticks travel. On Windows it refuses with ``file_unwritable``
    what cannot be a file's name there, like ``NUL`` or ``day.``. ``may_be_database``: a backup is written,
    which may have the database's name. Raises OSError and ValueError as the system does.
    """
    if _ON_WINDOWS and (reason := _no_windows_name(path)):
        raise Refusal("file_unwritable", path=path, reason=reason)
    for target in (path.absolute(), path.resolve()):
        name = target.name.casefold()
        is_log = name.endswith(_LOG_ENDINGS)
        if is_log or name in _OWN_FILES or (name in _DATABASES and not may_be_database):
            raise Refusal("file_not_replaced", path=path)
        if any(_is_own_folder(folder) for folder in target.parents):
            raise Refusal("file_not_replaced", path=path)
        if target.exists() and any(_is_same(target, target.parent / own) for own in _OWN_FILES):
            raise Refusal("file_not_replaced", path=path)


def _is_own_folder(folder: Path) -> bool:
    if folder.name.casefold() not in _OWN_FOLDERS:
        return False
    beside = (folder / "PG_VERSION", *(folder.with_name(name) for name in _DATABASES))
    return any(map(os.path.exists, beside))


def _is_same(one: Path, other: Path) -> bool:
    """Whether both are one file, also by a short name of Windows like ``CLEANF~1.LOC``."""
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False


def _no_windows_name(path: Path) -> str:
    """Why Windows has no file of that name, or puts it elsewhere than it seems; "" if it has."""
    for part in path.parts:
        if part == path.anchor or part in (".", ".."):
            continue
        if _DEVICE.fullmatch(part.partition(".")[0].rstrip()):
            return _("Windows keeps the name {name} for a device.").format(name=part)
        if part.endswith((".", " ")):
            return _("on Windows a name cannot end with a dot or a space.")
        if _NOT_IN_NAMES.search(part):
            return _("on Windows a name has none of these characters: {characters}").format(
                characters='< > : " | ? *'
            )
    return ""


def _check_replaceable(target: Path) -> None:
    # Never open a database in use: closing it again would drop SQLite's locks.
    if any(Path(f"{target}{ending}").exists() for ending in _LOG_ENDINGS[:2]):
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
