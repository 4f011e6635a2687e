"""The PDF, checked with independent programs: pdftotext, pdffonts and pdfinfo of poppler."""

from __future__ import annotations

import re
import shutil
import time
from dataclasses import replace
from pathlib import Path

import pytest

from cleanflow.dao import customers, expenses, jobs, payments
from cleanflow.dao.shop import change_settings
from cleanflow.db import Database
from cleanflow.errors import Refusal
from cleanflow.rendering.fonts import FontBook
from cleanflow.rendering.pdf import pdf_bytes, save_pdf
from cleanflow.rendering.sheet import fitted_sheet
from cleanflow.reports.daily import daily_report
from cleanflow.reports.pages.daily_page import daily_document
from tests.conftest import TestClock
from tests.rendering.poppler import lists_only, pages_of, poppler, text_of
from tests.reports.stories import TODAY, busy_day, category, full_day

pytestmark = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs poppler-utils")

PAPERS = ("A4", "LETTER")


def daily_pdf(db: Database, **options: str) -> bytes:
    return pdf_bytes(daily_document(daily_report(db, TODAY)), **options)


def test_a_full_day_shows_every_number_on_one_page(db: Database, clock: TestClock) -> None:
    full_day(db, clock)
    change_settings(db, {"shop_address": "12 Mall Road\nLahore", "shop_phone": "+92 300 1234567"})
    content = daily_pdf(db)
    text = text_of(content)
    assert pages_of(content) == 1
    for words in (
        "Sparkle",
        "12 Mall Road · Lahore · +92 300 1234567",
        "Daily report",
        "Tuesday 10/03/2026",
        "Cash, 3 payments 133.00",
        "Cash, reversed (1) -3.00",
        "Expected 61.00",
        "C1-000002 Ann Suit 28.00 10.00 Part paid",
        "Regular customer",
        "Not synchronised not set up",
        "Last backup never",
        "Counted by",
        "Amounts in USD",
        "Page 1 of 1",
    ):
        assert words in text, words


@pytest.mark.parametrize("paper", PAPERS)
def test_forty_jobs_and_their_payments_fit_one_page(db: Database, paper: str) -> None:
    busy_day(db, 40)
    content = daily_pdf(db, paper=paper)
    assert pages_of(content) == 1
    text = text_of(content)
    assert "C1-000001" in text
    assert "C1-000040" in text
    assert ("595.28 x 841.89" if paper == "A4" else "612 x 792") in poppler("pdfinfo", content)


@pytest.mark.parametrize("paper", PAPERS)
def test_forty_jobs_forty_payments_and_five_expenses_fit_one_page_in_readable_type(
    db: Database, paper: str
) -> None:
    busy_day(db, 40, unpaid_every=0)
    for name in ("Supplies", "Rent", "Transport", "Repairs", "Wages"):
        expenses.record_expense(db, category_id=category(db, name), amount_minor=5_00, method="CASH")
    document = daily_document(daily_report(db, TODAY))
    content = pdf_bytes(document, paper=paper)
    text = text_of(content)
    assert pages_of(content) == 1
    assert "C1-000040" in text and "C1-E000005" in text and "Expected" in text
    assert sorted(set(re.findall(r"C1-R\d{6}", text))) == [f"C1-R{number:06d}" for number in range(1, 41)]
    assert fitted_sheet(document, paper, FontBook())[0].size >= 6.5


def test_a_day_that_needs_several_pages_has_its_sums_on_the_first(db: Database) -> None:
    busy_day(db, 120)
    first, *others = text_of(daily_pdf(db)).split("\f")
    for words in ("Taken in", "Paid out", "Expected", "Owed by customers"):
        assert words in first
        assert not any(words in page for page in others)


@pytest.mark.parametrize("count", [44, 48, 52, 56, 60, 64, 68, 120])
def test_a_longer_day_goes_on_with_heads_and_page_numbers_and_every_job_once(
    db: Database, count: int
) -> None:
    busy_day(db, count)
    content = daily_pdf(db)
    pages, text = pages_of(content), text_of(content)
    assert f"Page {pages} of {pages}" in text
    assert sorted(re.findall(r"C1-0\d{5}", text)) == [f"C1-{number:06d}" for number in range(1, count + 1)]
    last = text.split("\f")[-2] if text.endswith("\f ") else text.split("\f")[pages - 1]
    assert "Counted by" in last
    assert text.count("Counted by") == 1
    assert len(re.findall(r"\d", last)) > 30, "the last page has more than signatures"
    assert text.count("Job Customer Description") == sum("C1-0" in page for page in text.split("\f"))


def test_an_empty_day_is_one_page_that_says_so(db: Database) -> None:
    content = daily_pdf(db)
    assert pages_of(content) == 1
    assert "No jobs were made." in text_of(content)
    assert "Nobody owes more or less than before." in text_of(content)


