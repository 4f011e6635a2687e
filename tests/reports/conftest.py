"""Shops to report on: two months of a demo shop, and the imported files of a real one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from cleanflow.dao.shop import set_up_shop
from cleanflow.dao.users import first_owner
from cleanflow.db import Database, open_database
from cleanflow.demo.shop import DemoClock, fill_shop
from cleanflow.exchange.importing import plan_import, run_import
from tests.conftest import TestClock

CHINOOK = Path(__file__).resolve().parents[1] / "fixtures" / "chinook"
STEPS = (("customers", "customers.csv"), ("jobs", "invoices.csv"), ("payments", "invoices.csv"))


@pytest.fixture(scope="package", params=["demo", "chinook", "chinook unpaid"])
def books(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, new_shop_file: Path
) -> Iterator[Database]:
    """A shop with realistic books; tests may only read it."""
    path = tmp_path_factory.mktemp("books") / "cleanflow.db"
    if request.param == "demo":
        demo_clock = DemoClock(datetime(2026, 1, 5, 7, tzinfo=UTC))
        with open_database(path, clock=demo_clock, create=True) as db:
            set_up_shop(db, name="Demo", currency="KWD", pc_code="C1", owner="O", pin="1234")
            fill_shop(db, demo_clock, jobs=260, last_day=date(2026, 3, 10), days=65, seed=5)
            yield db
        return
    shutil.copy(new_shop_file, path)
    clock = TestClock(datetime(2026, 1, 15, 9, tzinfo=UTC))
    with open_database(path, clock=clock) as db:
        owner = first_owner(db)
        assert owner is not None
        db.session.user_id = owner.id
        for kind, name in STEPS if request.param == "chinook" else STEPS[:2]:
            run_import(db, plan_import(db, kind, CHINOOK / name))
        yield db
