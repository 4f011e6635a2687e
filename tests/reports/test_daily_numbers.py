"""The daily report, number by number, for days that can be added up by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from cleanflow.dao import customers, drawer, jobs, payments, services
from cleanflow.dao.remembered import LAST_BACKUP_AT, remember
from cleanflow.dao.shop import change_settings
from cleanflow.db import Database, with_transaction
from cleanflow.errors import Refusal
from cleanflow.records.book import ENTRY_KINDS
from cleanflow.records.chart import Account
from cleanflow.rendering.text import as_text
from cleanflow.reports.account_days import KINDS, AccountDay, Entry, Movement, account_day
from cleanflow.reports.daily import DailyReport, daily_report
from cleanflow.reports.day_money import CategoryExpenses, Closing, MoneyIn, MoneyOut, PcMoney
from cleanflow.reports.day_records import BelowList, CustomerChange, DailyJob
from cleanflow.reports.pages.daily_page import daily_document
from tests.conftest import TestClock
from tests.reports.stories import TODAY, add_pc, at, close_drawer, full_day, use_pc


@pytest.fixture
def day(db: Database, clock: TestClock) -> DailyReport:
    full_day(db, clock)
    return daily_report(db, TODAY)


def test_the_payments_are_told_one_by_one_with_who_took_them(day: DailyReport) -> None:
    told = [
        (line.reference, line.customer, line.method, line.amount_minor, line.user) for line in day.payments
    ]
    assert told == [
        ("C1-R000001", "Ann", "CASH", 50_00, "Olga"),
        ("C1-R000002", "Ann", "BANK", 10_00, "Olga"),
        ("C1-R000003", "Bob", "CASH", 80_00, "Olga"),
        ("C1-R000004", "Cat", "CASH", 3_00, "Olga"),
        ("C1-R000006", "Cat", "BANK", 20_00, "Olga"),
    ]
    paid = sum(item.payments_minor or 0 for item in day.money_in)
    assert sum(line.amount_minor for line in day.payments) == paid


def test_a_job_below_the_price_list_is_told_with_who_took_it_in_and_why(db: Database) -> None:
    ann = customers.add_customer(db, name="Ann").id
    suit = services.add_service(db, name="Suit 2-piece", price_minor=15_00)
    asked = services.add_service(db, name="Repair")
    for amount, service, notes in ((12_00, suit.id, "A friend"), (15_00, suit.id, ""), (1_00, asked.id, "")):
        jobs.create_job(
            db, customer_id=ann, amount_minor=amount, service_type_id=service, description="grey", notes=notes
        )
    services.edit_service(db, suit.id, price_minor=20_00)
    (line,) = daily_report(db, TODAY).below_list
    assert line == BelowList("C1-000001", "Ann", "Suit 2-piece, grey", "Olga", 15_00, 12_00, "A friend")
    assert line.amount_minor == -3_00
    text = as_text(daily_document(daily_report(db, TODAY)))
    assert "C1-000001  Below list 15.00  Ann: A friend        Olga   -3.00" in text


def test_money_in_counts_payments_and_shows_reversals_beside_them(day: DailyReport) -> None:
    assert day.money_in == (
        MoneyIn("CASH", 3, 133_00, 1, -3_00, 130_00),
        MoneyIn("BANK", 2, 30_00, 0, 0, 30_00),
    )
    assert day.taken_in_minor == 160_00


def test_money_out_has_expenses_by_category_and_method_their_reversals_and_refunds(day: DailyReport) -> None:
    assert day.money_out == (
        MoneyOut("CASH", 2, 16_00, 1, -4_00, 1, 5_00, 0, 0, 17_00),
        MoneyOut("BANK", 1, 90_00, 0, 0, 0, 0, 0, 0, 90_00),
    )
    assert day.paid_out_minor == 107_00
    assert day.expenses == (
        CategoryExpenses("Supplies", "CASH", 1, 12_00),
        CategoryExpenses("Transport", "CASH", 1, 4_00),
        CategoryExpenses("Rent", "BANK", 1, 90_00),
    )


def test_the_drawer_goes_from_yesterdays_float_to_what_must_be_in_it(day: DailyReport) -> None:
    assert day.drawer.cash == AccountDay(
        100_00,
        (
            Movement("PAY_IN", 1, 9_00),
            Movement("PAYMENT", 3, 133_00),
            Movement("PAYMENT_REVERSAL", 1, -3_00),
            Movement("REFUND", 1, -5_00),
            Movement("EXPENSE", 2, -16_00),
            Movement("EXPENSE_REVERSAL", 1, 4_00),
            Movement("PAY_OUT", 1, -11_00),
            Movement("BANK_DEPOSIT", 1, -150_00),
        ),
        61_00,
    )
    assert (day.drawer.expected_minor, day.drawer.closing, day.drawer.pcs) == (61_00, None, ("C1",))


def test_what_was_banked_arrives_at_the_bank(day: DailyReport) -> None:
    assert (day.bank.opening_minor, day.bank.closing_minor) == (0, 90_00)
    assert day.bank.of("BANK_DEPOSIT") == Movement("BANK_DEPOSIT", 1, 150_00)


def test_jobs_show_what_they_cost_and_what_is_paid_now(day: DailyReport) -> None:
    assert day.jobs == (
        DailyJob("C1-000002", "Ann", "Suit", 30_00, 28_00, 10_00, "PARTIAL", "RECEIVED"),
        DailyJob("C1-000003", "Bob", "Rug", 80_00, 80_00, 80_00, "PAID", "RECEIVED"),
        DailyJob("C1-000004", "Bob", "Veil", 7_00, 0, 0, "PAID", "CANCELLED"),
    )


def test_changes_of_jobs_carry_their_reasons_and_who_made_them(day: DailyReport) -> None:
    assert [(c.kind, c.job, c.reason, c.user, c.amount_minor) for c in day.job_changes] == [
        ("DISCOUNT", "C1-000002", "Regular customer", "Olga", -2_00),
        ("CANCELLATION", "C1-000004", "Changed her mind", "Olga", -7_00),
    ]


def test_every_movement_of_money_besides_payments_is_listed_with_its_reason(day: DailyReport) -> None:
    assert [(move.kind, move.whom, move.words, move.amount_minor) for move in day.money_moves] == [
        ("REVERSAL", "Cat", "Wrong customer", -3_00),
        ("REFUND", "Cat", "Too much", -5_00),
        ("EXPENSE", "Supplies", "Soap", -12_00),
        ("EXPENSE", "Rent", "", -90_00),
        ("EXPENSE", "Transport", "", -4_00),
        ("EXPENSE_REVERSAL", "Transport", "Entered twice", 4_00),
        ("PAY_IN", "", "Change", 9_00),
        ("PAY_OUT", "", "Lunch", -11_00),
        ("BANK_DEPOSIT", "", "To the bank", -150_00),
    ]


def test_receivables_go_from_what_was_owed_to_what_is_owed(day: DailyReport) -> None:
    assert (day.receivables.opening_minor, day.receivables.closing_minor) == (50_00, 3_00)
    assert day.customers == (
        CustomerChange("Ann", 50_00, -32_00, 18_00),
        CustomerChange("Cat", 0, -15_00, -15_00),
    )  # Bob paid what he owed on the same day


def test_an_empty_day_is_all_zeros_and_keeps_the_balances(db: Database, clock: TestClock) -> None:
    full_day(db, clock)
    report = daily_report(db, "2026-03-11")
    assert (report.taken_in_minor, report.paid_out_minor) == (0, 0)
    assert (report.jobs, report.customers, report.money_moves, report.job_changes) == ((), (), (), ())
    assert report.drawer.cash == AccountDay(61_00, (), 61_00)
    assert report.receivables == AccountDay(3_00, (), 3_00)


def test_a_shop_in_which_nothing_ever_happened_has_a_report(db: Database) -> None:
    report = daily_report(db, TODAY)
    assert report.drawer.expected_minor == 0
    assert report.chain_heads == ()


def test_a_payment_reversed_the_next_day_stays_in_its_own_day(db: Database, clock: TestClock) -> None:
    ann = customers.add_customer(db, name="Ann").id
    paid = payments.record_payment(db, customer_id=ann, amount_minor=5_00, method="CASH")
    before = daily_report(db, TODAY)
    at(clock, 11)
    payments.reverse_payment(db, paid.id, "Wrong customer")
    after = daily_report(db, TODAY)
    assert (after.money_in, after.cash, after.customers) == (before.money_in, before.cash, before.customers)
    assert after.taken_in_minor == 5_00
    assert daily_report(db, "2026-03-11").taken_in_minor == -5_00
    assert daily_report(db, "2026-03-11").customers == (CustomerChange("Ann", -5_00, 5_00, 0),)


def test_a_refund_and_its_reversal_leave_nothing_paid_out(db: Database) -> None:
    ann = customers.add_customer(db, name="Ann").id
    payments.record_payment(db, customer_id=ann, amount_minor=5_00, method="BANK", jobs={})
    back = payments.refund(db, customer_id=ann, amount_minor=2_00, method="BANK", reason="Too much")
    payments.reverse_payment(db, back.id, "Not taken")
    report = daily_report(db, TODAY)
    assert report.money_out[1] == MoneyOut("BANK", 0, 0, 0, 0, 1, 2_00, 1, -2_00, 0)
    assert (report.taken_in_minor, report.paid_out_minor) == (5_00, 0)


def test_a_job_entered_today_for_yesterday_is_yesterdays_and_counted_as_late(db: Database) -> None:
    ann = customers.add_customer(db, name="Ann").id
    jobs.create_job(db, customer_id=ann, amount_minor=5_00, on="2026-03-09")
    assert daily_report(db, TODAY).jobs == ()
    yesterday = daily_report(db, "2026-03-09")
    assert (len(yesterday.jobs), yesterday.entered_on_other_days) == (1, 1)
    assert yesterday.customers == (CustomerChange("Ann", 0, 5_00, 5_00),)
    assert daily_report(db, TODAY).receivables.opening_minor == 5_00


@pytest.mark.parametrize(("hour", "day"), [(3, "2026-03-10"), (4, "2026-03-11"), (23, "2026-03-11")])
def test_a_shop_open_past_midnight_counts_the_night_to_the_day_before(
    db: Database, clock: TestClock, hour: int, day: str
) -> None:
    change_settings(db, {"day_starts_at": "4"})
    at(clock, 11, hour)
    drawer.move_cash(db, "FLOAT", 5_00)
    report = daily_report(db, day)
    assert (report.drawer.expected_minor, report.entered_on_other_days) == (5_00, 0)
    assert report.drawer.cash.movements != ()


@pytest.mark.parametrize("offset", [-11, 5, 14])
def test_the_shops_own_time_zone_decides_what_is_late(db: Database, clock: TestClock, offset: int) -> None:
    clock.zone = timezone(timedelta(hours=offset))
    for hour in (0, 6, 12, 18, 23):
        clock.moment = datetime(2026, 3, 10, hour, tzinfo=clock.zone).astimezone(UTC)
        drawer.move_cash(db, "FLOAT", 5_00)
    assert daily_report(db, TODAY).entered_on_other_days == 0
    assert daily_report(db, TODAY).drawer.expected_minor == 25_00


def test_opening_balances_are_owed_but_are_no_turnover(db: Database) -> None:
    ann, bob = (customers.add_customer(db, name=name).id for name in ("Ann", "Bob"))
    customers.set_opening_balance(db, ann, 40_00)
    customers.set_opening_balance(db, bob, -15_00)
    credit = db.value("SELECT id FROM payments")
    payments.reverse_payment(db, credit, "It was Cat's")
    report = daily_report(db, TODAY)
    assert (report.jobs, report.taken_in_minor, report.money_moves) == ((), 0, ())
    assert report.receivables.closing_minor == 40_00
    assert report.customers == (CustomerChange("Ann", 0, 40_00, 40_00),)


def test_a_counted_drawer_shows_what_was_counted_and_the_difference(db: Database, clock: TestClock) -> None:
    full_day(db, clock)
    close_drawer(db, TODAY, 60_00, 61_00, "A coin fell")
    closed = daily_report(db, TODAY).drawer
    assert closed.expected_minor == 61_00
    assert closed.closing == Closing("C1-Z000001", 61_00, 60_00, -1_00, "A coin fell", by="Olga")
    assert closed.entered_after_minor == 0
    assert daily_report(db, "2026-03-11").drawer.cash.opening_minor == 60_00


def test_cash_recorded_after_the_count_is_not_called_a_difference(db: Database, clock: TestClock) -> None:
    full_day(db, clock)
    close_drawer(db, TODAY, 60_00, 61_00, "A coin fell")
    drawer.move_cash(db, "PAY_IN", 2_00, "Change")
    late = daily_report(db, TODAY).drawer
    assert late.closing == Closing("C1-Z000001", 61_00, 60_00, -1_00, "A coin fell", by="Olga")
    assert (late.expected_minor, late.entered_after_minor) == (61_00, 2_00)


def test_a_drawer_counted_twice_shows_each_count_with_its_own_numbers_and_the_last_one_first(
    db: Database, clock: TestClock
) -> None:
    full_day(db, clock)
    close_drawer(db, TODAY, 60_00, 61_00, "A coin fell")
    close_drawer(db, TODAY, 62_00, 60_00, "Counted again")
    closed = daily_report(db, TODAY).drawer
    first = Closing("C1-Z000001", 61_00, 60_00, -1_00, "A coin fell", by="Olga")
    second = Closing("C1-Z000002", 60_00, 62_00, 2_00, "Counted again", by="Olga")
    assert (closed.closings, closed.closing) == ((first, second), second)
    assert (closed.expected_minor, closed.entered_after_minor, closed.other_differences_minor) == (
        60_00, 0, -1_00)  # fmt: skip


def test_another_pc_with_its_own_drawer_counts_for_the_shop_but_not_for_this_drawer(db: Database) -> None:
    own, ann = db.device_id, customers.add_customer(db, name="Ann").id
    other = add_pc(db, "C2", shares_drawer=False)
    payments.record_payment(db, customer_id=ann, amount_minor=5_00, method="CASH")
    use_pc(db, other.id)
    payments.record_payment(db, customer_id=ann, amount_minor=7_00, method="CASH")
    payments.record_payment(db, customer_id=ann, amount_minor=2_00, method="BANK")
    use_pc(db, own)
    report = daily_report(db, TODAY)
    assert report.taken_in_minor == 14_00
    assert (report.drawer.pcs, report.drawer.expected_minor) == (("C1",), 5_00)
    assert (report.cash.closing_minor, report.bank.closing_minor) == (12_00, 2_00)
    assert report.by_pc == (PcMoney("C1", 5_00, 0), PcMoney("C2", 7_00, 2_00))
    assert [(head.pc, head.number) for head in report.chain_heads] == [("C1", 1), ("C2", 2)]


def test_pcs_that_share_a_drawer_are_counted_together(db: Database) -> None:
    own, ann = db.device_id, customers.add_customer(db, name="Ann").id
    other = add_pc(db, "C2", shares_drawer=True)
    payments.record_payment(db, customer_id=ann, amount_minor=5_00, method="CASH")
    use_pc(db, other.id)
    payments.record_payment(db, customer_id=ann, amount_minor=7_00, method="CASH", on="2026-03-09")
    use_pc(db, own)
    report = daily_report(db, TODAY)
    assert (report.drawer.pcs, report.drawer.expected_minor) == (("C1", "C2"), 12_00)
    assert report.drawer.cash.opening_minor == 7_00


@with_transaction
def _join_server(db: Database) -> None:
    db.execute("UPDATE sync_state SET server_url = 'https://example.test', token = 't'")
    db.execute("UPDATE audit_logs SET sync_status = 'SYNCED'")


def test_records_that_wait_are_counted_once_a_server_is_set_up(db: Database) -> None:
    assert daily_report(db, TODAY).waiting_to_sync is None
    _join_server(db)
    waiting = daily_report(db, TODAY).waiting_to_sync
    customers.add_customer(db, name="Ann")
    assert waiting is not None
    assert daily_report(db, TODAY).waiting_to_sync == waiting + 2  # the customer and its audit row


def test_the_last_backup_is_told_in_the_shops_time(db: Database, clock: TestClock) -> None:
    assert daily_report(db, TODAY).last_backup_at is None
    clock.zone = timezone(timedelta(hours=5))
    remember(db, LAST_BACKUP_AT, "2026-03-09T20:30:00.000000Z")
    told = daily_report(db, TODAY).last_backup_at
    assert told is not None
    assert told.strftime("%Y-%m-%d %H:%M") == "2026-03-10 01:30"


def test_the_chain_head_is_the_last_entry_of_the_ledger(db: Database, clock: TestClock) -> None:
    full_day(db, clock)
    row = db.one("SELECT chain_number, hash FROM ledger_entries ORDER BY chain_number DESC LIMIT 1")
    assert row is not None
    (head,) = daily_report(db, TODAY).chain_heads
    assert (head.pc, head.number, head.hash) == ("C1", row["chain_number"], row["hash"][:16])


@pytest.mark.parametrize("day", ["0001-01-01", "0001-12-31", "9999-12-31", date(2024, 2, 29)])
def test_any_day_of_the_calendar_has_a_report(db: Database, day: date | str) -> None:
    assert daily_report(db, day).taken_in_minor == 0


@pytest.mark.parametrize("text", ["2026-02-30", "10/03/2026", "", "2026-3-1", "٢٠٢٦-٠٣-١٠"])
def test_an_invalid_date_is_refused(db: Database, text: str) -> None:
    with pytest.raises(Refusal) as refused:
        daily_report(db, text)
    assert refused.value.code == "date_invalid"


def test_the_report_is_made_inside_an_operation_as_well(db: Database, clock: TestClock) -> None:
    full_day(db, clock)

    @with_transaction
    def close(db: Database) -> DailyReport:
        return daily_report(db, TODAY)

    assert close(db) == daily_report(db, TODAY)
    assert not db.connection.in_transaction


def test_every_kind_of_ledger_entry_has_its_place() -> None:
    assert sorted(KINDS) == sorted(ENTRY_KINDS)


def test_a_kind_of_a_later_version_counts_in_its_account_and_comes_last() -> None:
    entries = [Entry("pc", kind, Account.CASH, Account.REVENUE, 1, 5_00) for kind in ("TIP", "VARIANCE")]
    day = account_day(Account.CASH, entries, {})
    assert [movement.kind for movement in day.movements] == ["VARIANCE", "TIP"]
    assert day.closing_minor == 10_00
