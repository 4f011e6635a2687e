"""Whether a new customer's phone number is somebody's already, however it is written."""

from __future__ import annotations

from cleanflow.dao.customers import Customer, customers_with_phone
from cleanflow.db import Database
from cleanflow.errors import Refusal


class NumberCheck:
    """Refuses a known number once; saving again adds another customer with it, as families share a phone."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._said_of = ""
        #: The customer who has the number that was refused.
        self.found: Customer | None = None

    def check(self, phone: str, code: str) -> None:
        """Refuses with ``code`` a number that somebody has, once."""
        found = customers_with_phone(self._db, phone)
        if found and phone != self._said_of:
            self._said_of, self.found = phone, found[0]
            raise Refusal(code, name=found[0].name, phone=found[0].phone)
