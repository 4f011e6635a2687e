"""Days in a shop that several tests share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from cleanflow.dao import adjustments, customers, drawer, expenses, jobs, payments
from cleanflow.dao.closings import close_day
from cleanflow.dao.stamps import new_id, record_stamp
from cleanflow.db import Database, bulk, with_transaction
from tests.conftest import TestClock

TODAY = date(2026, 3, 10)


def category(db: Database, name: str) -> str:
    found = expenses.category_by_name(db, name)
    assert found is not None
    return found.id


def at(clock: TestClock, day: int, hour: int = 9) -> None:
    clock.moment = datetime(2026, 3, day, hour, tzinfo=UTC)


def full_day(db: Database, clock: TestClock) -> None:
    """Yesterday a float and a debt; today every kind of operation, each with a different amount."""
    at(clock, 9)
    ann = customers.add_customer(db, name="Ann").id
    bob = customers.add_customer(db, name="Bob").id
    cat = customers.add_customer(db, name="Cat").id
    drawer.move_cash(db, "FLOAT", 100_00)
    old = jobs.create_job(db, customer_id=ann, amount_minor=50_00, description="Coat")

    at(clock, 10)
    suit = jobs.create_job(db, customer_id=ann, amount_minor=30_00, description="Suit")
    rug = jobs.create_job(db, customer_id=bob, amount_minor=80_00, description="Rug")
    veil = jobs.create_job(db, customer_id=bob, amount_minor=7_00, description="Veil")
    payments.record_payment(db, customer_id=ann, amount_minor=50_00, method="CASH", jobs={old.id: 50_00})
    payments.record_payment(db, customer_id=ann, amount_minor=10_00, method="BANK", jobs={suit.id: 10_00})
    payments.record_payment(db, customer_id=bob, amount_minor=80_00, method="CASH", jobs={rug.id: 80_00})
    wrong = payments.record_payment(db, customer_id=cat, amount_minor=3_00, method="CASH")
    payments.reverse_payment(db, wrong.id, "Wrong customer")
    deposit = payments.record_payment(db, customer_id=cat, amount_minor=20_00, method="BANK", jobs={})
    payments.refund(
        db, customer_id=cat, amount_minor=5_00, method="CASH", reason="Too much", payment_id=deposit.id
    )
    adjustments.discount_job(db, suit.id, 2_00, "Regular customer")
    adjustments.cancel_job(db, veil.id, "Changed her mind")
    expenses.record_expense(
        db, category_id=category(db, "Supplies"), amount_minor=12_00, method="CASH", description="Soap"
    )
    expenses.record_expense(db, category_id=category(db, "Rent"), amount_minor=90_00, method="BANK")
    twice = expenses.record_expense(
        db, category_id=category(db, "Transport"), amount_minor=4_00, method="CASH"
    )
    expenses.reverse_expense(db, twice.id, "Entered twice")
    drawer.move_cash(db, "PAY_IN", 9_00, "Change")
    drawer.move_cash(db, "PAY_OUT", 11_00, "Lunch")
    drawer.move_cash(db, "BANK_DEPOSIT", 150_00, "To the bank")


def busy_day(db: Database, count: int, unpaid_every: int = 4) -> None:
    """``count`` jobs for thirty customers; all but one in ``unpaid_every`` (0: none) are paid at once."""
    with bulk(db):
        ids = [customers.add_customer(db, name=f"Customer {number:02}").id for number in range(30)]
        for number in range(count):
            who = ids[number % 30]
            job = jobs.create_job(db, customer_id=who, amount_minor=1000 + number, description="Shirts (5)")
            if not unpaid_every or number % unpaid_every:
                payments.record_payment(
                    db,
                    customer_id=who,
                    amount_minor=1000 + number,
                    method=("CASH", "BANK")[number % 2],
                    jobs={job.id: 1000 + number},
                )


@dataclass(frozen=True)
class Pc:
    """A PC of the shop, for :func:`use_pc`."""

    id: str
    code: str


@with_transaction
def add_pc(db: Database, code: str, *, shares_drawer: bool) -> Pc:
    """Add another PC, whose records this database can then hold."""
    own = db.value("SELECT drawer_id FROM devices WHERE id = :id", {"id": db.device_id})
    pc = Pc(new_id(), code)
    stamp = record_stamp(db) | {"device_id": pc.id}
    db.insert(
        "devices", {"id": pc.id, "code": code, "drawer_id": own if shares_drawer else new_id(), **stamp}
    )
    return pc


@with_transaction
def use_pc(db: Database, device_id: str) -> None:
    """Record as that PC from now on."""
    db.execute("UPDATE app_settings SET device_id = :id", {"id": device_id})
    db.forget_identity()


def close_drawer(db: Database, day: date, counted_minor: int, expected_minor: int, reason: str = "") -> None:
    """Close the day, and check the expected cash."""
    closing = close_day(db, counted_minor=counted_minor, report=lambda closing: "{}", reason=reason, on=day)
    assert closing.expected_minor == expected_minor
