"""Whether a new customer's phone number is somebody's already, however it is written."""

from __future__ import annotations

from cleanflow.dao.customers import Customer, search_customers
from cleanflow.db import Database
from cleanflow.digits import ascii_digits
from cleanflow.errors import Refusal

#: Digits at a number's end that tell it apart: the prefixes before them are written in many ways.
_TELLING_DIGITS = 9


def customers_with_number(db: Database, phone: str) -> list[Customer]:
    """The active customers whose number ends like ``phone``; nobody for fewer than nine digits."""
    ending = _digits(phone)[-_TELLING_DIGITS:]
    if len(ending) < _TELLING_DIGITS:
        return []
    return [customer for customer in search_customers(db, ending) if _digits(customer.phone).endswith(ending)]


def _digits(text: str) -> str:
    return "".join(char for char in ascii_digits(text) if char.isdigit())


class NumberCheck:
    """Refuses a known number once; saving again adds another customer with it, as families share a phone."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._said_of = ""
        #: The customer who has the number that was refused.
        self.found: Customer | None = None

    def check(self, phone: str, code: str) -> None:
        """Refuses with ``code`` a number that somebody has, once."""
        found = customers_with_number(self._db, phone)
        if found and phone != self._said_of:
            self._said_of, self.found = phone, found[0]
            raise Refusal(code, name=found[0].name, phone=found[0].phone)
