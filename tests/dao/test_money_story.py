"""Jobs, payments and corrections, from the customer's and the accountant's view. Amounts in cents."""

from __future__ import annotations

import pytest

from cleanflow.dao import adjustments, customers, drawer, expenses, jobs, payments, services, users
from cleanflow.dao.ledger import account_balances
from cleanflow.dao.shop import change_settings, get_shop, set_up_shop
from cleanflow.db import Database
from cleanflow.errors import Refusal
from cleanflow.records.chart import Account
from cleanflow.safekeeping.verify import verify

NOBODY = "99999999-9999-4999-8999-999999999999"


@pytest.fixture
def ann(db: Database) -> str:
    return customers.add_customer(db, name="Ann").id


def owes(db: Database, customer_id: str) -> int:
    return customers.get_customer(db, customer_id).balance_minor


def account(db: Database, wanted: str) -> int:
    return next(item.balance_minor for item in account_balances(db) if item.id == wanted)


def refused(code: str, operation: object, *args: object, **kwargs: object) -> Refusal:
    assert callable(operation)
    with pytest.raises(Refusal) as caught:
        operation(*args, **kwargs)
    assert caught.value.code == code
    return caught.value


def job(db: Database, customer_id: str, amount: int, **kwargs: str) -> str:
    return jobs.create_job(db, customer_id=customer_id, amount_minor=amount, **kwargs).id  # type: ignore[arg-type]


def pay(db: Database, customer_id: str, amount: int, jobs_: dict[str, int] | None = None) -> payments.Payment:
    return payments.record_payment(
        db, customer_id=customer_id, amount_minor=amount, method="CASH", jobs=jobs_
    )


def test_a_job_is_owed_and_a_part_payment_leaves_the_rest(db: Database, ann: str) -> None:
    job_id = job(db, ann, 1000)
    assert owes(db, ann) == 1000
    pay(db, ann, 400)
    done = jobs.get_job(db, job_id)
    assert (done.total_minor, done.allocated_minor, done.due_minor, done.payment_status) == (
        1000,
        400,
        600,
        "PARTIAL",
    )
    assert owes(db, ann) == 600
    assert account(db, Account.CASH) == 400
    assert account(db, Account.REVENUE) == -1000


def test_one_payment_settles_many_jobs_oldest_first_and_the_rest_is_credit(db: Database, ann: str) -> None:
    second = job(db, ann, 300, on="2026-03-09")
    third = job(db, ann, 500, on="2026-03-10")
    first = job(db, ann, 200, on="2026-03-01")
    pay(db, ann, 450)
    due = [jobs.get_job(db, j).due_minor for j in (first, second, third)]
    assert due == [0, 50, 500]
    pay(db, ann, 1000)
    assert payments.credit_minor(db, ann) == 450
    assert owes(db, ann) == -450


def test_a_payment_may_name_its_jobs(db: Database, ann: str) -> None:
    old, new = job(db, ann, 300, on="2026-03-01"), job(db, ann, 500)
    pay(db, ann, 500, {new: 500})
    assert jobs.get_job(db, old).payment_status == "UNPAID"
    assert jobs.get_job(db, new).payment_status == "PAID"


def test_a_deposit_is_credit_until_it_is_used_and_then_oldest_money_goes_first(
    db: Database, ann: str
) -> None:
    first, second = pay(db, ann, 300, {}), pay(db, ann, 300, {})
    job_id = job(db, ann, 400)
    assert jobs.get_job(db, job_id).payment_status == "UNPAID"
    assert payments.use_credit(db, ann, {job_id: 400}) == 400
    assert jobs.get_job(db, job_id).payment_status == "PAID"
    left = [payments.get_payment(db, p.id).unallocated_minor for p in (first, second)]
    assert left == [0, 200]
    assert owes(db, ann) == -200


def test_credit_is_not_used_twice_nor_beyond_what_is_there(db: Database, ann: str) -> None:
    refused("nothing_due", payments.use_credit, db, ann)
    job_id = job(db, ann, 1000)
    refused("credit_too_small", payments.use_credit, db, ann)
    pay(db, ann, 300, {})
    refused("credit_too_small", payments.use_credit, db, ann, {job_id: 301})
    assert payments.use_credit(db, ann) == 300


