"""The automatic backup, made after a day is closed and when the program ends.

It goes to the folder that the owner chose, for instance on a USB stick. If that folder is missing, it goes
to the folder beside the records, and the owner is told once, not every evening.
"""

from __future__ import annotations

import logging
import os
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cleanflow.dao.clock_doubts import doubt_now
from cleanflow.dao.remembered import LAST_BACKUP_AT, recall, remember
from cleanflow.dao.shop import is_set_up
from cleanflow.dao.stamps import today
from cleanflow.dao.users import require_owner
from cleanflow.db import Database, with_transaction
from cleanflow.errors import Refusal
from cleanflow.safekeeping.backup import Made, Tell, back_up, lacking_bytes, remove_left_over
from cleanflow.safekeeping.retention import Kept, dispensable, file_name, kept_in, outdated
from cleanflow.sync.state import identities

_log = logging.getLogger(__name__)
_turn = threading.Lock()
#: Seconds between checks whether a waiting backup has been cancelled.
_ASK_AGAIN_S = 0.2
_FOLDER, _STATE, _TROUBLE = "backup_folder", "last_backup_of", "backup_trouble"


@dataclass(frozen=True)
class BackupResult:
    """Result of an automatic backup. ``trouble`` is what the owner should know, '' if nothing; ``is_news``:
    it has not been told before."""

    made: Made | None
    trouble: str
    is_news: bool


def beside(path: Path) -> Path:
    """The default backup folder, beside the records at ``path``."""
    return path.parent / "backups"


def chosen_folder(db: Database) -> Path:
    """The folder that backups go to."""
    chosen = recall(db, _FOLDER, "")
    return Path(chosen) if chosen else beside(db.path)


@with_transaction
def choose_folder(db: Database, folder: str) -> None:
    """Let the backups go to ``folder`` from now on; '' is the one beside the records.

    Refuses with ``folder_missing`` or ``owner_needed``.
    """
    require_owner(db)
    wanted = folder.strip()
    # os.path.isdir, unlike Path.is_dir, does not raise for impossible names or forbidden folders
    if wanted and not (Path(wanted).is_absolute() and os.path.isdir(wanted)):
        raise Refusal("folder_missing", path=wanted)
    is_usual = not wanted or Path(wanted) == beside(db.path)
    remember(db, _FOLDER, "" if is_usual else wanted)
    remember(db, _TROUBLE, "")


def is_due(db: Database) -> bool:
    """Whether anything was recorded since the last good backup."""
    return is_set_up(db) and recall(db, _STATE, "") != _state(db)


def all_backups(db: Database) -> list[Kept]:
    """All automatic backups within reach, newest first."""
    return backups_beside(db.path, chosen_folder(db))


def backups_beside(path: Path, chosen: Path | None = None) -> list[Kept]:
    """The same, for a database that may not open."""
    folders = {beside(path), chosen or beside(path)}
    found = [kept for folder in folders for kept in kept_in(folder)]
    return sorted(found, key=lambda kept: (kept.day, not kept.is_suspect), reverse=True)


def back_up_today(
    db: Database, tell: Tell = lambda words: None, *, only_if_due: bool = False
) -> BackupResult:
    """Make today's backup and remove outdated ones. Never raises a Refusal.

    One runs at a time: closing the program while the day closing's backup is running waits for that one;
    with ``only_if_due`` nothing more is then done.
    """
    while not _turn.acquire(timeout=_ASK_AGAIN_S):
        tell("")
    try:
        if only_if_due and not is_due(db):
            return BackupResult(None, "", is_news=False)
        return _made_and_noted(db, tell)
    finally:
        _turn.release()


def _made_and_noted(db: Database, tell: Tell) -> BackupResult:
    state = _state(db)
    made, trouble = _made_somewhere(db, tell)
    if made is not None and not made.is_good:
        trouble = str(Refusal("backup_suspect", count=len(made.findings), path=made.path))
    elif made is not None:
        _note_good(db, state)
    is_news = bool(trouble) and recall(db, _TROUBLE, "") != trouble
    remember(db, _TROUBLE, trouble)
    return BackupResult(made, trouble, is_news)


def last_trouble(db: Database) -> str:
    """What went wrong with the last automatic backup; '' if nothing did."""
    return str(recall(db, _TROUBLE, ""))


def _made_somewhere(db: Database, tell: Tell) -> tuple[Made | None, str]:
    """Back up to the chosen folder, or else beside the records; the backup and what went wrong."""
    chosen, usual = chosen_folder(db), beside(db.path)
    trouble = ""
    for folder in dict.fromkeys((chosen, usual)):
        try:
            if folder == usual:
                usual.mkdir(exist_ok=True)
            if not folder.is_dir():
                raise Refusal("backup_folder_missing", path=folder)
            made = _made_in(db, folder, tell)
        except (Refusal, OSError) as error:
            trouble = trouble or _words(error, folder)
        else:
            return made, trouble
    return None, trouble


def _words(error: Refusal | OSError, folder: Path) -> str:
    if isinstance(error, Refusal):
        return str(error)
    return str(Refusal("backup_failed", path=folder, reason=error.strerror or error))


def _made_in(db: Database, folder: Path, tell: Tell) -> Made:
    code = db.value("SELECT code FROM devices WHERE id = :id", {"id": db.device_id})
    doubt = doubt_now(db)
    day = (doubt.last if doubt and doubt.last else today(db)).isoformat()  # not the day of a wrong clock
    good, suspect = (folder / file_name(code, db.device_id, day, is_suspect=is_so) for is_so in (False, True))
    _make_room(db, folder)
    made = back_up(db, good, tell, suspect)
    for kept in outdated(kept_in(folder), identities(db)):
        with suppress(OSError):  # tried again tomorrow
            kept.path.unlink()
    return made


def _make_room(db: Database, folder: Path) -> None:
    """On a full disk, delete as many older backups as today's needs, or none if that would not be enough."""
    remove_left_over(db, folder)
    lacking = lacking_bytes(db, folder)
    going: list[Kept] = []
    for kept in dispensable(kept_in(folder), identities(db)):
        if lacking <= 0:
            break
        going.append(kept)
        lacking -= kept.bytes
    for kept in going if lacking <= 0 else ():
        _log.info("no room for a backup: that of %s gives way", kept.day)
        kept.path.unlink(missing_ok=True)


@with_transaction
def _note_good(db: Database, state: str) -> None:
    remember(db, LAST_BACKUP_AT, db.session.at)
    remember(db, _STATE, state)


def _state(db: Database) -> str:
    """A value that changes with every record, since each writes to the audit trail."""
    return f"{db.device_id} {db.value('SELECT max(rowid) FROM audit_logs')}"
