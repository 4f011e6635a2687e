"""Counting the drawer at the end of the day, by keyboard."""

from __future__ import annotations

from datetime import date, timedelta

from cleanflow.dao.drawer import move_cash
from cleanflow.dao.ledger import account_balances
from cleanflow.dao.shop import change_settings
from cleanflow.db import bulk
from cleanflow.records.chart import Account
from cleanflow.reports.closed_day import close_the_day
from cleanflow.safekeeping.verify import verify
from tests.gui.conftest import Hands


def test_a_day_is_closed_by_counting_notes_and_coins(hands: Hands) -> None:
    db = hands.window.db
    move_cash(db, "FLOAT", 250_00)
    hands.sign_in()
    hands.press("F9")
    assert "250.00" in hands.texts()
    hands.type("2")
    hands.press("Return")
    hands.type("1")
    assert "Counted: 250.00" in hands.texts()
    hands.press("Control-s")
    assert "Closed: C1-Z000001, counted 250.00, nothing missing" in hands.texts()
    assert hands.rows() == [["10/03/2026", "–", ""]]
    assert db.value("SELECT denominations FROM day_closings") == '{"5000": 1, "10000": 2}'


def test_a_difference_asks_why_and_above_the_limit_for_an_owner(hands: Hands) -> None:
    db = hands.window.db
    change_settings(db, {"variance_limit": "1000"})
    move_cash(db, "FLOAT", 250_00)
    hands.sign_in()
    hands.press("F9")
    hands.type("2")
    hands.press("Control-s")
    assert "The drawer differs by -50.00; please say why." in hands.texts()
    hands.type("Lost")
    hands.press("Return")
    assert "An owner's PIN, please" in hands.texts()
    hands.type("1234")
    hands.press("Return")
    assert "Closed: C1-Z000001, counted 200.00, difference -50.00" in hands.texts()
    cash = next(account for account in account_balances(db) if account.id == Account.CASH)
    assert cash.balance_minor == 200_00
    assert verify(db).findings == []


def test_who_counts_blind_does_not_see_what_is_expected(hands: Hands) -> None:
    db = hands.window.db
    change_settings(db, {"blind_count": "1"})
    move_cash(db, "FLOAT", 250_00)
    hands.sign_in()
    assert "250.00" not in hands.texts()
    hands.press("F9")
    assert "250.00" not in hands.texts()
    assert "What is expected is shown after counting." in hands.texts()


def test_nothing_counted_is_not_an_empty_drawer(hands: Hands) -> None:
    hands.sign_in()
    hands.press("F9", "Control-s")
    assert "Please count the drawer first" in hands.texts()
    assert hands.window.db.value("SELECT count(*) FROM day_closings") == 0
    hands.press("F2", "F9")
    assert "Please count the drawer first" not in hands.texts()


def test_the_oldest_of_many_closings_is_a_key_away(hands: Hands) -> None:
    db = hands.window.db
    first = date(2025, 10, 1)
    with bulk(db):
        for number in range(130):
            close_the_day(db, counted_minor=0, on=(first + timedelta(days=number)).isoformat())
    hands.sign_in()
    hands.press("F9", "Control-j")
    assert "1 to 100 of 130" in hands.texts()
    assert hands.rows()[0][0] == "07/02/2026"
    hands.press("End")
    assert "31 to 130 of 130" in hands.texts()
    assert hands.rows()[-1][0] == "01/10/2025"


def test_cash_is_paid_in_and_out_with_a_reason(hands: Hands) -> None:
    hands.sign_in()
    hands.press("F9", "Control-o")
    hands.type("20")
    hands.press("Return", "Return")
    assert "Reason must not be empty." in hands.texts()
    hands.type("Lunch")
    hands.press("Return")
    assert "Recorded: Paid out to the owner C1-D000001, 20.00" in hands.texts()
