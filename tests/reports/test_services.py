"""The report by service: every job counts once, and it agrees with the profit and loss."""

from __future__ import annotations

from cleanflow.dao import adjustments, customers, jobs, services
from cleanflow.db import Database
from cleanflow.rendering.text import as_text
from cleanflow.reports.profit import profit_report
from cleanflow.reports.services import ServiceLine, services_document, services_report
from tests.conftest import TestClock
from tests.reports.stories import at


def test_services_count_jobs_and_what_became_of_their_prices(db: Database, clock: TestClock) -> None:
    at(clock, 9)
    ann = customers.add_customer(db, name="Ann").id
    customers.set_opening_balance(db, ann, 70_00)
    suit = services.add_service(db, name="Suit 2-piece", price_minor=15_00).id
    shirt = services.add_service(db, name="shirt <b>", price_minor=4_00).id
    services.add_service(db, name="Unused", price_minor=1_00)
    early = jobs.create_job(db, customer_id=ann, amount_minor=15_00, service_type_id=suit)
    at(clock, 10)
    low = jobs.create_job(db, customer_id=ann, amount_minor=12_00, service_type_id=suit, description="grey")
    jobs.create_job(db, customer_id=ann, amount_minor=20_00, service_type_id=suit)
    gone = jobs.create_job(db, customer_id=ann, amount_minor=4_00, service_type_id=shirt)
    jobs.create_job(db, customer_id=ann, amount_minor=9_00, description="Zip")
    adjustments.discount_job(db, early.id, 1_00, "Regular")
    adjustments.adjust_job(db, low.id, 2_00, "More work")
    adjustments.cancel_job(db, gone.id, "Not wanted")
    report = services_report(db, "2026-03-10", "2026-03-10")
    assert report.services == (
        ServiceLine("Suit 2-piece", 2, 32_00, -3_00, 1_00),
        ServiceLine("", 1, 9_00, 0, 0),
        ServiceLine("shirt <b>", 1, 4_00, 0, -4_00),
    )
    assert report.total_minor == profit_report(db, "2026-03-10", "2026-03-10").income_total_minor == 42_00
    both = services_report(db, "2026-03-01", "2026-03-10")
    assert both.services[0] == ServiceLine("Suit 2-piece", 3, 47_00, -3_00, 1_00)
    text = as_text(services_document(report))
    assert "No service" in text and "shirt <b>" in text


def test_a_period_without_jobs_says_so(db: Database) -> None:
    assert "No jobs were made." in as_text(services_document(services_report(db, "2026-01-01", "2026-01-31")))
