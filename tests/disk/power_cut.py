"""Simulates a power cut at every point of a recording and checks what is left.

The books after a power cut must equal, page by page, the books after an operation: the last confirmed one, or
the one being written. Each distinct state is checked once: `verify` finds nothing, and the shop can continue.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from cleanflow.dao.customers import add_customer
from cleanflow.dao.shop import is_set_up, set_up_shop
from cleanflow.db import Database, open_database
from cleanflow.db.failures import DatabaseError
from cleanflow.errors import NotSaved, Refusal
from cleanflow.safekeeping.verify import verify
from tests.disk.fates import FATES, pictures
from tests.disk.record import Disk, Event, Picture, Recording


def digest(db: Database) -> bytes:
    """A hash of the database pages as a connection sees them.

    It leaves out SQLite's counters in the header, which an empty commit moves too (offsets 24, 92 and 96 in
    sqlite.org/fileformat2.html).
    """
    pages = db.connection.serialize()
    return hashlib.sha256(b"".join((pages[:24], pages[28:92], pages[100:]))).digest()


@contextmanager
def quick_folder() -> Iterator[Path]:
    """A folder in memory if possible, because thousands of disks are written to it."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(prefix="cleanflow-", dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)


@dataclass
class Findings:
    """Results of the power cuts. ``lost`` counts the pictures in which a confirmed operation is missing."""

    name: str
    points: int = 0
    images: int = 0
    states: int = 0
    lost: int = 0
    in_flight_kept: int = 0
    failures: list[str] = field(default_factory=list)

    def line(self) -> str:
        return (
            f"{self.name}: {self.points} power cuts, {self.images} disks, {self.states} states of the books, "
            f"{self.lost} with a confirmed operation lost, {len(self.failures)} damaged or half; the operation "
            f"in flight was whole on {self.in_flight_kept}"
        )


#: Results of all power-cut tests, for the summary of the run.
ALL_FINDINGS: list[Findings] = []

#: Number of failed disk calls in each fault test.
FAULTS: list[int] = []


class PowerCuts:
    """Cuts the power after every event of a recording, with some fates each time."""

    def __init__(self, name: str, recording: Recording, *, creates: bool = False, seed: int = 1) -> None:
        self.findings = Findings(name)
        self._recording = recording
        self._creates = creates
        self._random = Random(seed)
        self._state_of: dict[bytes, int] = {}
        self._seen: dict[bytes, bytes | str] = {}  # picture -> digest of the books, or the failure
        self._checked: set[bytes] = set()
        for number, event in enumerate(recording.events_of("confirmed"), start=1):
            self._state_of[event.digest] = number

    def run(self, fates_at: Fates) -> Findings:
        """Cut the power at every point; ``fates_at`` gives the fates after an event."""
        disk, confirmed = Disk(self._recording.start), 0
        with quick_folder() as folder:
            for event in self._recording.events:
                disk.take_in(event)
                confirmed += event.what == "confirmed"
                self.findings.points += 1
                for name, picture in pictures(disk, self._random, list(fates_at(event, self._random))):
                    self._judge(folder, picture, confirmed, f"{name} after event {self.findings.points}")
        self.findings.states = len(self._checked)
        ALL_FINDINGS.append(self.findings)
        return self.findings

    def _judge(self, folder: Path, picture: Picture, confirmed: int, where: str) -> None:
        key = _key(picture)
        if key not in self._seen:
            self.findings.images += 1
            self._seen[key] = self._books(folder, picture)
        found = self._seen[key]
        state = self._state_of.get(found) if isinstance(found, bytes) else None
        if state is None and isinstance(found, bytes) and confirmed == 0:
            return  # nothing was confirmed yet, and the books are in order
        if state is None or state > confirmed + 1:
            words = found if isinstance(found, str) else f"books that never were ({confirmed} confirmed)"
            self.findings.failures.append(f"{where}: {words}")
        elif state < confirmed:
            self.findings.lost += 1
        elif state > confirmed:
            self.findings.in_flight_kept += 1

    def _books(self, folder: Path, picture: Picture) -> bytes | str:
        """The state of the books when the program starts on that disk."""
        path = lay_out(folder, picture, self._recording.path)
        try:
            with open_database(path, create=self._creates) as db:
                books = digest(db)
                if books not in self._checked:
                    self._check(db)
                    self._checked.add(books)
                return books
        except (Refusal, NotSaved, DatabaseError, AssertionError) as error:
            return f"{type(error).__name__}: {error}"

    @staticmethod
    def _check(db: Database) -> None:
        """Check that the books are in order and the shop can continue."""
        if is_set_up(db):
            assert verify(db).findings == []
        else:
            set_up_shop(db, name="Again", currency="USD", pc_code="C1", owner="Olga", pin="1234")
        add_customer(db, name="After the power cut")
        assert verify(db).findings == []


def _key(picture: Picture) -> bytes:
    key = hashlib.sha256()
    for path, data in picture.items():
        key.update(f"{path} {len(data)} ".encode())
        key.update(data)
    return key.digest()


def lay_out(folder: Path, picture: Picture, path: Path) -> Path:
    """Write a picture's files into an emptied folder; returns the path of its database."""
    for old in folder.iterdir():
        old.unlink() if old.is_file() else shutil.rmtree(old)
    for name, data in picture.items():
        (folder / Path(name).name).write_bytes(data)
    return folder / path.name


#: A function that chooses the fates to try after an event.
Fates = Callable[[Event, Random], Iterable[str]]


def every_fate(_event: Event, _random: Random) -> Iterable[str]:
    """All fates at every point."""
    return FATES


def one_fate(event: Event, random: Random) -> Iterable[str]:
    """One random fate at every point; all where a file was synced, truncated, created or removed."""
    if event.what == "write":
        return [random.choice(tuple(FATES))]
    return FATES if event.what != "confirmed" else ["all lost"]


def few_fates(event: Event, random: Random) -> Iterable[str]:
    """Like :func:`one_fate`, but at every third write only."""
    return () if event.what == "write" and random.random() > 0.34 else one_fate(event, random)
