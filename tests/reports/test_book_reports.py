"""Monthly report, cash flow, statement, trial balance, profit and loss for known days in a shop."""

from __future__ import annotations

import re
import shutil
from datetime import timedelta

import pytest

from cleanflow.dao import adjustments, customers, expenses, jobs, payments
from cleanflow.db import Database
from cleanflow.errors import Refusal
from cleanflow.rendering.chart_line import scale_of
from cleanflow.rendering.document import Document
from cleanflow.rendering.pdf import pdf_bytes
from cleanflow.rendering.text import as_text
from cleanflow.reports.cash_flow import cash_flow_report
from cleanflow.reports.monthly import monthly_report
from cleanflow.reports.pages.cash_flow_page import cash_flow_document
from cleanflow.reports.pages.monthly_page import monthly_document
from cleanflow.reports.periods import month_before, month_period, period
from cleanflow.reports.profit import profit_document, profit_report
from cleanflow.reports.receivables import receivables_document, receivables_report
from cleanflow.reports.statement import Statement, statement, statement_document
from cleanflow.reports.trial_balance import trial_balance, trial_balance_document
from tests.conftest import TestClock
from tests.rendering.poppler import pages_of, text_of
from tests.reports.stories import TODAY, category, full_day

#: Tables with few rows, which may be scanned.
SMALL = {"devices", "settings", "accounts", "app_settings", "expense_categories", "charted"}


def story(db: Database, clock: TestClock) -> None:
    """The full day on March 10, and some records in February to compare with."""
    full_day(db, clock)
    ann = db.value("SELECT id FROM customers WHERE name = 'Ann'")
    jobs.create_job(db, customer_id=ann, amount_minor=40_00, description="Veil", on="2026-02-11")
    expenses.record_expense(
        db, category_id=category(db, "Supplies"), amount_minor=10_00, method="CASH", on="2026-02-20"
    )


def lines_of(document: Document) -> list[str]:
    return [re.sub(r" {2,}", "  ", line.strip()) for line in as_text(document).splitlines()]


def test_a_month_stands_beside_the_month_before(db: Database, clock: TestClock) -> None:
    story(db, clock)
    report = monthly_report(db, "2026-03")
    income = {line.account: (line.amount_minor, line.before_minor) for line in report.income}
    assert income == {
        "Service revenue": (167_00, 40_00),
        "Discounts given": (-2_00, 0),
        "Price adjustments": (0, 0),
        "Cancelled jobs": (-7_00, 0),
    }
    spent = {line.account: (line.amount_minor, line.before_minor) for line in report.expenses}
    assert spent == {"Supplies": (12_00, 10_00), "Rent": (90_00, 0), "Bad debts written off": (0, 0)}
    assert (report.profit_minor, report.profit_before_minor) == (56_00, 30_00)
    assert (report.job_count, report.job_count_before) == (4, 1)
    assert (report.receivable_minor, report.receivable_before_minor) == (43_00, 40_00)
    moved = {day.date: (day.income_minor, day.expenses_minor) for day in report.days if day.income_minor}
    assert moved == {"2026-03-09": (50_00, 0), "2026-03-10": (108_00, 102_00)}
    assert len(report.days) == 31
    lines = lines_of(monthly_document(report))
    assert "Supplies  12.00  10.00  2.00  +20.0 %" in lines
    assert "Profit  56.00  30.00  26.00  +86.7 %" in lines
    assert "The month is not over: these are its days up to 10/03/2026." in lines


def test_a_month_that_is_over_has_no_note(db: Database, clock: TestClock) -> None:
    story(db, clock)
    assert monthly_document(monthly_report(db, "2026-02")).notes == ()


