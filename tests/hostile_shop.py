"""A shop whose texts are all the attacks that can be stored, with the largest possible amounts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from unittest.mock import patch

from cleanflow.dao import adjustments, customers, drawer, expenses, fields, jobs, payments, services, users
from cleanflow.dao.closings import expected_minor, this_drawer
from cleanflow.dao.shop import change_settings
from cleanflow.dao.stamps import today
from cleanflow.db import Database, bulk
from cleanflow.errors import Refusal
from cleanflow.money import MAX_AMOUNT_MINOR
from cleanflow.reports.closed_day import close_the_day
from tests import hostile


def keepable(limit: int = 200) -> Iterator[str]:
    """The attacks that can be stored as a name of ``limit`` characters."""
    for text in hostile.TEXTS.values():
        with suppress(Refusal):
            yield fields.clean_text("", text[:limit], limit=limit, required=True)


def fill(db: Database) -> None:
    """Record every kind of record with every text; skips what is refused."""
    names = [*dict.fromkeys(keepable())]
    with bulk(db):
        for number, name in enumerate(names):
            _visit(db, name, number)
        for name in names:
            with suppress(Refusal):  # two names may be equal without case and accents
                expenses.add_category(db, name)
            with suppress(Refusal):
                services.add_service(db, name=name, price_minor=MAX_AMOUNT_MINOR)
    users.add_user(db, name="محمد <b>=1+1", role="CASHIER", pin="2222")
    _rich(db)
    day = today(db) - timedelta(days=1)
    expected = expected_minor(db, this_drawer(db), day.isoformat())
    close_the_day(db, counted_minor=max(0, expected) + 1, reason=names[2], denominations={1: 10**30}, on=day)


def name_shop(db: Database, text: str) -> None:
    """Set the shop's name, address and phone."""
    change_settings(db, {"shop_name": text, "shop_phone": text, "shop_address": f"{text}\n{text}"})


def _visit(db: Database, text: str, number: int) -> None:
    day = today(db) - timedelta(days=number % 3)
    who = customers.add_customer(
        db, name=text, phone=text[:100].strip(), address=text, notes=f"{text}\n{text}", external_key=text
    ).id
    amount = 10_00 + number
    job = jobs.create_job(
        db, customer_id=who, amount_minor=amount, description=text, notes=f"{text}\n{text}", on=day,
        due_date=(date.min, date.max, None)[number % 3], external_key=text,
    )  # fmt: skip
    paid = payments.record_payment(
        db, customer_id=who, amount_minor=amount // 2, method=("CASH", "BANK")[number % 2], on=day
    )
    adjustments.discount_job(db, job.id, 1_00, text)
    rent = expenses.category_by_name(db, "Rent")
    assert rent is not None
    expenses.record_expense(
        db, category_id=rent.id, amount_minor=number + 1, method="CASH", description=text, on=day
    )
    drawer.move_cash(db, "PAY_IN", number + 1, text)
    if number % 4 == 0:
        payments.refund(db, customer_id=who, amount_minor=1, method="CASH", reason=text, payment_id=paid.id)
    if number % 4 == 1:
        payments.reverse_payment(db, paid.id, text)
    if number % 4 == 2:
        adjustments.write_off_job(db, job.id, text)
    if number % 8 == 3:
        adjustments.cancel_job(db, job.id, text)


def _rich(db: Database) -> None:
    """Make sums that exceed any single amount."""
    who = customers.add_customer(db, name="Rich").id
    for _time in range(5):
        jobs.create_job(db, customer_id=who, amount_minor=MAX_AMOUNT_MINOR)
        payments.record_payment(db, customer_id=who, amount_minor=MAX_AMOUNT_MINOR, method="CASH", jobs={})
    jobs.create_job(db, customer_id=who, amount_minor=1, on="0001-01-01", due_date="9999-12-31")
    with patch("cleanflow.dao.stamps.doubt_now", return_value=True):  # no other clock lets a future date in
        jobs.create_job(db, customer_id=who, amount_minor=1, on="9999-12-31", due_date="0001-01-01")
