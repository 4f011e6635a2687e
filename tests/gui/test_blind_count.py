"""The blind count is a secret everywhere, or it is none: every screen, every report, every command."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator

import pytest

from cleanflow.cli import main
from cleanflow.dao.customers import add_customer
from cleanflow.dao.drawer import move_cash
from cleanflow.dao.expenses import category_by_name, record_expense
from cleanflow.dao.jobs import create_job
from cleanflow.dao.payments import record_payment
from cleanflow.dao.shop import change_settings
from cleanflow.db import Database
from cleanflow.gui.screens import SCREENS
from cleanflow.records.chart import Account
from cleanflow.reports.catalogue import catalogue
from tests.conftest import TestClock
from tests.gui.conftest import Hands

#: What the drawer holds (107 + 31 + 53 - 17), what was taken in as cash and in all, what came into the drawer.
SECRETS = ("174.00", "84.00", "95.00", "191.00")


@pytest.fixture
def shop(hands: Hands) -> Iterator[Hands]:
    """A shop that counts blind: a float of 107, 31 and 53 in cash, 11 to the bank, 17 spent; Carl signed in."""
    db = hands.window.db
    change_settings(db, {"blind_count": "1", "variance_limit": "1000"})
    move_cash(db, "FLOAT", 107_00)
    for name, amount, method in (("Ann", 31_00, "CASH"), ("Bob", 53_00, "CASH"), ("Cat", 11_00, "BANK")):
        who = add_customer(db, name=name).id
        create_job(db, customer_id=who, amount_minor=200_00)
        record_payment(db, customer_id=who, amount_minor=amount, method=method)
    category = category_by_name(db, "Supplies")
    assert category is not None
    record_expense(db, category_id=category.id, amount_minor=17_00, method="CASH")
    hands.sign_in()
    yield hands


def screen_texts(hands: Hands) -> str:
    """Everything that is read on the screen: labels, lists, the text of a report."""
    found = [hands.texts()]
    for widget in hands._shown():
        if widget.winfo_class() == "Treeview":
            found += [str(widget.item(row, "values")) for row in widget.get_children()]  # type: ignore[attr-defined]
        elif widget.winfo_class() == "Text":
            found.append(str(widget.get("1.0", "end")))  # type: ignore[attr-defined]
    return "\n".join(found)


def leaks(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


def test_the_secret_is_a_number_that_an_owner_sees(shop: Hands) -> None:
    shop.press("F12")
    shop.sign_in("Olga")
    assert "174.00" in screen_texts(shop)


@pytest.mark.parametrize("name", [screen.name for screen in SCREENS])
def test_no_screen_tells_a_cashier_what_is_in_the_drawer(shop: Hands, name: str) -> None:
    shop.window.show(name)
    assert leaks(screen_texts(shop)) == []


@pytest.mark.parametrize("name", [kind.name for kind in catalogue() if not kind.of_customer])
def test_no_report_tells_a_cashier_what_is_in_the_drawer(shop: Hands, name: str) -> None:
    shop.window.show("reports", report=name, period="10/3/2026")
    text = screen_texts(shop)
    assert leaks(text) == []
    assert "blind" in text or name not in ("daily", "cashflow", "trial-balance")


def test_the_ledger_of_cash_and_the_trial_balance_show_no_balance(shop: Hands) -> None:
    shop.window.show("ledger", account_id=str(Account.CASH), first="2026-03-10", last="2026-03-10")
    rows = shop.rows()
    assert len(rows) == 4 and {row[-1] for row in rows if row[-1] not in ("sent", "waiting")} == {""}
    assert "the balance is shown when the drawer has been counted" in shop.texts()
    shop.press("Control-l")
    assert leaks(screen_texts(shop)) == [] and "counts its drawer blind" in shop.texts()


def test_a_report_shows_the_drawer_for_an_owners_pin(shop: Hands) -> None:
    shop.press("F8", "Control-l")
    assert "An owner's PIN, please" in shop.texts()
    shop.type("1234")
    shop.press("Return")
    assert "174.00" in screen_texts(shop)
    shop.press("F2", "F8")
    assert leaks(screen_texts(shop)) == []


def test_a_difference_is_told_after_the_count_is_booked_and_not_before(shop: Hands) -> None:
    db = shop.window.db
    shop.press("F9")
    for _field in range(60):
        if shop.window.focus_get() is shop.window.navigation.screens["day_close"]._counting._sum:  # type: ignore[attr-defined]
            break
        shop.press("Tab")
    shop.type("150")
    shop.press("Control-s")
    asked = shop.texts()
    assert "The day is closed with this count" in asked and "An owner's PIN" not in asked
    assert not any(words in asked for words in ("24.00", "174.00", "please say why"))
    assert db.value("SELECT count(*) FROM day_closings") == 0
    shop.press("Control-s")
    assert "Closed: C1-Z000001, counted 150.00, difference -24.00" in shop.texts()
    assert db.value("SELECT expected_minor FROM day_closings") == 174_00
    shop.press("Control-p")
    assert shop.window.navigation.current is not None
    assert shop.window.navigation.current.name == "print_page"


def test_a_second_shift_does_not_see_the_first_ones_drawer(shop: Hands, clock: TestClock) -> None:
    from cleanflow.reports.closed_day import close_the_day

    db = shop.window.db
    close_the_day(db, counted_minor=150_00)
    shop.press("F9")
    assert "150.00" in screen_texts(shop), "counted, and nothing moved since"
    assert shop.rows()[0][1] == "-24.00"
    move_cash(db, "PAY_IN", 5_00, "Change")
    shop.press("F2", "F9")
    text = screen_texts(shop)
    assert not any(secret in text for secret in ("150.00", "155.00", "174.00", "-24.00"))
    shop.press("Control-p")
    assert "An owner's PIN, please" in shop.texts()
    shop.press("Escape")
    shop.window.show("audit")
    shop.focus_list()
    assert not any(secret in screen_texts(shop) for secret in ("150.00", "174.00"))


def command(db: Database, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    status = main(["--data", str(db.path.parent), *words])
    output = capsys.readouterr()
    return status, output.out + output.err


@pytest.mark.parametrize("how", ["text", "json"])
@pytest.mark.parametrize("name", [kind.name for kind in catalogue() if not kind.of_customer])
def test_no_command_tells_it_without_an_owners_pin(
    shop: Hands, name: str, how: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    days = {
        "monthly": ["--month", "2026-03"],
        "daily": ["--date", "2026-03-10"],
        "receivables": ["--date", "2026-03-10"],
        "trial-balance": ["--date", "2026-03-10"],
    }.get(name, ["--from", "2026-03-10", "--to", "2026-03-10"])
    words = ["report", name, *days, *(["--json"] if how == "json" else [])]
    status, told = command(shop.window.db, capsys, *words)
    assert leaks(told) == []
    secret = name in ("cashflow", "trial-balance")
    assert status == (1 if secret else 0)
    monkeypatch.setattr(sys, "stdin", io.StringIO("9999\n"))
    assert command(shop.window.db, capsys, *words, "--as-owner") == (
        1, "cleanflow: That is not an owner's PIN.\n")  # fmt: skip
    monkeypatch.setattr(sys, "stdin", io.StringIO("1234\n"))
    status, told = command(shop.window.db, capsys, *words, "--as-owner")
    assert status == 0
    assert ("174.00" in told) == (secret or name == "daily")


def test_other_commands_keep_it_too(shop: Hands, capsys: pytest.CaptureFixture[str]) -> None:
    db = shop.window.db
    folder = db.path.parent
    assert command(db, capsys, "export", "journal", str(folder / "j"))[0] == 1
    assert not (folder / "j").exists()
    for words in (["status"], ["status", "--json"], ["verify"], ["backup", str(folder / "b.db")]):
        status, told = command(db, capsys, *words)
        assert (status, leaks(told)) == (0, [])
    status, told = command(db, capsys, "restore", str(folder / "b.db"), "--look")
    assert leaks(told) == []


def test_a_blind_close_by_command_tells_the_difference_when_it_is_booked(
    shop: Hands, capsys: pytest.CaptureFixture[str]
) -> None:
    db = shop.window.db
    status, told = command(db, capsys, "close", "--date", "2026-03-10", "--counted", "150", "--json")
    assert (status, json.loads(told)["difference"]) == (0, "-24.00")
    assert command(db, capsys, "close", "--date", "2026-03-10", "--again")[0] == 0
    move_cash(db, "PAY_IN", 5_00, "Change")
    assert command(db, capsys, "close", "--date", "2026-03-10", "--again")[0] == 1
