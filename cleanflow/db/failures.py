"""Translates sqlite3 errors into messages for people."""

from __future__ import annotations

import sqlite3

from cleanflow.errors import NotSaved, Refusal, is_declared
from cleanflow.language import _, _l

_FULL = _l("the disk is full. Free some space and try again.")
_REASONS = {
    "SQLITE_FULL": _FULL,
    "SQLITE_IOERR_SHMSIZE": _FULL,  # no room for the shared-memory file
    "SQLITE_IOERR": _l("the disk reported an error."),
    "SQLITE_READONLY": _l("the disk or the file is read-only."),
    "SQLITE_BUSY": _l("another program is using the records. Try again in a moment."),
    "SQLITE_LOCKED": _l("another program is using the records. Try again in a moment."),
    "SQLITE_CANTOPEN": _l("the records cannot be opened; the disk may be gone."),
    "SQLITE_CORRUPT": _l("the records on the disk are damaged."),
    "SQLITE_NOTADB": _l("the records on the disk are damaged."),
    "SQLITE_NOMEM": _l("the PC is out of memory."),
}

#: Added to the reason when a restart may find the failed commit on the disk after all.
_MAY_BE_THERE = _l("After restarting the PC, check whether it is there before you enter it again.")

#: Any error of reading or writing the database; for rooms that may not import sqlite3.
DatabaseError = sqlite3.Error
#: A row broke a rule of the schema.
RuleBroken = sqlite3.IntegrityError


def read_failure(error: sqlite3.Error) -> str:
    """The message to show when the records could not be read."""
    return _("The records cannot be read: {reason}").format(reason=not_saved_reason(error) or error)


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file itself is damaged, as opposed to a missing or busy disk."""
    return _name(error).startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))


def needs_room(error: sqlite3.Error) -> bool:
    """Whether a query failed for lack of disk space or memory, which says nothing about the records."""
    return _reason(error) in (_FULL, _REASONS["SQLITE_NOMEM"])


def not_saved_reason(error: sqlite3.Error) -> str | None:
    """The reason for people if the disk or a lock failed; ``None`` for any other error."""
    reason = _reason(error)
    return None if reason is None else _(reason)


def unsure_reason(error: sqlite3.Error) -> str:
    """Like :func:`not_saved_reason`, for a commit that a restart may find saved after all."""
    return f"{not_saved_reason(error)} {_(_MAY_BE_THERE)}"


def _reason(error: sqlite3.Error) -> str | None:
    name = _name(error)
    return next(
        (words for code, words in _REASONS.items() if name == code or name.startswith(code + "_")), None
    )


def _name(error: sqlite3.Error) -> str:
    """SQLite's name of the error. Python's own error about undecodable text has none: it means damage."""
    name: str = getattr(error, "sqlite_errorname", "") or ""
    return name or ("SQLITE_CORRUPT" if str(error).startswith("Could not decode") else "")


def is_known_reason(reason: str) -> bool:
    """Whether ``reason`` is one of this module's sentences, which quote no stored data."""
    return reason.removesuffix(f" {_(_MAY_BE_THERE)}") in map(_, _REASONS.values())


def translated(error: sqlite3.Error) -> Exception:
    """:class:`Refusal` for a rule of the schema, :class:`NotSaved` for a disk or lock, else ``error``."""
    if isinstance(error, sqlite3.IntegrityError) and is_declared(str(error)):
        return Refusal(str(error))
    reason = not_saved_reason(error)
    return NotSaved(reason) if reason else error
