"""Making one record of the books from one line of a file; each kind of record is one operation.

Which lines, in which transactions, and what is told of them: :mod:`cleanflow.exchange.importing`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from cleanflow.dao.customers import (
    Customer,
    add_customer,
    customer_by_external_key,
    customers_named,
    get_customer,
    set_customer_active,
    set_opening_balance,
)
from cleanflow.dao.expenses import (
    Expense,
    add_category,
    category_by_name,
    expense_by_external_key,
    record_expense,
)
from cleanflow.dao.fields import clean_field, clean_text
from cleanflow.dao.jobs import (
    Job,
    create_job,
    job_by_external_key,
    jobs_by_external_key,
    jobs_by_reference,
    only_job,
)
from cleanflow.dao.payments import Payment, payment_by_external_key, record_payment
from cleanflow.dao.services import add_service, edit_service, service_by_external_key, service_by_name
from cleanflow.db import Database, with_transaction
from cleanflow.errors import Refusal
from cleanflow.exchange.values import (
    amount_of,
    check_invoice,
    check_paid,
    check_type,
    is_active,
    parse_date,
    payment_method,
    price_of,
    work_status,
)
from cleanflow.language import _
from cleanflow.money import Currency
from cleanflow.records.people import CUSTOMERS

Values = Mapping[str, str]
R = TypeVar("R")


@dataclass
class Session:
    """What the lines of one file share: how the file writes things, and what has been learnt on the way.

    ``last_date`` (``YYYY-MM-DD``): a later one is refused; empty where the person has confirmed the dates.
    """

    currency: Currency
    date_order: str
    last_date: str = ""
    new_categories: list[str] = field(default_factory=list)
    services: dict[str, str] = field(default_factory=dict)  # name as written -> id

    def date(self, text: str) -> str:
        """``YYYY-MM-DD``. Refuses as :func:`parse_date`, and with ``date_far_ahead``."""
        day = parse_date(text, self.date_order)
        if self.last_date and day > self.last_date:
            raise Refusal("date_far_ahead", text=text, day=day)
        return day

    def understood(self, name: str, text: str) -> str:
        """What a field's text is taken for, to be shown.

        Refuses what is not understood; raises :class:`~cleanflow.exchange.values.LeftOut`.
        """
        if name in ("amount", "opening_balance", "cash_amount", "bank_amount"):
            return self.currency.format(amount_of(text, self.currency))
        if name == "price":
            minor = price_of(text, self.currency)
            return self.currency.format(minor) if minor else _("asked each time")
        if name in ("date", "due_date"):
            return self.date(text)
        if name in _CHOICES:
            return _CHOICES[name](text)
        return text


def _checked(check: Callable[[str], None]) -> Callable[[str], str]:
    def run(text: str) -> str:
        check(text)
        return text

    return run


#: Field -> what its word is taken for.
_CHOICES: dict[str, Callable[[str], str]] = {
    "work_status": work_status,
    "method": payment_method,
    "status": _checked(check_paid),
    "invoice_status": _checked(check_invoice),
    "record_type": _checked(check_type),
    "active": lambda text: "yes" if is_active(text) else "no",
    "inactive": lambda text: "yes" if _is_off(text) else "no",
}


def _is_off(text: str) -> bool:
    """Of a column “Archived”: the word for inactive means yes there, too."""
    return bool(text) and (is_active(text) or text.strip().casefold() in ("inactive", "archived"))


@dataclass(frozen=True)
class Identity:
    """How a line is known again: the old system's key, empty where there is none, and its content's."""

    given: str
    content: str

    @property
    def key(self) -> str:
        """What the record is stored with."""
        return self.given or self.content


@dataclass(frozen=True)
class Known:
    """Why a line needs no record any more; ``by_content``: nothing but equal content says so."""

    reason: str
    by_content: bool = False


@dataclass(frozen=True)
class Kind:
    """``known`` says whether a line has its record already; ``add`` makes it and returns its amount.

    ``known`` refuses with ``key_differs`` when the old system's key belongs to a record of other content.
    """

    known: Callable[[Database, Identity, Values, Session], Known | None]
    add: Callable[[Database, str, Values, Session], int]


def _amount(values: Values, name: str, session: Session) -> int:
    if name not in values:
        raise Refusal("cell_missing", field=name)
    return amount_of(values[name], session.currency)


def _date(values: Values, name: str, session: Session) -> str | None:
    return session.date(values[name]) if name in values else None


def is_active_record(values: Values) -> bool:
    """Whether the line's customer or service is in use. Refuses with ``choice_invalid``."""
    return is_active(values.get("active", "")) and not _is_off(values.get("inactive", ""))


def _customer(db: Database, values: Values) -> Customer:
    """By the old system's key, else by exact name; by whichever of the line's two texts is known."""
    if "customer" not in values:
        raise Refusal("cell_missing", field="customer")
    text = clean_text("The customer", values["customer"], limit=200)
    named = _customers(db, text) or _customers(db, values.get("customer_2", ""))
    if not named:
        raise Refusal("customer_unknown", text=text)
    if len(named) > 1:
        raise Refusal("customer_ambiguous", text=text, count=len(named))
    return named[0]


def _customers(db: Database, text: str) -> list[Customer]:
    if not text:
        return []
    by_key = customer_by_external_key(db, text)
    return [by_key] if by_key else customers_named(db, text)


def _add_customer(db: Database, key: str, values: Values, session: Session) -> int:
    is_in_use = is_active_record(values)
    customer_id, opening_minor = _add_active_customer(db, key, values, session)
    if not is_in_use and not opening_minor:  # whoever owes stays active until it is settled
        set_customer_active(db, customer_id, False)
    return opening_minor


