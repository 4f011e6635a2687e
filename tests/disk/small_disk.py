"""A shop on a small disk that fills up, gets free space again, and in the end becomes read-only.

Run as ``python -m tests.disk.small_disk FOLDER SHOP`` in a mount namespace of its own, because it mounts a
disk on FOLDER. Prints how many operations the full disk refused.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cleanflow.dao.customers import add_customer
from cleanflow.dao.users import first_owner
from cleanflow.db import Database, open_database
from cleanflow.errors import NotSaved, Refusal
from cleanflow.safekeeping.verify import verify

#: Command prefix that allows mounting, for any user on most systems.
APART = ("unshare", "--user", "--map-root-user", "--mount")


def main() -> None:
    """Fill the disk until operations are refused, and continue afterwards."""
    folder, shop = Path(sys.argv[1]), Path(sys.argv[2])
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", folder], check=True)
    path, ballast = folder / "cleanflow.db", folder / "ballast"
    shutil.copy(shop, path)
    ballast.write_bytes(bytes(600_000))
    with shop_at(path) as db:
        saved = fill(db)
        saved += fill(db, first=saved)  # the disk is already full
        refused = refuse_ten(db)
        ballast.unlink()
        add_customer(db, name="There is room")
        assert verify(db).findings == []
        saved += 1 + fill(db, first=saved)
    assert_saved(path, saved, closed_when_full=True)
    subprocess.run(["mount", "-o", "remount,size=9m", folder], check=True)
    with shop_at(path) as db:
        add_customer(db, name="There is room again")
    assert_saved(path, saved + 1)
    subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
    try:
        open_database(path).close()
        raise AssertionError("a read-only disk was taken for a sound one")
    except Refusal as refusal:
        assert "read-only" in str(refusal), refusal
    print(refused)


@contextmanager
def shop_at(path: Path) -> Iterator[Database]:
    with open_database(path) as db:
        owner = first_owner(db)
        assert owner is not None
        db.session.user_id = owner.id
        yield db


def fill(db: Database, first: int = 0) -> int:
    """Add customers until the disk is full; returns how many were saved."""
    for number in range(10_000):
        try:
            add_customer(db, name=f"Customer {first + number}", notes="x" * 3000)
        except NotSaved as error:
            assert "disk is full" in error.reason, error.reason
            return number
    raise AssertionError("the disk does not fill up")


def refuse_ten(db: Database) -> int:
    """Try ten more operations: each is refused as not saved, and the books can still be read."""
    refused = 0
    before = db.value("SELECT count(*) FROM customers")
    for number in range(10):
        try:
            add_customer(db, name=f"No room {number}", notes="x" * 9000)
        except NotSaved:
            refused += 1
        assert not db.connection.in_transaction
    assert refused == 10
    assert db.value("SELECT count(*) FROM customers") == before
    return refused


def assert_saved(path: Path, saved: int, *, closed_when_full: bool = False) -> None:
    """Reopen and find all that was saved; without any free space, opening may be refused with a message."""
    try:
        with open_database(path) as db:
            assert db.value("SELECT count(*) FROM customers") == saved
            assert verify(db).findings == []
    except NotSaved as error:
        assert closed_when_full
        assert "disk is full" in error.reason, error.reason


if __name__ == "__main__":
    main()