def test_markup_in_a_name_is_text(db: Database) -> None:
    names = ["=1+1", "Tom & <b>Jerry</b>", "<para>&amp;", "%(x)s {y} \\n"]
    for name in names:
        jobs.create_job(db, customer_id=customers.add_customer(db, name=name).id, amount_minor=100)
    text = text_of(daily_pdf(db))
    for name in names:
        assert name in text


def test_names_in_any_script_are_printed_with_the_fonts_of_this_pc(db: Database) -> None:
    names = ["Łukasz Żak", "Анна Каренина", "Ελένη", "Nguyễn Văn Đức"]
    for name in names:
        jobs.create_job(db, customer_id=customers.add_customer(db, name=name).id, amount_minor=100)
    if not any(path.exists() for path in (Path("/usr/share/fonts/truetype/dejavu"),)):
        pytest.skip("no font for these scripts on this PC")
    text = text_of(daily_pdf(db))
    for name in names:
        assert name in text


def test_without_any_installed_font_latin_names_are_whole_and_others_are_readable(db: Database) -> None:
    for name in ("Łukasz Żak", "Анна", "José", "王小明", "محمد"):
        jobs.create_job(db, customer_id=customers.add_customer(db, name=name).id, amount_minor=100)
    document = daily_document(daily_report(db, TODAY))
    import reportlab

    bundled = FontBook((Path(reportlab.__file__).parent / "fonts",))
    text = text_of(pdf_bytes(document, fonts=bundled))
    assert "José" in text
    assert "ukasz" in text
    assert "\x00" not in text
    assert "????" in text


def test_the_same_day_gives_the_same_bytes(db: Database, clock: TestClock) -> None:
    full_day(db, clock)
    customers.add_customer(db, name="Анна")
    assert daily_pdf(db) == daily_pdf(db)


def test_nothing_in_the_file_tells_when_it_was_printed(db: Database) -> None:
    assert not re.search(rb"D:20(?!00)", daily_pdf(db))


def test_what_is_drawn_is_embedded(db: Database, clock: TestClock) -> None:
    full_day(db, clock)
    lines = poppler("pdffonts", daily_pdf(db)).splitlines()[2:]
    drawn = [line for line in lines if not line.startswith("Helvetica ")]
    assert drawn
    assert all(re.search(r"TrueType +WinAnsi +yes yes|TrueType.* yes +yes", line) for line in drawn), lines


def test_a_hundred_lines_are_drawn_within_a_second(db: Database) -> None:
    busy_day(db, 100)
    document = daily_document(daily_report(db, TODAY))
    started = time.perf_counter()
    pdf_bytes(document)
    assert time.perf_counter() - started < 1


def test_large_amounts_keep_all_their_digits(db: Database) -> None:
    who = customers.add_customer(db, name="A customer with a very long name indeed " * 4).id
    job = jobs.create_job(db, customer_id=who, amount_minor=999_999_999_999, description="Everything " * 50)
    payments.record_payment(
        db, customer_id=who, amount_minor=999_999_999_998, method="CASH", jobs={job.id: 999_999_999_998}
    )
    text = text_of(daily_pdf(db))
    assert "9,999,999,999.99 9,999,999,999.98 Part paid" in text
    assert "…" in text


@pytest.mark.parametrize("rows", [0, 1, 60, 300])
def test_a_document_without_summaries_or_signatures_uses_the_full_width(rows: int) -> None:
    content = pdf_bytes(lists_only(rows))
    text = text_of(content)
    assert "The end." in text
    assert len(re.findall(r"Row \d+ 2026-03-10", text)) == rows


def test_a_document_of_summaries_alone_is_drawn_too() -> None:
    document = lists_only(3)
    (section,) = document.sections
    alone = replace(document, sections=(replace(section, is_summary=True),))
    assert "Row 2 2026-03-10 2" in text_of(pdf_bytes(alone))


def test_a_pdf_is_written_whole_or_not_at_all(db: Database, tmp_path: Path) -> None:
    document = daily_document(daily_report(db, TODAY))
    target = tmp_path / "day.pdf"
    target.write_bytes(b"old")
    save_pdf(document, target)
    assert target.read_bytes() == pdf_bytes(document)
    assert [path.name for path in tmp_path.iterdir() if path.suffix in (".tmp", ".pdf")] == ["day.pdf"]
    (tmp_path / "folder.pdf").mkdir()
    for bad in (tmp_path / "missing" / "day.pdf", tmp_path / "folder.pdf"):
        with pytest.raises(Refusal) as refused:
            save_pdf(document, bad)
        assert refused.value.code == "file_unwritable"
    assert not list(tmp_path.glob(".*.tmp"))
