"""PCs without a server: merges the rows of one directly into the database of another."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cleanflow.dao import customers, jobs, payments
from cleanflow.dao.users import first_owner
from cleanflow.db import Database, open_database
from cleanflow.sync.merge import Merger
from cleanflow.sync.repair.identity import take_new_identity
from tests.conftest import TestClock
from tests.sync.local_rows import rows_of

Row = dict[str, Any]
Rows = dict[str, list[Row]]


def open_pc(path: Path, shop_file: Path | None = None, code: str = "C1") -> Database:
    """A PC of one shop: a copy of ``shop_file``, with a new identity unless its code is the same."""
    if shop_file is not None:
        shutil.copy(shop_file, path)
    db = open_database(path, clock=TestClock(datetime(2026, 3, 10, 9, tzinfo=UTC)))
    owner = first_owner(db)
    assert owner is not None
    db.session.user_id = owner.id
    if shop_file is not None and code != "C1":
        take_new_identity(db, code, same_drawer=False)
        db.execute("DELETE FROM former_devices")  # it was never C1
    return db


def operations_of(db: Database) -> list[Rows]:
    """All operations of a PC since the shop was set up, in history order."""
    apart: dict[tuple[str, str], Rows] = defaultdict(dict)
    for table, rows in rows_of(db).items():
        for row in rows:
            apart[(row["created_at"], row["device_id"])].setdefault(table, []).append(row)
    return [apart[key] for key in sorted(apart)]


def page(*operations: Rows) -> Rows:
    together: Rows = {}
    for operation in operations:
        for table, rows in operation.items():
            together.setdefault(table, []).extend(rows)
    return together


def merge(db: Database, *operations: Rows, go_on: Callable[[], object] = lambda: None) -> Merger:
    """Merge the operations as one page."""
    merger = Merger(db)
    merger.merge(page(*operations), go_on)
    assert list(db.rows("PRAGMA foreign_key_check")) == []
    return merger


def reasons(db: Database) -> list[str]:
    """The reasons why operations were set aside or wait."""
    return [row[0] for row in db.rows("SELECT reason FROM sync_waiting ORDER BY number")]


def add(db: Database, name: str = "Ann", **values: Any) -> str:
    return customers.add_customer(db, name=name, **values).id


def charge(db: Database, customer_id: str, amount: int = 1000) -> str:
    return jobs.create_job(db, customer_id=customer_id, amount_minor=amount).id


def pay(db: Database, customer_id: str, amount: int = 1000) -> str:
    return payments.record_payment(db, customer_id=customer_id, amount_minor=amount, method="CASH").id


def sale(db: Database, amount: int = 1000) -> list[Rows]:
    """The three operations of a sale (customer, job, payment), and everything before them."""
    ann = add(db)
    charge(db, ann, amount)
    pay(db, ann, amount)
    return operations_of(db)
