"""After any operations the books balance, derived numbers are right, and a refusal has changed nothing."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cleanflow.db import Database, open_database
from cleanflow.errors import Refusal
from cleanflow.safekeeping.verify import verify
from tests.conftest import TestClock
from tests.dao.actions import KINDS, act

RECEIVABLE = "00000000-0000-4000-8000-000000001200"

step = st.tuples(st.integers(0, KINDS - 1), st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))


def fingerprint(db: Database) -> str:
    """A hash over every row of every table, which a refusal must not change."""
    digest = hashlib.sha256()
    names = [row[0] for row in db.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    for name in names:
        if not name.startswith("sqlite_"):
            for row in db.rows(f"SELECT * FROM {name}"):
                digest.update(repr(tuple(row)).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def assert_plain_python_agrees(db: Database) -> None:
    """Recompute the derived numbers by loops over raw rows, sharing nothing with the schema or verify."""
    accounts: dict[str, int] = defaultdict(int)
    owed: dict[str, int] = defaultdict(int)
    for row in db.rows(
        "SELECT debit_account_id, credit_account_id, amount_minor, customer_id FROM ledger_entries"
    ):
        debit, credit, amount, customer = tuple(row)
        accounts[debit] += amount
        accounts[credit] -= amount
        if customer:
            owed[customer] += amount * ((debit == RECEIVABLE) - (credit == RECEIVABLE))
    assert sum(accounts.values()) == 0
    stored = {row[0]: row[1] for row in db.rows("SELECT customer_id, balance_minor FROM customer_balances")}
    assert stored == dict(owed)
    assert sum(owed.values()) == accounts[RECEIVABLE]

    paid: dict[str, int] = defaultdict(int)
    used: dict[str, int] = defaultdict(int)
    for row in db.rows("SELECT payment_id, job_id, amount_minor FROM payment_allocations"):
        used[row[0]] += row[2]
        if row[1]:
            paid[row[1]] += row[2]
    totals = {row[0]: row[1] for row in db.rows("SELECT id, amount_minor FROM jobs")}
    for row in db.rows("SELECT job_id, amount_minor FROM job_adjustments"):
        totals[row[0]] += row[1]
    for row in db.rows("SELECT job_id, total_minor, allocated_minor, payment_status FROM job_totals"):
        job, total, allocated, status = tuple(row)
        assert (total, allocated) == (totals[job], paid[job])
        assert 0 <= allocated <= total
        expected = "PAID" if allocated == total else "PARTIAL" if allocated else "UNPAID"
        assert status == expected

    credit: dict[str, int] = defaultdict(int)
    money_in = db.rows(
        "SELECT id, customer_id, amount_minor, id IN (SELECT reverses_id FROM payments) FROM payments"
        " WHERE kind IN ('PAYMENT', 'OPENING')"
    )
    for payment, customer, amount, is_reversed in money_in:
        left = (0 if is_reversed else amount) - used[payment]
        assert left >= 0
        credit[customer] += left
    due: dict[str, int] = defaultdict(int)
    for row in db.rows("SELECT customer_id, id FROM jobs"):
        due[row[0]] += totals[row[1]] - paid[row[1]]
    for customer, balance in owed.items():
        assert balance == due[customer] - credit[customer]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(step, min_size=5, max_size=60))
def test_books_balance_and_refusals_change_nothing(
    steps: list[tuple[int, int, int, int]], new_shop_file: Path
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cleanflow.db"
        shutil.copy(new_shop_file, path)
        with open_database(path, clock=TestClock(datetime(2026, 3, 10, 9, 0, tzinfo=UTC))) as db:
            for kind, first, second, third in steps:
                before = fingerprint(db)
                try:
                    act(db, kind, first, second, third)
                except Refusal:
                    assert fingerprint(db) == before
                assert not db.connection.in_transaction
            assert_plain_python_agrees(db)
            assert verify(db).findings == []
