"""Random operations on a shop, valid and refused ones.

Used by the property tests and by the child process that is killed. The given numbers determine the
operations, so that hypothesis can shrink a failure.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from cleanflow.dao import adjustments, customers, drawer, expenses, jobs, payments
from cleanflow.db import Database
from cleanflow.records.search import folded

AMOUNTS = (1, 99, 500, 1000, 1234, 100_000, 0, -5, 10**12)
KINDS = 16


def _pick(db: Database, table: str, number: int) -> str:
    """The id of a row, or sometimes (always for an empty table) a made-up one."""
    count = db.value(f"SELECT count(*) FROM {table}")
    if not count or number % 13 == 12:
        return "99999999-9999-4999-8999-999999999999"
    query = f"SELECT id FROM {table} ORDER BY created_at, id LIMIT 1 OFFSET :offset"
    return str(db.value(query, {"offset": number % count}))


def act(db: Database, kind: int, first: int, second: int, third: int) -> object:
    """Do one operation; the numbers choose records, amounts and dates. Raises Refusal."""
    amount = AMOUNTS[second % len(AMOUNTS)]
    method = ("CASH", "BANK")[third % 2]
    on = (None, date(2026, 3, 10) - timedelta(days=third % 40), "2026-02-30")[0 if third % 5 else third % 3]
    customer = _pick(db, "customers", first)
    job = _pick(db, "jobs", first)
    payment = _pick(db, "payments", first)
    operations: list[Callable[[], object]] = [
        lambda: customers.add_customer(db, name=("Ann", "محمد <b>", "=1+1", "", "Łukasz")[first % 5]),
        lambda: jobs.create_job(db, customer_id=customer, amount_minor=amount, on=on),
        lambda: jobs.create_job(db, customer_id=customer, amount_minor=abs(amount) + 1),
        lambda: payments.record_payment(db, customer_id=customer, amount_minor=amount, method=method, on=on),
        lambda: payments.record_payment(
            db,
            customer_id=_owner_of(db, job),
            amount_minor=amount,
            method=method,
            jobs={job: abs(amount) // 2 + 1},
        ),
        lambda: payments.record_payment(
            db, customer_id=customer, amount_minor=amount, method=method, jobs={}
        ),
        lambda: payments.use_credit(db, customer),
        lambda: payments.reverse_payment(db, payment, "Wrong customer", on=on),
        lambda: payments.refund(db, customer_id=customer, amount_minor=amount, method=method, reason="Back"),
        lambda: payments.refund(
            db,
            customer_id=_payer_of(db, payment),
            amount_minor=amount,
            method=method,
            reason="Back",
            payment_id=payment,
        ),
        lambda: adjustments.adjust_job(db, job, amount if third % 2 else -amount, "More work", on=on),
        lambda: adjustments.discount_job(db, job, amount, "Regular"),
        lambda: adjustments.write_off_job(db, job, "Moved away"),
        lambda: adjustments.cancel_job(db, job, "Changed their mind"),
        lambda: adjustments.reverse_adjustment(db, _pick(db, "job_adjustments", first), "Typed wrongly"),
        lambda: _the_rest(db, first, amount, method, third),
    ]
    assert len(operations) == KINDS
    return operations[kind % KINDS]()


def _the_rest(db: Database, first: int, amount: int, method: str, third: int) -> object:
    category = _pick(db, "expense_categories", first)
    rest: list[Callable[[], object]] = [
        lambda: expenses.record_expense(db, category_id=category, amount_minor=amount, method=method),
        lambda: expenses.reverse_expense(db, _pick(db, "expenses", first), "Entered twice"),
        lambda: drawer.move_cash(db, drawer.MOVEMENTS[first % 4], amount, "Change"),
        lambda: customers.set_opening_balance(db, _pick(db, "customers", first), amount),
        lambda: customers.edit_customer(db, _pick(db, "customers", first), phone=str(amount)),
        lambda: customers.set_customer_active(db, _pick(db, "customers", first), bool(third % 2)),
        lambda: jobs.edit_job(db, _pick(db, "jobs", first), work_status=jobs.WORK_STATUSES[third % 4]),
    ]
    return rest[third % len(rest)]()


def _owner_of(db: Database, job_id: str) -> str:
    return str(db.value("SELECT customer_id FROM jobs WHERE id = :id", {"id": job_id}) or folded("nobody"))


def _payer_of(db: Database, payment_id: str) -> str:
    return str(db.value("SELECT customer_id FROM payments WHERE id = :id", {"id": payment_id}) or "nobody")
