"""Phone numbers: one number in whatever writing, by the country of the shop."""

from __future__ import annotations

import subprocess
import sys

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleanflow.digits import ascii_digits, digits_of
from cleanflow.phones import (
    country_of_currency,
    country_of_number,
    international,
    is_phone_like,
    is_ruined,
    number_keys,
    same_number_key,
    split_numbers,
    without_prefixes,
)

WRITINGS = [
    *("0300-1234567", "0300 1234567", "+92 300 1234567", "00923001234567", "923001234567", "(0300) 123-4567"),
    *("+92 (0)300 1234567", "٠٣٠٠١٢٣٤٥٦٧", "۰۳۰۰ ۱۲۳۴۵۶۷", "०३००१२३४५६७", "0092-300-1234567"),
]


def test_one_number_has_one_key_in_every_writing():
    assert {same_number_key(text, "PK") for text in WRITINGS} == {"+923001234567"}


@pytest.mark.parametrize("text", WRITINGS)
def test_every_writing_contains_the_digits_that_are_searched_for(text):
    wanted = without_prefixes(text, "PK")
    assert wanted == "3001234567"
    assert all(wanted in digits_of(other) for other in WRITINGS if "(0)" not in other)


@pytest.mark.parametrize(
    ("country", "text", "e164"),
    [
        ("US", "(555) 000-2222", None),
        ("US", "(212) 555-2222", "+12125552222"),
        ("US", "1-212-555-2222", "+12125552222"),
        ("DE", "0711 2842222", "+497112842222"),
        ("IT", "06 1234567", "+39061234567"),
        ("TR", "0532 000 11 22", "+905320001122"),
        (None, "+55 (93) 99222-0001", "+5593992220001"),
        (None, "0300 1234567", None),
        ("PK", "12", None),
        ("PK", "", None),
    ],
)
def test_a_number_is_read_by_the_shops_country(country, text, e164):
    if e164 is None and country == "US":
        assert international(text, country) == "+15550002222"  # possible, if not in use
    else:
        assert international(text, country) == e164


#: Numbers of five digits and fewer are no longer than an extension.
ISLANDS = frozenset("AC CK FK KI NU SB SH TA TK TO TV VU WS".split())


@pytest.mark.parametrize("country", sorted(phonenumbers.SUPPORTED_REGIONS - ISLANDS))
def test_in_every_country_the_ways_to_write_a_number_are_one_and_find_each_other(country):
    kinds = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE)
    for number in filter(None, (phonenumbers.example_number_for_type(country, kind) for kind in kinds)):
        form = phonenumbers.PhoneNumberFormat
        forms = (form.NATIONAL, form.INTERNATIONAL, form.E164)
        writings = [phonenumbers.format_number(number, one) for one in forms]
        writings.append(f"00{writings[2][1:]}")
        assert {same_number_key(text, country) for text in writings} == {writings[2]}
        if country == "AR" and number.national_number >= 9 * 10**9:
            continue  # inside the country 15 is written within a mobile number, abroad 9 before it
        for text in writings:
            assert all(without_prefixes(text, country) in digits_of(other) for other in writings)


def test_a_number_that_is_only_begun_loses_its_prefixes_too():
    assert [without_prefixes(text, "PK") for text in ("0300123", "+92300123", "0092300123", "300123")] == [
        "300123"
    ] * 4
    assert without_prefixes("0049 170 123", "PK") == "49170123"
    assert without_prefixes("0300123", None) == "0300123"


def test_several_numbers_in_one_field_are_told_apart():
    assert split_numbers("(93) 99222-0001 ::: (93) 3522-0001") == ["(93) 99222-0001", "(93) 3522-0001"]
    assert split_numbers("0300 1234567; 042-111222, +92 1 / 5") == [
        "0300 1234567",
        "042-111222",
        "+92 1",
        "5",
    ]
    assert number_keys("0300 1234567 or +92 300 1234567", "PK") == {"+923001234567"}
    assert number_keys("ext 12", "PK") == set()


def test_what_excel_ruined_is_known():
    assert all(map(is_ruined, ("3.00124E+09", "3,00124E+09", "9.23001E+11", "3E+9", " 3.00124e+09 ")))
    assert not any(map(is_ruined, ("03001234567", "E+09", "3.00124", "")))


def test_what_is_no_phone_is_not_taken_for_one():
    assert not any(map(is_phone_like, ("", "Ann", "1234", "C1-000123", "14 Mill Lane", "--- ")))
    assert is_phone_like("٠٣٠٠١")


def test_the_country_follows_from_the_currency_or_the_shops_own_number():
    assert [country_of_currency(code) for code in ("PKR", "USD", "TRY", "EUR", "XOF", "XCD")] == [
        *("PK", "US", "TR", None, None, None)
    ]
    assert country_of_number("+92 42 35712345") == "PK"
    assert country_of_number("042 35712345") is None
    assert country_of_number("nonsense") is None


@given(st.text(max_size=40), st.sampled_from(["PK", "US", "DE", "AU", "ZZ", None]))
def test_any_text_is_answered(text, country):
    same_number_key(text, country)
    number_keys(text, country)
    assert len(without_prefixes(text, country)) <= len(digits_of(text)) + 3


@given(st.text(max_size=40))
def test_digits_of_any_script_become_ascii_and_all_else_stays(text):
    plain = ascii_digits(text)
    assert len(plain) == len(text) and ascii_digits(plain) == plain
    assert not any(char.isdecimal() and char not in "0123456789" for char in plain)


def test_the_library_is_not_imported_at_start_up():
    code = "import sys, cleanflow.dao.customers, cleanflow.cli; print('phonenumbers' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "False"
