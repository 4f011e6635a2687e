"""A disk that fails at one call, or from one call on until it is repaired, and records what is done to it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from tests.disk import sqlite_abi as abi
from tests.disk.record import Recording
from tests.disk.shim import Fault, Opened


@dataclass(frozen=True)
class Trouble:
    """A kind of failure: its result code per call, its duration, and the share of a write done before it."""

    codes: dict[str, int]
    lasts: bool
    reason: str  # part of the message
    done_share: float = 0.0


_DISK = "the disk reported an error"

#: Name -> kind of failure.
TROUBLES = {
    "full": Trouble({"write": abi.FULL, "shm": abi.IOERR_SHMSIZE}, True, "disk is full"),
    "full for a moment, in the midst of a write": Trouble({"write": abi.FULL}, False, "disk is full", 0.5),
    "a write fails": Trouble({"write": abi.IOERR_WRITE, "truncate": abi.IOERR_TRUNCATE}, False, _DISK),
    "a write fails after all of it was done": Trouble({"write": abi.IOERR_WRITE}, False, _DISK, 1.0),
    "a sync fails": Trouble({"sync": abi.IOERR_FSYNC}, False, _DISK),
    "no sync succeeds any more": Trouble({"sync": abi.IOERR_FSYNC}, True, _DISK),
    "the disk is gone": Trouble(
        {"write": abi.IOERR_WRITE, "truncate": abi.IOERR_TRUNCATE, "sync": abi.IOERR_FSYNC}, True, _DISK
    ),
    "became read-only": Trouble({"write": abi.READONLY}, True, "read-only"),
}


class FaultyDisk(Recording):
    """Fails as set by :meth:`fail`, and counts the calls that could have failed since."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._trouble: Trouble | None = None
        self._at = 0
        self.calls = 0
        self.failures = 0
        self.delay_s = 0.0

    def fail(self, trouble: Trouble, at: int = 1) -> None:
        """Let the ``at``-th relevant call from now on fail; with a lasting trouble all later ones, too."""
        self._trouble, self._at, self.calls, self.failures = trouble, at, 0, 0

    def mend(self) -> None:
        """Remove the cause: no call fails any more."""
        self._trouble = None

    def before(self, call: str, file: Opened | None, size: int) -> Fault | None:
        if self.delay_s and call in ("write", "sync"):
            time.sleep(self.delay_s)
        trouble = self._trouble
        if trouble is None or call not in trouble.codes:
            return None
        self.calls += 1
        if self.calls != self._at and not (trouble.lasts and self.calls > self._at):
            return None
        self.failures += 1
        return Fault(trouble.codes[call], int(size * trouble.done_share) if call == "write" else 0)
