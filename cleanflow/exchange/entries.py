"""Making one record of the books from one line of a file; each kind of record is one operation.

Which lines, in which transactions, and what is told of them: :mod:`cleanflow.exchange.importing`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cleanflow.dao.customers import (
    Customer,
    add_customer,
    customer_by_external_key,
    customers_named,
    set_opening_balance,
)
from cleanflow.dao.expenses import add_category, category_by_name, expense_by_external_key, record_expense
from cleanflow.dao.fields import clean_text
from cleanflow.dao.jobs import create_job, job_by_external_key, job_by_reference
from cleanflow.dao.payments import payment_by_external_key, record_payment
from cleanflow.dao.services import add_service, service_by_external_key, service_by_name
from cleanflow.db import Database, with_transaction
from cleanflow.errors import Refusal
from cleanflow.exchange.values import parse_date, payment_method, work_status
from cleanflow.money import Currency, parse_amount

Values = Mapping[str, str]


@dataclass
class Session:
    """What the lines of one file share: how the file writes things, and what has been learnt on the way."""

    currency: Currency
    date_order: str
    new_categories: list[str] = field(default_factory=list)
    services: dict[str, str] = field(default_factory=dict)  # name as written -> id


@dataclass(frozen=True)
class Kind:
    """``known`` says why a line needs no record any more; ``add`` makes it and returns its amount."""

    known: Callable[[Database, str, Values], str | None]
    add: Callable[[Database, str, Values, Session], int]


def _amount(values: Values, name: str, session: Session) -> int:
    if name not in values:
        raise Refusal("cell_missing", field=name)
    return parse_amount(values[name], session.currency)


def _date(values: Values, name: str, session: Session) -> str | None:
    return parse_date(values[name], session.date_order) if name in values else None


def _customer(db: Database, values: Values) -> Customer:
    """By the old system's key, else by exact name."""
    if "customer" not in values:
        raise Refusal("cell_missing", field="customer")
    text = clean_text("The customer", values["customer"], limit=200)
    by_key = customer_by_external_key(db, text)
    named = [by_key] if by_key else customers_named(db, text)
    if not named:
        raise Refusal("customer_unknown", text=text)
    if len(named) > 1:
        raise Refusal("customer_ambiguous", text=text, count=len(named))
    return named[0]


@with_transaction
def _add_customer(db: Database, key: str, values: Values, session: Session) -> int:
    opening_minor = _amount(values, "opening_balance", session) if "opening_balance" in values else 0
    customer = add_customer(
        db,
        name=values.get("name", ""),
        phone=values.get("phone", ""),
        address=values.get("address", ""),
        notes=values.get("notes", ""),
        external_key=key,
    )
    if opening_minor:
        set_opening_balance(db, customer.id, opening_minor)
    return opening_minor


@with_transaction
def _add_service(db: Database, key: str, values: Values, session: Session) -> int:
    price_minor = _amount(values, "price", session) if "price" in values else 0
    add_service(db, name=values.get("name", ""), price_minor=price_minor, external_key=key)
    return 0


def _service_id(db: Database, values: Values, session: Session) -> str | None:
    name = values.get("service")
    if name is None:
        return None
    if name not in session.services:
        service = service_by_external_key(db, name) or service_by_name(db, name)
        if service is None:
            raise Refusal("service_unknown", text=clean_text("The service", name, limit=200))
        session.services[name] = service.id
    return session.services[name]


@with_transaction
def _add_job(db: Database, key: str, values: Values, session: Session) -> int:
    job = create_job(
        db,
        customer_id=_customer(db, values).id,
        amount_minor=_amount(values, "amount", session),
        on=_date(values, "date", session),
        due_date=_date(values, "due_date", session),
        description=values.get("description", ""),
        service_type_id=_service_id(db, values, session),
        notes=values.get("notes", ""),
        work_status=work_status(values.get("work_status", "")),
        external_key=key,
    )
    return job.amount_minor


@with_transaction
def _add_payment(db: Database, key: str, values: Values, session: Session) -> int:
    amount_minor = _amount(values, "amount", session)
    payment = record_payment(
        db,
        customer_id=_customer(db, values).id,
        amount_minor=amount_minor,
        method=payment_method(values.get("method", "")),
        jobs={_job_id(db, values["job"]): amount_minor} if "job" in values else None,
        on=_date(values, "date", session),
        external_key=key,
    )
    return payment.amount_minor


def _job_id(db: Database, text: str) -> str:
    name = clean_text("The job", text, limit=200)
    job = job_by_external_key(db, name) or job_by_reference(db, name)
    if job is None:
        raise Refusal("job_unknown", text=name)
    return job.id


@with_transaction
def _add_expense(db: Database, key: str, values: Values, session: Session) -> int:
    name = clean_text("The category", values.get("category", ""), limit=200, required=True)
    known = category_by_name(db, name)
    category = known or add_category(db, name)
    expense = record_expense(
        db,
        category_id=category.id,
        amount_minor=_amount(values, "amount", session),
        method=payment_method(values.get("method", "")),
        description=values.get("description", ""),
        on=_date(values, "date", session),
        external_key=key,
    )
    if known is None:
        session.new_categories.append(category.name)
    return expense.amount_minor


def _by_key(find: Callable[[Database, str], object | None]) -> Callable[[Database, str, Values], str | None]:
    def known(db: Database, key: str, _values: Values) -> str | None:
        return str(Refusal("record_exists")) if find(db, key) else None

    return known


def _service_known(db: Database, key: str, values: Values) -> str | None:
    """A service is there when its key is, or its name: a shop has no two of one name."""
    if service_by_external_key(db, key):
        return str(Refusal("record_exists"))
    other = service_by_name(db, values.get("name", ""))
    return str(Refusal("name_taken", name=other.name)) if other else None


KINDS = {
    "customers": Kind(_by_key(customer_by_external_key), _add_customer),
    "services": Kind(_service_known, _add_service),
    "jobs": Kind(_by_key(job_by_external_key), _add_job),
    "payments": Kind(_by_key(payment_by_external_key), _add_payment),
    "expenses": Kind(_by_key(expense_by_external_key), _add_expense),
}
