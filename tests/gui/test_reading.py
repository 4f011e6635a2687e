"""Amounts and dates as people type them."""

from __future__ import annotations

from datetime import date

import pytest

from cleanflow.errors import Refusal
from cleanflow.gui.reading import (
    Period,
    read_amount,
    read_date,
    read_number,
    read_optional_amount,
    read_period,
    read_total,
)
from cleanflow.money import currency

USD = currency("USD")
TODAY = date(2026, 3, 10)


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("1,200", 120000),
        ("1200.5", 120050),
        ("300+450", 75000),
        ("300+450-50", 70000),
        (" 5 ", 500),
        ("1+0.01", 101),
    ],
)
def test_amounts_and_simple_sums(text: str, minor: int) -> None:
    assert read_amount(text, USD) == minor


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "amount_not_a_number"), ("abc", "amount_not_a_number"), ("5+", "amount_not_a_number"),
     ("5++5", "amount_not_a_number"), ("0", "amount_not_positive"), ("5-5", "amount_not_positive"),
     ("-5", "amount_not_positive"), ("1.0012", "amount_decimals"), ("99999999999", "amount_too_large"),
     ("9999999999+9999999999", "amount_too_large"), ("=1+1", "amount_not_a_number")],
)  # fmt: skip
def test_what_is_no_amount_is_refused(text: str, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        read_amount(text, USD)
    assert caught.value.code == code


def test_nothing_typed_is_nothing_paid() -> None:
    assert read_optional_amount("  ", USD) == 0


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [("٢٤/١٢/٢٠٢٦", "DMY", date(2026, 12, 24)), ("۲۴-۱۲", "DMY", date(2025, 12, 24)), ("+३", "DMY", date(2026, 3, 13)),
     ("t", "DMY", TODAY), ("Y", "DMY", date(2026, 3, 9)), ("+3", "DMY", date(2026, 3, 13)), ("-10", "DMY", date(2026, 2, 28)),
     ("24", "DMY", date(2026, 3, 24)), ("24/12", "DMY", date(2025, 12, 24)), ("5/6", "DMY", date(2026, 6, 5)),
     ("5/6", "MDY", date(2026, 5, 6)), ("24.12.26", "DMY", date(2026, 12, 24)), ("2026-12-24", "DMY", date(2026, 12, 24)),
     ("12/24/2026", "MDY", date(2026, 12, 24)), ("29/2", "DMY", None), ("31/2/2026", "DMY", None), ("soon", "DMY", None),
     ("", "DMY", None), ("+99999", "DMY", None), ("0", "DMY", None), ("1/2/3/4", "DMY", None), ("²", "DMY", None)],
)  # fmt: skip
def test_dates_as_people_type_them(text: str, order: str, day: date | None) -> None:
    if day is not None:
        assert read_date(text, TODAY, order) == day
        return
    with pytest.raises(Refusal) as caught:
        read_date(text, TODAY, order)
    assert caught.value.code == "date_invalid"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("٢٤/١٢", date(2025, 12, 24)),  # Arabic
        ("۲۴/۱۲/۲۰۲۶", date(2026, 12, 24)),  # Persian
        ("२४.१२.२०२६", date(2026, 12, 24)),  # Devanagari
        ("\u200f٢٤\u200f/\u200f١٢", date(2025, 12, 24)),  # with the marks of a right-to-left keyboard
        ("+٣", date(2026, 3, 13)),
        ("２４", date(2026, 3, 24)),  # full width
    ],
)
def test_dates_in_digits_of_any_script(text: str, day: date) -> None:
    assert read_date(text, TODAY, "DMY") == day


def test_periods_in_digits_of_any_script() -> None:
    assert read_period("١/٣..۱۵/۳", TODAY, "DMY") == Period(date(2026, 3, 1), date(2026, 3, 15))


@pytest.mark.parametrize("text", ["٣", "۳", "३", " 3 ", "\u200f٣"])
def test_numbers_in_digits_of_any_script(text: str) -> None:
    refusal = Refusal("copies_invalid", limit=99)
    assert read_number(text, 99, refusal) == 3
    with pytest.raises(Refusal):
        read_number(f"{text}²", 99, refusal)


def test_amounts_in_digits_of_any_script() -> None:
    assert [read_amount(text, USD) for text in ("٣٠٠+٤٥٠", "۳۰۰", "३००.५")] == [75000, 30000, 30050]


def test_a_total_may_be_zero_and_not_less() -> None:
    assert [read_total(text, USD) for text in ("0", "٠", "5-5", "55")] == [0, 0, 0, 5500]
    with pytest.raises(Refusal) as caught:
        read_total("5-6", USD)
    assert caught.value.code == "total_negative"
