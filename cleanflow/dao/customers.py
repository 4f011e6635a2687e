"""Customers: adding, editing, finding, and what they owed before the shop used CleanFlow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from cleanflow.dao import ledger
from cleanflow.dao.fields import clean_key, cleaned
from cleanflow.dao.shop import shop_country
from cleanflow.dao.stamps import (
    business_date,
    fact_stamp,
    known,
    new_id,
    next_reference,
    record_stamp,
    update_record,
)
from cleanflow.dao.users import require_owner
from cleanflow.db import Database, Row, with_transaction
from cleanflow.db.search_index import index_customer
from cleanflow.digits import digits_of
from cleanflow.errors import Refusal
from cleanflow.money import check_signed_amount
from cleanflow.phones import is_phone_like, number_keys, without_prefixes
from cleanflow.records.chart import Account
from cleanflow.records.people import CUSTOMERS
from cleanflow.records.search import search_form


@dataclass(frozen=True)
class Customer:
    """A customer; ``balance_minor`` > 0 is owed to the shop, < 0 is the customer's credit."""

    id: str
    name: str
    phone: str
    address: str
    notes: str
    external_key: str | None
    is_active: bool
    balance_minor: int


_SELECT = """
    SELECT customers.id, name, phone, address, notes, external_key, is_active,
           coalesce(balance_minor, 0) AS balance_minor
      FROM customers LEFT JOIN customer_balances ON customer_balances.customer_id = customers.id
"""


def _customer(row: Row) -> Customer:
    return Customer(
        id=row["id"],
        name=row["name"],
        phone=row["phone"],
        address=row["address"],
        notes=row["notes"],
        external_key=row["external_key"],
        is_active=bool(row["is_active"]),
        balance_minor=row["balance_minor"],
    )


def get_customer(db: Database, customer_id: str) -> Customer:
    """One customer. Refuses with ``record_unknown``."""
    return _customer(known(db.one(f"{_SELECT} WHERE customers.id = :id", {"id": customer_id}), "customer"))


def active_customer(db: Database, customer_id: str) -> Customer:
    """One customer to do business with. Refuses with ``record_unknown`` or ``customer_inactive``."""
    customer = get_customer(db, customer_id)
    if not customer.is_active:
        raise Refusal("customer_inactive")
    return customer


def customer_by_external_key(db: Database, external_key: str) -> Customer | None:
    """The customer whom an older system knew by ``external_key``."""
    row = db.one(
        f"{_SELECT} WHERE external_key = :key ORDER BY customers.created_at LIMIT 1", {"key": external_key}
    )
    return _customer(row) if row else None


def customers_named(db: Database, name: str) -> list[Customer]:
    """The active customers of exactly this name; the inactive ones when there is no active one."""
    found = db.rows(f"{_SELECT} WHERE name = :name COLLATE NOCASE", {"name": name})
    exact = [customer for customer in map(_customer, found) if customer.name == name]
    return [customer for customer in exact if customer.is_active] or exact


@with_transaction
def add_customer(
    db: Database,
    *,
    name: str,
    phone: str = "",
    address: str = "",
    notes: str = "",
    external_key: str | None = None,
    customer_id: str | None = None,
) -> Customer:
    """Add a customer. Two may have one name: people do."""
    record_id = customer_id or new_id()
    values = {
        "id": record_id,
        **cleaned(CUSTOMERS, {"name": name, "phone": phone, "address": address, "notes": notes}),
        "external_key": clean_key(external_key),
    }
    db.insert("customers", {**values, **record_stamp(db)})
    index_for_search(db, record_id)
    return get_customer(db, record_id)


@with_transaction
def edit_customer(
    db: Database,
    customer_id: str,
    *,
    name: str | None = None,
    phone: str | None = None,
    address: str | None = None,
    notes: str | None = None,
) -> Customer:
    """Change what describes a customer; ``None`` leaves a field as it is."""
    get_customer(db, customer_id)
    given = {"name": name, "phone": phone, "address": address, "notes": notes}
    changes = cleaned(CUSTOMERS, {field: value for field, value in given.items() if value is not None})
    if changes:
        update_record(db, "customers", customer_id, changes)
        index_for_search(db, customer_id)
    return get_customer(db, customer_id)


@with_transaction
def set_customer_active(db: Database, customer_id: str, active: bool) -> Customer:
    """Deactivate or reactivate. Refuses with ``customer_has_balance`` while money is open either way."""
    customer = get_customer(db, customer_id)
    if not active and customer.balance_minor != 0:
        raise Refusal("customer_has_balance")
    if customer.is_active != active:
        update_record(db, "customers", customer_id, {"is_active": int(active)})
    return get_customer(db, customer_id)


@with_transaction
def set_opening_balance(
    db: Database, customer_id: str, signed_minor: int, *, on: date | str | None = None
) -> None:
    """Enter what a customer owed (> 0) or had as credit (< 0) before CleanFlow.

    A debt becomes a job of kind OPENING and a credit a payment of kind OPENING, both against the
    account "Opening balances", so that both are settled, aged and refunded like all others.
    """
    require_owner(db)
    active_customer(db, customer_id)
    check_signed_amount(signed_minor)
    day, record_id, owed = business_date(db, on), new_id(), signed_minor > 0
    reference = next_reference(db, "JOB" if owed else "RECEIPT")
    values = {
        "id": record_id,
        "reference_number": reference.number,
        "reference": reference.text,
        "kind": "OPENING",
        "customer_id": customer_id,
        "amount_minor": abs(signed_minor),
        "business_date": day,
        **fact_stamp(db),
    }
    if owed:
        description = {"description": "Opening balance", "work_status": "DELIVERED"}
        db.insert("jobs", {**values, **description, "written_by": db.device_id})
    else:
        db.insert("payments", values)
    ledger.post_receivable(
        db,
        "OPENING",
        signed_minor=signed_minor,
        against=Account.OPENING,
        customer_id=customer_id,
        source_id=record_id,
        business_date=day,
        job_id=record_id if owed else None,
    )


