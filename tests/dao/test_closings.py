"""Closing the day: the count is stored, the difference booked, and later records do not change it."""

from __future__ import annotations

import json
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleanflow.dao.closings import (
    DayClosing,
    add_addendum,
    close_day,
    closings_of,
    expected_minor,
    late_entries,
    list_closings,
    this_drawer,
)
from cleanflow.dao.customers import add_customer
from cleanflow.dao.drawer import move_cash
from cleanflow.dao.expenses import list_categories, record_expense, reverse_expense
from cleanflow.dao.ledger import account_balances
from cleanflow.dao.paging import Page, Slice
from cleanflow.dao.payments import record_payment, refund, reverse_payment
from cleanflow.dao.shop import change_settings
from cleanflow.dao.stamps import new_id
from cleanflow.dao.users import add_user, first_owner
from cleanflow.db import Database, open_database
from cleanflow.errors import Refusal
from cleanflow.records.chart import Account
from cleanflow.safekeeping.verify import verify
from tests.conftest import TestClock
from tests.dao.pages import all_pages, all_pages_backward

TODAY = date(2026, 3, 10)


def close(db: Database, counted: int, reason: str = "", **more: Any) -> DayClosing:
    return close_day(db, counted_minor=counted, report=lambda closing: "{}", reason=reason, **more)


def cash(db: Database) -> int:
    return next(account.balance_minor for account in account_balances(db) if account.id == Account.CASH)


def test_what_is_missing_is_booked_with_its_reason(db: Database) -> None:
    move_cash(db, "FLOAT", 100_00)
    closing = close(db, 98_50, "A coin fell behind the counter")
    assert (closing.expected_minor, closing.variance_minor) == (100_00, -1_50)
    assert cash(db) == 98_50
    assert verify(db).findings == []


def test_every_closing_is_found_page_by_page_in_either_direction(db: Database) -> None:
    made = [close(db, 0, on=date(2026, 1, 1) + timedelta(days=number // 2)).reference for number in range(25)]

    def read(part: Slice) -> Page[DayClosing]:
        return list_closings(db, part)

    newest = Slice("date", descending=True, limit=4)
    assert [line.reference for line in all_pages(read, newest)] == made[::-1]
    assert [line.reference for line in all_pages_backward(read, newest)] == made[::-1]
    assert list_closings(db, newest).count == 25


def test_a_difference_without_its_reason_is_refused_and_nothing_is_written(db: Database) -> None:
    move_cash(db, "FLOAT", 100_00)
    with pytest.raises(Refusal) as caught:
        close(db, 98_50)
    assert caught.value.code == "variance_needs_reason"
    assert "-1.50" in str(caught.value)
    assert closings_of(db, "2026-03-10") == []
    assert cash(db) == 100_00


def test_a_drawer_that_agrees_needs_no_reason_and_an_empty_one_counts_as_zero(db: Database) -> None:
    assert close(db, 0).variance_minor == 0
    assert db.value("SELECT count(*) FROM ledger_entries") == 0


def test_a_second_shift_starts_from_what_the_first_one_left(db: Database) -> None:
    move_cash(db, "FLOAT", 100_00)
    close(db, 90_00, "Short")
    move_cash(db, "PAY_IN", 5_00, "Change")
    second = close(db, 95_00)
    assert (second.expected_minor, second.variance_minor) == (95_00, 0)
    assert [closing.reference for closing in closings_of(db, "2026-03-10")] == ["C1-Z000001", "C1-Z000002"]


def test_above_the_shops_limit_a_cashier_needs_an_owner(db: Database) -> None:
    change_settings(db, {"variance_limit": "500"})
    owner = db.session.user_id
    cashier = add_user(db, name="Carl", role="CASHIER", pin="2222")
    move_cash(db, "FLOAT", 100_00)
    db.session.user_id = cashier.id
    with pytest.raises(Refusal) as caught:
        close(db, 94_99, "Short")
    assert caught.value.code == "owner_needed"
    assert close(db, 95_00, "Short").variance_minor == -5_00
    db.session.user_id = owner
    assert close(db, 10_00, "Much too short").variance_minor == -85_00


def test_saving_twice_closes_once(db: Database) -> None:
    record_id = new_id()
    close(db, 0, closing_id=record_id)
    with pytest.raises(Refusal) as caught:
        close(db, 5, "again", closing_id=record_id)
    assert caught.value.code == "record_exists"
    assert db.value("SELECT count(*) FROM ledger_entries") == 0


def test_what_comes_later_for_the_day_is_told_once_by_numbered_addenda(
    db: Database, clock: TestClock
) -> None:
    move_cash(db, "FLOAT", 100_00)
    closing = close(db, 100_00)
    with pytest.raises(Refusal) as caught:
        add_addendum(db, closing.id, lambda number, told: "{}")
    assert caught.value.code == "nothing_late"
    move_cash(db, "PAY_IN", 1_00, "Late", on=TODAY)
    move_cash(db, "PAY_IN", 1_00, "Another day", on=date(2026, 3, 9))
    assert late_entries(db, closing) == 1
    seen: list[tuple[int, dict[str, int]]] = []

    def keep(number: int, told: dict[str, int]) -> str:
        seen.append((number, told))
        return json.dumps({"number": number})

    first = add_addendum(db, closing.id, keep)
    assert (first.number, late_entries(db, closing)) == (1, 0)
    move_cash(db, "PAY_OUT", 2_00, "Later still", on=TODAY)
    assert add_addendum(db, closing.id, keep).number == 2
    assert [told[db.device_id] for _number, told in seen] == [1, 3]
    assert closings_of(db, "2026-03-10") == [closing]
    assert verify(db).findings == []


steps = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["FLOAT", "PAY_IN", "PAY_OUT", "BANK_DEPOSIT"]), st.integers(1, 500_00)),
        st.tuples(st.sampled_from(["PAYMENT", "EXPENSE", "UNDO", "REFUND"]), st.integers(1, 500_00)),
        st.tuples(st.just("CLOSE"), st.integers(0, 900_00)),
    ),
    max_size=14,
)


