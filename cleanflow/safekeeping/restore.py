"""Bringing a backup back: looked at first, as another PC of the shop, and what was there is kept aside.

The backup is copied into a folder of its own beside the records, verified and given a new identity there;
only then do files change their names. A note in that folder says which, so that a power cut in the midst of
it is finished at the next start. What the backup lacks and the server has comes back with the next
synchronisation.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cleanflow.clock import timestamp
from cleanflow.dao.remembered import LAST_BACKUP_AT, remember
from cleanflow.dao.shop import is_set_up
from cleanflow.dao.users import first_owner
from cleanflow.db import Database, open_database
from cleanflow.db.copying import is_open_elsewhere, make_single_file
from cleanflow.db.failures import DatabaseError, needs_room, read_failure, translated
from cleanflow.errors import NotSaved, Refusal
from cleanflow.files import reach_the_disk
from cleanflow.safekeeping.backup import Tell, remove_copy
from cleanflow.safekeeping.contents import Contents, contents_of
from cleanflow.safekeeping.finding import Finding
from cleanflow.safekeeping.instance import only_instance
from cleanflow.safekeeping.verify import verify
from cleanflow.sync.peers import free_or_refused, free_pc_code
from cleanflow.sync.repair.identity import take_new_identity

_WORK, _NOTE = ".restoring", "put-in-place.json"
_SUFFIXES = ("", "-wal", "-shm")
_SQLITE = b"SQLite format 3\x00"

#: What verify may find that makes a file no backup of ours; all else is the books' own and is only told.
_DAMAGED = {"file_damaged"}
_CHANGED = {"schema_missing", "schema_changed", "schema_added"}


@dataclass(frozen=True)
class PartlyRead:
    """Of how many rows that a table had (None: unknown) so many could be read, and were made anew."""

    table: str
    written: int | None
    read: int
    rebuilt: int


@dataclass(frozen=True)
class Prepared:
    """A shop that can take the place of the one at ``path``: copied, verified, nothing replaced yet.

    ``findings`` are what verify found in its books; ``partly_read`` what was lost, where it was salvaged.
    """

    path: Path
    contents: Contents
    findings: tuple[Finding, ...]
    free_code: str
    partly_read: tuple[PartlyRead, ...] = ()
    is_salvaged: bool = False

    @property
    def copy(self) -> Path:
        """Where it lies until then."""
        return copy_beside(self.path)

    def put_in_place(self, pc_code: str = "") -> Path | None:
        """Let it be the shop from now on, as a new PC with ``pc_code``; where the present one is kept aside.

        Nothing may have the records open. Refuses with ``open_elsewhere``, ``code_invalid``,
        ``restore_failed``.
        """
        if self.path.is_file() and is_open_elsewhere(self.path):
            raise Refusal("open_elsewhere")
        with failures_told(self.path):
            with open_database(self.copy) as db:
                owner = first_owner(db)
                db.user_id = owner.id if owner else None
                take_new_identity(db, free_or_refused(db, pc_code or self.free_code))
                self._note_backup(db)
            make_single_file(self.copy)
            reach_the_disk(self.copy)
            _remove_if_no_shop(self.path)
            aside = _free_name(self.path)
            note = self.copy.parent / _NOTE
            note.write_text(json.dumps({"aside": aside.name}), encoding="utf-8")
            reach_the_disk(note)
            reach_the_disk(note.parent)
            try:
                finish(self.path)
            except Refusal:
                note.unlink(missing_ok=True)  # or the next start would do what was said to have failed
                raise
        return aside if aside.exists() else None

    def _note_backup(self, db: Database) -> None:
        """What is brought back is a good backup itself; it was noted as one only after it had been copied."""
        at = self.contents.last_at
        if at is not None and not self.findings and not self.is_salvaged:
            remember(db, LAST_BACKUP_AT, timestamp(at))

    def discard(self) -> None:
        """Forget it; nothing was replaced."""
        shutil.rmtree(self.copy.parent, ignore_errors=True)


def copy_beside(path: Path) -> Path:
    """Where a shop that is to take the place of ``path`` is prepared."""
    return path.parent / _WORK / path.name


def prepare(source: Path, path: Path, tell: Tell = lambda words: None) -> Prepared:
    """Copy the backup ``source``, look into it and verify it, for the shop at ``path``.

    Refuses with ``file_unreadable``, ``database_missing``, ``restore_itself``, ``database_foreign``,
    ``database_newer``, ``backup_damaged``, ``backup_changed``, ``not_set_up``, ``restore_failed``; then
    nothing has changed.
    """
    source = source.absolute()
    if not _is_there(source):
        raise Refusal("database_missing", path=source)
    if path.exists() and source.samefile(path):
        raise Refusal("restore_itself", path=path)
    with failures_told(path):
        copy = new_copy(path)
        try:
            _take_over(source, copy)
            return look_into(copy, path, source, tell)
        except BaseException:
            shutil.rmtree(copy.parent, ignore_errors=True)
            raise


def _is_there(source: Path) -> bool:
    try:
        return source.exists()
    except (OSError, ValueError):  # no disk has such a name
        return False


def new_copy(path: Path) -> Path:
    """An empty place in which to prepare a shop for ``path``."""
    finish(path)
    copy = copy_beside(path)
    copy.parent.mkdir(mode=0o700)
    return copy


def look_into(
    copy: Path,
    path: Path,
    source: Path,
    tell: Tell = lambda words: None,
    partly_read: tuple[PartlyRead, ...] = (),
) -> Prepared:
    """Verify what was copied from ``source``. Refuses as :func:`prepare` does."""
    try:
        with open_database(copy, is_stranger=True) as db:
            findings = verify(db, tell).findings
            _check_it_is_one(findings, source)
            return Prepared(path, contents_of(db), tuple(findings), free_pc_code(db), partly_read)
    except DatabaseError as error:
        if needs_room(error):
            raise translated(error) from error
        raise Refusal("backup_damaged", path=source, reason=read_failure(error)) from error
    except Refusal as refusal:
        if refusal.code == "database_damaged":
            raise Refusal("backup_damaged", path=source, reason="it cannot be opened.") from refusal
        if refusal.code in ("database_foreign", "database_empty", "backup_changed"):
            raise Refusal(refusal.code, **{**refusal.facts, "path": source}) from refusal
        raise


def finish(path: Path) -> None:
    """End what a power cut interrupted: a restore whose files were changing their names, or one that was only
    being prepared. Called before the shop at ``path`` is opened; silent, since nothing is lost either way.
    Refuses with ``restore_failed`` when the disk does not let it; then the shop is what it was.
    """
    copy = copy_beside(path)
    if not os.path.isdir(copy.parent):  # says no, too, where nobody may look: opening tells that better
        return
    aside = _noted(copy.parent / _NOTE)
    if aside and copy.is_file():
        with failures_told(path):
            _exchange(copy, path, path.parent / aside)
    shutil.rmtree(copy.parent, ignore_errors=True)  # in nobody's way but that of the next restore


def finish_begun(path: Path) -> None:
    """The part of :func:`finish` that no command may overlook: what had begun to change its name.

    A restore that another program is just preparing, or putting in place, is left to it.
    """
    if os.path.isfile(copy_beside(path).parent / _NOTE):
        with suppress(Refusal), only_instance(path.parent):
            finish(path)


def _exchange(copy: Path, path: Path, aside: Path) -> None:
    """Keep what is at ``path`` as ``aside`` and give ``copy`` its place: both, or neither where a name cannot
    be changed. Goes on where a power cut ended it. Raises OSError."""
    if path.exists() and aside.exists():  # a new shop was begun since
        aside = _free_name(path)
    moved: list[tuple[Path, Path]] = []
    try:
        for suffix in _SUFFIXES:
            present, kept = Path(f"{path}{suffix}"), Path(f"{aside}{suffix}")
            if present.exists() and not kept.exists():
                os.replace(present, kept)
                moved.append((present, kept))
        reach_the_disk(path.parent)
        os.replace(copy, path)
    except OSError:
        for present, kept in reversed(moved):
            os.replace(kept, present)
        raise
    reach_the_disk(path.parent)


def _noted(note: Path) -> str:
    """What the present shop is to be called; '' where nothing had begun to change its name."""
    try:
        return Path(json.loads(note.read_text(encoding="utf-8"))["aside"]).name
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return ""


def _check_it_is_one(findings: list[Finding], source: Path) -> None:
    for codes, refused in ((_DAMAGED, "backup_damaged"), (_CHANGED, "backup_changed")):
        found = next((finding for finding in findings if finding.code in codes), None)
        if found is not None:
            raise Refusal(refused, path=source, reason=found.words)


def _take_over(source: Path, copy: Path) -> None:
    """Copy the file, and the log that a copied folder has beside it."""
    try:
        if not source.is_file():
            raise Refusal("file_unreadable", path=source, reason="it is no file.")
        with open(source, "rb") as file:
            if file.read(len(_SQLITE)) != _SQLITE:
                raise Refusal("database_foreign", path=source)
        log = Path(f"{source}-wal")
        shutil.copyfile(source, copy)
        if log.is_file():
            shutil.copyfile(log, f"{copy}-wal")
        os.chmod(copy, 0o600)
    except OSError as error:
        if error.errno == errno.ENOSPC:  # not of the disk that it lies on
            raise
        raise Refusal("file_unreadable", path=source, reason=error.strerror or error) from error


def _remove_if_no_shop(path: Path) -> None:
    """What the first start has made, before anything was recorded, is nothing to keep aside."""
    try:
        with open_database(path) as db:
            if is_set_up(db) or db.value("SELECT 1 FROM audit_logs LIMIT 1"):
                return
    except (Refusal, NotSaved, DatabaseError):
        return
    remove_copy(path)


def _free_name(path: Path) -> Path:
    """What the present shop is called once another has its place."""
    stem = f"{path.stem}-before-{datetime.now().astimezone():%Y-%m-%d-%H%M%S}"
    names = (f"{stem}{'' if number == 1 else f'-{number}'}{path.suffix}" for number in range(1, 1000))
    return next(path.parent / name for name in names if not _is_taken(path.parent / name))


def _is_taken(name: Path) -> bool:
    return any(Path(f"{name}{suffix}").exists() for suffix in _SUFFIXES)


@contextmanager
def failures_told(path: Path) -> Iterator[None]:
    """What the disk says becomes a Refusal: in any case the shop at ``path`` is still what it was."""
    try:
        yield
    except OSError as error:
        raise Refusal("restore_failed", path=path.parent, reason=error.strerror or error) from error
    except NotSaved as error:
        raise Refusal("restore_failed", path=path.parent, reason=error.reason) from error
