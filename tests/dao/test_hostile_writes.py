"""Every write stores its arguments exactly as cleaned or refuses them, and the books stay in order."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import typing
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from cleanflow import dao
from cleanflow.dao import (
    adjustments,
    clock_doubts,
    closings,
    customers,
    drawer,
    expenses,
    intake,
    jobs,
    payments,
    remembered,
    services,
    shop,
    users,
)
from cleanflow.dao.fields import clean_text
from cleanflow.dao.stamps import new_id, update_record
from cleanflow.db import Database, with_transaction
from cleanflow.errors import Refusal
from cleanflow.safekeeping.verify import verify
from tests import hostile

#: Makes valid arguments for one write, with new records each time, so that it can be repeated.
Story = Callable[[Database], dict[str, Any]]


def customer(db: Database) -> str:
    return customers.add_customer(db, name="Ann").id


def job(db: Database) -> str:
    return jobs.create_job(db, customer_id=customer(db), amount_minor=500).id


def payment(db: Database) -> payments.Payment:
    return payments.record_payment(db, customer_id=customer(db), amount_minor=500, method="CASH")


def creditor(db: Database) -> str:
    """A customer with credit, and a job that came after the payment."""
    paid = payment(db)
    jobs.create_job(db, customer_id=paid.customer_id, amount_minor=500)
    return paid.customer_id


def category(db: Database) -> str:
    return expenses.category_by_name(db, "Rent").id  # type: ignore[union-attr]


def cashier(db: Database) -> str:
    """The same cashier each time, because hashing a PIN is slow."""
    known = [user.id for user in users.list_users(db, with_inactive=True) if user.id != db.session.user_id]
    return known[0] if known else users.add_user(db, name="Carl", role="CASHIER", pin="1234").id


def late_for(db: Database) -> str:
    """A closing whose day has received later records."""
    expected = closings.expected_minor(db, closings.this_drawer(db), "2026-03-10")
    closing = closings.close_day(
        db, counted_minor=max(0, expected), report=lambda _closing: "{}", reason="Counted"
    )
    drawer.move_cash(db, "PAY_IN", 5, "Change")
    return closing.id


@with_transaction
def doubled(db: Database, table: str, first: str, second: str) -> dict[str, object]:
    """Two records of one name, as a synchronisation brings them."""
    name = new_id()
    for record_id in (first, second):
        update_record(db, table, record_id, {"name": name})
    return {"keep_id": first, "other_id": second}


STORIES: dict[Callable[..., Any], Story] = {
    adjustments.adjust_job: lambda db: {"job_id": job(db), "signed_minor": 5, "reason": "R"},
    adjustments.discount_job: lambda db: {"job_id": job(db), "amount_minor": 5, "reason": "R"},
    adjustments.write_off_job: lambda db: {"job_id": job(db), "reason": "R", "amount_minor": 5},
    adjustments.cancel_job: lambda db: {"job_id": job(db), "reason": "R"},
    adjustments.reverse_adjustment: lambda db: {
        "adjustment_id": adjustments.discount_job(db, job(db), 5, "R").id,
        "reason": "R",
    },
    clock_doubts.confirm_clock: lambda db: {},
    closings.close_day: lambda db: {"counted_minor": 500, "report": lambda _closing: "{}", "reason": "R"},
    closings.add_addendum: lambda db: {"closing_id": late_for(db), "report": lambda *_told: "{}"},
    customers.add_customer: lambda db: {"name": "Ann"},
    customers.edit_customer: lambda db: {"customer_id": customer(db), "name": "Ann"},
    customers.set_customer_active: lambda db: {"customer_id": customer(db), "active": False},
    customers.set_opening_balance: lambda db: {"customer_id": customer(db), "signed_minor": 5},
    drawer.move_cash: lambda db: {"kind": "PAY_IN", "amount_minor": 5, "reason": "R"},
    expenses.add_category: lambda db: {"name": f"Category {new_id()}"},
    expenses.edit_category: lambda db: {"category_id": expenses.add_category(db, new_id()).id},
    expenses.merge_categories: lambda db: doubled(
        db,
        "expense_categories",
        expenses.add_category(db, new_id()).id,
        expenses.add_category(db, new_id()).id,
    ),
    expenses.record_expense: lambda db: {"category_id": category(db), "amount_minor": 5, "method": "CASH"},
    expenses.reverse_expense: lambda db: {
        "expense_id": expenses.record_expense(db, category_id=category(db), amount_minor=5, method="CASH").id,
        "reason": "R",
    },
    intake.take_in_job: lambda db: {"customer_id": customer(db), "amount_minor": 5, "paid_minor": 3},
    intake.take_money: lambda db: {
        "customer_id": customer(db),
        "amount_minor": 5,
        "method": "CASH",
        "jobs": {},
        "credit": {},
    },
    jobs.create_job: lambda db: {"customer_id": customer(db), "amount_minor": 5},
    jobs.edit_job: lambda db: {"job_id": job(db)},
    payments.record_payment: lambda db: {"customer_id": customer(db), "amount_minor": 5, "method": "CASH"},
    payments.use_credit: lambda db: {"customer_id": creditor(db)},
    payments.refund: lambda db: {
        "customer_id": payment(db).customer_id,
        "amount_minor": 5,
        "method": "CASH",
        "reason": "R",
    },
    payments.reverse_payment: lambda db: {"payment_id": payment(db).id, "reason": "R"},
    remembered.remember: lambda db: {"key": "hostile", "value": "x"},
    services.add_service: lambda db: {"name": f"Service {new_id()}"},
    services.edit_service: lambda db: {"service_type_id": services.add_service(db, name=new_id()).id},
    services.merge_services: lambda db: doubled(
        db,
        "service_types",
        services.add_service(db, name=new_id()).id,
        services.add_service(db, name=new_id()).id,
    ),
    shop.change_settings: lambda db: {"changes": {"shop_phone": "1"}},
    shop.set_up_shop: lambda db: {
        "name": "S",
        "currency": "USD",
        "pc_code": "C1",
        "owner": "O",
        "pin": "1234",
    },
    users.add_user: lambda db: {"name": f"User {new_id()}", "role": "CASHIER", "pin": "1234"},
    users.edit_user: lambda db: {"user_id": cashier(db)},
    users.merge_users: lambda db: doubled(
        db,
        "users",
        users.add_user(db, name=new_id(), role="CASHIER", pin="1234").id,
        users.add_user(db, name=new_id(), role="CASHIER", pin="1234").id,
    ),
}
NAMES = {f"{write.__module__.rpartition('.')[2]}.{write.__name__}": write for write in STORIES}


def writes() -> Iterator[Callable[..., Any]]:
    """Every public write of the DAO: the functions decorated with with_transaction."""
    for module in pkgutil.iter_modules(dao.__path__):
        room = importlib.import_module(f"{dao.__name__}.{module.name}")
        for name, found in vars(room).items():
            is_own = inspect.isfunction(found) and found.__module__ == room.__name__
            if is_own and found.__code__.co_qualname.startswith("with_transaction") and name[0] != "_":
                yield found


def own_id(write: Callable[..., Any]) -> str:
    """The parameter that gives a new record its id: the last one, if it is optional."""
    name, last = [*inspect.signature(write).parameters.items()][-1]
    return name if name.endswith("_id") and last.default is None else ""


def attacks(write: Callable[..., Any]) -> Iterator[tuple[str, str, Any]]:
    """(parameter, name of the attack, value) for every parameter that is a text, amount, date or id."""
    for name, kind in typing.get_type_hints(write.__wrapped__).items():  # type: ignore[attr-defined]
        if name not in ("return", own_id(write)):
            yield from ((name, attack, value) for attack, value in _attacks(name, kind).items())


#: A few attacks only, because hashing a PIN is slow by design.
PINS = ("empty", "nul", "half_a_pair", "emoji", "endless")


def _attacks(name: str, kind: Any) -> Mapping[str, Any]:
    kinds = typing.get_args(kind) or (kind,)
    if name in ("jobs", "credit"):
        return {
            f"{which}:{much}": {an_id: amount}
            for which, an_id in hostile.IDS.items()
            for much, amount in hostile.AMOUNTS.items()
        }
    if name == "changes":
        return {
            f"{key}:{attack}": {key: text}
            for key in (*SETTINGS, "no such setting", "\ud800")
            for attack, text in hostile.TEXTS.items()
        }
    if name == "denominations":
        return {
            f"{one}:{two}": {a: b} for one, a in hostile.AMOUNTS.items() for two, b in hostile.AMOUNTS.items()
        }
    if date in kinds:
        return hostile.DATES
    if int in kinds:
        return hostile.AMOUNTS
    if str not in kinds:
        return {}
    if name in ("key", "value", "report"):
        return {}  # given by the program itself
    if name == "pin":
        return {which: hostile.TEXTS[which] for which in PINS}
    return hostile.IDS if name.endswith("_id") else hostile.TEXTS


SETTINGS = (
    "shop_name", "shop_address", "shop_phone", "currency", "day_starts_at", "date_order", "variance_limit", "blind_count",
)  # fmt: skip


def last_write(db: Database) -> str:
    return str(db.value("SELECT last_at FROM app_settings"))


def attempt(db: Database, write: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    """The result of the write, or None if it was refused without a trace. Any other error fails the test."""
    before = last_write(db)
    try:
        result = write(db, **arguments)
    except Refusal as refusal:
        assert last_write(db) == before
        assert len(str(refusal)) < 1_000, "a message is to be read by people"
        result = None
    assert not db.connection.in_transaction
    return result


def assert_kept_as_cleaned(record: Any, name: str, given: Any) -> None:
    """The record holds the text as :func:`clean_text` returns it."""
    kept = getattr(record, name, None)
    if isinstance(given, str) and isinstance(kept, str) and not name.endswith(("_id", "status", "kind")):
        cleaned = {clean_text(name, given, limit=10**6, lines=lines) for lines in (False, True)}
        assert kept in cleaned


def test_every_write_of_the_dao_has_a_story() -> None:
    assert {*writes()} == {*STORIES}, "a write that is new here needs a story of what is fine"


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_write_keeps_what_it_is_given_or_refuses_it(db: Database, name: str) -> None:
    db.execute("PRAGMA synchronous = OFF")
    write, failed = NAMES[name], []
    story = STORIES[write]
    if write is not shop.set_up_shop:
        write(db, **story(db))
    for parameter, attack, value in attacks(write):
        try:
            record = attempt(db, write, {**story(db), parameter: value})
            assert_kept_as_cleaned(record, parameter, value)
        except Exception as error:
            failed.append(f"{parameter}={attack}: {type(error).__name__}: {error!s:.200}")
    assert not failed, "\n".join(failed)
    assert verify(db).findings == []


@pytest.mark.parametrize("name", [name for name in sorted(NAMES) if own_id(NAMES[name])])
def test_a_record_that_was_made_is_not_made_again(db: Database, name: str) -> None:
    write, given = NAMES[name], {own_id(NAMES[name]): new_id()}
    write(db, **STORIES[write](db), **given)
    with pytest.raises(Refusal) as caught:
        write(db, **STORIES[write](db), **given)
    assert caught.value.code == "record_exists"
    assert verify(db).findings == []


@given(text=hostile.any_text, amount=hostile.any_amount, sought=hostile.any_text)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_kept_found_again_and_never_trips_a_search(
    db: Database, text: str, amount: int, sought: str
) -> None:
    made = attempt(db, customers.add_customer, {"name": text, "phone": text, "address": text, "notes": text})
    if made is not None:
        assert_kept_as_cleaned(made, "name", text)
        assert customers.get_customer(db, made.id) == made
        assert made.id in [one.id for one in customers.customers_named(db, made.name)]
    given = {"customer_id": made.id if made else customer(db), "amount_minor": amount, "description": text}
    attempt(db, jobs.create_job, {**given, "notes": text})
    for search in (customers.search_customers, customers.customers_named, jobs.job_by_reference):
        with suppress(Refusal):
            search(db, sought)