@settings(max_examples=25, deadline=None)
@given(story=steps, back_dated=st.lists(st.booleans(), min_size=14, max_size=14))
def test_the_drawer_equation_holds_after_any_day(
    story: list[tuple[str, int]],
    back_dated: list[bool],
    tmp_path_factory: pytest.TempPathFactory,
    new_shop_file: Path,
) -> None:
    """expected = opening + in - out and counted = expected + variance, by plain sums of what was done."""
    path = tmp_path_factory.mktemp("drawer") / "shop.db"
    shutil.copy(new_shop_file, path)
    with open_database(path) as db:
        owner = first_owner(db)
        assert owner is not None
        db.session.user_id = owner.id
        _live(db, story, back_dated)


def _live(db: Database, story: list[tuple[str, int]], back_dated: list[bool]) -> None:
    customer = add_customer(db, name="Ann").id
    category = list_categories(db)[0].id
    by_day: dict[date, int] = {}
    undo: list[tuple[str, str, int]] = []
    for (kind, amount), is_late in zip(story, back_dated, strict=False):
        day = date(2026, 3, 9) if is_late else TODAY
        change = 0
        if kind in ("FLOAT", "PAY_IN", "PAY_OUT", "BANK_DEPOSIT"):
            move_cash(db, kind, amount, "why", on=day)
            change = amount if kind in ("FLOAT", "PAY_IN") else -amount
        elif kind == "PAYMENT":
            payment = record_payment(db, customer_id=customer, amount_minor=amount, method="CASH", on=day)
            undo.append(("PAYMENT", payment.id, amount))
            change = amount
        elif kind == "EXPENSE":
            expense = record_expense(db, category_id=category, amount_minor=amount, method="CASH", on=day)
            undo.append(("EXPENSE", expense.id, amount))
            change = -amount
        elif kind == "UNDO" and undo:
            what, record_id, undone = undo.pop()
            if what == "PAYMENT":
                reverse_payment(db, record_id, "wrong", on=day)
            else:
                reverse_expense(db, record_id, "wrong", on=day)
            change = -undone if what == "PAYMENT" else undone
        elif kind == "REFUND" and undo and undo[-1][0] == "PAYMENT":
            _what, payment_id, paid = undo.pop()
            refund(
                db,
                customer_id=customer,
                amount_minor=paid,
                method="CASH",
                reason="x",
                payment_id=payment_id,
                on=day,
            )
            change = -paid
        elif kind == "CLOSE":
            before = sum(moved for on, moved in by_day.items() if on <= day)
            closing = close(db, amount, "counted", on=day)
            assert closing.expected_minor == before
            assert closing.variance_minor == amount - before
            change = closing.variance_minor
        by_day[day] = by_day.get(day, 0) + change
    assert expected_minor(db, this_drawer(db), TODAY.isoformat()) == sum(by_day.values()) == cash(db)
    assert verify(db).findings == []