#: Whom a list or a search is about, as a condition on customers and their balances.
WHICH = {
    "ACTIVE": "is_active = 1",
    "INACTIVE": "is_active = 0",
    "OWING": "balance_minor > 0",
    "CREDIT": "balance_minor < 0",
}


def search_customers(db: Database, text: str, *, limit: int = 50, which: str = "ACTIVE") -> list[Customer]:
    """Customers of whom every word of ``text`` is a part of name, phone, address or old key.

    Accents, case, apostrophes, hyphens and dots do not matter. A phone number is found in every writing:
    with or without the country's code, the leading zero and gaps. At most ``limit``: names that begin with
    ``text``, by name, then the others. ``which`` is a key of :data:`WHICH`.
    """
    words = _search_words(text)
    if not words:
        return [
            _customer(row)
            for row in db.rows(
                f"{_SELECT} WHERE {WHICH[which]} ORDER BY name COLLATE NOCASE LIMIT :limit", {"limit": limit}
            )
        ]
    # Of the active ones hardly any are left out afterwards, of the others most may be.
    wanted = 2 * limit if which == "ACTIVE" else _CANDIDATES
    ids = _matching_ids(db, words, wanted)
    if len(ids) < wanted and is_phone_like(text):
        number = without_prefixes(text, shop_country(db))
        if number not in words and len(number) >= _LEAST_PHONE_DIGITS:
            ids = list(dict.fromkeys([*ids, *_matching_ids(db, [number], wanted)]))[:wanted]
    found = {customer.id: customer for customer in customers_of(db, ids, which)}
    return [found[customer_id] for customer_id in ids if customer_id in found][:limit]


def customers_with_phone(db: Database, phone: str) -> list[Customer]:
    """The active customers who have one of the numbers of ``phone``, in whatever writing; at most 50."""
    country = shop_country(db)
    keys = number_keys(phone, country)
    found = {}
    for key in sorted(keys):
        for customer in search_customers(db, key):
            if keys & number_keys(customer.phone, country):
                found[customer.id] = customer
    return list(found.values())


def customers_of(db: Database, ids: Sequence[str], which: str | None = None) -> list[Customer]:
    """The customers of these ids, in any order; ``which`` of them as in :data:`WHICH`."""
    placeholders = ", ".join(f":id{number}" for number in range(len(ids)))
    query = f"{_SELECT} WHERE customers.id IN ({placeholders}) AND {WHICH[which] if which else 'TRUE'}"
    parameters = {f"id{number}": customer_id for number, customer_id in enumerate(ids)}
    return [_customer(row) for row in db.rows(query, parameters)]


#: Matches of a common fragment that are read before the best of them are shown.
_CANDIDATES = 500

#: Digits of a phone number, without its prefixes, that are searched for on their own.
_LEAST_PHONE_DIGITS = 4


def _matching_ids(db: Database, words: list[str], limit: int) -> list[str]:
    """Ids of the matches: names that begin with what was typed, by name, then the other matches."""
    typed = " ".join(words)
    query = """
        SELECT customer_id FROM customer_search_texts
         WHERE search_text >= :typed AND search_text < :typed || char(1114111)
         ORDER BY search_text LIMIT :limit
    """
    ids = [row["customer_id"] for row in db.rows(query, {"typed": typed, "limit": limit})]
    if len(ids) < limit:
        ids = list(dict.fromkeys([*ids, *_containing_ids(db, words)]))
    return ids[:limit]


def _containing_ids(db: Database, words: list[str]) -> list[str]:
    """Ids of customers with every word somewhere, by name.

    The trigram index needs three characters; shorter words only filter.
    """
    indexed = [word for word in words if len(word) >= 3]
    short = [word for word in words if len(word) < 3]
    parameters: dict[str, Any] = {f"word{number}": word for number, word in enumerate(short)}
    parameters["candidates"] = _CANDIDATES
    filters = "".join(f" AND instr(texts.search_text, :word{number}) > 0" for number in range(len(short)))
    if indexed:
        parameters["match"] = " AND ".join('"' + word.replace('"', '""') + '"' for word in indexed)
        source = "customer_search JOIN customer_search_texts AS texts ON texts.docid = customer_search.rowid"
        condition = "customer_search MATCH :match"
    else:
        source, condition = "customer_search_texts AS texts", "TRUE"
    query = f"""
        SELECT texts.customer_id, texts.search_text FROM {source}
         WHERE {condition}{filters} LIMIT :candidates
    """
    matches = sorted(db.rows(query, parameters), key=lambda row: str(row["search_text"]))
    return [row["customer_id"] for row in matches]


def index_for_search(db: Database, customer_id: str) -> None:
    """Let search know what a customer is found by now; part of a running operation."""
    known(index_customer(db.connection, customer_id), "customer")


def _search_words(text: str) -> list[str]:
    """The words to look for. What looks like a phone number is one word of digits."""
    if is_phone_like(text):
        return [digits_of(text)]
    return search_form(text.encode("utf-8", "replace").decode()).replace("\x00", " ").split()
