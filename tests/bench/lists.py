"""Opening a list, its last page, the page before that, and the usual filters, each against a time limit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from cleanflow.dao.audit_lists import list_audit
from cleanflow.dao.customer_lists import list_customer_jobs, list_customers
from cleanflow.dao.expenses import list_expenses
from cleanflow.dao.job_lists import list_jobs
from cleanflow.dao.ledger_lists import list_ledger
from cleanflow.dao.overview import job_counts, money_owed
from cleanflow.dao.paging import Page, Slice
from cleanflow.dao.payment_lists import list_payments
from cleanflow.dao.statements import list_account
from cleanflow.db import Database, open_database
from cleanflow.records.chart import Account
from cleanflow.reports.daily import daily_report
from tests.bench.budget import Budget
from tests.bench.scale import LAST_DAY

_PATIENCE_MS = 50.0
_TIMES = 5

Read = Callable[[Slice], Page[Any]]


def measure_lists(shop: Path) -> list[Budget]:
    """The slowest of a list's first page, last page, and the page before that."""
    with open_database(shop) as db:
        lists = _lists(db)
        budgets = [_measure(name, read, part) for name, (read, part) in lists.items()]
        budgets.append(Budget("the Today screen's numbers", _today_ms(db), _PATIENCE_MS, "ms", "50 ms"))
    return budgets


def _lists(db: Database) -> dict[str, tuple[Read, Slice]]:
    by_date = Slice("date", descending=True)
    month = LAST_DAY.replace(day=1)
    regular = db.value("SELECT customer_id FROM payments GROUP BY customer_id ORDER BY count(*) DESC LIMIT 1")

    def of(function: Callable[..., Page[Any]], **filters: Any) -> Read:
        return lambda part: function(db, part, **filters)

    return {
        "jobs, all": (of(list_jobs), by_date),
        "jobs, by customer": (of(list_jobs), Slice("customer")),
        "jobs, unpaid": (of(list_jobs, payment="DUE"), by_date),
        "jobs, of a name": (of(list_jobs, text="khan"), by_date),
        "customers, all": (of(list_customers), Slice("name")),
        "customers who owe": (of(list_customers, which="OWING"), Slice("balance", descending=True)),
        "a customer's account": (lambda part: list_account(db, part, regular), by_date),
        "a customer's jobs": (lambda part: list_customer_jobs(db, part, regular), by_date),
        "payments, all": (of(list_payments), by_date),
        "payments, this month by bank": (of(list_payments, first=month, method="BANK"), by_date),
        "expenses, all": (of(list_expenses), by_date),
        "ledger, all": (of(list_ledger), by_date),
        "ledger, cash this month": (of(list_ledger, account_id=str(Account.CASH), first=month), by_date),
        "ledger, ten years ago": (of(list_ledger, last=LAST_DAY - timedelta(days=3500)), by_date),
        "audit": (of(list_audit), Slice("time", descending=True)),
    }


def _measure(name: str, read: Read, part: Slice) -> Budget:
    end = replace(part, backward=True)
    last = read(end)
    ways = {"first page": part, "last page": end}
    if last.first_key is not None:
        ways["page before the last"] = replace(end, start=last.first_key)
    times = {way: _ms(read, wanted) for way, wanted in ways.items()}
    slowest = max(times, key=lambda way: times[way])
    return Budget(f"{name}: {slowest}", times[slowest], _PATIENCE_MS, "ms", "50 ms")


def _ms(read: Read, part: Slice) -> float:
    times = []
    for _time in range(_TIMES):
        started = perf_counter()
        read(part)
        times.append((perf_counter() - started) * 1000)
    return median(times)


def _today_ms(db: Database) -> float:
    times = []
    for _time in range(_TIMES):
        started = perf_counter()
        daily_report(db, LAST_DAY)
        job_counts(db, LAST_DAY)
        money_owed(db)
        times.append((perf_counter() - started) * 1000)
    return median(times)