def test_each_correction_of_a_job_goes_to_its_own_account(db: Database, ann: str) -> None:
    job_id = job(db, ann, 1000)
    adjustments.adjust_job(db, job_id, 200, "Extra stain")
    adjustments.discount_job(db, job_id, 100, "Regular")
    adjustments.write_off_job(db, job_id, "Moved away", 300)
    assert jobs.get_job(db, job_id).total_minor == 800
    assert account(db, Account.ADJUSTMENTS) == -200
    assert account(db, Account.DISCOUNTS) == 100
    assert account(db, Account.WRITTEN_OFF) == 300
    adjustments.cancel_job(db, job_id, "Lost")
    assert account(db, Account.CANCELLED) == 800
    assert owes(db, ann) == 0


def test_lowering_a_job_below_what_was_paid_turns_the_difference_into_credit(db: Database, ann: str) -> None:
    job_id = job(db, ann, 1000)
    pay(db, ann, 900)
    adjustments.adjust_job(db, job_id, -300, "Damaged button")
    assert jobs.get_job(db, job_id).payment_status == "PAID"
    assert payments.credit_minor(db, ann) == 200
    adjustments.cancel_job(db, job_id, "Ruined")
    assert payments.credit_minor(db, ann) == 900
    assert jobs.get_job(db, job_id).work_status == "CANCELLED"


def test_a_write_off_that_was_paid_after_all_is_reversed_once(db: Database, ann: str) -> None:
    job_id = job(db, ann, 1000)
    gone = adjustments.write_off_job(db, job_id, "Moved away")
    adjustments.reverse_adjustment(db, gone.id, "Came back")
    assert jobs.get_job(db, job_id).due_minor == 1000
    refused("already_reversed", adjustments.reverse_adjustment, db, gone.id, "Again")


def test_a_cancelled_job_takes_no_more_changes(db: Database, ann: str) -> None:
    job_id = job(db, ann, 1000)
    adjustments.cancel_job(db, job_id, "No")
    refused("job_cancelled", adjustments.cancel_job, db, job_id, "Again")
    refused("job_cancelled", adjustments.adjust_job, db, job_id, 5, "More")
    refused("job_cancelled", jobs.edit_job, db, job_id, work_status="READY")
    refused("job_not_cancelled_this_way", jobs.edit_job, db, job(db, ann, 5), work_status="CANCELLED")


def test_reversing_a_payment_makes_its_jobs_due_again_once(db: Database, ann: str) -> None:
    job_id = job(db, ann, 1000)
    payment = pay(db, ann, 1200)
    payments.reverse_payment(db, payment.id, "Bounced")
    assert jobs.get_job(db, job_id).due_minor == 1000
    assert payments.credit_minor(db, ann) == 0
    assert owes(db, ann) == 1000
    assert account(db, Account.CASH) == 0
    refused("already_reversed", payments.reverse_payment, db, payment.id, "Again")


def test_a_refund_comes_out_of_credit_and_never_exceeds_it(db: Database, ann: str) -> None:
    job(db, ann, 1000)
    pay(db, ann, 1300)
    refund = {"customer_id": ann, "method": "CASH", "reason": "Paid too much"}
    refused("refund_above_paid", payments.refund, db, amount_minor=301, **refund)
    payments.refund(db, amount_minor=300, **refund)
    assert owes(db, ann) == 0
    assert account(db, Account.CASH) == 1000
    refused("refund_above_paid", payments.refund, db, amount_minor=1, **refund)


def test_a_refund_of_a_payment_makes_its_job_due_again(db: Database, ann: str) -> None:
    job_id = job(db, ann, 1000)
    payment = pay(db, ann, 1000)
    back = payments.refund(
        db, customer_id=ann, amount_minor=400, method="BANK", reason="Half done", payment_id=payment.id
    )
    assert jobs.get_job(db, job_id).due_minor == 400
    assert account(db, Account.BANK) == -400
    refused("not_reversible", payments.reverse_payment, db, payment.id, "Too late")
    payments.reverse_payment(db, back.id, "Was not handed out")
    assert payments.credit_minor(db, ann) == 400
    assert account(db, Account.BANK) == 0
    payments.reverse_payment(db, payment.id, "Now it can be")
    assert owes(db, ann) == 1000


def test_a_customers_opening_debt_is_settled_like_a_job_and_their_credit_like_money(
    db: Database, ann: str
) -> None:
    customers.set_opening_balance(db, ann, 700, on="2026-01-01")
    assert [item.due_minor for item in jobs.jobs_due(db, ann)] == [700]
    pay(db, ann, 700)
    assert owes(db, ann) == 0
    ben = customers.add_customer(db, name="Ben").id
    customers.set_opening_balance(db, ben, -250)
    assert payments.credit_minor(db, ben) == 250
    assert account(db, Account.OPENING) == -700 + 250
    payments.refund(db, customer_id=ben, amount_minor=250, method="CASH", reason="Closing account")
    assert owes(db, ben) == 0


