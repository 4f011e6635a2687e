"""Customers that may have been entered on two PCs, and merging them."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass

from cleanflow.dao.customers import edit_customer, get_customer, set_opening_balance
from cleanflow.dao.payments import credit_minor, use_credit
from cleanflow.dao.shop import shop_country
from cleanflow.dao.stamps import update_record
from cleanflow.dao.users import require_owner
from cleanflow.db import Database, with_transaction
from cleanflow.digits import digits_of
from cleanflow.errors import Refusal
from cleanflow.phones import number_keys, split_numbers

#: Two writings of one number end with the same digits; only customers who share those are compared.
_SAME_END = 6


@dataclass(frozen=True)
class Double:
    """Two active customers with the same phone number. The older one is proposed to be kept."""

    phone: str
    keep_id: str
    keep_name: str
    other_id: str
    other_name: str
    other_balance_minor: int


def double_customers(db: Database, limit: int = 200) -> list[Double]:
    """Pairs of active customers with the same phone number, in whatever writing."""
    country = shop_country(db)
    phones: dict[str, str] = {}
    by_end: dict[str, list[str]] = defaultdict(list)
    query = "SELECT id, phone FROM customers WHERE is_active = 1 AND phone <> '' ORDER BY created_at, id"
    for customer_id, phone in db.rows(query):
        phones[customer_id] = phone
        for end in {digits_of(part)[-_SAME_END:] for part in split_numbers(phone)}:
            if len(end) == _SAME_END:
                by_end[end].append(customer_id)
    pairs: dict[str, str] = {}
    for alike in by_end.values():
        first: dict[str, str] = {}
        for customer_id in alike if len(alike) > 1 else ():
            for key in sorted(number_keys(phones[customer_id], country)):
                kept = first.setdefault(key, customer_id)
                if kept != customer_id:
                    pairs.setdefault(customer_id, kept)
    return _described(db, pairs, limit)


def _described(db: Database, pairs: dict[str, str], limit: int) -> list[Double]:
    """``pairs`` (the other's id -> the kept one's) by the kept one's name."""
    query = """
        SELECT other.phone, keep.id, keep.name, other.id, other.name, coalesce(balance_minor, 0)
          FROM json_each(:pairs) AS pair
          JOIN customers AS other ON other.id = pair.key
          JOIN customers AS keep ON keep.id = pair.value
          LEFT JOIN customer_balances ON customer_id = other.id
         ORDER BY keep.name, other.created_at LIMIT :limit
    """
    return [Double(*row) for row in db.rows(query, {"pairs": json.dumps(pairs), "limit": limit})]


@with_transaction
def merge_customers(db: Database, keep_id: str, other_id: str) -> None:
    """Merge two customers: the other's balance is brought over, and the other is deactivated.

    No record moves: the other customer keeps its history and its account ends at zero; its balance becomes
    an opening balance of the customer that is kept. The notes of both say so. Refuses with
    ``owner_needed``, ``same_customer``, ``customer_inactive``.
    """
    require_owner(db)
    keep, other = get_customer(db, keep_id), get_customer(db, other_id)
    if keep.id == other.id:
        raise Refusal("same_customer")
    if not keep.is_active or not other.is_active:
        raise Refusal("customer_inactive")
    if other.balance_minor:
        set_opening_balance(db, other.id, -other.balance_minor)
        set_opening_balance(db, keep.id, other.balance_minor)
        _settle(db, other.id)
    edit_customer(db, keep.id, notes=_with(keep.notes, f"← {other.name}"))
    notes = _with(other.notes, f"→ {keep.name}")
    update_record(db, "customers", other.id, {"notes": notes, "is_active": 0})


def _settle(db: Database, customer_id: str) -> None:
    """Settle what is due from the customer's credit."""
    query = "SELECT 1 FROM job_totals WHERE customer_id = :id AND due_minor > 0"
    if credit_minor(db, customer_id) and db.value(query, {"id": customer_id}):
        use_credit(db, customer_id)


def _with(notes: str, line: str) -> str:
    return f"{notes}\n{line}".strip()
