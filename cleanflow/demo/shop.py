"""The days of a demo shop: what people bring, pay, owe and change their minds about.

Everything is done with the operations that the window uses, under a clock that steps through the days.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from random import Random

from cleanflow.dao.adjustments import adjust_job, cancel_job, discount_job, write_off_job
from cleanflow.dao.customers import add_customer, set_opening_balance
from cleanflow.dao.drawer import move_cash
from cleanflow.dao.expenses import category_by_name, record_expense, reverse_expense
from cleanflow.dao.jobs import create_job, edit_job, get_job
from cleanflow.dao.payments import record_payment, refund, reverse_payment
from cleanflow.dao.services import add_service
from cleanflow.dao.shop import get_shop
from cleanflow.dao.users import add_user
from cleanflow.db import Database, bulk
from cleanflow.demo.people import make_person
from cleanflow.records.chart import Account

_SERVICES = [
    ("Wash & iron, shirt", 250), ("Dry cleaning, suit", 1200), ("Dry cleaning, dress", 900),
    ("Curtains, per panel", 700), ("Blanket", 850), ("Carpet, small", 2400), ("Carpet, large", 5200),
    ("Shoe repair", 600), ("Zip replacement", 450), ("Alteration", 550), ("Leather jacket", 2800),
    ("Sofa cleaning", 6500), ("Home cleaning, half day", 4500),
]  # fmt: skip

#: Work of each weekday relative to a usual day, Monday to Sunday.
_WEEKDAYS = (1.0, 0.95, 1.0, 1.05, 1.25, 0.55, 0.12)


class DemoClock:
    """A clock that can be set, and advances a few seconds with each reading."""

    zone: tzinfo | None = UTC
    is_certain = True

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        self.moment += timedelta(seconds=7)
        return self.moment


@dataclass
class _OpenJob:
    job_id: str
    customer_id: str
    ready_on: date


@dataclass
class _Town:
    """The customers so far, and the jobs in the shop."""

    random: Random
    unit_minor: int
    regulars: list[str] = field(default_factory=list)
    services: list[tuple[str, int]] = field(default_factory=list)
    open_jobs: list[_OpenJob] = field(default_factory=list)


def fill_shop(
    db: Database,
    clock: DemoClock,
    *,
    jobs: int,
    last_day: date,
    days: int,
    seed: int,
    advance: Callable[[int], None] = lambda made: None,
) -> None:
    """Let a freshly set-up shop work for ``days`` days up to ``last_day``, making ``jobs`` jobs in all.

    ``db`` was opened with ``clock``. The same seed makes the same story (ids and hashes differ).
    ``advance`` is called with the number of jobs of each day.
    """
    unit_minor = 10 ** get_shop(db).currency.decimals
    town = _Town(Random(seed), unit_minor)
    calendar = [last_day - timedelta(days=back) for back in reversed(range(days))]
    plan = _jobs_per_day(town.random, calendar, jobs)
    for number, (day, count) in enumerate(zip(calendar, plan, strict=True)):
        clock.moment = datetime.combine(day, time(8, 0), tzinfo=UTC)
        with bulk(db):
            if number == 0:
                _first_day(db, town)
            _working_day(db, town, clock, day, count)
        advance(count)


def _jobs_per_day(random: Random, calendar: list[date], jobs: int) -> list[int]:
    weights = [_WEEKDAYS[day.weekday()] * random.uniform(0.75, 1.25) for day in calendar]
    exact = [jobs * weight / sum(weights) for weight in weights]
    plan = [int(share) for share in exact]
    rest = sorted(range(len(plan)), key=lambda index: exact[index] - plan[index], reverse=True)
    for index in rest[: jobs - sum(plan)]:
        plan[index] += 1
    return plan


def _first_day(db: Database, town: _Town) -> None:
    add_user(db, name="Maria (cashier)", role="CASHIER", pin="2222")
    town.services = [
        (add_service(db, name=name, price_minor=price * town.unit_minor).id, price * town.unit_minor)
        for name, price in _SERVICES
    ]
    move_cash(db, "FLOAT", 5000 * town.unit_minor, "Opening float")
    for owed in (3500, 12000, -2000):
        customer = _new_customer(db, town)
        set_opening_balance(db, customer, owed * town.unit_minor)


def _working_day(db: Database, town: _Town, clock: DemoClock, day: date, count: int) -> None:
    step = timedelta(hours=9) / (count + 1)
    opening = clock.moment
    _expenses(db, town, day)
    _deliver(db, town, day)
    for number in range(count):
        clock.moment = max(clock.moment, opening + step * (number + 1))
        _take_in(db, town, day)
    if town.random.random() < 0.15:
        _correct_something(db, town)
    _bank_takings(db, town)


def _new_customer(db: Database, town: _Town) -> str:
    person = make_person(town.random)
    customer = add_customer(db, name=person.name, phone=person.phone, address=person.address)
    town.regulars.append(customer.id)
    return customer.id


def _somebody(db: Database, town: _Town) -> str:
    """A new customer now and then; mostly one who came before, some of them often."""
    random = town.random
    if len(town.regulars) < 8 or random.random() < 0.22:
        return _new_customer(db, town)
    return town.regulars[int(len(town.regulars) * random.random() ** 2)]


def _take_in(db: Database, town: _Town, day: date) -> None:
    random = town.random
    customer_id = _somebody(db, town)
    service_id, price_minor = random.choice(town.services)
    amount_minor = price_minor * random.choice((1, 1, 1, 2, 2, 3, 5))
    ready_on = day + timedelta(days=random.choice((1, 2, 2, 3, 5)))
    job = create_job(
        db,
        customer_id=customer_id,
        service_type_id=service_id,
        amount_minor=amount_minor,
        due_date=ready_on,
        notes=random.choice(("", "", "", "Stain on the left sleeve", "Call before delivery", "Urgent")),
    )
    town.open_jobs.append(_OpenJob(job.id, customer_id, ready_on))
    if random.random() < 0.05:
        discount_job(db, job.id, max(1, amount_minor // 10), "Regular customer")
    chance = random.random()
    due = get_job(db, job.id).due_minor
    if chance < 0.25 and due > 1:
        _pay(db, town, customer_id, due // 2, {job.id: due // 2})
    elif chance < 0.35:
        _pay(db, town, customer_id, due, {job.id: due})
    elif chance < 0.37:
        _pay(db, town, customer_id, 2000 * town.unit_minor, {})


def _pay(db: Database, town: _Town, customer_id: str, amount_minor: int, jobs: dict[str, int] | None) -> None:
    method = "CASH" if town.random.random() < 0.8 else "BANK"
    record_payment(db, customer_id=customer_id, amount_minor=amount_minor, method=method, jobs=jobs)


def _deliver(db: Database, town: _Town, day: date) -> None:
    """Ready jobs are fetched and mostly paid, a few later, a few never."""
    random = town.random
    still_open = []
    for work in town.open_jobs:
        if work.ready_on > day or random.random() < 0.15:
            still_open.append(work)
            continue
        if random.random() < 0.01:
            cancel_job(db, work.job_id, "Customer changed their mind")
            continue
        if random.random() < 0.03:
            adjust_job(db, work.job_id, 150 * town.unit_minor, "Extra stain treatment")
        edit_job(db, work.job_id, work_status="DELIVERED")
        due = get_job(db, work.job_id).due_minor
        if due > 0 and random.random() < 0.93:
            _pay(db, town, work.customer_id, due, None)
        elif due > 0 and random.random() < 0.03:
            write_off_job(db, work.job_id, "Moved away")
    town.open_jobs = still_open
    for work in still_open[:5]:
        edit_job(db, work.job_id, work_status=random.choice(("IN_PROGRESS", "READY")))


def _expenses(db: Database, town: _Town, day: date) -> None:
    random = town.random
    bills = []
    if day.day == 1:
        bills.append(("Rent", 45000, "BANK", "Rent of the month"))
    if day.weekday() == 4:
        bills.append(("Wages", 18000, "BANK", "Wages of the week"))
    if random.random() < 0.5:
        bills.append(("Supplies", random.randrange(200, 2500), "CASH", "Detergent, hangers"))
    if random.random() < 0.3:
        bills.append(("Transport", random.randrange(100, 600), "CASH", "Deliveries"))
    if day.day == 12:
        bills.append(("Electricity and water", random.randrange(6000, 9000), "BANK", "Bill of the month"))
    for name, amount, method, words in bills:
        category = category_by_name(db, name)
        if category is not None:
            record_expense(
                db,
                category_id=category.id,
                amount_minor=amount * town.unit_minor,
                method=method,
                description=words,
            )


def _correct_something(db: Database, town: _Town) -> None:
    """Correct a mistake, about once a week."""
    random = town.random
    kind = random.choice(("payment", "expense", "refund"))
    customer_id = random.choice(town.regulars)
    if kind == "payment":
        wrong = record_payment(
            db, customer_id=customer_id, amount_minor=500 * town.unit_minor, method="CASH", jobs={}
        )
        reverse_payment(db, wrong.id, "Entered for the wrong customer")
    elif kind == "refund":
        amount = 300 * town.unit_minor
        record_payment(db, customer_id=customer_id, amount_minor=amount, method="CASH", jobs={})
        refund(db, customer_id=customer_id, amount_minor=amount, method="CASH", reason="Paid too much")
    else:
        category = category_by_name(db, "Supplies")
        if category is not None:
            wrong_bill = record_expense(
                db, category_id=category.id, amount_minor=400 * town.unit_minor, method="CASH"
            )
            reverse_expense(db, wrong_bill.id, "Entered twice")


def _bank_takings(db: Database, town: _Town) -> None:
    """In the evening, bank the cash beyond the float."""
    cash: int = db.value(
        "SELECT coalesce(sum(debit_minor - credit_minor), 0) FROM account_days WHERE account_id = :cash",
        {"cash": str(Account.CASH)},
    )
    surplus = (cash - 5000 * town.unit_minor) // (1000 * town.unit_minor) * 1000 * town.unit_minor
    if surplus > 0:
        move_cash(db, "BANK_DEPOSIT", surplus, "Takings of the day")
