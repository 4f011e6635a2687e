"""What a power cut can do to unsynced writes: lose, keep, tear and reorder them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from tests.disk.record import Change, Disk, Fate, Picture

SECTOR = 512


def _all(changes: list[Change]) -> list[Change | None]:
    return list(changes)


def _none(changes: list[Change]) -> list[Change | None]:
    return [None] * len(changes)


def _some(random: Random) -> Fate:
    """Each write is kept or lost independently."""
    share = random.choice((0.1, 0.5, 0.9, 0.98))
    return lambda changes: [change if random.random() < share else None for change in changes]


def _later_ones(random: Random) -> Fate:
    """The disk has done the later writes first."""

    def fate(changes: list[Change]) -> list[Change | None]:
        lost = random.randint(1, max(1, len(changes) - 1))
        return [None if number < lost else change for number, change in enumerate(changes)]

    return fate


def _earlier_ones(random: Random) -> Fate:
    def fate(changes: list[Change]) -> list[Change | None]:
        kept = random.randint(0, len(changes))
        return [change if number < kept else None for number, change in enumerate(changes)]

    return fate


def _last_torn(tear: Callable[[Change], Change]) -> Fate:
    """All writes are done, the last one partly."""
    return lambda changes: [*changes[:-1], *(tear(change) for change in changes[-1:])]


def _any_torn(random: Random, tear: Callable[[Change], Change]) -> Fate:
    """Some writes are done, any of them perhaps partly."""

    def fate(changes: list[Change]) -> list[Change | None]:
        return [random.choice((change, change, None, tear(change))) for change in changes]

    return fate


def _cut_between_sectors(random: Random) -> Callable[[Change], Change]:
    def tear(change: Change) -> Change:
        if change.data is None:
            return change
        ends = range(SECTOR - change.offset % SECTOR, len(change.data), SECTOR)
        end = random.choice(ends) if len(ends) else len(change.data) // 2
        return Change(change.offset, change.data[:end])

    return tear


def _cut_within_a_sector(random: Random) -> Callable[[Change], Change]:
    def tear(change: Change) -> Change:
        return (
            change if change.data is None else Change(change.offset, change.data[: _within(random, change)])
        )

    return tear


def _ends_in_garbage(random: Random) -> Callable[[Change], Change]:
    def tear(change: Change) -> Change:
        if change.data is None:
            return change
        end = _within(random, change)
        return Change(change.offset, change.data[:end] + random.randbytes(len(change.data) - end))

    return tear


def _only_the_end(random: Random) -> Callable[[Change], Change]:
    """Of the write, only the later sectors are done."""

    def tear(change: Change) -> Change:
        if change.data is None:
            return change
        start = _within(random, change)
        return Change(change.offset + start, change.data[start:])

    return tear


def _within(random: Random, change: Change) -> int:
    assert change.data is not None
    return random.randrange(len(change.data)) if change.data else 0


#: Name -> fate of the unsynced changes.
FATES: dict[str, Callable[[Random], Fate]] = {
    "all kept": lambda random: _all,
    "all lost": lambda random: _none,
    "some": _some,
    "later ones first": _later_ones,
    "earlier ones": _earlier_ones,
    "last torn between sectors": lambda random: _last_torn(_cut_between_sectors(random)),
    "last torn within a sector": lambda random: _last_torn(_cut_within_a_sector(random)),
    "last ends in garbage": lambda random: _last_torn(_ends_in_garbage(random)),
    "last begun at its end": lambda random: _last_torn(_only_the_end(random)),
    "any torn between sectors": lambda random: _any_torn(random, _cut_between_sectors(random)),
    "any ends in garbage": lambda random: _any_torn(random, _ends_in_garbage(random)),
}


def pictures(disk: Disk, random: Random, names: list[str]) -> Iterator[tuple[str, Picture]]:
    """The disk after a power cut now, for each named fate; unsynced file names vary, too."""
    for name in names:
        if name == "all kept":
            kept = disk.names_in_doubt
        elif name == "all lost":
            kept = 0
        else:
            kept = random.randint(0, disk.names_in_doubt)
        yield name, disk.picture(FATES[name](random), names_kept=kept)
