"""Whether a new customer's phone number is somebody's already, however it is written."""

from __future__ import annotations

from cleanflow.dao.customers import Customer, customers_with_phone
from cleanflow.db import Database


class NumberCheck:
    """Tells of a known number once; saving again adds another customer with it, as families share a phone."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._said_of = ""
        #: The customer who was told of.
        self.found: Customer | None = None

    def newly_found(self, phone: str) -> Customer | None:
        """Who has this number; None when nobody has, or when it was told before."""
        found = customers_with_phone(self._db, phone)
        if not found or phone == self._said_of:
            return None
        self._said_of, self.found = phone, found[0]
        return self.found
