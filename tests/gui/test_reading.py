"""Amounts and dates as people type them."""

from __future__ import annotations

from datetime import date

import pytest

from cleanflow.errors import Refusal
from cleanflow.gui.reading import read_amount, read_date, read_optional_amount
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