def test_an_expense_goes_to_its_category_and_is_reversed_once(db: Database) -> None:
    category = expenses.add_category(db, "Perfume")
    bill = expenses.record_expense(db, category_id=category.id, amount_minor=900, method="CASH")
    assert (account(db, category.account_id), account(db, Account.CASH)) == (900, -900)
    expenses.reverse_expense(db, bill.id, "Entered twice")
    assert (account(db, category.account_id), account(db, Account.CASH)) == (0, 0)
    refused("already_reversed", expenses.reverse_expense, db, bill.id, "Again")
    expenses.edit_category(db, category.id, is_active=False)
    refused(
        "category_inactive",
        expenses.record_expense,
        db,
        category_id=category.id,
        amount_minor=1,
        method="CASH",
    )


def test_cash_moves_between_drawer_owner_and_bank(db: Database) -> None:
    drawer.move_cash(db, "FLOAT", 5000)
    drawer.move_cash(db, "PAY_IN", 1000, "Change")
    drawer.move_cash(db, "PAY_OUT", 700, "Owner's lunch")
    drawer.move_cash(db, "BANK_DEPOSIT", 4000, "Takings")
    assert (account(db, Account.CASH), account(db, Account.BANK), account(db, Account.OWNER)) == (
        1300,
        4000,
        -5300,
    )
    refused("text_missing", drawer.move_cash, db, "PAY_OUT", 5)


@pytest.mark.parametrize("amount", [0, -1])
def test_an_amount_that_is_not_positive_is_refused_everywhere(db: Database, ann: str, amount: int) -> None:
    job_id = job(db, ann, 100)
    category = expenses.list_categories(db)[0].id
    for operation, args, kwargs in (
        (jobs.create_job, (), {"customer_id": ann, "amount_minor": amount}),
        (payments.record_payment, (), {"customer_id": ann, "amount_minor": amount, "method": "CASH"}),
        (payments.record_payment, (), {"customer_id": ann, "amount_minor": 5, "method": "CASH", "jobs": {job_id: amount}}),
        (payments.refund, (), {"customer_id": ann, "amount_minor": amount, "method": "CASH", "reason": "x"}),
        (adjustments.discount_job, (job_id, amount, "x"), {}),
        (adjustments.write_off_job, (job_id, "x", amount), {}),
        (expenses.record_expense, (), {"category_id": category, "amount_minor": amount, "method": "CASH"}),
        (drawer.move_cash, ("FLOAT", amount), {}),
    ):  # fmt: skip
        refused("amount_not_positive", operation, db, *args, **kwargs)  # type: ignore[misc]
    refused("amount_too_large", jobs.create_job, db, customer_id=ann, amount_minor=10**12)


def test_an_unknown_or_inactive_customer_is_refused(db: Database, ann: str) -> None:
    for who, code in ((NOBODY, "record_unknown"), (ann, "customer_inactive")):
        if who == ann:
            customers.set_customer_active(db, ann, False)
        refused(code, jobs.create_job, db, customer_id=who, amount_minor=5)
        refused(code, payments.record_payment, db, customer_id=who, amount_minor=5, method="CASH")
        refused(code, payments.refund, db, customer_id=who, amount_minor=5, method="CASH", reason="x")
    customers.set_customer_active(db, ann, True)
    job(db, ann, 5)
    refused("customer_has_balance", customers.set_customer_active, db, ann, False)


def test_an_allocation_above_what_is_due_or_to_a_strangers_job_is_refused(db: Database, ann: str) -> None:
    ben = customers.add_customer(db, name="Ben").id
    job_id, strangers = job(db, ann, 100), job(db, ben, 100)
    refused("allocation_above_due", pay, db, ann, 500, {job_id: 101})
    refused("allocation_above_payment", pay, db, ann, 50, {job_id: 51})
    refused("allocation_other_customer", pay, db, ann, 50, {strangers: 50})
    refused("record_unknown", pay, db, ann, 50, {NOBODY: 50})
    assert db.value("SELECT count(*) FROM payments") == 0


