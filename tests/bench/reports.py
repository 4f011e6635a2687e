"""The reports' queries: the day in 20 ms whatever the history; the other reports within their limits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

from cleanflow.dao.customers import add_customer
from cleanflow.dao.jobs import create_job
from cleanflow.dao.shop import set_up_shop
from cleanflow.dao.stamps import today
from cleanflow.db import Database, open_database
from cleanflow.reports.daily import daily_report
from cleanflow.reports.monthly import monthly_report
from cleanflow.reports.pages.daily_page import daily_document
from cleanflow.reports.receivables import receivables_report
from cleanflow.reports.statement import statement
from tests.bench.budget import Budget
from tests.bench.scale import LAST_DAY


def measure_daily_report(large: Path, small: Path) -> list[Budget]:
    """Reports on the last days of the long and the short history, in turn."""
    times: dict[Path, list[float]] = {large: [], small: []}
    with open_database(large) as many, open_database(small) as few:
        for back in range(20):
            for path, db in ((large, many), (small, few)):
                started = perf_counter()
                daily_report(db, LAST_DAY - timedelta(days=back))
                times[path].append(perf_counter() - started)
    long_ms, short_ms = median(times[large]) * 1000, median(times[small]) * 1000
    return [
        Budget("daily report data, long history", long_ms, 20.0, "ms", "20 ms"),
        Budget(
            "daily report data, long against short history",
            long_ms,
            short_ms,
            "ms",
            "1/100 of the history",
            2.0,  # allows for deeper indexes and colder pages, not for growth with the history
        ),
    ]


def measure_other_reports(large: Path) -> list[Budget]:
    """Monthly reports, receivables, and statements of the busiest customers, of a settled shop.

    Receivables are those of today, because other parts may have recorded something after the shop's last day.
    """
    with open_database(large) as db:
        months = sorted({f"{LAST_DAY - timedelta(days=15 * back):%Y-%m}" for back in range(1, 49)})
        who = _busiest(db)
        return [
            _budget(
                "monthly report data", 100.0, [lambda m=month: monthly_report(db, m) for month in months]
            ),
            _budget("receivables of today", 200.0, [lambda: receivables_report(db)] * 7),
            _budget(
                "a customer's statement, all years",
                50.0,
                [lambda c=customer: statement(db, c, "2000-01-01", LAST_DAY) for customer in who],
            ),
        ]


def _busiest(db: Database) -> list[str]:
    query = """
        SELECT customer_id FROM ledger_entries WHERE customer_id IS NOT NULL
         GROUP BY customer_id ORDER BY count(*) DESC LIMIT 30
    """
    return [row["customer_id"] for row in db.rows(query)]


def _budget(what: str, limit_ms: float, calls: list[Callable[[], object]]) -> Budget:
    """A budget for the median time of the calls."""
    times = []
    for call in calls:
        started = perf_counter()
        call()
        times.append((perf_counter() - started) * 1000)
    return Budget(what, median(times), limit_ms, "ms", f"{limit_ms:.0f} ms")


def measure_pdf(folder: Path) -> Budget:
    """A day of 100 jobs as a PDF, including the import of the library."""
    with open_database(folder / "day.db", create=True) as db:
        set_up_shop(db, name="Bench", currency="PKR", pc_code="C1", owner="Olga", pin="1234")
        customer = add_customer(db, name="Ann Baker")
        for number in range(100):
            create_job(db, customer_id=customer.id, amount_minor=100 + number, description="Suit")
        started = perf_counter()
        from cleanflow.rendering.pdf import pdf_bytes

        pdf_bytes(daily_document(daily_report(db, today(db))))
        seconds = perf_counter() - started
    return Budget("PDF of a 100-line day", seconds * 1000, 1000.0, "ms", "1 s")
