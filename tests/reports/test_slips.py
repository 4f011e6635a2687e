"""Job tickets and receipts: their content, on a roll and on A4, with nothing cut off."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace

import pytest

from cleanflow.dao import adjustments, customers, jobs, payments, services
from cleanflow.dao.shop import change_settings
from cleanflow.db import Database
from cleanflow.errors import Refusal
from cleanflow.rendering.document import Document
from cleanflow.rendering.pdf import pdf_bytes
from cleanflow.rendering.roll import ROLL_MARGIN, ROLL_WIDTH, roll_pdf
from cleanflow.rendering.text import as_text
from cleanflow.reports.daily import daily_report
from cleanflow.reports.pages.daily_page import daily_document
from cleanflow.reports.pages.receipt import receipt
from cleanflow.reports.pages.ticket import ticket
from cleanflow.reports.statement import statement, statement_document
from tests.conftest import TestClock
from tests.rendering.poppler import lists_only, pages_of, poppler, text_of
from tests.reports.stories import TODAY, full_day


@pytest.fixture
def ann(db: Database) -> str:
    change_settings(db, {"shop_address": "12 Mall Road\nLahore", "shop_phone": "0300 1234567"})
    return customers.add_customer(db, name="Ann", phone="0321 7654321").id


def said(document: Document) -> str:
    return re.sub(r"[ \n]+", " ", as_text(document))


def test_a_ticket_says_whose_what_when_and_how_much(db: Database, ann: str) -> None:
    service = services.add_service(db, name="Dry cleaning", price_minor=10_00)
    job = jobs.create_job(
        db, customer_id=ann, amount_minor=30_00, service_type_id=service.id, description="2 suits",
        due_date="2026-03-12", notes="Stain on the sleeve\nNo starch",
    )  # fmt: skip
    payments.record_payment(db, customer_id=ann, amount_minor=10_00, method="CASH")
    document = ticket(db, job.id)
    (large,) = [fact for section in document.sections for fact in section.facts if fact.is_large]
    assert large.value == "C1-000001"
    text = said(document)
    for words in (
        "Sparkle 12 Mall Road Lahore 0300 1234567", "Job ticket 10/03/2026", "Ready on 12/03/2026",
        "State Part paid", "Name Ann", "Phone 0321 7654321", "Service Dry cleaning", "2 suits",
        "Amount 30.00 Paid 10.00 Due 20.00", "Stain on the sleeve No starch",
    ):  # fmt: skip
        assert words in text, (words, text)
    assert "COPY" not in text


def test_the_service_stays_beside_the_description_on_every_paper(db: Database, ann: str) -> None:
    suit = services.add_service(db, name="Suit 2-piece", price_minor=15_00)
    job = jobs.create_job(
        db, customer_id=ann, amount_minor=15_00, service_type_id=suit.id, description="grey"
    )
    paid = payments.record_payment(db, customer_id=ann, amount_minor=5_00, method="CASH")
    assert "Service Suit 2-piece grey" in said(ticket(db, job.id))
    for document in (
        receipt(db, paid.id),
        statement_document(statement(db, ann, TODAY, TODAY)),
        daily_document(daily_report(db, TODAY)),
    ):
        assert "Suit 2-piece, grey" in said(document), document.title


def test_a_ticket_says_what_was_changed_and_that_a_job_was_cancelled(db: Database, ann: str) -> None:
    job = jobs.create_job(db, customer_id=ann, amount_minor=30_00, description="Coat")
    adjustments.discount_job(db, job.id, 5_00, "Regular")
    assert "Agreed 30.00 Discount -5.00 Amount 25.00 Paid 0.00 Due 25.00" in said(ticket(db, job.id))
    adjustments.cancel_job(db, job.id, "Changed her mind")
    text = said(ticket(db, job.id))
    assert "State Cancelled" in text
    assert "Due 0.00" in text


def test_a_receipt_says_what_was_paid_for_and_what_is_owed(db: Database, ann: str) -> None:
    jobs.create_job(db, customer_id=ann, amount_minor=30_00, description="Coat")
    jobs.create_job(db, customer_id=ann, amount_minor=20_00, description="Rug")
    payment = payments.record_payment(db, customer_id=ann, amount_minor=40_00, method="CASH")
    text = said(receipt(db, payment.id, received_minor=50_00))
    for words in (
        "Receipt 10/03/2026", "Number C1-R000001", "By Olga", "Name Ann", "Paid, Cash 40.00",
        "Cash received 50.00 Change 10.00", "C1-000001 Coat 30.00 ", "C1-000002 Rug 10.00 10.00",
        "Still owed 10.00",
    ):  # fmt: skip
        assert words in text, (words, text)
    assert "Cash received" not in said(receipt(db, payment.id))
    exact = said(receipt(db, payment.id, received_minor=40_00))
    assert "Cash received 40.00 Change 0.00" in exact


def test_what_is_left_of_a_payment_is_the_customers_credit(db: Database, ann: str) -> None:
    payment = payments.record_payment(db, customer_id=ann, amount_minor=40_00, method="BANK", jobs={})
    text = said(receipt(db, payment.id))
    assert "Paid, Bank 40.00" in text
    assert "Of this payment not used yet 40.00 Your credit 40.00" in text
    assert "Paid for" not in text


def test_refunds_and_reversals_are_named_and_point_to_each_other(db: Database, ann: str) -> None:
    deposit = payments.record_payment(db, customer_id=ann, amount_minor=9_00, method="CASH")
    back = payments.refund(
        db, customer_id=ann, amount_minor=2_00, method="CASH", reason="Too much", payment_id=deposit.id
    )
    text = said(receipt(db, back.id))
    for words in ("Refund 10/03/2026", "Given back, Cash 2.00", "Reason: Too much", "C1-R000001 2.00",
                  "Your credit 7.00"):  # fmt: skip
        assert words in text, (words, text)
    assert "C1-R000002 Refund: Too much 2.00" in said(receipt(db, deposit.id))

    undone = payments.reverse_payment(db, back.id, "Not given")
    text = said(receipt(db, undone.id))
    for words in ("Refund reversed", "Refund taken back, Cash 2.00", "Takes back C1-R000002", "Not given"):
        assert words in text, (words, text)

    wrong = payments.record_payment(db, customer_id=ann, amount_minor=3_00, method="BANK")
    reversal = payments.reverse_payment(db, wrong.id, "Wrong customer")
    text = said(receipt(db, reversal.id))
    for words in ("Payment reversed", "Payment taken back, Bank 3.00", f"Takes back {wrong.reference}"):
        assert words in text, (words, text)
    assert f"Taken back by {reversal.reference}" in said(receipt(db, wrong.id, is_copy=True))


def test_an_opening_balance_has_slips_too(db: Database, ann: str) -> None:
    customers.set_opening_balance(db, ann, -5_00)
    bob = customers.add_customer(db, name="Bob").id
    customers.set_opening_balance(db, bob, 8_00)
    (share,) = payments.free_shares(db, ann)
    assert "Credit from before 5.00" in said(receipt(db, share.payment_id))
    (job,) = jobs.jobs_due(db, bob)
    assert "Due 8.00" in said(ticket(db, job.id))


def test_a_reprint_says_so_and_nothing_else_differs(db: Database, ann: str) -> None:
    job = jobs.create_job(db, customer_id=ann, amount_minor=5_00, description="Coat")
    payment = payments.record_payment(db, customer_id=ann, amount_minor=5_00, method="CASH")
    first, again = ticket(db, job.id), ticket(db, job.id, is_copy=True)
    assert again.title == "Job ticket · COPY"
    assert replace(again, title=first.title) == first
    copy = receipt(db, payment.id, is_copy=True)
    assert copy.title == "Receipt · COPY"
    assert copy.notes == ("What is owed is as it stands now.",)
    if shutil.which("pdftotext"):
        assert "Receipt · COPY" in text_of(roll_pdf(copy))
        assert "Job ticket · COPY" in text_of(pdf_bytes(again))


def test_unknown_records_have_no_slips(db: Database) -> None:
    for make in (ticket, receipt):
        with pytest.raises(Refusal) as refused:
            make(db, "nothing")
        assert refused.value.code == "record_unknown"


needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs poppler-utils")


def size_of(pdf: bytes) -> tuple[float, float]:
    width, height = re.findall(r"Page size: +([\d.]+) x ([\d.]+)", poppler("pdfinfo", pdf))[0]
    return float(width), float(height)


@needs_poppler
def test_a_slip_is_80_mm_wide_and_as_long_as_it_needs(db: Database, ann: str) -> None:
    short = jobs.create_job(db, customer_id=ann, amount_minor=5_00, description="Coat")
    long = jobs.create_job(db, customer_id=ann, amount_minor=5_00, description="Coats and " * 90)
    one, other = (size_of(roll_pdf(ticket(db, job.id))) for job in (short, long))
    assert one[0] == other[0] == pytest.approx(ROLL_WIDTH, abs=0.01)
    assert other[1] > one[1] + 100
    assert one[1] / (72 / 25.4) == pytest.approx(round(one[1] / (72 / 25.4)), abs=0.02)


@needs_poppler
def test_nothing_on_a_roll_is_cut_or_beyond_its_edges(db: Database) -> None:
    name = "Wolfeschlegelsteinhausenbergerdorff" * 5
    who = customers.add_customer(db, name=name, phone="1" * 100).id
    words = " ".join(f"word{number}" for number in range(100))
    job = jobs.create_job(
        db, customer_id=who, amount_minor=999_999_999_999, description=words, notes="y" * 500
    )
    adjustments.discount_job(db, job.id, 1, "z" * 100)
    payment = payments.record_payment(db, customer_id=who, amount_minor=999_999_999_998, method="CASH")
    for document in (ticket(db, job.id), receipt(db, payment.id)):
        pdf = roll_pdf(document)
        text = re.sub(r"\s", "", poppler("pdftotext", pdf))
        assert "…" not in text
        assert name in text
        boxes = re.findall(
            r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)"',
            poppler("pdftotext", pdf, "-bbox"),
        )
        _width, height = size_of(pdf)
        assert len(boxes) > 30
        for left, top, right, bottom in ([float(edge) for edge in box] for box in boxes):
            assert ROLL_MARGIN - 0.5 <= left < right <= ROLL_WIDTH - ROLL_MARGIN + 0.5
            assert 0 <= top < bottom <= height
    text = text_of(roll_pdf(ticket(db, job.id)))
    assert all(f"word{number}" in text for number in range(100))
    assert "9,999,999,999.98" in text
    assert "y" * 500 in re.sub(r"\s", "", text)


@needs_poppler
def test_every_report_can_go_on_a_roll(db: Database, clock: TestClock) -> None:
    full_day(db, clock)
    pdf = roll_pdf(daily_document(daily_report(db, TODAY)))
    text = text_of(pdf)
    assert pages_of(pdf) == 1
    for words in ("Daily report", "Expected 61.00", "C1-000004 Bob", "Counted by", "Amounts in USD"):
        assert words in text, words
    assert "…" not in text


@needs_poppler
def test_a_strip_longer_than_a_pdf_page_goes_on_on_another(db: Database) -> None:
    pdf = roll_pdf(lists_only(1_500))
    assert pages_of(pdf) == 2
    assert len(re.findall(r"Row \d+ 2026-03-10", text_of(pdf))) == 1_500


def test_the_same_slip_gives_the_same_bytes(db: Database, ann: str) -> None:
    job = jobs.create_job(db, customer_id=ann, amount_minor=5_00, description="Пальто معطف कोट")
    pdf = roll_pdf(ticket(db, job.id))
    assert roll_pdf(ticket(db, job.id)) == pdf
    assert not re.search(rb"D:20(?!00)", pdf)


@needs_poppler
def test_slips_on_a4_are_one_page_with_everything_on_it(db: Database, ann: str) -> None:
    job = jobs.create_job(db, customer_id=ann, amount_minor=5_00, description="Coats and " * 90 + "end")
    payment = payments.record_payment(db, customer_id=ann, amount_minor=2_00, method="CASH")
    for document in (ticket(db, job.id), receipt(db, payment.id)):
        pdf = pdf_bytes(document)
        assert pages_of(pdf) == 1
        assert "C1-" in text_of(pdf)
    assert "and end" in text_of(pdf_bytes(ticket(db, job.id)))
    name = "A customer with a name of many words " * 5
    long = customers.add_customer(db, name=name).id
    text = text_of(pdf_bytes(ticket(db, jobs.create_job(db, customer_id=long, amount_minor=1).id)))
    assert text.count("many words") == 5
