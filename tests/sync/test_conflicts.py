"""What two PCs did twice while offline is listed, and one action corrects it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cleanflow.dao import adjustments, customers, expenses, jobs, payments, users
from cleanflow.errors import Refusal
from cleanflow.sync.repair.conflicts import overwritten, put_back
from cleanflow.sync.repair.doubles import double_customers, merge_customers
from cleanflow.sync.repair.overlaps import overlaps, put_right
from tests.languages import Loud, Lower, speaking
from tests.sync.pcs import ShopPc, assert_same_books

Joined = Callable[[int], list[ShopPc]]
Pair = tuple[ShopPc, ShopPc]


@pytest.fixture
def pair(joined: Joined) -> Pair:
    first, second = joined(2)
    return first, second


def meet(*pcs: ShopPc) -> None:
    for pc in (*pcs, *pcs):
        pc.sync()
    assert_same_books(*pcs)


def put_all_right(pc: ShopPc) -> list[str]:
    """Correct everything that is listed until the list is empty; returns the kinds in order."""
    kinds = []
    while found := overlaps(pc.db):
        kinds.append(found[0].kind)
        put_right(pc.db, found[0])
        assert len(kinds) < 10, found
    return kinds


def owed(pc: ShopPc, customer: str) -> int:
    return int(
        pc.value(
            "SELECT coalesce(sum(balance_minor), 0) FROM customer_balances WHERE customer_id = :id",
            id=customer,
        )
    )


def credit(pc: ShopPc, customer: str) -> int:
    return payments.credit_minor(pc.db, customer)


def cash(pc: ShopPc) -> int:
    return int(
        pc.value(
            "SELECT coalesce(sum(debit_minor - credit_minor), 0) FROM account_days"
            " WHERE account_id = '00000000-0000-4000-8000-000000001000'"
        )
    )


def test_a_job_paid_on_both_pcs_leaves_credit(pair: Pair) -> None:
    first, second = pair
    ann = first.customer()
    job = first.job(ann, 1000)
    meet(first, second)
    first.pay(ann, 1000, jobs={job: 1000})
    second.pay(ann, 1000, jobs={job: 1000})
    meet(first, second)
    assert [(one.kind, one.amount_minor) for one in overlaps(first.db)] == [("JOB_OVERPAID", 1000)]
    assert overlaps(first.db) == overlaps(second.db)
    assert put_all_right(first) == ["JOB_OVERPAID"]
    meet(first, second)
    assert overlaps(second.db) == []
    assert (owed(second, ann), credit(second, ann)) == (-1000, 1000)


def test_credit_spent_on_both_pcs_makes_one_job_due_again(pair: Pair) -> None:
    first, second = pair
    ann = first.customer()
    first.pay(ann, 1000, jobs={})
    here, there = first.job(ann, 1000), first.job(ann, 800)
    meet(first, second)
    payments.use_credit(first.db, ann, {here: 1000})
    payments.use_credit(second.db, ann, {there: 800})
    meet(first, second)
    assert put_all_right(second) == ["PAYMENT_OVERSPENT"]
    meet(first, second)
    assert first.value("SELECT sum(due_minor) FROM job_totals") == 800 == owed(first, ann)
    assert credit(first, ann) == 0


def test_a_job_cancelled_on_both_pcs_is_cancelled_once(pair: Pair) -> None:
    first, second = pair
    ann = first.customer()
    job = first.job(ann, 1000)
    first.pay(ann, 400, jobs={job: 400})
    meet(first, second)
    for pc in (first, second):
        adjustments.cancel_job(pc.db, job, "Changed their mind")
    meet(first, second)
    assert "JOB_BELOW_ZERO" in put_all_right(first)
    meet(first, second)
    assert overlaps(second.db) == []
    row = second.db.one("SELECT total_minor, allocated_minor FROM job_totals")
    assert row is not None and tuple(row) == (0, 0)
    assert (owed(second, ann), credit(second, ann)) == (-400, 400)


def test_a_job_cancelled_here_and_charged_more_there_ends_at_nothing(pair: Pair) -> None:
    first, second = pair
    ann = first.customer()
    job = first.job(ann, 1000)
    meet(first, second)
    adjustments.adjust_job(second.db, job, 500, "More work")
    adjustments.cancel_job(first.db, job, "Changed their mind")
    meet(first, second)
    assert put_all_right(first) == ["JOB_CANCELLED_DUE"]
    meet(first, second)
    assert owed(second, ann) == 0


@pytest.mark.parametrize("with_job", [False, True])
def test_a_payment_reversed_on_both_pcs_is_reversed_once(pair: Pair, with_job: bool) -> None:
    first, second = pair
    ann = first.customer()
    job = first.job(ann, 600)
    payment = first.pay(ann, 1000, jobs={job: 600} if with_job else {})
    meet(first, second)
    for pc in (first, second):
        payments.reverse_payment(pc.db, payment, "Wrong customer")
    meet(first, second)
    assert put_all_right(second) == ["PAYMENT_REVERSED_TWICE"]
    meet(first, second)
    assert (owed(first, ann), credit(first, ann), cash(first)) == (600, 0, 0)
    assert first.value("SELECT due_minor FROM job_totals") == 600
    assert overlaps(first.db) == []


def test_a_refund_reversed_on_both_pcs_is_reversed_once(pair: Pair) -> None:
    first, second = pair
    ann = first.customer()
    first.pay(ann, 1000, jobs={})
    refund = payments.refund(first.db, customer_id=ann, amount_minor=400, method="CASH", reason="Back").id
    meet(first, second)
    for pc in (first, second):
        payments.reverse_payment(pc.db, refund, "Not given")
    meet(first, second)
    assert put_all_right(first) == ["REFUND_REVERSED_TWICE"]
    meet(first, second)
    assert (owed(second, ann), credit(second, ann), cash(second)) == (-1000, 1000, 1000)


def test_an_expense_reversed_on_both_pcs_is_reversed_once(pair: Pair) -> None:
    first, second = pair
    category = first.value("SELECT id FROM expense_categories LIMIT 1")
    spent = expenses.record_expense(first.db, category_id=category, amount_minor=300, method="CASH").id
    meet(first, second)
    for pc in (first, second):
        expenses.reverse_expense(pc.db, spent, "Twice")
    meet(first, second)
    assert put_all_right(first) == ["EXPENSE_REVERSED_TWICE"]
    meet(first, second)
    assert cash(second) == 0
    assert overlaps(second.db) == []


def test_putting_right_what_the_other_pc_has_put_right_is_refused(pair: Pair) -> None:
    first, second = pair
    ann = first.customer()
    job = first.job(ann, 1000)
    meet(first, second)
    first.pay(ann, 1000, jobs={job: 1000})
    second.pay(ann, 1000, jobs={job: 1000})
    meet(first, second)
    stale = overlaps(second.db)[0]
    put_all_right(first)
    meet(first, second)
    with pytest.raises(Refusal, match="nothing left"):
        put_right(second.db, stale)


def test_a_lost_edit_is_listed_on_every_pc_and_can_be_put_back(pair: Pair) -> None:
    first, second = pair
    ann = first.customer("Ann", phone="1")
    meet(first, second)
    customers.edit_customer(first.db, ann, phone="first", notes="Rings twice")
    second.clock.moment = first.clock.moment
    customers.edit_customer(second.db, ann, phone="second")
    meet(first, second)
    listed = overwritten(second.db)
    assert [(one.pc_code, one.record, one.is_put_back) for one in listed] == [("C1", "Ann", False)]
    assert (listed[0].old["phone"], listed[0].new["phone"]) == ("first", "second")
    put_back(second.db, listed[0].audit_id)
    meet(first, second)
    row = first.db.one("SELECT phone, notes FROM customers")
    assert row is not None and tuple(row) == ("first", "Rings twice")
    assert [one.is_put_back for one in overwritten(first.db)] == [True]


def test_putting_back_takes_an_owner(pair: Pair) -> None:
    first, second = pair
    ann = first.customer("Ann")
    meet(first, second)
    customers.edit_customer(first.db, ann, phone="first")
    second.clock.moment = first.clock.moment
    customers.edit_customer(second.db, ann, phone="second")
    meet(first, second)
    first.db.session.user_id = users.add_user(first.db, name="Carl", role="CASHIER", pin="5678").id
    with pytest.raises(Refusal) as caught:
        put_back(first.db, overwritten(first.db)[0].audit_id)
    assert caught.value.code == "owner_needed"


def test_a_cancelled_job_does_not_come_alive_by_putting_back(pair: Pair) -> None:
    first, second = pair
    job = first.job(first.customer(), 1000)
    meet(first, second)
    jobs.edit_job(first.db, job, work_status="READY")
    second.clock.moment = first.clock.moment
    adjustments.cancel_job(second.db, job, "Changed their mind")
    meet(first, second)
    with pytest.raises(Refusal, match="cancelled"):
        put_back(first.db, overwritten(first.db)[0].audit_id)


def test_one_customer_entered_on_two_pcs_is_listed_and_made_one(pair: Pair) -> None:
    first, second = pair
    ann = first.customer("Ann", phone="0300 123-4567")
    again = second.customer("Ann B.", phone="(0300) 1234567")
    first.job(ann, 500)
    second.job(again, 1000)
    second.pay(again, 300)
    meet(first, second)
    (double,) = double_customers(first.db)
    assert {double.keep_id, double.other_id} == {ann, again}
    merge_customers(first.db, ann, again)
    meet(first, second)
    assert (owed(second, ann), owed(second, again)) == (1200, 0)
    assert second.value("SELECT is_active FROM customers WHERE id = :id", id=again) == 0
    assert second.value("SELECT count(*) FROM jobs WHERE customer_id = :id", id=again) == 1
    assert second.value("SELECT sum(due_minor) FROM job_totals WHERE customer_id = :id", id=again) == 0
    assert double_customers(second.db) == []


def test_credit_goes_along_when_customers_are_made_one(pair: Pair) -> None:
    first, second = pair
    ann, again = first.customer("Ann", phone="1234567"), first.customer("Ann", phone="1234567")
    first.pay(again, 700, jobs={})
    merge_customers(first.db, ann, again)
    meet(first, second)
    assert (credit(second, ann), credit(second, again)) == (700, 0)
    with pytest.raises(Refusal, match="not active"):
        merge_customers(first.db, ann, again)


def both_put_right(first: ShopPc, second: ShopPc) -> None:
    """Both PCs correct it before either has received the other's correction."""
    put_all_right(first)
    put_all_right(second)
    meet(first, second)


