"""The shops to photograph."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from cleanflow.dao.customers import add_customer
from cleanflow.dao.jobs import create_job
from cleanflow.dao.payments import record_payment
from cleanflow.dao.shop import set_up_shop
from cleanflow.db import Database, open_database
from cleanflow.demo.shop import DemoClock, fill_shop

LAST_DAY = date(2026, 3, 10)

HARD_NAMES = (
    "Maximiliana Konstantina von und zu Hohenlohe-Waldenburg-Schillingsfürst",
    "=1+1",
    "محمد <b>عبد الرحمن</b>",
    "Ольга Петровна & Сыновья",
)


def full_shop(folder: Path) -> Path:
    """Three busy months, and people with long names and large amounts."""
    path = folder / "full.db"
    clock = DemoClock(datetime(2025, 12, 11, 7, 0, tzinfo=UTC))
    with open_database(path, clock=clock, create=True) as db:
        _set_up(db, "Sparkle Cleaners")
        fill_shop(db, clock, jobs=900, last_day=LAST_DAY, days=90, seed=1)
        for number, name in enumerate(HARD_NAMES):
            customer = add_customer(db, name=name, phone=f"+92 300 {number}123456", address="Main Road\n12")
            job = create_job(
                db,
                customer_id=customer.id,
                amount_minor=999_999_999_999 if number == 0 else 123_450,
                description="Leather jacket, <b>white</b>, very long words about a stain on the left sleeve",
                due_date=LAST_DAY,
                on=LAST_DAY,
            )
            if number:
                record_payment(db, customer_id=customer.id, amount_minor=job.total_minor // 2, method="CASH")
    return path


def readme_shop(folder: Path) -> Path:
    """Three busy months, for the pictures of the README."""
    path = folder / "readme.db"
    clock = DemoClock(datetime(2025, 12, 11, 7, 0, tzinfo=UTC))
    with open_database(path, clock=clock, create=True) as db:
        _set_up(db, "Sparkle Cleaners")
        fill_shop(db, clock, jobs=900, last_day=LAST_DAY, days=90, seed=1)
    return path


def empty_shop(folder: Path) -> Path:
    """A shop that was set up a minute ago."""
    path = folder / "empty.db"
    with open_database(path, clock=DemoClock(datetime(2026, 3, 10, 7, 0, tzinfo=UTC)), create=True) as db:
        _set_up(db, "Sparkle Cleaners")
    return path


def _set_up(db: Database, name: str) -> None:
    set_up_shop(
        db, name=name, currency="PKR", pc_code="C1", owner="Olga (owner)", pin="1234", address="12 Mall Road"
    )


def no_shop(folder: Path) -> Path:
    """A PC on which CleanFlow has never been started."""
    path = folder / "none.db"
    open_database(path, create=True).close()
    return path
