"""A shop after a day's work, and a query for all its records."""

from __future__ import annotations

from typing import Any

import pytest

from cleanflow.db import Database
from cleanflow.records import RECORDS
from tests.conftest import TestClock
from tests.reports.stories import full_day


@pytest.fixture
def shop(db: Database, clock: TestClock) -> Database:
    """The shop after a day with every kind of operation."""
    full_day(db, clock)
    return db


def records(db: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every record of the books, and the balances."""
    found = {
        table.name: [tuple(row) for row in db.rows(f"SELECT {', '.join(table.names)} FROM {table.name}")]
        for table in RECORDS.values()
    }
    found["balances"] = [
        tuple(row) for row in db.rows("SELECT customer_id, balance_minor FROM customer_balances")
    ]
    return {name: sorted(rows, key=repr) for name, rows in found.items()}
