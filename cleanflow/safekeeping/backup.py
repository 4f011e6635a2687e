"""Backups: one file that holds the whole shop, taken while work goes on and checked before it counts.

A backup is copied under a temporary name, opened and verified from the first entry to the last, and only
then renamed, so a file with a backup's name is always complete. It is a self-contained SQLite database.
Which backups are kept is decided in retention.py; restore.py brings one back.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from cleanflow.db import Database, open_for_reading
from cleanflow.db.copying import copy_to, is_open_elsewhere, make_single_file
from cleanflow.errors import NotSaved, Refusal
from cleanflow.files import check_output, reach_the_disk
from cleanflow.language import _
from cleanflow.safekeeping.finding import Finding
from cleanflow.safekeeping.verify import verify

#: Space left free on the disk, so that a backup never makes the next sale fail.
_LEFT_FREE_BYTES = 50_000_000

#: Suffix of an unfinished copy.
_PART = ".part"
#: Seconds a new file may exist before its writer has opened it.
_BEGUN_JUST_NOW_S = 60

#: Called with the progress in words; may raise to stop the work.
Tell = Callable[[str], object]


@dataclass(frozen=True)
class Made:
    """A finished backup. ``findings`` are what verify found in its books; it is good when there are none."""

    path: Path
    findings: tuple[Finding, ...]

    @property
    def is_good(self) -> bool:
        return not self.findings


def back_up(db: Database, target: Path, tell: Tell = lambda words: None, suspect: Path | None = None) -> Made:
    """Copy the shop to ``target`` and verify the copy; an older backup there is replaced at the end.

    If verify finds something wrong with the books, the copy goes to ``suspect`` instead, where one is
    given. ``tell`` is called with the progress and may raise to stop. Refuses with ``backup_failed`` or
    ``file_not_replaced``; the file at ``target`` is then unchanged.
    """
    target = target.absolute()
    _check_name(target)
    try:
        _check_target(db, target)
        with _unfinished_copy(db, target) as unfinished:
            copy_to(db, unfinished, lambda done, pages: tell(f"{done * 100 // max(pages, 1)} %"))
            make_single_file(unfinished)
            with open_for_reading(unfinished, clock=db.clock) as copy:
                findings = verify(copy, tell).findings
            if findings and suspect is not None:
                target = suspect
            reach_the_disk(unfinished)
            os.replace(unfinished, target)
            reach_the_disk(target.parent)
    except OSError as error:
        raise Refusal("backup_failed", path=target, reason=error.strerror or error) from error
    except NotSaved as error:
        raise Refusal("backup_failed", path=target, reason=error.reason) from error
    return Made(target, tuple(findings))


@contextmanager
def _unfinished_copy(db: Database, target: Path) -> Iterator[Path]:
    """A new file beside ``target``, removed when anything fails.

    Each program that makes the same backup has its own file, so neither renames the other's.
    """
    remove_left_over(db, target.parent)
    lacking = lacking_bytes(db, target.parent)
    if lacking > 0:
        raise Refusal("backup_failed", path=target.parent, reason=_no_room(lacking))
    handle, name = tempfile.mkstemp(
        dir=target.parent, prefix=_start(db), suffix=_PART
    )  # as private as the shop
    os.close(handle)
    try:
        yield Path(name)
    except BaseException:
        remove_copy(Path(name))
        raise


def remove_left_over(db: Database, folder: Path) -> None:
    """Remove unfinished copies of this PC that a power cut left behind, of any day. Raises OSError."""
    with os.scandir(folder) as entries:
        copies = [one for one in entries if one.name.startswith(_start(db)) and one.name.endswith(_PART)]
    for copy in copies:
        with suppress(FileNotFoundError):  # another program has just finished it
            age_s = abs(time.time() - copy.stat().st_mtime)
            if age_s > _BEGUN_JUST_NOW_S and not is_open_elsewhere(Path(copy.path)):
                remove_copy(Path(copy.path))


def _start(db: Database) -> str:
    return f".cleanflow-{db.device_id[:8]}-"


def remove_copy(path: Path) -> None:
    """Remove an unfinished copy and what SQLite may have left beside it."""
    for suffix in ("-journal", "-wal", "-shm", ""):  # a log without its database would look like lost records
        with suppress(OSError):
            os.unlink(f"{path}{suffix}")


def _check_name(target: Path) -> None:
    try:
        os.fsencode(target)
        os.path.lexists(target)
    except ValueError as error:  # half a character, or a NUL
        name = ascii(target.name)[1:-1]
        raise Refusal("backup_failed", path=name, reason=_("no file can have this name.")) from error


def _check_target(db: Database, target: Path) -> None:
    """Only an older backup may be replaced: not a shop in use, nor any other file."""
    check_output(target, may_be_database=True)
    if not target.parent.is_dir():
        raise Refusal("folder_missing", path=target.parent)
    if target.is_dir():
        raise Refusal("backup_failed", path=target, reason=_("it is a folder."))
    # Compare with our own file first: opening and closing it would drop the locks of all connections to it.
    if target.exists() and (target.samefile(db.path) or not (target.is_file() and _is_backup(target))):
        raise Refusal("file_not_replaced", path=target)


def _is_backup(path: Path) -> bool:
    """Whether it is a shop in a single file; a shop in use has a log."""
    if any(Path(f"{path}{suffix}").exists() for suffix in ("-wal", "-shm", "-journal")):
        return False
    try:
        with open(path, "rb") as file:
            if file.read(20)[18:] != b"\x01\x01":  # version of the file format: 2 is one with a log
                return False
        open_for_reading(path).close()
    except (OSError, Refusal, NotSaved):
        return False
    return True


def lacking_bytes(db: Database, folder: Path) -> int:
    """Bytes missing on the disk of ``folder`` for a backup; 0 or less if there is room. Raises OSError."""
    needed = db.path.stat().st_size + _LEFT_FREE_BYTES
    return needed - shutil.disk_usage(folder).free


def _no_room(lacking: int) -> str:
    return _("there is no room on the disk: {size:,} MB more are needed.").format(
        size=-(-lacking // 1_000_000)
    )