def test_a_debt_that_is_written_off_is_an_expense_of_its_month(db: Database) -> None:
    ann = customers.add_customer(db, name="Ann").id
    job = jobs.create_job(db, customer_id=ann, amount_minor=40_00, on="2026-02-11")
    adjustments.write_off_job(db, job.id, "Moved away")
    report = monthly_report(db, "2026-03")
    assert {line.account: line.amount_minor for line in report.expenses} == {"Bad debts written off": 40_00}
    assert report.profit_minor == -40_00
    assert "Loss  -40.00  40.00  -80.00  -200.0 %" in lines_of(monthly_document(report))


def test_cash_flow_leads_from_the_opening_to_the_closing_balance(db: Database, clock: TestClock) -> None:
    story(db, clock)
    report = cash_flow_report(db, "2026-03-10", "2026-03-31")
    cash, bank = report.methods
    assert (cash.opening_minor, cash.in_minor, cash.out_minor, cash.moved_minor, cash.closing_minor) == (
        90_00, 139_00, 28_00, -150_00, 51_00)  # fmt: skip
    assert (bank.opening_minor, bank.in_minor, bank.out_minor, bank.moved_minor, bank.closing_minor) == (
        0, 30_00, 90_00, 150_00, 90_00)  # fmt: skip
    lines = lines_of(cash_flow_document(report))
    assert "Payments  5  133.00  30.00  163.00" in lines
    assert "Payments reversed  1  -3.00  -3.00" in lines
    assert "Expenses: Supplies  1  -12.00  -12.00" in lines
    assert "Expenses: Transport  2  0.00" in lines, "an expense that was reversed has cost nothing"
    assert "Banked  1  -150.00  150.00  0.00" in lines
    assert "At the end  51.00  90.00  141.00" in lines
    assert "10/03/2026  139.00  28.00  150.00  30.00  90.00  51.00  90.00" in lines


def test_a_long_cash_flow_is_charted_by_month(db: Database, clock: TestClock) -> None:
    story(db, clock)
    document = cash_flow_document(cash_flow_report(db, "2025-11-15", TODAY))
    (chart,) = (chart for section in document.sections for chart in section.charts)
    assert chart.places == ("2025-11", "2025-12", "2026-01", "2026-02", "2026-03")
    assert chart.ticks[0] == "11/25"
    assert [series.values for series in chart.series] == [
        (0, 0, 0, 0, 269_00), (0, 0, 0, 10_00, 118_00)]  # fmt: skip


def bobs(db: Database) -> Statement:
    bob = db.value("SELECT id FROM customers WHERE name = 'Bob'")
    return statement(db, bob, "2026-03-01", TODAY)


def test_a_statement_tells_each_entry_and_the_balance_after_it(db: Database, clock: TestClock) -> None:
    story(db, clock)
    lines = lines_of(statement_document(bobs(db)))
    assert "10/03/2026  C1-000003  Job: Rug  80.00  80.00" in lines
    assert "10/03/2026  C1-000004  Job: Veil  7.00  87.00" in lines
    assert "10/03/2026  C1-R000003  Payment, Cash  80.00  7.00" in lines
    assert "10/03/2026  C1-000004  Cancellation: Changed her mind  7.00  0.00" in lines
    assert "Total  87.00  87.00  0.00" in lines


def test_a_statements_opening_balance_is_what_came_before(db: Database, clock: TestClock) -> None:
    story(db, clock)
    ann = db.value("SELECT id FROM customers WHERE name = 'Ann'")
    report = statement(db, ann, TODAY, TODAY)
    assert (report.opening_minor, report.closing_minor) == (90_00, 58_00)
    later = statement(db, ann, TODAY + timedelta(days=1), TODAY + timedelta(days=9))
    assert (later.opening_minor, later.closing_minor, later.lines) == (58_00, 58_00, ())
    assert "There are no entries in this time." in lines_of(statement_document(later))


