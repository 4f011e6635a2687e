"""A shop's day on a recorded disk; each operation is marked as confirmed when the program confirms it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cleanflow.dao import adjustments, customers, drawer, expenses, jobs, payments
from cleanflow.dao.closings import close_day, expected_minor, this_drawer
from cleanflow.dao.shop import change_settings
from cleanflow.dao.stamps import business_date
from cleanflow.dao.users import first_owner
from cleanflow.db import Database, open_database
from cleanflow.db.checkpoints import checkpoint
from cleanflow.exchange.importing import plan_import, run_import
from cleanflow.sync.merge import Merger
from tests.conftest import TestClock
from tests.disk.power_cut import digest
from tests.disk.record import Recording
from tests.disk.shim import shimmed
from tests.sync.merging import Rows, open_pc, page, sale


@dataclass
class RecordedShop:
    """A connection to the shop's books, and the recording that is told of each saved operation."""

    db: Database
    recording: Recording

    def done(self, label: str) -> None:
        """Mark an operation as confirmed: it has returned, so it must never be lost."""
        self.recording.confirm(label, digest(self.db))


def rows_of_another_pc(folder: Path, shop_file: Path) -> Rows:
    """A page as from the server: the sales of a second PC."""
    with open_pc(folder / "other.db", shop_file, "C2") as other:
        return page(*sale(other), *sale(other, 2500))


@contextmanager
def opened(path: Path, clock: TestClock, synchronous: str) -> Iterator[Database]:
    """The books with their owner signed in. ``synchronous`` other than FULL simulates a less safe program."""
    with open_database(path, clock=clock) as db:
        if synchronous != "FULL":
            db.execute(f"PRAGMA synchronous = {synchronous}")
        owner = first_owner(db)
        assert owner is not None
        db.session.user_id = owner.id
        yield db


def shop_day(folder: Path, shop_file: Path, *, synchronous: str = "FULL", rounds: int = 1) -> Recording:
    """Record a day's work on a copy of ``shop_file``: sales, corrections, an import, a merge, the closing."""
    path = folder / "cleanflow.db"
    shutil.copy(shop_file, path)
    page_of_rows = rows_of_another_pc(folder, shop_file)
    clock = TestClock(datetime(2026, 3, 10, 9, 0, tzinfo=UTC))
    recording = Recording(path)
    with shimmed(recording):
        with opened(path, clock, synchronous) as db:
            shop = RecordedShop(db, recording)
            shop.done("opened")
            for _round in range(rounds):
                _sales(shop)
                checkpoint(db)
                _corrections(shop)
            _beside_the_synchronisation(shop, synchronous, page_of_rows)
        with opened(
            path, clock, synchronous
        ) as db:  # closed over lunch: the WAL was checkpointed and removed
            shop = RecordedShop(db, recording)
            _import(shop, folder)
            checkpoint(db)
            _closing(shop)
        with opened(path, clock, synchronous) as db:
            assert digest(db) == recording.events_of("confirmed")[-1].digest
    return recording


def _sales(shop: RecordedShop) -> None:
    """Customers, jobs, and payments that settle several jobs."""
    db = shop.db
    ann = customers.add_customer(db, name="Ann", phone="0300 1")
    shop.done("customer")
    made = []
    for amount in (1000, 2500, 700):
        made.append(jobs.create_job(db, customer_id=ann.id, amount_minor=amount, description="Shirts"))
        shop.done("job")
    payments.record_payment(db, customer_id=ann.id, amount_minor=3000, method="CASH")
    shop.done("payment over several jobs")
    payments.record_payment(db, customer_id=ann.id, amount_minor=400, method="BANK", jobs={made[2].id: 300})
    shop.done("part payment and credit")
    jobs.edit_job(db, made[0].id, work_status="READY")
    shop.done("work status")
    customers.set_opening_balance(db, ann.id, 900)
    shop.done("opening balance")


def _corrections(shop: RecordedShop) -> None:
    db = shop.db
    bob = customers.add_customer(db, name="Bob")
    shop.done("customer")
    job = jobs.create_job(db, customer_id=bob.id, amount_minor=5000)
    shop.done("job")
    payments.record_payment(db, customer_id=bob.id, amount_minor=6000, method="CASH")
    shop.done("payment")
    payments.refund(db, customer_id=bob.id, amount_minor=500, method="CASH", reason="Paid too much")
    shop.done("refund")
    adjustments.discount_job(db, job.id, 250, "Regular")
    shop.done("discount")
    category = expenses.list_categories(db)[0].id
    expense = expenses.record_expense(db, category_id=category, amount_minor=1200, method="CASH")
    shop.done("expense")
    expenses.reverse_expense(db, expense.id, "Entered twice")
    shop.done("expense taken back")
    carl = customers.add_customer(db, name="Carl")
    shop.done("customer")
    other = payments.record_payment(db, customer_id=carl.id, amount_minor=100, method="BANK", jobs={})
    shop.done("deposit")
    payments.reverse_payment(db, other.id, "Wrong customer")
    shop.done("payment taken back")


def _beside_the_synchronisation(shop: RecordedShop, synchronous: str, rows: Rows) -> None:
    """A second connection merges and checkpoints while the window's connection keeps writing."""
    with opened(shop.db.path, shop.db.clock, synchronous) as background:  # type: ignore[arg-type]
        background.in_background = True
        behind = RecordedShop(background, shop.recording)
        for name in ("Dora", "Emil"):
            customers.add_customer(shop.db, name=name)
            shop.done("customer, before the page")
        Merger(background).merge(rows, lambda: behind.done("part of a page"))
        behind.done("page of rows")
        customers.add_customer(shop.db, name="Fay")
        shop.done("customer, after the page")
        checkpoint(background)
        change_settings(shop.db, {"shop_phone": "0300 99"})
        shop.done("setting")


def _import(shop: RecordedShop, folder: Path) -> None:
    file = folder / "customers.csv"
    file.write_text("Name,Balance\n" + "".join(f"Imported {number},{number}.50\n" for number in range(25)))
    plan = plan_import(shop.db, "customers", file)
    report = run_import(shop.db, plan)
    assert report.added == 25
    shop.done("file of customers")


def _closing(shop: RecordedShop) -> None:
    db = shop.db
    drawer.move_cash(db, "FLOAT", 10_000)
    shop.done("float")
    expected = expected_minor(db, this_drawer(db), business_date(db, None))
    close_day(db, counted_minor=expected, report=lambda closing: "{}")
    shop.done("day closed")
