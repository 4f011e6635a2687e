"""Two PCs of a shop work and synchronise."""

from __future__ import annotations

from collections.abc import Callable

from tests.sync.pcs import ShopPc, assert_same_books

Joined = Callable[[int], list[ShopPc]]


def test_what_is_recorded_on_one_pc_is_on_the_other_after_both_have_synchronised(joined: Joined) -> None:
    first, second = joined(2)
    ann = first.customer("Ann")
    first.job(ann, 5000)
    first.pay(ann, 2000)
    assert first.sync().pushed > 0
    summary = second.sync()
    assert summary.is_same_books
    assert second.value("SELECT balance_minor FROM customer_balances") == 3000
    first.sync()
    assert_same_books(first, second)


def test_payment_taken_on_two_pcs_offline_gives_the_right_balance(joined: Joined) -> None:
    first, second = joined(2)
    ann = first.customer("Ann")
    job = first.job(ann, 5000)
    first.sync()
    second.sync()
    first.pay(ann, 2000, jobs={job: 2000})
    second.pay(ann, 1000, jobs={job: 1000})
    for pc in (first, second, first):
        pc.sync()
    assert first.value("SELECT due_minor FROM job_totals") == 2000
    assert_same_books(first, second)


def test_the_newer_edit_wins_everywhere_and_the_one_that_lost_is_told(joined: Joined) -> None:
    from cleanflow.dao.customers import edit_customer

    first, second = joined(2)
    ann = first.customer("Ann", phone="1")
    first.sync()
    second.sync()
    edit_customer(first.db, ann, phone="first")
    second.clock.moment = first.clock.moment
    edit_customer(second.db, ann, phone="second")
    for pc in (first, second, first, second):
        pc.sync()
    assert first.value("SELECT phone FROM customers") == "second"
    told = [
        tuple(row)
        for row in first.db.rows("SELECT device_id, old_value FROM audit_logs WHERE action = 'OVERWRITTEN'")
    ]
    assert len(told) == 1 and '"first"' in told[0][1]
    assert_same_books(first, second)


def test_an_edit_made_after_seeing_the_other_is_no_loss(joined: Joined) -> None:
    from cleanflow.dao.customers import edit_customer

    first, second = joined(2)
    ann = first.customer("Ann", phone="1")
    edit_customer(first.db, ann, phone="first")
    first.sync()
    second.sync()
    edit_customer(second.db, ann, phone="second")
    edit_customer(second.db, ann, phone="third")
    for pc in (second, first):
        pc.sync()
    assert first.value("SELECT phone FROM customers") == "third"
    assert first.value("SELECT count(*) FROM audit_logs WHERE action = 'OVERWRITTEN'") == 0
    assert_same_books(first, second)