def test_a_statement_tells_corrections_and_credit(db: Database) -> None:
    ann = customers.add_customer(db, name="Ann").id
    customers.set_opening_balance(db, ann, 5_00, on="2026-03-01")
    job = jobs.create_job(db, customer_id=ann, amount_minor=10_00)
    wrong = adjustments.discount_job(db, job.id, 1_00, "Typed wrongly")
    adjustments.reverse_adjustment(db, wrong.id, "Undone")
    paid = payments.record_payment(db, customer_id=ann, amount_minor=40_00, method="BANK")
    payments.refund(db, customer_id=ann, amount_minor=5_00, method="CASH", reason="Too much")
    lines = lines_of(statement_document(statement(db, ann, "2026-01-01", TODAY)))
    assert "01/03/2026  C1-000001  Opening balance  5.00  5.00" in lines
    assert "10/03/2026  C1-000002  Discount reversed: Undone  1.00  15.00" in lines
    assert f"10/03/2026  {paid.reference}  Payment, Bank  40.00  -25.00" in lines
    assert "10/03/2026  C1-R000002  Refund, Cash: Too much  5.00  -20.00" in lines
    assert "A balance below zero is the customer's credit." in lines


def test_the_trial_balance_is_balanced_on_every_day(db: Database, clock: TestClock) -> None:
    story(db, clock)
    assert trial_balance(db, "2026-01-01").accounts == ()
    for day in ("2026-02-11", "2026-02-28", "2026-03-09", TODAY):
        report = trial_balance(db, day)
        assert report.debit_minor == report.credit_minor > 0
    lines = lines_of(trial_balance_document(report))
    assert "Cash  What the shop has  51.00" in lines
    assert "Service revenue  Income  207.00" in lines
    assert "Cash  What the shop has  0.00" not in lines


def test_profit_and_loss_of_a_day(db: Database, clock: TestClock) -> None:
    story(db, clock)
    report = profit_report(db, TODAY, TODAY)
    assert (report.income_total_minor, report.expenses_total_minor, report.profit_minor) == (
        108_00,
        102_00,
        6_00,
    )
    assert "Profit  6.00" in lines_of(profit_document(report))


def documents(db: Database) -> list[Document]:
    customer = db.value("SELECT customer_id FROM customer_balances ORDER BY balance_minor DESC LIMIT 1")
    return [
        monthly_document(monthly_report(db, "2026-03")),
        cash_flow_document(cash_flow_report(db, "2026-03-01", "2026-03-31")),
        receivables_document(receivables_report(db)),
        trial_balance_document(trial_balance(db, TODAY)),
        profit_document(profit_report(db, "2026-03-01", TODAY)),
        *([statement_document(statement(db, customer, "2026-03-01", TODAY))] if customer else []),
    ]


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs poppler-utils")
def test_each_report_is_one_page_for_a_quiet_month_and_for_an_empty_shop(
    db: Database, clock: TestClock
) -> None:
    for document in documents(db):
        assert pages_of(pdf_bytes(document)) == 1
    story(db, clock)
    for document in documents(db):
        content = pdf_bytes(document)
        assert pages_of(content) == 1
        assert content == pdf_bytes(document)
        text = text_of(content)
        assert document.title in text
        for section in document.sections:
            assert section.title in text


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs poppler-utils")
def test_names_survive_in_text_and_on_paper(db: Database) -> None:
    for name in ("=1+1", "Tom <b>& Co</b>"):
        who = customers.add_customer(db, name=name).id
        jobs.create_job(db, customer_id=who, amount_minor=100, description=name)
        expenses.record_expense(
            db, category_id=expenses.add_category(db, name).id, amount_minor=5, method="CASH"
        )
        told = statement_document(statement(db, who, TODAY, TODAY))
        for document in (receivables_document(receivables_report(db)), told, *documents(db)[:2]):
            assert name in as_text(document)
            assert name in text_of(pdf_bytes(document))


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs poppler-utils")
def test_a_chart_has_its_legend_and_round_amounts(db: Database, clock: TestClock) -> None:
    story(db, clock)
    text = text_of(pdf_bytes(monthly_document(monthly_report(db, "2026-03"))))
    assert "Income Expenses" in text
    assert " 150 " in text
    assert re.search(r" 1 +2 +3 .* 31 ", text)