def test_an_adjustment_below_zero_and_a_write_off_above_what_is_due_are_refused(
    db: Database, ann: str
) -> None:
    job_id = job(db, ann, 100)
    refused("adjustment_below_zero", adjustments.adjust_job, db, job_id, -101, "x")
    refused("adjustment_below_zero", adjustments.discount_job, db, job_id, 101, "x")
    refused("write_off_above_due", adjustments.write_off_job, db, job_id, "x", 101)
    refused("text_missing", adjustments.adjust_job, db, job_id, 5, "  ")
    pay(db, ann, 100)
    refused("nothing_due", adjustments.write_off_job, db, job_id, "x")


@pytest.mark.parametrize("bad", ["2026-02-30", "tomorrow", "", "2026-3-1", "0000-00-00", "２０２６-01-01"])
def test_a_date_that_is_not_one_is_refused(db: Database, ann: str, bad: str) -> None:
    refused("date_invalid", jobs.create_job, db, customer_id=ann, amount_minor=5, on=bad)
    refused("date_invalid", jobs.create_job, db, customer_id=ann, amount_minor=5, due_date=bad)


@pytest.mark.parametrize(
    ("name", "code"),
    [("", "text_missing"), (" \t\n", "text_missing"), ("x" * 201, "text_too_long"), ("a\x00b", "text_unprintable"),
     ("\ud800", "text_unprintable"), ("a\x1bb", "text_unprintable")],
)  # fmt: skip
def test_a_name_that_cannot_be_stored_is_refused_in_words(db: Database, name: str, code: str) -> None:
    refused(code, customers.add_customer, db, name=name)


@pytest.mark.parametrize(
    "name", ["=1+1", "محمد <b>", "'; DROP TABLE jobs; --", "李 伟", "O'Brien", "👩‍🔧 Zoë"]
)
def test_any_name_is_kept_as_it_is_and_found_again(db: Database, name: str) -> None:
    customer = customers.add_customer(db, name=name)
    assert customers.get_customer(db, customer.id).name == name
    assert [found.id for found in customers.search_customers(db, name)] == [customer.id]


def test_search_finds_parts_of_name_phone_and_address_without_accents_or_case(db: Database) -> None:
    luis = customers.add_customer(
        db, name="Luís Gonçalves", phone="+55 (12) 3923-5555", address="Av. Faria Lima"
    ).id
    customers.add_customer(db, name="Leonie Köhler", phone="+49 0711 2842222")
    for text in ("luis", "GONCAL", "calves lui", "39235555", "3923-55", "(12) 3923", "faria", "lu", "ís"):
        assert [found.id for found in customers.search_customers(db, text)] == [luis], text
    for text in ("leonie lima", "0000", '"', "x OR y", "*", "zz"):
        assert customers.search_customers(db, text) == [], text
    assert len(customers.search_customers(db, "")) == 2
    customers.edit_customer(db, luis, name="Pedro")
    assert customers.search_customers(db, "luis") == []
    assert [found.id for found in customers.search_customers(db, "pedro")] == [luis]
    customers.set_customer_active(db, luis, False)
    assert customers.search_customers(db, "pedro") == []


def test_references_are_gapless_per_kind_and_a_refused_operation_gives_its_number_back(
    db: Database, ann: str
) -> None:
    first = jobs.create_job(db, customer_id=ann, amount_minor=5)
    refused("amount_not_positive", jobs.create_job, db, customer_id=ann, amount_minor=0)
    refused("allocation_above_payment", pay, db, ann, 1, {first.id: 2})
    second = jobs.create_job(db, customer_id=ann, amount_minor=5)
    assert (first.reference, second.reference) == ("C1-000001", "C1-000002")
    assert pay(db, ann, 1).reference == "C1-R000001"
    found = jobs.job_by_reference(db, " c1-000002 ")
    assert found is not None
    assert found.id == second.id


def test_a_service_proposes_a_price_and_old_jobs_keep_theirs(db: Database, ann: str) -> None:
    ironing = services.add_service(db, name="Ironing", price_minor=500)
    made = jobs.create_job(db, customer_id=ann, service_type_id=ironing.id, amount_minor=ironing.price_minor)
    services.edit_service(db, ironing.id, price_minor=900)
    assert (made.description, jobs.get_job(db, made.id).amount_minor) == ("Ironing", 500)
    refused("name_taken", services.add_service, db, name="IRONING")
    services.edit_service(db, ironing.id, is_active=False)
    refused(
        "service_inactive", jobs.create_job, db, customer_id=ann, amount_minor=5, service_type_id=ironing.id
    )


