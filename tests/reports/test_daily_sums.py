"""The report's parts add up to the ledger, whatever was recorded, in any order and for any day."""

from __future__ import annotations

import shutil
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cleanflow.db import Database, open_database
from cleanflow.errors import Refusal
from cleanflow.records.chart import Account
from cleanflow.rendering.text import as_text
from cleanflow.reports.account_days import AccountDay
from cleanflow.reports.daily import DailyReport, daily_report
from cleanflow.reports.pages.daily_page import daily_document
from tests.conftest import TestClock
from tests.dao.actions import KINDS, act
from tests.reports.stories import TODAY, add_pc, use_pc

step = st.tuples(st.integers(0, KINDS - 1), st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(step, min_size=5, max_size=40), other=st.sampled_from(["none", "shared", "own"]))
def test_every_part_of_every_day_adds_up_to_the_raw_ledger(
    new_shop_file: Path, steps: list[tuple[int, int, int, int]], other: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cleanflow.db"
        shutil.copy(new_shop_file, path)
        clock = TestClock(datetime(2026, 3, 10, 9, tzinfo=UTC))
        with open_database(path, clock=clock) as db:
            _work(db, clock, steps, other)
            assert_days_add_up(db)


def _work(db: Database, clock: TestClock, steps: list[tuple[int, int, int, int]], other: str) -> None:
    own = db.device_id
    second = None if other == "none" else add_pc(db, "C2", shares_drawer=other == "shared").id
    # Some records to start with, so that few operations are refused.
    for number, setup in enumerate([(0, 0, 0, 0), (1, 0, 5, 0), (3, 0, 4, 0), *steps]):
        if second and number % 3 == 2:
            use_pc(db, second)
        try:
            act(db, *setup)
        except Refusal:
            pass
        use_pc(db, own)
        clock.moment += timedelta(hours=2)


def assert_days_add_up(db: Database) -> None:
    days = [row[0] for row in db.rows("SELECT DISTINCT business_date FROM ledger_entries ORDER BY 1")]
    before: DailyReport | None = None
    for day in [*days, (TODAY + timedelta(days=90)).isoformat()]:
        report = daily_report(db, day)
        _assert_accounts(db, report)
        _assert_parts(report)
        if before:
            for name in ("cash", "bank", "receivables"):
                assert getattr(before, name).closing_minor == getattr(report, name).opening_minor
            assert before.drawer.cash.closing_minor == report.drawer.cash.opening_minor
        before = report
        assert as_text(daily_document(report)).startswith("Sparkle\n")


def _raw(db: Database, account: str, until: str, drawer_id: str | None = None) -> int:
    """An account's balance, added up in Python from the raw ledger."""
    balance = 0
    for row in db.rows(
        "SELECT debit_account_id, credit_account_id, amount_minor, business_date, drawer_id"
        " FROM ledger_entries JOIN devices ON devices.id = ledger_entries.device_id"
    ):
        if row["business_date"] <= until and drawer_id in (None, row["drawer_id"]):
            balance += row["amount_minor"] * (
                (row["debit_account_id"] == account) - (row["credit_account_id"] == account)
            )
    return balance


def _assert_accounts(db: Database, report: DailyReport) -> None:
    day_before = (date.fromisoformat(report.date) - timedelta(days=1)).isoformat()
    drawer_id = db.value("SELECT drawer_id FROM devices WHERE id = :id", {"id": db.device_id})
    for account, told, drawer in (
        (Account.CASH, report.cash, None),
        (Account.BANK, report.bank, None),
        (Account.RECEIVABLE, report.receivables, None),
        (Account.CASH, report.drawer.cash, drawer_id),
    ):
        assert told.opening_minor == _raw(db, account, day_before, drawer)
        assert told.closing_minor == _raw(db, account, report.date, drawer)
        _assert_adds_up(told)


def _assert_adds_up(told: AccountDay) -> None:
    moved = sum(movement.amount_minor for movement in told.movements)
    assert told.opening_minor + moved == told.closing_minor


def _assert_parts(report: DailyReport) -> None:
    by_kind = report.receivables.of
    assert sum(line.change_minor for line in report.customers) == (
        report.receivables.closing_minor - report.receivables.opening_minor
    )
    assert all(line.before_minor + line.change_minor == line.after_minor for line in report.customers)
    assert sum(job.amount_minor for job in report.jobs) == by_kind("JOB").amount_minor
    changes = by_kind("ADJUSTMENT", "DISCOUNT", "WRITE_OFF", "CANCELLATION")
    assert sum(change.amount_minor for change in report.job_changes) == changes.amount_minor
    money = {"CASH": report.cash, "BANK": report.bank}
    for method, account in money.items():
        listed = sum(move.amount_minor for move in report.money_moves if move.method == method)
        paid = account.of("PAYMENT").amount_minor
        banked = account.of("BANK_DEPOSIT").amount_minor if method == "BANK" else 0
        assert listed + paid + banked == account.closing_minor - account.opening_minor
    owners = sum(
        account.of("FLOAT", "PAY_IN", "PAY_OUT").amount_minor for account in (report.cash, report.bank)
    )
    moved = sum(account.closing_minor - account.opening_minor for account in money.values())
    assert report.taken_in_minor - report.paid_out_minor + owners == moved
    assert sum(pc.cash_minor + pc.bank_minor for pc in report.by_pc) == report.taken_in_minor
    assert sum(line.amount_minor for line in report.expenses) == sum(
        out.expenses_minor for out in report.money_out
    )
