"""On which day a record may be written: not in the future, and a cashier's today or yesterday."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from cleanflow.dao.closings import close_day
from cleanflow.dao.customers import add_customer
from cleanflow.dao.drawer import move_cash
from cleanflow.dao.expenses import list_categories, record_expense
from cleanflow.dao.intake import take_in_job, take_money
from cleanflow.dao.payments import get_payment, record_payment
from cleanflow.dao.shop import change_settings
from cleanflow.dao.users import add_user, list_users
from cleanflow.db import Database
from cleanflow.errors import Refusal
from tests.conftest import TestClock

TODAY, YESTERDAY, EARLIER, TOMORROW = (date(2026, 3, day) for day in (10, 9, 8, 11))
OWNER, CASHIER, ADMINISTRATOR = "Olga", "Carl", ""


def as_who(db: Database, name: str) -> None:
    if not any(user.name == "Carl" for user in list_users(db)):
        add_user(db, name="Carl", role="CASHIER", pin="2222")
    db.session.user_id = next((user.id for user in list_users(db) if user.name == name), None)


WRITES: dict[str, Callable[[Database, date], object]] = {
    "job": lambda db, on: take_in_job(
        db, customer_id=add_customer(db, name="Ann").id, amount_minor=500, paid_minor=200, on=on
    ),
    "payment": lambda db, on: record_payment(
        db, customer_id=add_customer(db, name="Ann").id, amount_minor=500, method="CASH", on=on
    ),
    "expense": lambda db, on: record_expense(
        db, category_id=list_categories(db)[0].id, amount_minor=500, method="CASH", on=on
    ),
    "drawer": lambda db, on: move_cash(db, "PAY_IN", 500, "Change", on=on),
}


def outcome(db: Database, write: str, on: date) -> str:
    """The code of the refusal; ``""`` when the record was written."""
    try:
        WRITES[write](db, on)
    except Refusal as refusal:
        return refusal.code
    return ""


@pytest.mark.parametrize("write", WRITES)
def test_a_cashier_writes_on_today_and_yesterday_and_further_back_an_owner(db: Database, write: str) -> None:
    for who, refused in ((CASHIER, "owner_needed"), (OWNER, ""), (ADMINISTRATOR, "")):
        as_who(db, who)
        assert [outcome(db, write, day) for day in (TODAY, YESTERDAY, EARLIER)] == ["", "", refused], who


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("who", [CASHIER, OWNER, ADMINISTRATOR])
def test_nobody_writes_on_a_day_in_the_future(db: Database, write: str, who: str) -> None:
    as_who(db, who)
    assert outcome(db, write, TOMORROW) == "date_in_future"


def test_after_midnight_the_calendars_day_is_not_in_the_future(db: Database, clock: TestClock) -> None:
    """The shop's day begins at five; at two, a list from elsewhere has today's date already."""
    change_settings(db, {"day_starts_at": "5"})
    clock.moment = datetime(2026, 3, 11, 2, tzinfo=UTC)
    assert outcome(db, "payment", TOMORROW) == ""


def test_a_job_dated_back_takes_its_first_money_along(db: Database) -> None:
    as_who(db, CASHIER)
    job = take_in_job(
        db, customer_id=add_customer(db, name="Ann").id, amount_minor=500, paid_minor=200, on=YESTERDAY
    )
    assert job.business_date == "2026-03-09"
    days = db.rows("SELECT DISTINCT business_date FROM ledger_entries")
    assert [row["business_date"] for row in days] == ["2026-03-09"]


def test_a_cashier_closes_the_day_that_was_forgotten_before_the_weekend(db: Database) -> None:
    as_who(db, CASHIER)
    closing = close_day(db, counted_minor=0, report=lambda _closing: "{}", on=date(2026, 3, 6))
    assert closing.business_date == "2026-03-06"


def test_money_after_the_credit_is_one_operation(db: Database) -> None:
    ann = add_customer(db, name="Ann").id
    record_payment(db, customer_id=ann, amount_minor=300, method="CASH", jobs={})
    job = take_in_job(db, customer_id=ann, amount_minor=1000)
    with pytest.raises(Refusal):
        take_money(db, customer_id=ann, amount_minor=800, method="CASH", jobs={job.id: 800},
                   credit={job.id: 300})  # fmt: skip
    assert db.value("SELECT due_minor FROM job_totals") == 1000, "neither was recorded"
    paid = take_money(
        db, customer_id=ann, amount_minor=700, method="CASH", jobs={job.id: 700}, credit={job.id: 300}
    )
    assert db.value("SELECT due_minor FROM job_totals") == 0
    assert get_payment(db, paid.id).unallocated_minor == 0
