"""PCs of one shop, each with its own database, clock and marker folder, and their server."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cleanflow.dao import customers, jobs, payments
from cleanflow.dao.users import first_owner
from cleanflow.db import Database, open_database
from cleanflow.records import RECORDS
from cleanflow.records.types import NO_DEVICE
from cleanflow.safekeeping.verify import verify
from cleanflow.sync.client import Summary, synchronise
from cleanflow.sync.enrolling import join
from server.database import Shop
from tests.conftest import TestClock
from tests.server.live import Live, run_sql

#: Tables of derived numbers.
_DERIVED = {
    "customer_balances": "SELECT customer_id, balance_minor FROM customer_balances WHERE balance_minor <> 0",
    "job_totals": "SELECT job_id, customer_id, total_minor, allocated_minor FROM job_totals",
    "payment_totals": "SELECT payment_id, customer_id, received_minor, allocated_minor FROM payment_totals",
    "account_days": "SELECT account_id, business_date, device_id, debit_minor, credit_minor FROM account_days",
    "chain_heads": "SELECT device_id, chain_number, hash FROM chain_heads",
}


class ShopPc:
    """One PC of a shop. ``name`` is its PC code; ``machine`` is the folder of its markers."""

    def __init__(self, folder: Path, code: str, now: datetime | None = None) -> None:
        self.code, self.folder = code, folder
        self.path = folder / "cleanflow.db"
        self.machine = folder / "markers"
        self.clock = TestClock(now or datetime.now(UTC) - timedelta(hours=1))
        self.db = self._open()

    def _open(self) -> Database:
        self.folder.mkdir(parents=True, exist_ok=True)
        db = open_database(self.path, clock=self.clock, create=True)
        self._sign_in(db)
        return db

    def _sign_in(self, db: Database) -> None:
        if db.value("SELECT device_id FROM app_settings") and (owner := first_owner(db)):
            db.session.user_id = owner.id

    def restart(self) -> None:
        """Close the database and open it again."""
        self.db.close()
        self.db = self._open()

    @contextmanager
    def on_its_machine(self) -> Iterator[None]:
        """Run the block with this PC's marker folder, as on its own machine."""
        before = os.environ.get("CLEANFLOW_MARKERS")
        os.environ["CLEANFLOW_MARKERS"] = str(self.machine)
        try:
            yield
        finally:
            if before is None:
                del os.environ["CLEANFLOW_MARKERS"]
            else:
                os.environ["CLEANFLOW_MARKERS"] = before

    def join(self, url: str, join_code: str, pc_code: str = "", *, as_new: bool = False) -> None:
        with self.on_its_machine():
            join(self.db, url, join_code, pc_code or self.code, as_new=as_new)

    def try_sync(self, report: Callable[[str, int], None] = lambda stage, rows: None) -> Summary:
        with self.on_its_machine():
            summary = synchronise(self.db, report)
        self._sign_in(self.db)
        return summary

    def sync(self) -> Summary:
        """Synchronise and check that it succeeds."""
        summary = self.try_sync()
        assert summary.code == "", summary
        return summary

    def copied_to(self, folder: Path, code: str) -> ShopPc:
        """Copy the records to another machine."""
        folder.mkdir(parents=True)
        self.db.close()
        shutil.copy(self.path, folder / "cleanflow.db")
        self.db = self._open()
        return ShopPc(folder, code, self.clock.moment)

    # --- what a cashier does -----------------------------------------------------------------------

    def customer(self, name: str = "Ann", **values: Any) -> str:
        return customers.add_customer(self.db, name=name, **values).id

    def job(self, customer_id: str, amount: int = 1000, **values: Any) -> str:
        return jobs.create_job(self.db, customer_id=customer_id, amount_minor=amount, **values).id

    def pay(self, customer_id: str, amount: int = 1000, **values: Any) -> str:
        return payments.record_payment(
            self.db, customer_id=customer_id, amount_minor=amount, method="CASH", **values
        ).id

    def value(self, query: str, **parameters: Any) -> Any:
        return self.db.value(query, parameters)


def contents(db: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every synchronised row and every derived number, without columns that belong to one PC."""
    found = {}
    for table in RECORDS.values():
        rows = db.rows(f"SELECT {', '.join(table.names)} FROM {table.name}")
        made = [tuple(row) for row in rows]
        place = table.names.index("device_id")
        if not table.is_fact:  # seeded rows that nobody edited
            author = table.names.index("written_by")
            made = [row for row in made if row[place] != NO_DEVICE or row[author] != NO_DEVICE]
        found[table.name] = sorted(made)
    for name, query in _DERIVED.items():
        found[name] = sorted(tuple(row) for row in db.rows(query))
    return found


def on_server(live: Live, shop: Shop) -> dict[str, set[str]]:
    """Table -> the ids that the server has."""
    return {
        name: {str(row[0]) for row in run_sql(live.database, f"SELECT id FROM {name}", shop=shop)}
        for name in RECORDS
    }


def assert_same_books(*pcs: ShopPc) -> None:
    """All PCs hold the same rows and derived numbers, and `verify` finds nothing wrong."""
    first = contents(pcs[0].db)
    for pc in pcs[1:]:
        other = contents(pc.db)
        for name, rows in first.items():
            assert other[name] == rows, f"{name} of {pc.code} differs from that of {pcs[0].code}"
    for pc in pcs:
        found = verify(pc.db).findings
        assert found == [], (pc.code, found)
        assert pc.value("SELECT count(*) FROM sync_waiting") == 0
        assert pc.value("SELECT count(*) FROM sync_pages") == 0