def test_pins_are_checked_and_the_last_owner_stays(db: Database) -> None:
    cashier = users.add_user(db, name="Carl", role="CASHIER", pin="9876")
    assert users.is_pin_right(db, cashier.id, "9876")
    assert not users.is_pin_right(db, cashier.id, "9877")
    assert not users.is_pin_right(db, NOBODY, "9876")
    users.edit_user(db, cashier.id, is_active=False)
    assert not users.is_pin_right(db, cashier.id, "9876")
    owner = users.first_owner(db)
    assert owner is not None
    refused("last_owner", users.edit_user, db, owner.id, is_active=False)
    refused("last_owner", users.edit_user, db, owner.id, role="CASHIER")
    refused("pin_too_short", users.add_user, db, name="Eve", role="CASHIER", pin="123")


def test_the_currency_stays_once_there_are_amounts(db: Database, ann: str) -> None:
    change_settings(db, {"currency": "EUR"})
    assert get_shop(db).currency.code == "EUR"
    job(db, ann, 5)
    refused("currency_fixed", change_settings, db, {"currency": "USD"})
    refused("currency_unknown", change_settings, db, {"currency": "XXX"})


def test_a_shop_is_set_up_once(db: Database) -> None:
    again = {"name": "B", "currency": "USD", "pc_code": "C2", "owner": "Eve", "pin": "1234"}
    assert "Sparkle" in str(refused("already_set_up", set_up_shop, db, **again))


@pytest.mark.parametrize("amount", [100.0, True, "100", None, 1.5, float("nan")])
def test_an_amount_that_is_no_integer_is_a_bug_that_shows_and_nothing_is_written(
    db: Database, ann: str, amount: object
) -> None:
    job_id = job(db, ann, 100)
    for operation, args, kwargs in (
        (jobs.create_job, (), {"customer_id": ann, "amount_minor": amount}),
        (payments.record_payment, (), {"customer_id": ann, "amount_minor": amount, "method": "CASH"}),
        (adjustments.adjust_job, (job_id, amount, "x"), {}),
        (adjustments.discount_job, (job_id, amount, "x"), {}),
        (customers.set_opening_balance, (ann, amount), {}),
        (drawer.move_cash, ("FLOAT", amount), {}),
    ):
        with pytest.raises(TypeError):
            operation(db, *args, **kwargs)  # type: ignore[operator]
    assert db.value("SELECT count(*) FROM ledger_entries") == 1


def test_a_job_never_grows_beyond_what_can_be_cancelled(db: Database, ann: str) -> None:
    job_id = job(db, ann, 999_999_999_999)
    refused("amount_too_large", adjustments.adjust_job, db, job_id, 1, "More")
    adjustments.cancel_job(db, job_id, "No")
    assert owes(db, ann) == 0


def test_a_job_of_an_inactive_customer_takes_no_adjustment(db: Database, ann: str) -> None:
    job_id = job(db, ann, 100)
    pay(db, ann, 100)
    customers.set_customer_active(db, ann, False)
    refused("customer_inactive", adjustments.adjust_job, db, job_id, 50, "More")
    refused("customer_inactive", adjustments.discount_job, db, job_id, 10, "Less")


def test_a_wrong_opening_debt_is_cancelled_against_opening_balances_and_not_as_lost_revenue(
    db: Database, ann: str
) -> None:
    customers.set_opening_balance(db, ann, 5000)
    adjustments.cancel_job(db, jobs.jobs_due(db, ann)[0].id, "Typed wrongly")
    assert (account(db, Account.OPENING), account(db, Account.CANCELLED)) == (0, 0)
    assert verify(db).findings == []


def test_reactivating_does_not_make_two_of_one_name(db: Database) -> None:
    old = services.add_service(db, name="Ironing")
    services.edit_service(db, old.id, is_active=False)
    services.add_service(db, name="ironing")
    refused("name_taken", services.edit_service, db, old.id, is_active=True)
    category = expenses.add_category(db, "Soap")
    expenses.edit_category(db, category.id, is_active=False)
    expenses.add_category(db, "SOAP")
    refused("name_taken", expenses.edit_category, db, category.id, is_active=True)


@pytest.mark.parametrize("name", ["\u200b", "\ufeff", "\u202e\u202c", "\u1160", "\u0378", "\u3164 \u00a0"])
def test_a_name_that_nobody_can_see_is_no_name(db: Database, name: str) -> None:
    refused("text_missing", customers.add_customer, db, name=name)


def test_odd_references_and_searches_find_nothing(db: Database) -> None:
    assert jobs.job_by_reference(db, "C1-99999999999999999999") is None
    assert jobs.job_by_reference(db, "C1") is None
    assert customers.search_customers(db, "\ud800") == []
