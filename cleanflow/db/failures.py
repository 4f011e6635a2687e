"""Translating sqlite3 errors into words for people."""

from __future__ import annotations

import sqlite3

from cleanflow.errors import NotSaved, Refusal, is_declared
from cleanflow.language import _, _l

_FULL = _l("the disk is full. Free some space and try again.")
_REASONS = {
    "SQLITE_FULL": _FULL,
    "SQLITE_IOERR_SHMSIZE": _FULL,  # no room for the few kB that connections share
    "SQLITE_IOERR": _l("the disk reported an error."),
    "SQLITE_READONLY": _l("the disk or the file is read-only."),
    "SQLITE_BUSY": _l("another program is using the records. Try again in a moment."),
    "SQLITE_LOCKED": _l("another program is using the records. Try again in a moment."),
    "SQLITE_CANTOPEN": _l("the records cannot be opened; the disk may be gone."),
    "SQLITE_CORRUPT": _l("the records on the disk are damaged."),
    "SQLITE_NOTADB": _l("the records on the disk are damaged."),
    "SQLITE_NOMEM": _l("the PC is out of memory."),
}

#: Added to the reason of a failed commit that a restart may still find on the disk.
_MAY_BE_THERE = _l("After restarting the PC, check whether it is there before you enter it again.")

#: Raised by reading or writing the database; for rooms that may not import sqlite3.
DatabaseError = sqlite3.Error
#: Raised by a row that breaks a rule of the schema.
RuleBroken = sqlite3.IntegrityError


def read_failure(error: sqlite3.Error) -> str:
    """The message for records that could not be read."""
    return _("The records cannot be read: {reason}").format(reason=not_saved_reason(error) or error)


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file itself is damaged, not just the disk missing or busy."""
    return _name(error).startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))


def needs_room(error: sqlite3.Error) -> bool:
    """Whether a query failed for lack of disk or memory to sort in, which says nothing about the records."""
    return _reason(error) in (_FULL, _REASONS["SQLITE_NOMEM"])


def not_saved_reason(error: sqlite3.Error) -> str | None:
    """Why the disk or a lock failed, in words; ``None`` for any other error."""
    reason = _reason(error)
    return None if reason is None else _(reason)


def unsure_reason(error: sqlite3.Error) -> str:
    """The same, where a restart may find the operation saved after all."""
    return f"{not_saved_reason(error)} {_(_MAY_BE_THERE)}"


def _reason(error: sqlite3.Error) -> str | None:
    name = _name(error)
    return next(
        (words for code, words in _REASONS.items() if name == code or name.startswith(code + "_")), None
    )


def _name(error: sqlite3.Error) -> str:
    """SQLite's name of the error; Python's own error for undecodable text has none."""
    name: str = getattr(error, "sqlite_errorname", "") or ""
    return name or ("SQLITE_CORRUPT" if str(error).startswith("Could not decode") else "")


def is_known_reason(reason: str) -> bool:
    """Whether ``reason`` is one of this module's own sentences, which hold nothing that was stored."""
    return reason.removesuffix(f" {_(_MAY_BE_THERE)}") in map(_, _REASONS.values())


def translated(error: sqlite3.Error) -> Exception:
    """The schema's refusal as a :class:`Refusal`, a failed disk as :class:`NotSaved`, else ``error``."""
    if isinstance(error, sqlite3.IntegrityError) and is_declared(str(error)):
        return Refusal(str(error))
    reason = not_saved_reason(error)
    return NotSaved(reason) if reason else error
