"""The log file: what support needs to find a fault, without any data about the shop's customers.

The text of an exception may contain what was typed or stored, so it is not written, and neither are values
of variables. Written are its type, the places in the code, our own messages, codes, ids, and those texts of
Python and SQLite that only name parts of the program. At most two files of half a megabyte; failing to
write them never stops the program.
"""

from __future__ import annotations

import errno
import logging
import os
import re
import sys
import traceback
from collections.abc import Iterator
from datetime import datetime, timezone
from logging.handlers import RotatingFileHandler
from pathlib import Path, PurePath
from types import TracebackType
from typing import Any, Final

from cleanflow import __version__
from cleanflow.db.engine import engine_version
from cleanflow.db.failures import is_known_reason
from cleanflow.errors import NotSaved, Refusal, is_declared

LOG_NAME: Final = "cleanflow.log"
_LARGEST_BYTES: Final = 500_000
#: Frames of a traceback to keep: the first show what was asked for, the last where it failed.
_FIRST_PLACES, _LAST_PLACES = 5, 25

_log = logging.getLogger(__name__)


def log_beside(database: Path) -> None:
    """Log to a file beside the database from now on, starting with the program's version.

    The file is created with the first message; a failure to write is silent.
    """
    program = logging.getLogger("cleanflow")
    program.setLevel(logging.INFO)
    root = logging.getLogger()
    for handler in [one for one in root.handlers if isinstance(one, _File)]:
        root.removeHandler(handler)
        handler.close()
    root.addHandler(_File(database.parent / LOG_NAME))
    _log.info("%s", _Said(f"CleanFlow {__version__}, {program_facts()}"))


def program_facts() -> str:
    """The versions of Python, SQLite and the system."""
    python = f"Python {sys.version.partition(' ')[0]}, {64 if sys.maxsize > 2**32 else 32} bit"
    return f"{python}, SQLite {engine_version()}, {_system()}"


def _system() -> str:
    """Avoids the module `platform`, which on Windows takes longer than opening the window."""
    if sys.platform == "win32":
        version = sys.getwindowsversion()
        return f"Windows {version.major}.{version.minor}.{version.build}"
    system = os.uname()
    return f"{system.sysname} {system.release} {system.machine}"


def log_files(folder: Path) -> list[Path]:
    """The existing log files, newest first."""
    return [path for path in (folder / LOG_NAME, folder / f"{LOG_NAME}.1") if path.is_file()]


class _Said(str):
    """Text of the program's own, safe to log."""


class _File(RotatingFileHandler):
    """Two rotating files; failures are silent."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=_LARGEST_BYTES, backupCount=1, encoding="utf-8", delay=True)
        self.setFormatter(Discreet())

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - as logging calls it
        """On a full or read-only disk the program goes on, without a word on standard error."""

    def rotate(self, source: str, dest: str) -> None:
        """Rename the full file; where that is not allowed (another program reads it), truncate it."""
        try:
            os.replace(source, dest)
        except OSError:
            open(source, "wb").close()


class Discreet(logging.Formatter):
    """One line per record, with the places of a traceback below it; see the module."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as text."""
        at = datetime.fromtimestamp(record.created, timezone.utc).isoformat(timespec="milliseconds")
        lines = [f"{at[:-6]}Z {record.levelname} {record.name} {_words(record)}"]
        if record.exc_info and record.exc_info[1] is not None:
            lines += _told(record.exc_info[1])
        return "\n".join(lines)


def _words(record: logging.LogRecord) -> str:
    """Our own message with its harmless arguments; of other libraries' messages only their origin."""
    if record.name.partition(".")[0] != "cleanflow" or not isinstance(record.msg, str):
        return f"said something in {_place(record.pathname)}:{record.lineno}"
    given = record.args if isinstance(record.args, tuple) else ()
    try:
        return record.msg % tuple(map(_harmless, given)) if given else record.msg
    except (TypeError, ValueError):
        return record.msg


def _harmless(value: Any) -> Any:
    if value is None or type(value) in (int, bool) or isinstance(value, _Said):
        return value
    if isinstance(value, BaseException):
        return described(value)
    is_code = isinstance(value, str) and _CODE.fullmatch(value) is not None
    return value if is_code else "…"