@pytest.mark.parametrize(
    ("values", "lines"),
    [
        ([0, 0], [0, 100]),
        ([], [0, 100]),
        ([1, 3], [0, 1, 2, 3]),
        ([149_00], [0, 5000, 10000, 15000]),
        ([-20_00, 70_00], [-2000, 0, 2000, 4000, 6000, 8000]),
        ([-5], [-5, -4, -3, -2, -1, 0]),
        ([999_999_999_999], [0, 200_000_000_000, 400_000_000_000, 600_000_000_000, 800_000_000_000, 10**12]),
    ],
)
def test_a_charts_axis_has_few_round_steps_around_all_values(values: list[int], lines: list[int]) -> None:
    assert list(scale_of(values, 100).lines()) == lines


def test_periods_know_their_days_and_months() -> None:
    assert month_period("2024-02").last == "2024-02-29"
    assert month_before("2026-01") == "2025-12"
    assert period("2025-12-31", "2026-01-01").months() == ["2025-12", "2026-01"]
    assert len(period("2024-01-01", "2024-12-31").days()) == 366
    for bad in (lambda: period("2026-03-02", "2026-03-01"), lambda: month_period("2026-13"),
                lambda: month_period("2026-3"), lambda: month_before("0001-01")):  # fmt: skip
        with pytest.raises(Refusal) as refused:
            bad()
        assert refused.value.code == "date_invalid"


def test_every_link_leads_to_a_record_or_an_account(db: Database, clock: TestClock) -> None:
    story(db, clock)
    tables = {"account": "accounts", "customer": "customers", "job": "jobs", "payment": "payments",
              "adjustment": "job_adjustments"}  # fmt: skip
    links = [
        link
        for document in documents(db)
        for section in document.sections
        for table in section.tables
        for link in table.links
        if link is not None
    ]
    assert {link.kind for link in links} >= {"account", "customer", "job", "payment", "day"}
    for link in links:
        if link.kind != "day":
            assert db.one(f"SELECT 1 FROM {tables[link.kind]} WHERE id = :id", {"id": link.id}), link
    for document in documents(db):
        for section in document.sections:
            for table in section.tables:
                assert len(table.links) in (0, len(table.rows))


def test_no_query_of_a_report_scans_the_ledger_the_jobs_or_the_payments(
    db: Database, clock: TestClock
) -> None:
    story(db, clock)
    seen: list[str] = []
    db.connection.set_trace_callback(seen.append)
    documents(db)
    db.connection.set_trace_callback(None)
    asked = [statement for statement in seen if statement.lstrip().startswith(("SELECT", "WITH"))]
    assert len(asked) > 20
    for statement_ in asked:
        for row in db.rows(f"EXPLAIN QUERY PLAN {statement_}"):
            scan = re.match(r"SCAN (\w+)", row["detail"])
            if scan and scan[1] in ("ledger_entries", "jobs", "payments", "payment_allocations", "account_days",
                                    "job_adjustments", "customers", "entries"):  # fmt: skip
                raise AssertionError((row["detail"], statement_))


def test_a_report_reads_one_state_of_the_books(db: Database, clock: TestClock) -> None:
    """Each report reads in one snapshot, whatever another connection writes meanwhile."""
    story(db, clock)
    for make in (
        lambda: monthly_report(db, "2026-03"),
        lambda: cash_flow_report(db, TODAY, TODAY),
        lambda: receivables_report(db),
        lambda: trial_balance(db, TODAY),
        lambda: profit_report(db, TODAY, TODAY),
        lambda: bobs(db),
    ):
        seen: list[str] = []
        db.connection.set_trace_callback(seen.append)
        make()
        db.connection.set_trace_callback(None)
        assert [line for line in seen if line in ("BEGIN", "ROLLBACK", "COMMIT")] == ["BEGIN", "ROLLBACK"]
