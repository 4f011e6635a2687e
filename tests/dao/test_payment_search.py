"""Payments are found by receipt, customer and amount."""

from __future__ import annotations

import pytest

from cleanflow.dao.customers import add_customer
from cleanflow.dao.paging import Slice
from cleanflow.dao.payment_lists import list_payments
from cleanflow.dao.payment_search import found_payments
from cleanflow.dao.payments import record_payment
from cleanflow.db import Database


@pytest.fixture
def shop(db: Database) -> Database:
    for name, phone, amount in (
        ("Ann Baker", "0300 1234567", 1200),
        ("Bob", "", 500),
        ("Ann Cole", "", 1200),
    ):
        customer = add_customer(db, name=name, phone=phone)
        record_payment(db, customer_id=customer.id, amount_minor=amount, method="CASH")
    return db


def receipts(db: Database, text: str) -> list[str]:
    page = list_payments(db, Slice("date"), found=found_payments(db, text))
    return [line.reference[-1] for line in page.rows]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("C1-R000002", "2"),
        (" c1-r2 ", "2"),
        ("R2", "2"),
        ("C1-R٢", "2"),
        ("2", "2"),
        ("12", "13"),
        ("12.00", "13"),
        ("1,200", ""),
        ("ann", "13"),
        ("baker", "1"),
        ("0300-1234567", "1"),
        ("bob", "2"),
        ("nobody", ""),
        ("", "123"),
    ],
)
def test_what_is_remembered_finds_the_payment(shop: Database, text: str, found: str) -> None:
    assert receipts(shop, text) == [*found]