@pytest.mark.parametrize("with_job", [False, True])
def test_a_reversal_put_right_on_both_pcs_is_put_right_once(pair: Pair, with_job: bool) -> None:
    first, second = pair
    ann = first.customer()
    job = first.job(ann, 600)
    payment = first.pay(ann, 1000, jobs={job: 600} if with_job else {})
    meet(first, second)
    for pc in (first, second):
        payments.reverse_payment(pc.db, payment, "Wrong customer")
    meet(first, second)
    both_put_right(first, second)
    assert "PAYMENT_RIGHTED_TWICE" in put_all_right(first)
    meet(first, second)
    assert (owed(second, ann), credit(second, ann), cash(second)) == (600, 0, 0)
    assert second.value("SELECT due_minor FROM job_totals") == 600
    assert overlaps(second.db) == []


def test_a_refund_put_right_on_both_pcs_is_put_right_once(pair: Pair) -> None:
    first, second = pair
    ann = first.customer()
    first.pay(ann, 2000, jobs={})
    given = payments.refund(first.db, customer_id=ann, amount_minor=400, method="CASH", reason="Back").id
    meet(first, second)
    for pc in (first, second):
        payments.reverse_payment(pc.db, given, "Not given")
    meet(first, second)
    both_put_right(first, second)
    assert put_all_right(second) == ["REFUND_RIGHTED_TWICE"]
    meet(first, second)
    assert (owed(first, ann), credit(first, ann), cash(first)) == (-2000, 2000, 2000)


