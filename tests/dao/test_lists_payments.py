"""Lists of payments: newest or oldest first, filtered; and which jobs a payment settled."""

from __future__ import annotations

from datetime import date

import pytest

from cleanflow.dao.adjustments import cancel_job
from cleanflow.dao.customers import add_customer, set_opening_balance
from cleanflow.dao.jobs import create_job
from cleanflow.dao.paging import Slice
from cleanflow.dao.payment_lists import list_payments, payment_facts, settled_by
from cleanflow.dao.payments import record_payment, refund, reverse_payment
from cleanflow.db import Database
from tests.dao.pages import all_pages, all_pages_backward


@pytest.fixture
def shop(db: Database) -> Database:
    """Ann pays five times over three days, one payment is reversed, one refunded; Bob brings credit along."""
    ann = add_customer(db, name="Ann").id
    paid = [
        record_payment(db, customer_id=ann, amount_minor=100 * (n + 1), method=("CASH", "BANK")[n % 2],
                       on=date(2026, 3, 8 + n // 2))
        for n in range(5)
    ]  # fmt: skip
    reverse_payment(db, paid[0].id, "Wrong", on=date(2026, 3, 9))
    refund(db, customer_id=ann, amount_minor=150, method="CASH", reason="Back", payment_id=paid[1].id)
    set_opening_balance(db, add_customer(db, name="Bob").id, -1000)
    return db


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("limit", [1, 3, 50])
def test_every_payment_comes_once_in_the_order_of_the_books(
    shop: Database, limit: int, descending: bool
) -> None:
    part = Slice("date", descending, limit=limit)
    rows = all_pages(lambda part: list_payments(shop, part), part)
    numbers = [int(row.reference[-1]) for row in rows]
    expected = [1, 2, 3, 4, 6, 5, 7, 8]
    assert numbers == (expected[::-1] if descending else expected)
    assert all_pages_backward(lambda part: list_payments(shop, part), part) == rows


@pytest.mark.parametrize(
    ("filters", "numbers"),
    [
        ({"method": "BANK"}, [2, 4]),
        ({"kind": "PAYMENT"}, [1, 2, 3, 4, 5]),
        ({"kind": "REFUND"}, [7]),
        ({"kind": "REVERSAL"}, [6]),
        ({"kind": "OPENING"}, [8]),
        ({"kind": "REFUND_REVERSAL"}, []),
        ({"first": date(2026, 3, 9), "last": date(2026, 3, 9)}, [3, 4, 6]),
        ({"first": date(2026, 3, 9), "method": "CASH", "kind": "PAYMENT"}, [3, 5]),
    ],
)
def test_filters_show_what_they_say(shop: Database, filters: dict[str, object], numbers: list[int]) -> None:
    page = list_payments(shop, Slice("date"), **filters)  # type: ignore[arg-type]
    assert [int(row.reference[-1]) for row in page.rows] == numbers
    assert page.count == len(numbers)


def test_a_line_says_who_paid_what_is_left_and_whether_it_was_taken_back(shop: Database) -> None:
    rows = {int(row.reference[-1]): row for row in list_payments(shop, Slice("date")).rows}
    assert {number for number, row in rows.items() if row.is_reversed} == {1}
    assert [rows[number].unallocated_minor for number in (1, 2, 3, 7)] == [0, 50, 300, 0]
    assert {rows[number].customer for number in (1, 7)} == {"Ann"}
    assert rows[8].customer == "Bob"
    bob = rows[8].customer_id
    assert [row.id for row in list_payments(shop, Slice("date"), customer_id=bob).rows] == [rows[8].id]
    assert [rows[number].signed_minor for number in (2, 6, 7, 8)] == [200, -100, -150, 1000]


def test_what_a_payment_settled_and_what_was_released_again(db: Database) -> None:
    ann = add_customer(db, name="Ann").id
    shirt, suit = (create_job(db, customer_id=ann, amount_minor=amount) for amount in (500, 900))
    payment = record_payment(db, customer_id=ann, amount_minor=1000, method="CASH")
    found = [(part.reference, part.amount_minor, part.due_minor) for part in settled_by(db, payment.id)]
    assert found == [(shirt.reference, 500, 0), (suit.reference, 500, 400)]
    cancel_job(db, shirt.id, "Changed their mind")
    back = refund(db, customer_id=ann, amount_minor=300, method="CASH", reason="Back")
    found = [(part.reference, part.amount_minor, part.due_minor) for part in settled_by(db, payment.id)]
    assert found == [(shirt.reference, 0, 0), (suit.reference, 500, 400), (back.reference, 300, None)]
    assert [(part.reference, part.amount_minor) for part in settled_by(db, back.id)] == [
        (payment.reference, 300)
    ]


def test_a_payment_knows_who_took_it_and_its_reversal(shop: Database) -> None:
    rows = {int(row.reference[-1]): row for row in list_payments(shop, Slice("date")).rows}
    first, reversal = payment_facts(shop, rows[1].id), payment_facts(shop, rows[6].id)
    assert (first.customer, first.user) == ("Ann", "Olga")
    assert first.reversed_by is not None and first.reversed_by.reference == rows[6].reference
    assert reversal.reverses is not None and reversal.reverses.reference == rows[1].reference
    assert (first.reverses, reversal.reversed_by) == (None, None)
