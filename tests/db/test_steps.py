"""A shop's file from before a step comes through it with everything it holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from cleanflow.dao.customers import add_customer
from cleanflow.dao.jobs import create_job
from cleanflow.dao.shop import get_shop, is_set_up
from cleanflow.db import Database, migrations, open_database
from cleanflow.safekeeping.verify import verify
from cleanflow.sync.state import get_state, waiting
from tests.conftest import TestClock


@pytest.fixture
def old_file(tmp_path: Path, clock: TestClock, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A shop as step 1 left it, its currency the one that every shop begins with."""
    path = tmp_path / "old" / "cleanflow.db"
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "LATEST", 1)
        from cleanflow.dao import shop

        with open_database(path, clock=clock, create=True) as db:
            user = shop.set_up_shop(db, name="Old", currency="USD", pc_code="C1", owner="Olga", pin="1234")
            db.session.user_id = user.id
            create_job(db, customer_id=add_customer(db, name="Ann").id, amount_minor=1000)
            as_step_1_left_them(db)
    return path


def as_step_1_left_them(db: Database) -> None:
    """Settings that are as every shop begins were nobody's."""
    db.execute(
        "UPDATE settings SET written_by = '00000000-0000-0000-0000-000000000000', sync_status = 'SYNCED',"
        " updated_at = '1970-01-01T00:00:00.000000Z' WHERE key IN ('currency', 'blind_count')"
    )


def test_a_shop_of_step_1_becomes_one_that_can_synchronise(old_file: Path, clock: TestClock) -> None:
    with open_database(old_file, clock=clock) as db:
        assert db.value("PRAGMA user_version") == migrations.LATEST
        assert is_set_up(db) and get_shop(db).name == "Old"
        assert not get_state(db).is_joined
        assert verify(db).findings == []
        # … and its currency goes along when it joins, though nobody ever changed it
        assert db.value("SELECT sync_status FROM settings WHERE key = 'currency'") == "PENDING"
        assert waiting(db).unsent > 0


def test_a_new_shop_without_an_owner_has_nothing_to_send(tmp_path: Path) -> None:
    with open_database(tmp_path / "cleanflow.db", create=True) as db:
        assert waiting(db).unsent == 0
