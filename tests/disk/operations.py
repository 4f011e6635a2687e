"""Operations for the tests of disk faults: each adds exactly one record every time it is run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cleanflow.dao import customers, expenses, jobs, payments
from cleanflow.dao.closings import close_day, expected_minor, this_drawer
from cleanflow.dao.shop import change_settings
from cleanflow.dao.stamps import business_date
from cleanflow.db import Database
from cleanflow.exchange.importing import plan_import, run_import
from cleanflow.sync.merge import Merger
from tests.sync.merging import Rows, add, charge, open_pc, operations_of, page

PAGES = 150


@dataclass(frozen=True)
class World:
    """What the operations need around them."""

    db: Database
    folder: Path
    pages: list[Rows]

    @property
    def customer_id(self) -> str:
        return str(self.db.value("SELECT id FROM customers ORDER BY created_at LIMIT 1"))


def form_id(number: int) -> str:
    """The id of a form's new record, made when the form opens."""
    return f"{number:08d}-1111-4111-8111-111111111111"


def _customer(world: World, number: int) -> None:
    customers.add_customer(world.db, name=f"Bea {number}", customer_id=form_id(number))


def _job(world: World, number: int) -> None:
    customer_id = world.customer_id
    jobs.create_job(world.db, customer_id=customer_id, amount_minor=100 + number, job_id=form_id(number))


def _payment(world: World, number: int) -> None:
    customer_id = world.customer_id
    payments.record_payment(
        world.db, customer_id=customer_id, amount_minor=10, method="CASH", payment_id=form_id(number)
    )


def _expense(world: World, number: int) -> None:
    category_id = expenses.list_categories(world.db)[0].id
    expenses.record_expense(
        world.db, category_id=category_id, amount_minor=5, method="BANK", expense_id=form_id(number)
    )


def _closing(world: World, number: int) -> None:
    db = world.db
    counted = expected_minor(db, this_drawer(db), business_date(db, None))
    close_day(db, counted_minor=counted, report=lambda closing: "{}", closing_id=form_id(number))


def _setting(world: World, number: int) -> None:
    change_settings(world.db, {"shop_phone": f"0300 {number}"})


def _import(world: World, number: int) -> None:
    file = world.folder / "customers.csv"
    file.write_text(f"Id,Name,Balance\n{number},Imported {number},7.50\n")
    run_import(world.db, plan_import(world.db, "customers", file))


def _merge(world: World, number: int) -> None:
    Merger(world.db).merge(world.pages[number])


Operation = Callable[[World, int], object]

#: Name -> (the operation, called with its number; the query that counts how often it was done).
OPERATIONS: dict[str, tuple[Operation, str]] = {
    "customer": (_customer, "SELECT count(*) FROM customers"),
    "job": (_job, "SELECT count(*) FROM jobs"),
    "payment": (_payment, "SELECT count(*) FROM payments"),
    "expense": (_expense, "SELECT count(*) FROM expenses"),
    "closing": (_closing, "SELECT count(*) FROM day_closings"),
    "setting": (_setting, "SELECT count(*) FROM audit_logs WHERE table_name = 'settings'"),
    "import": (_import, "SELECT count(*) FROM ledger_entries"),
    "merge": (_merge, "SELECT count(*) FROM jobs"),
}


def pages_of_another_pc(folder: Path, shop_file: Path) -> Iterator[Rows]:
    """Pages as from the server: first the PC with its first job, then one job per page."""
    with open_pc(folder / "other.db", shop_file, "C2") as other:
        ann = add(other)
        for number in range(PAGES):
            charge(other, ann, 100 + number)
        made = operations_of(other)
    yield page(*made[: len(made) - PAGES + 1])
    for one in made[len(made) - PAGES + 1 :]:
        yield page(one)