#: A code or an id; no name and no phone number looks like one.
_CODE: Final = re.compile(
    r"[a-z]+(_[a-z0-9]+)+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|unreachable|internal|"
)

#: Texts of Python and SQLite that can only name parts of the program.
_NAME = r"[A-Za-z_][A-Za-z_0-9.]{0,80}"
_PLAIN: Final = re.compile(
    rf"""'{_NAME}'\ object\ (has\ no\ attribute\ '{_NAME}'|is\ not\ (callable|iterable|subscriptable))
      | unsupported\ operand\ type\(s\)\ for\ [^\ ]{{1,6}}:\ '{_NAME}'\ and\ '{_NAME}'
      | {_NAME}\(\)\ missing\ [0-9]+\ required\ (positional|keyword-only)\ arguments?:\ [a-z_',\ ]{{1,200}}
      | {_NAME}\(\)\ got\ an\ unexpected\ keyword\ argument\ '{_NAME}'
      | name\ '{_NAME}'\ is\ not\ defined | No\ module\ named\ '{_NAME}'
      | (UNIQUE|NOT\ NULL)\ constraint\ failed:\ [a-z_.,\ ]{{1,200}} | FOREIGN\ KEY\ constraint\ failed
      | no\ such\ (table|column|function|module):\ {_NAME} | database\ is\ locked""",
    re.VERBOSE,
)


def described(error: BaseException) -> str:
    """An exception's type, and the parts of it that cannot be about a customer."""
    detail = ""
    if isinstance(error, Refusal):
        detail = error.code
    elif isinstance(error, NotSaved):
        detail = error.reason if is_known_reason(error.reason) else ""
    elif name := getattr(error, "sqlite_errorname", ""):
        detail = " ".join(filter(None, (name, _plain(error))))
    elif isinstance(error, OSError):
        detail = _os_detail(error)
    else:
        detail = _plain(error)
    return f"{type(error).__name__}: {detail}" if detail else type(error).__name__


def _plain(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - somebody else's __str__
        return ""
    return text if is_declared(text) or _PLAIN.fullmatch(text) else ""


def _os_detail(error: OSError) -> str:
    """``ENOSPC No space left on device (*.pdf)``; file names only where they are our own."""
    if error.errno is None:
        return ""
    words = f"{errno.errorcode.get(error.errno, error.errno)} {os.strerror(error.errno)}"
    if not isinstance(error.filename, str):
        return words
    path = PurePath(error.filename)
    is_ours = re.fullmatch(r"cleanflow[a-z.-]{0,20}", path.name) is not None
    suffix = path.suffix if re.fullmatch(r"\.[a-z]{1,8}", path.suffix) else ""
    return f"{words} ({path.name if is_ours else f'*{suffix}'})"


def _told(error: BaseException) -> Iterator[str]:
    """An exception and its causes, the last one first, with the places of each."""
    seen: set[int] = set()
    link: BaseException | None = error
    words = ""
    while link is not None and id(link) not in seen and len(seen) < 10:
        seen.add(id(link))
        yield f"  {words}{described(link)}"
        yield from _places(link.__traceback__)
        words = "because of " if link.__cause__ is not None else "while handling "
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)


def _places(trace: TracebackType | None) -> Iterator[str]:
    places = [
        f"    {_place(frame.f_code.co_filename)}:{line} {frame.f_code.co_name}"
        for frame, line in traceback.walk_tb(trace)
    ]
    left_out = len(places) - _FIRST_PLACES - _LAST_PLACES
    if left_out > 0:
        places[_FIRST_PLACES:-_LAST_PLACES] = [f"    … {left_out} more"]
    yield from places


#: Folders below which a path is the program's own.
_ROOTS: Final = frozenset(
    {"cleanflow", "server", "sql", "site-packages", *filter(None, [Path(sys.prefix).name])}
)


def _place(file: str) -> str:
    """A source file's path without this PC's folders."""
    parts = PurePath(file).parts
    for index in range(len(parts) - 2, -1, -1):
        if parts[index] in _ROOTS or re.fullmatch(r"python3(\.[0-9]+)?", parts[index], re.IGNORECASE):
            return "/".join(parts[index:])
    return parts[-1] if parts else "?"
