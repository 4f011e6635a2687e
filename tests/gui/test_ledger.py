"""The ledger by keyboard: entries, one account with its balance, the trial balance, the check of the books."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from datetime import date

import pytest

from cleanflow.dao.customers import add_customer
from cleanflow.dao.drawer import move_cash
from cleanflow.dao.expenses import category_by_name, record_expense
from cleanflow.dao.jobs import create_job
from cleanflow.dao.payments import record_payment
from cleanflow.db import Database
from cleanflow.records.chart import Account
from tests.gui.conftest import Hands


@pytest.fixture
def worked(hands: Hands) -> Hands:
    """A float, a job of Ann Baker, her part payment, and rent a month ago."""
    db = hands.window.db
    hands.sign_in("Olga")
    move_cash(db, "FLOAT", 10_000)
    rent = category_by_name(db, "Rent")
    assert rent is not None
    record_expense(db, category_id=rent.id, amount_minor=2_500, method="CASH", on=date(2026, 2, 10))
    ann = add_customer(db, name="Ann Baker").id
    job = create_job(db, customer_id=ann, amount_minor=4_000, description="Suit")
    record_payment(db, customer_id=ann, amount_minor=1_500, method="CASH", jobs={job.id: 1_500})
    add_customer(db, name="Zoe")
    hands.press("F10")
    return hands


def choose_account(hands: Hands, name: str) -> None:
    hands.press("Control-f", "Tab", "Control-a")
    hands.type(name)
    hands.press("Return")


def test_entries_of_this_month_say_what_moved_from_where_to_where(worked: Hands) -> None:
    assert worked.rows() == [
        ["10/03/2026", "C1 #4", "Payment C1-R000001", "Cash", "Accounts receivable", "15.00", "Ann Baker",
         "Olga"],
        ["10/03/2026", "C1 #3", "Job C1-000001", "Accounts receivable", "Service revenue", "40.00",
         "Ann Baker", "Olga"],
        ["10/03/2026", "C1 #1", "Float C1-D000001", "Cash", "Owner's funds", "100.00", "", "Olga"],
    ]  # fmt: skip
    assert "Payment C1-R000001, Ann Baker: 15.00 from Accounts receivable to Cash." in worked.texts()
    assert "by Olga, on PC C1" in worked.texts()


def test_one_account_shows_debits_credits_and_the_balance_after_each(worked: Hands) -> None:
    choose_account(worked, "cash")
    assert "Cash before 01/03/2026: -25.00" in worked.texts()
    assert [row[2:] for row in worked.rows()] == [
        ["Payment C1-R000001, Ann Baker", "Accounts receivable", "15.00", "", "90.00"],
        ["Float C1-D000001", "Owner's funds", "100.00", "", "75.00"],
    ]


def test_what_an_income_account_earned_is_a_positive_balance(worked: Hands) -> None:
    choose_account(worked, "service")
    assert [row[4:] for row in worked.rows()] == [["", "40.00", "40.00"]]


def test_a_balance_that_leaves_entries_out_is_not_shown(worked: Hands) -> None:
    choose_account(worked, "cash")
    worked.press("Tab", "Control-a")
    worked.type("float")
    worked.press("Return")
    assert [row[4:] for row in worked.rows()] == [["100.00", "", ""]]
    assert "The balance is shown for all kinds and customers together." in worked.texts()


def test_a_customer_is_found_by_a_part_of_the_name(worked: Hands) -> None:
    worked.press("Control-f", "Tab", "Tab", "Tab")
    worked.type("bak")
    worked.press("Return")
    assert "Only Ann Baker" in worked.texts()
    assert len(worked.rows()) == 2
    worked.press("Control-a")
    worked.type("qqq")
    worked.press("Return")
    assert worked.rows() == []
    assert "Nobody of that name." in worked.texts()


def test_the_trial_balance_is_equal_and_leads_to_an_accounts_entries(worked: Hands) -> None:
    worked.press("Control-l")
    assert worked.rows() == [
        ["Cash", "What the shop has", "90.00", ""],
        ["Accounts receivable", "What the shop has", "25.00", ""],
        ["Owner's funds", "The owner's share", "", "100.00"],
        ["Service revenue", "Income", "", "40.00"],
        ["Rent", "Expense", "25.00", ""],
    ]
    assert "Total debit 140.00, total credit 140.00" in worked.texts()
    worked.press("Return")
    assert [row[6] for row in worked.rows()] == ["90.00", "75.00", "-25.00"]
    worked.press("Control-l", "Control-f")
    worked.type("28/2")
    worked.press("Return")
    assert worked.rows() == [
        ["Cash", "What the shop has", "", "25.00"],
        ["Rent", "Expense", "25.00", ""],
    ]


def test_enter_opens_the_record_behind_an_entry(worked: Hands) -> None:
    worked.focus_list()
    worked.press("Return")
    assert "Payment C1-R000001" in worked.texts()
    worked.press("Escape", "Down", "Down", "Return")
    assert "This entry has no page of its own." in worked.texts()
    worked.press("Control-u")
    assert "This entry concerns no customer." in worked.texts()
    worked.press("Up", "Control-u")
    assert worked.window.navigation.current.name == "customer_page"  # type: ignore[union-attr]


def test_an_expense_leads_to_the_expenses_of_its_day(worked: Hands) -> None:
    worked.window.show("ledger", day="2026-02-10")
    assert [row[2] for row in worked.rows()] == ["Expense C1-E000001"]
    worked.focus_list()
    worked.press("Return")
    assert "The expenses of that day; this is C1-E000001." in worked.texts()


def test_other_screens_ask_for_an_account_or_a_job(worked: Hands) -> None:
    db = worked.window.db
    worked.window.show("ledger", account_id=str(Account.CASH), first="2026-02-01", last="2026-02-28")
    assert [row[2] for row in worked.rows()] == ["Expense C1-E000001"]
    worked.window.show("ledger", job_id=db.value("SELECT id FROM jobs"))
    assert [row[2] for row in worked.rows()] == ["Job C1-000001"]
    assert "Only job C1-000001" in worked.texts()


def test_a_list_that_was_not_counted_to_its_end_still_pages_to_it(
    worked: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cleanflow.dao.paging.SIFTED", 2)
    monkeypatch.setattr("cleanflow.gui.widgets.records.RecordList.PAGE", 1)
    worked.window.show("ledger", account_id=str(Account.CASH), last="2026-03-31")
    assert "1 to 1 of more than 2" in worked.texts()
    worked.focus_list()
    seen = []
    for _page in range(4):  # once more than there are
        seen.append(worked.rows()[0][6])
        worked.press("Down")
    assert seen == ["90.00", "75.00", "-25.00", "-25.00"]
    worked.press("Up", "Up")
    assert worked.rows()[0][6] == "90.00"
    worked.press("End")
    assert worked.rows()[0][6] == "-25.00"


def test_books_in_order_are_said_to_be(worked: Hands) -> None:
    worked.press("Control-o")
    worked.wait_for("Your books are in order")
    assert "4 entries checked, on 1 PC: every number agrees with its records." in worked.texts()
    worked.press("Return")
    assert "Your books are in order" not in worked.texts()


def test_a_check_that_was_cancelled_says_nothing_more(worked: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    started, stopped = threading.Event(), threading.Event()

    def slow(db: Database, progress: Callable[[str], None]) -> None:
        started.set()
        endless = "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
        try:
            db.value(endless)
        finally:
            stopped.set()

    monkeypatch.setattr("cleanflow.gui.dialogs.book_check.verify", slow)
    monkeypatch.setattr("cleanflow.gui.dialogs.progress._APPEARS_AFTER_MS", 1)
    worked.press("Control-o")
    worked.wait_for("Checking the books")
    assert started.wait(10)
    worked.press("Escape")
    assert stopped.wait(10)
    assert "Cancelled." in worked.texts()
    assert "Checking the books" not in worked.texts()


def tamper(db: Database) -> None:
    """As somebody with a database program and the will to cheat."""
    connection = sqlite3.connect(db.path)
    sql = connection.execute("SELECT sql FROM sqlite_master WHERE name LIKE 'ledger_entries_before_update%'")
    guards = [text for (text,) in sql]
    names = [text.split()[2] for text in guards]
    for name in names:
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute("UPDATE ledger_entries SET amount_minor = 500 WHERE chain_number = 4")
    for text in guards:
        connection.execute(text)
    connection.commit()
    connection.close()


def test_a_changed_entry_is_found_and_what_to_do_is_said(worked: Hands) -> None:
    tamper(worked.window.db)
    worked.press("Control-o")
    worked.wait_for("Something is wrong with the books")
    assert "ledger of PC C1, entry 4: This entry (PAYMENT of 2026-03-10) has been changed" in worked.texts()
    assert "Compare with the last backup" in worked.texts()
    worked.press("Escape")
    assert "Something is wrong" not in worked.texts()
