"""The automatic backups: their location, their names, and which are kept.

One a day for the last 14 days that have one, and one a month for the 12 months before. Counted, not by
calendar, so that a clock set to 2099 for an hour deletes nothing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

DAYS_KEPT = 14
MONTHS_KEPT = 12
#: Daily backups that are never deleted to make room.
DAYS_NEEDED = 3

_NAME = re.compile(
    r"cleanflow-(?P<pc>[A-Z0-9]{1,6})-(?P<device>[0-9a-f]{8})-(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?P<suspect>-to-check)?\.db"
)


@dataclass(frozen=True)
class Kept:
    """An automatic backup in a folder; ``is_suspect`` if verify found something wrong in it."""

    path: Path
    pc_code: str
    device: str
    day: str
    bytes: int
    is_suspect: bool


def file_name(pc_code: str, device_id: str, day: str, *, is_suspect: bool = False) -> str:
    """File name of one day's backup; several PCs may share a folder."""
    return f"cleanflow-{pc_code}-{device_id[:8]}-{day}{'-to-check' if is_suspect else ''}.db"


def kept_in(folder: Path) -> list[Kept]:
    """The automatic backups in a folder, newest first; none if it cannot be read."""
    found = []
    with suppress(OSError):
        for entry in os.scandir(folder):
            match = _NAME.fullmatch(entry.name)
            if match and entry.is_file():
                size = entry.stat().st_size
                parts = match.groupdict()
                found.append(
                    Kept(
                        Path(entry.path),
                        parts["pc"],
                        parts["device"],
                        parts["day"],
                        size,
                        bool(parts["suspect"]),
                    )
                )
    return sorted(found, key=lambda kept: (kept.day, not kept.is_suspect, kept.path.name), reverse=True)


def outdated(backups: Iterable[Kept], devices: Collection[str]) -> list[Kept]:
    """The backups of ``devices`` (ids) that need not be kept. Good and suspect ones are counted separately,
    so that faulty books never push out a good backup."""
    own = _of(devices, backups)
    return _beyond([kept for kept in own if not kept.is_suspect], DAYS_KEPT, MONTHS_KEPT) + _beyond(
        [kept for kept in own if kept.is_suspect], 1, 0
    )


def dispensable(backups: Iterable[Kept], devices: Collection[str]) -> list[Kept]:
    """The backups of ``devices`` (ids) that may be deleted to make room for a newer one, in that order:
    older days first, then months. The newest :data:`DAYS_NEEDED` stay."""
    good = [kept for kept in _of(devices, backups) if not kept.is_suspect]
    first = _beyond(good, DAYS_NEEDED, MONTHS_KEPT)
    then = [kept for kept in _beyond(good, DAYS_NEEDED, 0) if kept not in first]
    return [*reversed(first), *reversed(then)]


def _of(devices: Collection[str], backups: Iterable[Kept]) -> list[Kept]:
    prefixes = {device_id[:8] for device_id in devices}
    return [kept for kept in backups if kept.device in prefixes]


def _beyond(backups: list[Kept], days: int, months: int) -> list[Kept]:
    """Backups that are neither among the last ``days`` nor the last of one of the ``months`` before; newest
    first."""
    newest_first = sorted(backups, key=lambda kept: (kept.day, kept.path.name), reverse=True)
    older, seen = [], set[str]()
    for kept in newest_first[days:]:
        month = kept.day[:7]
        if month in seen or len(seen) >= months:
            older.append(kept)
        else:
            seen.add(month)
    return older
