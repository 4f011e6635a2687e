"""A disk failure during an operation is reported as NOT saved and leaves no trace; a retry succeeds."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cleanflow.dao.customers import add_customer
from cleanflow.dao.shop import set_up_shop
from cleanflow.dao.users import first_owner
from cleanflow.db import Database, open_database
from cleanflow.db.checkpoints import CHECKPOINT_EVERY_OPERATIONS, checkpoint, checkpoint_if_due
from cleanflow.errors import NotSaved, Refusal
from cleanflow.safekeeping.verify import verify
from tests.conftest import TestClock
from tests.disk.faults import TROUBLES, FaultyDisk, Trouble
from tests.disk.operations import OPERATIONS, Operation, World, pages_of_another_pc
from tests.disk.power_cut import FAULTS, digest, quick_folder
from tests.disk.shim import shimmed
from tests.sync.merging import Rows

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the disk is faked for POSIX systems")


#: Failures tried in the long run only.
RARE = ("a write fails", "became read-only", "no sync succeeds any more")


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory, new_shop_file: Path) -> list[Rows]:
    return list(pages_of_another_pc(tmp_path_factory.mktemp("other"), new_shop_file))


@pytest.fixture
def disk(new_shop_file: Path) -> Iterator[FaultyDisk]:
    """A disk with a shop, under every database until the test ends."""
    with quick_folder() as folder:
        path = folder / "cleanflow.db"
        shutil.copy(new_shop_file, path)
        faulty = FaultyDisk(path)
        with shimmed(faulty):
            yield faulty


@pytest.fixture
def open_shop(disk: FaultyDisk, clock: TestClock) -> Iterator[Database]:
    """Open the shop on the disk and sign in its owner."""
    with open_database(disk.path, clock=clock) as db:
        owner = first_owner(db)
        assert owner is not None
        db.session.user_id = owner.id
        yield db
        disk.mend()


@pytest.fixture
def world(open_shop: Database, disk: FaultyDisk, pages: list[Rows]) -> World:
    add_customer(open_shop, name="Ann")
    return World(open_shop, disk.path.parent, pages)


def tried(
    disk: FaultyDisk, trouble: Trouble, attempt: Callable[[int], object], *, step: int = 1
) -> Iterator[Exception | None]:
    """Run ``attempt`` with the failure at its first disk call, its second, … until none fails any more.

    Yields the error, or None, of each failed run after the cause was removed.
    """
    for number in range(1, 1000, step):
        disk.fail(trouble, at=number)
        error = None
        try:
            attempt(number)
        except (NotSaved, Refusal) as caught:
            error = caught
        met = disk.failures
        disk.mend()
        if met == 0:
            assert error is None
            FAULTS.append(number // step)
            return
        yield error
    raise AssertionError("it never comes to its end")


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(trouble, id=name, marks=[pytest.mark.long] if name in RARE else [])
        for name, trouble in TROUBLES.items()
    ],
)
@pytest.mark.parametrize(("operation", "count"), OPERATIONS.values(), ids=OPERATIONS)
def test_trouble_at_every_single_write_and_sync_of_an_operation_leaves_nothing_of_it(
    disk: FaultyDisk, world: World, operation: Operation, count: str, trouble: Trouble
) -> None:
    db = world.db
    operation(world, 0)
    before, done, number = digest(db), db.value(count), 0
    for error in tried(disk, trouble, lambda number: operation(world, number)):
        number += 1
        assert isinstance(error, NotSaved)
        assert trouble.reason in error.reason
        assert digest(db) == before
        operation(world, number)  # retry after the cause was removed
        assert db.value(count) == done + 1
        before, done = digest(db), done + 1
    assert number > 0
    assert verify(db).findings == []


EACH_TROUBLE = pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(TROUBLES[name], id=name)
        for name in ("full", "a write fails", "a sync fails", "the disk is gone")
    ],
)


@EACH_TROUBLE
def test_trouble_at_every_call_of_a_checkpoint_loses_nothing_and_it_is_tried_again_soon(
    disk: FaultyDisk, world: World, trouble: Trouble
) -> None:
    db = world.db
    add_customer(db, name="Bea")
    before = digest(db)

    def attempt(_number: int) -> None:
        db.operations_since_checkpoint = CHECKPOINT_EVERY_OPERATIONS
        checkpoint_if_due(db)
        if disk.failures:
            assert (
                db.operations_since_checkpoint > CHECKPOINT_EVERY_OPERATIONS
            )  # a checkpoint is due after the next operation

    for error in tried(disk, trouble, attempt):
        assert error is None  # the operation before it was saved and confirmed
        assert digest(db) == before
    done = checkpoint(db)
    assert done is not None and done.moved_pages == done.wal_pages
    assert verify(db).findings == []


@EACH_TROUBLE
def test_trouble_at_every_call_of_the_last_closing_loses_nothing(
    disk: FaultyDisk, clock: TestClock, trouble: Trouble
) -> None:
    def attempt(number: int) -> None:
        disk.mend()
        with open_database(disk.path, clock=clock) as db:
            add_customer(db, name=f"Ann {number}")
            disk.fail(trouble, at=number)

    for number, error in enumerate(tried(disk, trouble, attempt), start=1):
        assert error is None
        with open_database(disk.path, clock=clock) as db:
            assert db.value("SELECT count(*) FROM customers") == number
    with open_database(disk.path, clock=clock) as db:
        assert verify(db).findings == []


@EACH_TROUBLE
@pytest.mark.parametrize("step", [41, pytest.param(1, marks=pytest.mark.long)])
def test_trouble_at_the_calls_of_the_first_start_lets_it_be_tried_again(
    clock: TestClock, trouble: Trouble, step: int
) -> None:
    with quick_folder() as folder:
        disk = FaultyDisk(folder / "cleanflow.db")

        def attempt(_number: int) -> None:
            for left in folder.iterdir():
                left.unlink()
            open_database(disk.path, clock=clock, create=True).close()

        with shimmed(disk):
            for error in tried(disk, trouble, attempt, step=1 if "write" not in trouble.codes else step):
                assert error is None or trouble.reason in str(error)
                with open_database(disk.path, clock=clock, create=True) as db:
                    assert db.value("PRAGMA journal_mode") == "wal"
                    set_up_shop(db, name="S", currency="USD", pc_code="C1", owner="Olga", pin="1234")
                    assert verify(db).findings == []


@EACH_TROUBLE
def test_trouble_at_every_call_of_opening_after_a_power_cut_lets_it_be_tried_again(
    disk: FaultyDisk, open_shop: Database, clock: TestClock, trouble: Trouble
) -> None:
    add_customer(open_shop, name="Ann")
    before = digest(open_shop)
    left = [(path.name, path.read_bytes()) for path in disk.path.parent.iterdir() if "shm" not in path.name]
    with quick_folder() as folder:
        path = folder / disk.path.name

        def attempt(_number: int) -> None:
            for old in folder.iterdir():
                old.unlink()
            for name, data in left:
                (folder / name).write_bytes(data)
            open_database(path, clock=clock).close()

        for error in tried(disk, trouble, attempt):
            assert error is None or trouble.reason in str(error)
            with open_database(path, clock=clock) as db:
                assert digest(db) == before


@pytest.mark.parametrize(("operation", "count"), OPERATIONS.values(), ids=OPERATIONS)
def test_another_process_that_holds_the_books_refuses_an_operation_whole_until_it_lets_go(
    world: World, operation: Operation, count: str
) -> None:
    db = world.db
    db.execute("PRAGMA busy_timeout = 20")
    before, done = digest(db), db.value(count)
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(db.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(NotSaved, match="another program"):
            operation(world, 0)
        assert digest(db) == before
        other.communicate("\n")
    operation(world, 0)
    assert db.value(count) > done
    assert verify(db).findings == []


HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
"""


def test_on_a_slow_disk_two_writers_wait_for_each_other_and_both_are_saved(
    disk: FaultyDisk, open_shop: Database, clock: TestClock
) -> None:
    def behind() -> None:
        with open_database(disk.path, clock=clock) as background:
            background.in_background = True
            for number in range(5):
                add_customer(background, name=f"Behind {number}")

    disk.delay_s = 0.003
    thread = threading.Thread(target=behind)
    thread.start()
    for number in range(5):
        add_customer(open_shop, name=f"Before {number}")
    thread.join()
    disk.delay_s = 0.0
    assert open_shop.value("SELECT count(*) FROM customers") == 10
    assert verify(open_shop).findings == []
