"""What an sqlite3 error means to the person in front of the screen."""

from __future__ import annotations

import sqlite3

from cleanflow.errors import MESSAGES, NotSaved, Refusal

_FULL = "the disk is full. Free some space and try again."
_REASONS = {
    "SQLITE_FULL": _FULL,
    "SQLITE_IOERR_SHMSIZE": _FULL,  # no room for the few kB that connections share
    "SQLITE_IOERR": "the disk reported an error.",
    "SQLITE_READONLY": "the disk or the file is read-only.",
    "SQLITE_BUSY": "another program is using the records. Try again in a moment.",
    "SQLITE_LOCKED": "another program is using the records. Try again in a moment.",
    "SQLITE_CANTOPEN": "the records cannot be opened; the disk may be gone.",
    "SQLITE_CORRUPT": "the records on the disk are damaged.",
    "SQLITE_NOTADB": "the records on the disk are damaged.",
    "SQLITE_NOMEM": "the PC is out of memory.",
}

#: Added to a reason where the disk failed so that a restart may find the operation saved after all.
MAY_BE_THERE = "After a restart of the PC look whether it is there before you enter it again."

#: What reading or writing the database may raise, for those who may not import sqlite3.
DatabaseError = sqlite3.Error
#: … and what a row that breaks a rule of the schema raises.
RuleBroken = sqlite3.IntegrityError


def read_failure(error: sqlite3.Error) -> str:
    """What to tell a person whose records could not be read."""
    return f"The records cannot be read: {not_saved_reason(error) or error}"


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file itself is damaged, and not only the disk away or busy."""
    return _name(error).startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))


def needs_room(error: sqlite3.Error) -> bool:
    """Whether reading failed for want of a disk or a memory to sort in: it says nothing of what was read."""
    return not_saved_reason(error) in (_FULL, _REASONS["SQLITE_NOMEM"])


def not_saved_reason(error: sqlite3.Error) -> str | None:
    """Why the disk or a lock failed, in words; ``None`` when the error is of another nature."""
    name = _name(error)
    return next(
        (words for code, words in _REASONS.items() if name == code or name.startswith(code + "_")), None
    )


def _name(error: sqlite3.Error) -> str:
    """SQLite's name of the failure; of a text that is none Python says so itself, and without a name."""
    name: str = getattr(error, "sqlite_errorname", "") or ""
    return name or ("SQLITE_CORRUPT" if str(error).startswith("Could not decode") else "")


def is_known_reason(reason: str) -> bool:
    """Whether these are words of :func:`not_saved_reason`, in which nothing can stand that was stored."""
    return reason.removesuffix(f" {MAY_BE_THERE}") in _REASONS.values()


def translated(error: sqlite3.Error) -> Exception:
    """The schema's refusal as a :class:`Refusal`, a failed disk as :class:`NotSaved`, else ``error``."""
    if isinstance(error, sqlite3.IntegrityError) and str(error) in MESSAGES:
        return Refusal(str(error))
    reason = not_saved_reason(error)
    return NotSaved(reason) if reason else error
