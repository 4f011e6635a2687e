"""Amounts are read as people write them, and ambiguous text is refused."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleanflow.errors import Refusal
from cleanflow.money import MAX_AMOUNT_MINOR, check_amount, currency, parse_amount

USD, JPY, KWD, PKR = (currency(code) for code in ("USD", "JPY", "KWD", "PKR"))

units = st.sampled_from([JPY, USD, KWD])
amounts = st.integers(-MAX_AMOUNT_MINOR, MAX_AMOUNT_MINOR)


@given(amounts, units)
def test_what_is_shown_to_people_reads_back_as_the_same_amount(amount, unit):
    assert parse_amount(unit.format(amount), unit) == amount


@given(amounts, units)
def test_what_is_given_to_programs_reads_back_as_the_same_amount(amount, unit):
    assert parse_amount(unit.text(amount), unit) == amount
    assert Decimal(unit.text(amount)) == unit.decimal(amount)


def _grouped(digits: str, separator: str, indian: bool) -> str:
    """Group digits from the right, independently of the program."""
    groups = [digits[-3:]]
    digits, width = digits[:-3], 2 if indian else 3
    while digits:
        groups.insert(0, digits[-width:])
        digits = digits[:-width]
    return separator.join(groups)


@given(
    amounts,
    units,
    st.sampled_from(
        [(",", "."), (".", ","), (" ", ","), (" ", "."), ("'", "."), ("’", ","), ("\u202f", ",")]
    ),
    st.booleans(),
    st.sampled_from(["-{}", "{}-", "({})", "- {}", "−{}"]),
    st.sampled_from(["{}", "$ {}", "{} €", "{code} {}", "{}{code}", "US$ {}", " {} "]),
    st.sampled_from(["0123456789", "٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९"]),
)
def test_every_common_way_to_write_an_amount_is_understood(
    amount, unit, separators, indian, sign, mark, digits
):
    whole, part = divmod(abs(amount), 10**unit.decimals)
    grouping, point = separators
    text = _grouped(str(whole), grouping, indian)
    if unit.decimals:
        text += f"{point}{part:0{unit.decimals}d}"
    if amount < 0:
        text = sign.format(text)
    text = mark.format(text, code=unit.code) if not (amount < 0 and "(" in sign) else text
    # With three decimals, “1,234” is grouping (see the docstring), so this case proves nothing.
    if unit.decimals == 3 and point == "," and 0 < whole < 1000:
        return
    assert parse_amount(text.translate(str.maketrans("0123456789", digits)), unit) == amount


@pytest.mark.parametrize(
    ("text", "unit", "minor"),
    [
        ("1,200", USD, 120000),
        ("1.200", USD, 120000),
        ("1.005", USD, 100500),
        ("1 200", USD, 120000),
        ("1'200", USD, 120000),
        ("1,20,000", PKR, 12000000),
        ("12,34,567.50", PKR, 123456750),
        ("0.500", USD, 50),
        (".5", USD, 50),
        ("1234.500", USD, 123450),
        ("1,200.500", USD, 120050),
        ("5.", USD, 500),
        ("5.-", USD, 500),
        ("5,--", USD, 500),
        ("500/-", PKR, 50000),
        ("Rs. 1,200/-", PKR, 120000),
        ("Rs500", PKR, 50000),
        ("-$5", USD, -500),
        ("$-5", USD, -500),
        ("$(0.01)", USD, -1),
        ("($0.01)", USD, -1),
        ("(5.00)", USD, -500),
        ("USD (1,200.50)", USD, -120050),
        ("Rs. (500)", PKR, -50000),
        ("\u200f١٬٢٠٠٫٥٠", USD, 120050),
        ("١٫٥٠٠", USD, 150),
        ("１，２００．５０", USD, 120050),
        ("1,200", KWD, 1200000),
        ("1.200", KWD, 1200),
        ("1.00", JPY, 1),
        ("1.000", JPY, 1000),
        ("0", USD, 0),
        ("-0", USD, 0),
    ],
)
def test_an_amount_means_what_a_person_means_by_it(text, unit, minor):
    assert parse_amount(text, unit) == minor


@pytest.mark.parametrize(
    "text",
    [
        *[
            "",
            " ",
            ".",
            "-",
            "()",
            "(5",
            "5)",
            "--5",
            "+-5",
            "-5-",
            "1$5",
            "$(5",
            "$5)",
            "$(-5)-",
            "$$(5)",
            "12.5O",
            "1e3",
            "½",
            "5²",
            "five",
        ],
        *["1,2,3", "1,200 500", "1,234,56,789", "1.200,50.1", "1,2345.00", "1..2", "EUR 5", "NaN", "5\x006"],
    ],
)
def test_what_is_not_one_amount_is_refused(text):
    with pytest.raises(Refusal) as caught:
        parse_amount(text, USD)
    assert caught.value.code == "amount_not_a_number"


@pytest.mark.parametrize(("text", "unit"), [("0.005", USD), ("1234.567", USD), ("1.5", JPY), ("1.2345", KWD)])
def test_decimals_that_the_currency_does_not_have_are_refused(text, unit):
    with pytest.raises(Refusal) as caught:
        parse_amount(text, unit)
    assert caught.value.code == "amount_decimals"


@pytest.mark.parametrize("text", ["9999999999999", "1" * 59, "-9999999999999"])
def test_an_amount_beyond_the_largest_is_refused(text):
    with pytest.raises(Refusal) as caught:
        parse_amount(text, USD)
    assert caught.value.code == "amount_too_large"


@given(st.text(max_size=80), units)
def test_any_text_gives_an_amount_or_a_refusal(text, unit):
    try:
        assert abs(parse_amount(text, unit)) <= MAX_AMOUNT_MINOR
    except Refusal as refusal:
        assert len(str(refusal)) < 200


def test_an_endless_text_is_refused_at_once_and_shown_short():
    with pytest.raises(Refusal) as caught:
        parse_amount("1 " * 60_000, USD)
    assert len(str(caught.value)) < 100


@given(st.integers())
def test_only_positive_amounts_up_to_the_largest_are_recorded(amount):
    if 0 < amount <= MAX_AMOUNT_MINOR:
        assert check_amount(amount) == amount
    else:
        with pytest.raises(Refusal):
            check_amount(amount)


def test_a_currency_is_known_by_its_code_in_any_case_and_no_other_is():
    assert currency(" pkr ") == PKR
    assert (JPY.decimals, USD.decimals, KWD.decimals) == (0, 2, 3)
    for code in ("", "US", "XYZ", "usdd", "₨"):
        with pytest.raises(Refusal) as caught:
            currency(code)
        assert caught.value.code == "currency_unknown"
