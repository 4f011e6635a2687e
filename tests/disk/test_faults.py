"""A disk that fails in the midst of an operation: NOT saved, nothing of it in the books, and it works again."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cleanflow.dao.customers import add_customer
from cleanflow.dao.users import first_owner
from cleanflow.db import Database, open_database
from cleanflow.errors import NotSaved
from cleanflow.safekeeping.verify import verify
from tests.conftest import TestClock
from tests.disk.faults import TROUBLES, FaultyDisk
from tests.disk.operations import OPERATIONS, World, pages_of_another_pc
from tests.disk.power_cut import digest, quick_folder
from tests.disk.shim import shimmed
from tests.sync.merging import Rows

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the disk is faked for POSIX systems")


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory, new_shop_file: Path) -> list[Rows]:
    return list(pages_of_another_pc(tmp_path_factory.mktemp("other"), new_shop_file))


@pytest.fixture
def disk(new_shop_file: Path) -> Iterator[FaultyDisk]:
    """A disk with a shop on it, under every database until the test ends."""
    with quick_folder() as folder:
        path = folder / "cleanflow.db"
        shutil.copy(new_shop_file, path)
        faulty = FaultyDisk(path)
        with shimmed(faulty):
            yield faulty


@pytest.fixture
def open_shop(disk: FaultyDisk, clock: TestClock) -> Iterator[Database]:
    """The shop on it, open, its owner signed in."""
    with open_database(disk.path, clock=clock) as db:
        owner = first_owner(db)
        assert owner is not None
        db.user_id = owner.id
        yield db
        disk.mend()


@pytest.fixture
def world(open_shop: Database, disk: FaultyDisk, pages: list[Rows]) -> World:
    add_customer(open_shop, name="Ann")
    return World(open_shop, disk.path.parent, pages)


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)
@pytest.mark.parametrize(("operation", "count"), OPERATIONS.values(), ids=OPERATIONS)
def test_trouble_at_every_single_write_and_sync_of_an_operation_leaves_nothing_of_it(
    disk: FaultyDisk, world: World, operation: object, count: str, trouble: object
) -> None:
    db, failed = world.db, 0
    operation(world, 0)
    for number in range(1, 150):
        before, done = digest(db), db.value(count)
        disk.fail(trouble, at=number)
        try:
            operation(world, number)
        except NotSaved as error:
            assert trouble.reason in error.reason
        disk_failures = disk.failures
        disk.mend()
        if disk_failures == 0:
            break
        failed += 1
        assert digest(db) == before
        operation(world, number)  # the same once more, once the cause is gone
        assert db.value(count) == done + 1
    else:
        raise AssertionError("the operation never comes to its end")
    assert failed > 0
    assert verify(db).findings == []
