"""Restoring a backup: it is inspected first, becomes a new PC of the shop, and the present shop is kept
aside.

The backup is copied into a folder beside the records, verified and given a new identity there; only then
are files renamed. A note in that folder names them, so that the next start completes what a power cut
interrupted. What the backup lacks and the server has comes with the next synchronisation.
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
from cleanflow.language import _
from cleanflow.paths import is_too_long
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

#: Findings of verify that make a file no backup of ours; all others concern the books and are only reported.
_DAMAGED = {"file_damaged"}
_CHANGED = {"schema_missing", "schema_changed", "schema_added"}


@dataclass(frozen=True)
class PartlyRead:
    """How many of a table's rows (None: unknown) could be read, and how many were rebuilt."""

    table: str
    written: int | None
    read: int
    rebuilt: int


@dataclass(frozen=True)
class Prepared:
    """A shop that is ready to replace the one at ``path``: copied and verified, nothing replaced yet.

    ``findings`` are what verify found in its books; ``partly_read`` tells what salvaging lost.
    """

    path: Path
    contents: Contents
    findings: tuple[Finding, ...]
    free_code: str
    partly_read: tuple[PartlyRead, ...] = ()
    is_salvaged: bool = False

    @property
    def copy(self) -> Path:
        """Its file until then."""
        return copy_beside(self.path)

    def put_in_place(self, pc_code: str = "") -> Path | None:
        """Make it the shop, as a new PC with ``pc_code``; returns where the present one is kept.

        No connection to the records may be open. Refuses with ``open_elsewhere``, ``code_invalid``,
        ``restore_failed``.
        """
        if self.path.is_file() and is_open_elsewhere(self.path):
            raise Refusal("open_elsewhere")
        with failures_told(self.path):
            with open_database(self.copy) as db:
                owner = first_owner(db)
                db.session.user_id = owner.id if owner else None
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
                note.unlink(missing_ok=True)  # or the next start would complete what was reported as failed
                raise
        return aside if aside.exists() else None

    def _note_backup(self, db: Database) -> None:
        """Note the backup itself as the last good one; its copy was made before that note."""
        at = self.contents.last_at
        if at is not None and not self.findings and not self.is_salvaged:
            remember(db, LAST_BACKUP_AT, timestamp(at))

    def discard(self) -> None:
        """Delete it; nothing was replaced."""
        shutil.rmtree(self.copy.parent, ignore_errors=True)


def copy_beside(path: Path) -> Path:
    """Where the shop that will replace ``path`` is prepared."""
    return path.parent / _WORK / path.name


def prepare(source: Path, path: Path, tell: Tell = lambda words: None) -> Prepared:
    """Copy the backup ``source`` and verify it, to replace the shop at ``path``.

    Refuses with ``file_unreadable``, ``database_missing``, ``name_too_long``, ``restore_itself``,
    ``database_foreign``, ``database_newer``, ``backup_damaged``, ``backup_changed``, ``not_set_up``,
    ``restore_failed``; then nothing has changed.
    """
    source = source.absolute()
    if is_too_long(source):
        raise Refusal("name_too_long", path=source)
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
    except (OSError, ValueError):  # an impossible name
        return False


def new_copy(path: Path) -> Path:
    """An empty folder in which to prepare a shop for ``path``."""
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
    """Verify the copy of ``source``. Refuses as :func:`prepare` does."""
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
            raise Refusal("backup_damaged", path=source, reason=_("it cannot be opened.")) from refusal
        if refusal.code in ("database_foreign", "database_empty", "backup_changed"):
            raise Refusal(refusal.code, **{**refusal.facts, "path": source}) from refusal
        raise


def finish(path: Path) -> None:
    """Complete a restore that a power cut interrupted while it renamed files; discard one that was still
    being prepared. Called before the shop at ``path`` is opened; silent, since nothing is lost either way.
    Refuses with ``restore_failed`` if the disk fails; the shop is then unchanged.
    """
    copy = copy_beside(path)
    if not os.path.isdir(copy.parent):  # also False without permission to look: opening reports that better
        return
    aside = _noted(copy.parent / _NOTE)
    if aside and copy.is_file():
        with failures_told(path):
            _exchange(copy, path, path.parent / aside)
    shutil.rmtree(copy.parent, ignore_errors=True)  # only in the way of the next restore


def finish_begun(path: Path) -> None:
    """The part of :func:`finish` that every command needs: complete renaming that had begun.

    Leaves a restore alone that another program is preparing or completing.
    """
    if os.path.isfile(copy_beside(path).parent / _NOTE):
        with suppress(Refusal), only_instance(path.parent):
            finish(path)


def _exchange(copy: Path, path: Path, aside: Path) -> None:
    """Rename ``path`` to ``aside`` and ``copy`` to ``path``: both, or neither if renaming fails. Continues
    where a power cut interrupted it. Raises OSError."""
    if path.exists() and aside.exists():  # a new shop has been started since
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
    """The name under which the present shop is to be kept; '' if renaming had not begun."""
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
    """Copy the file, and its log if a copied folder has one."""
    try:
        if not source.is_file():
            raise Refusal("file_unreadable", path=source, reason=_("it is not a file."))
        with open(source, "rb") as file:
            if file.read(len(_SQLITE)) != _SQLITE:
                raise Refusal("database_foreign", path=source)
        log = Path(f"{source}-wal")
        shutil.copyfile(source, copy)
        if log.is_file():
            shutil.copyfile(log, f"{copy}-wal")
        os.chmod(copy, 0o600)
    except OSError as error:
        if error.errno == errno.ENOSPC:  # not the disk it is read from
            raise
        raise Refusal("file_unreadable", path=source, reason=error.strerror or error) from error


def _remove_if_no_shop(path: Path) -> None:
    """Remove an empty database that a first start left: it is not worth keeping."""
    try:
        with open_database(path) as db:
            if is_set_up(db) or db.value("SELECT 1 FROM audit_logs LIMIT 1"):
                return
    except (Refusal, NotSaved, DatabaseError):
        return
    remove_copy(path)


def _free_name(path: Path) -> Path:
    """A free name for the present shop once another replaces it."""
    stem = f"{path.stem}-before-{datetime.now().astimezone():%Y-%m-%d-%H%M%S}"
    names = (f"{stem}{'' if number == 1 else f'-{number}'}{path.suffix}" for number in range(1, 1000))
    return next(path.parent / name for name in names if not _is_taken(path.parent / name))


def _is_taken(name: Path) -> bool:
    return any(Path(f"{name}{suffix}").exists() for suffix in _SUFFIXES)


@contextmanager
def failures_told(path: Path) -> Iterator[None]:
    """Turn disk errors into a Refusal; the shop at ``path`` is unchanged in any case."""
    try:
        yield
    except OSError as error:
        raise Refusal("restore_failed", path=path.parent, reason=error.strerror or error) from error
    except NotSaved as error:
        raise Refusal("restore_failed", path=path.parent, reason=error.reason) from error