def test_an_expense_put_right_on_both_pcs_is_put_right_once(pair: Pair) -> None:
    first, second = pair
    category = first.value("SELECT id FROM expense_categories LIMIT 1")
    spent = expenses.record_expense(first.db, category_id=category, amount_minor=300, method="CASH").id
    meet(first, second)
    for pc in (first, second):
        expenses.reverse_expense(pc.db, spent, "Twice")
    meet(first, second)
    both_put_right(first, second)
    assert put_all_right(first) == ["EXPENSE_RIGHTED_TWICE"]
    meet(first, second)
    assert cash(second) == 0 and overlaps(second.db) == []


def test_customers_made_one_on_both_pcs_owe_once(pair: Pair) -> None:
    first, second = pair
    ann, again = first.customer("Ann", phone="1234567"), first.customer("Ann", phone="1234567")
    first.job(again, 1000)
    meet(first, second)
    merge_customers(first.db, ann, again)
    merge_customers(second.db, ann, again)
    meet(first, second)
    assert "CUSTOMER_AWAY_WITH_BALANCE" in put_all_right(first)
    (double,) = double_customers(first.db)
    merge_customers(first.db, double.keep_id, double.other_id)
    put_all_right(first)
    meet(first, second)
    assert sorted([owed(second, ann), owed(second, again)]) == [0, 1000]
    assert overlaps(second.db) == []


def test_what_was_done_twice_is_known_in_any_language(pair: Pair) -> None:
    first, second = pair
    ann, bob = first.customer("Ann"), first.customer("Bob")
    payment = first.pay(ann, 1000, jobs={first.job(ann, 600): 600})
    first.pay(bob, 2000, jobs={})
    given = payments.refund(first.db, customer_id=bob, amount_minor=400, method="CASH", reason="Back").id
    category = first.value("SELECT id FROM expense_categories LIMIT 1")
    spent = expenses.record_expense(first.db, category_id=category, amount_minor=300, method="CASH").id
    meet(first, second)
    for pc in pair:
        payments.reverse_payment(pc.db, payment, "Wrong customer")
        payments.reverse_payment(pc.db, given, "Not given")
        expenses.reverse_expense(pc.db, spent, "Twice")
    meet(first, second)
    reversed_twice = ["PAYMENT_REVERSED_TWICE", "REFUND_REVERSED_TWICE", "EXPENSE_REVERSED_TWICE"]
    with speaking(Lower()):
        assert (
            overlaps(first.db)[0].words == "it was reversed on two pcs; one of the reversals is taken back."
        )
        assert put_all_right(first) == reversed_twice
    with speaking(Loud()):
        assert put_all_right(second) == reversed_twice
    meet(first, second)
    with speaking(Lower()):
        righted = put_all_right(second)
    assert {"PAYMENT_RIGHTED_TWICE", "REFUND_RIGHTED_TWICE", "EXPENSE_RIGHTED_TWICE"} <= set(righted)
    meet(first, second)
    assert (owed(first, ann), credit(first, ann)) == (600, 0)
    assert (owed(first, bob), credit(first, bob), cash(first)) == (-2000, 2000, 2000)
    assert overlaps(first.db) == []
