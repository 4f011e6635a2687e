"""Finding payments by what people remember of them: the receipt's number, the customer, the amount."""

from __future__ import annotations

import re

from cleanflow.dao.customers import search_customers
from cleanflow.dao.paging import COUNTED
from cleanflow.dao.shop import get_shop
from cleanflow.db import Database
from cleanflow.digits import ascii_digits
from cleanflow.errors import Refusal
from cleanflow.money import MAX_AMOUNT_MINOR, parse_amount

#: Of a common fragment of a name, the payments of this many customers are found.
_CUSTOMERS = 500
#: ``C1-R000012``, ``c1-r12``, or ``R12`` for a receipt of this PC.
_RECEIPT = re.compile(r"(?:([A-Z0-9]{1,6})-)?R([0-9]{1,12})")


def payments_with_receipt(db: Database, text: str) -> list[str]:
    """Ids of the payments with this receipt number; several where PCs gave it before they were joined."""
    found = _RECEIPT.fullmatch(ascii_digits(text).strip().upper())
    if found is None:
        return []
    code = found[1] or db.value("SELECT code FROM devices WHERE id = :id", {"id": db.device_id})
    return _by_number(db, int(found[2]), f"{code}-R{int(found[2]):06d}")


def _by_number(db: Database, number: int, reference: str) -> list[str]:
    query = """
        SELECT id FROM payments
         WHERE reference_number = :number AND device_id IN (SELECT id FROM devices) AND reference = :reference
         ORDER BY created_at
    """  # what is printed: a PC may have had another code when it gave the number
    return [row["id"] for row in db.rows(query, {"number": number, "reference": reference})]


def found_payments(db: Database, text: str) -> list[str] | None:
    """Ids of the payments of a receipt number, of a customer with all words of ``text``, or of this amount.

    ``None`` when there is nothing to look for; at most :data:`~cleanflow.dao.paging.COUNTED`, the newest.
    """
    typed = ascii_digits(text).strip()
    if not typed:
        return None
    found = payments_with_receipt(db, typed)
    if found:
        return found
    if typed.isdigit() and len(typed) <= 6:
        found += payments_with_receipt(db, f"R{typed}")
    found += _of_amount(db, typed)
    if len(typed) > 1:
        found += _of_customers(db, typed)
    return list(dict.fromkeys(found))[:COUNTED]


def _of_amount(db: Database, typed: str) -> list[str]:
    try:
        amount = abs(parse_amount(typed, get_shop(db).currency))
    except Refusal:
        return []
    query = "SELECT id FROM payments WHERE amount_minor = :amount ORDER BY business_date DESC LIMIT :limit"
    return [row["id"] for row in db.rows(query, {"amount": min(amount, MAX_AMOUNT_MINOR), "limit": COUNTED})]


def _of_customers(db: Database, typed: str) -> list[str]:
    found = []
    for customer in search_customers(db, typed, limit=_CUSTOMERS):
        query = "SELECT id FROM payments WHERE customer_id = :id ORDER BY business_date DESC LIMIT :limit"
        found += [row["id"] for row in db.rows(query, {"id": customer.id, "limit": COUNTED})]
    return found