@with_transaction
def _add_active_customer(db: Database, key: str, values: Values, session: Session) -> tuple[str, int]:
    """The customer's id and opening balance."""
    opening_minor = _amount(values, "opening_balance", session) if "opening_balance" in values else 0
    texts = {field.name: values.get(field.name, "") for field in CUSTOMERS.described}
    customer = add_customer(db, **texts, external_key=key)
    if opening_minor:
        set_opening_balance(db, customer.id, opening_minor)
    return customer.id, opening_minor


def _add_service(db: Database, key: str, values: Values, session: Session) -> int:
    price_minor = price_of(values["price"], session.currency) if "price" in values else 0
    is_in_use = is_active_record(values)
    service = add_service(db, name=values.get("name", ""), price_minor=price_minor, external_key=key)
    if not is_in_use:
        edit_service(db, service.id, is_active=False)
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
    check_type(values.get("record_type", ""))
    check_invoice(values.get("invoice_status", ""))
    status = work_status(values.get("work_status", ""))
    job = create_job(
        db,
        customer_id=_customer(db, values).id,
        amount_minor=_amount(values, "amount", session),
        on=_date(values, "date", session),
        due_date=_date(values, "due_date", session),
        description=values.get("description", ""),
        service_type_id=_service_id(db, values, session),
        notes=values.get("notes", ""),
        work_status=status,
        external_key=key,
        is_imported=True,
    )
    return job.amount_minor


@with_transaction
def _add_payment(db: Database, key: str, values: Values, session: Session) -> int:
    check_type(values.get("record_type", ""))
    check_paid(values.get("status", ""))
    amount_minor = _amount(values, "amount", session)
    customer = _customer(db, values)
    payment = record_payment(
        db,
        customer_id=customer.id,
        amount_minor=amount_minor,
        method=payment_method(values.get("method", "")),
        jobs={_job_id(db, values["job"], customer): amount_minor} if "job" in values else None,
        on=_date(values, "date", session),
        external_key=key,
    )
    return payment.amount_minor


def _job_id(db: Database, text: str, customer: Customer) -> str:
    """By the old system's key, else by reference. Of several jobs, the customer's is meant."""
    name = clean_text("The job", text, limit=200)
    found = jobs_by_external_key(db, name) or jobs_by_reference(db, name)
    job = only_job(db, name, [one for one in found if one.customer_id == customer.id] or found)
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


Differences = Callable[[Database, R, Values, Session], list[str]]


def _customer_differences(_db: Database, found: Customer, values: Values, _session: Session) -> list[str]:
    name = clean_field(CUSTOMERS["name"], values.get("name", ""))
    return _difference("name", name, found.name)


def _expense_differences(_db: Database, found: Expense, values: Values, session: Session) -> list[str]:
    return _money_differences(found.amount_minor, found.business_date, values, session)


def _sale_differences(db: Database, found: Job | Payment, values: Values, session: Session) -> list[str]:
    differences = _money_differences(found.amount_minor, found.business_date, values, session)
    text = clean_text("The customer", values.get("customer", ""), limit=200)
    named = _customers(db, text) or _customers(db, values.get("customer_2", ""))
    if found.customer_id not in [customer.id for customer in named]:
        differences += _difference("customer", text, get_customer(db, found.customer_id).name)
    return differences


def _money_differences(amount_minor: int, business_date: str, values: Values, session: Session) -> list[str]:
    """A line without a date does not contradict the day on which it was entered."""
    money = session.currency.format
    return [
        *_difference("amount", money(_amount(values, "amount", session)), money(amount_minor)),
        *_difference("date", _date(values, "date", session) or business_date, business_date),
    ]


def _difference(name: str, here: str, there: str) -> list[str]:
    return [] if here == there else [f"{name} “{here}” here, “{there}” there"]


def _by_key(
    find: Callable[[Database, str], R | None], differences: Differences[R]
) -> Callable[[Database, Identity, Values, Session], Known | None]:
    """Equal content needs no comparing; the old system's key may have been given to something else."""

    def known(db: Database, identity: Identity, values: Values, session: Session) -> Known | None:
        exists = str(Refusal("record_exists"))
        found = find(db, identity.given) if identity.given else None
        if found is None:
            return Known(exists, by_content=True) if find(db, identity.content) else None
        if differing := differences(db, found, values, session):
            raise Refusal("key_differs", text=identity.given, differences=", ".join(differing))
        return Known(exists)

    return known


def _no_differences(_db: Database, _found: object, _values: Values, _session: Session) -> list[str]:
    """A service's name and price are the shop's to change."""
    return []


_service_by_key = _by_key(service_by_external_key, _no_differences)


def _service_known(db: Database, identity: Identity, values: Values, session: Session) -> Known | None:
    """A service is there when its key is, or its name: a shop has no two of one name."""
    if known := _service_by_key(db, identity, values, session):
        return known
    other = service_by_name(db, values.get("name", ""))
    return Known(str(Refusal("name_taken", name=other.name))) if other else None


KINDS = {
    "customers": Kind(_by_key(customer_by_external_key, _customer_differences), _add_customer),
    "services": Kind(_service_known, _add_service),
    "jobs": Kind(_by_key(job_by_external_key, _sale_differences), _add_job),
    "payments": Kind(_by_key(payment_by_external_key, _sale_differences), _add_payment),
    "expenses": Kind(_by_key(expense_by_external_key, _expense_differences), _add_expense),
}
