"""Phone numbers: one number however it is written, by the country of the shop.

A number is stored as it was typed; it is normalised only to compare and to search. ``country`` is an
ISO 3166 code (``PK``), or ``None`` where it is unknown: then only numbers with ``+`` are understood.
phonenumberslite is imported on first use (about 20 ms), not at start-up.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from cleanflow.digits import ascii_digits, digits_of

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

#: Fewer digits are an extension or a typing error.
LEAST_DIGITS: Final = 6

#: What is written between and around the digits of one number.
_FILLERS: Final = " +-()/.\u00a0\u2010\u2011\u2013\u2212"
_BETWEEN_NUMBERS: Final = re.compile(r"\s*(?::::|[,;|\n]|\s/\s|\bor\b|\band\b)\s*")
_RUINED: Final = re.compile(r"[0-9](?:[.,][0-9]+)?E\+?[0-9]+", re.IGNORECASE)


def is_phone_like(text: str) -> bool:
    """Whether ``text`` is nothing but digits and the punctuation of a phone number, five digits at least."""
    plain = ascii_digits(text.strip())
    return all(char.isdigit() or char in _FILLERS for char in plain) and len(digits_of(plain)) >= 5


def is_ruined(text: str) -> bool:
    """Whether a spreadsheet has turned the number into ``3.00124E+09``: its last digits are lost."""
    return bool(_RUINED.fullmatch(text.strip()))


def split_numbers(text: str) -> list[str]:
    """The numbers of one cell or field: ``0300 1 ::: 042 2`` and ``0300 1, 042 2`` are two."""
    return [part for part in _BETWEEN_NUMBERS.split(text.strip()) if part]


def international(text: str, country: str | None) -> str | None:
    """``+923001234567`` (E.164) of one number, or ``None`` for what cannot be one."""
    import phonenumbers

    number = _parsed(text, country)
    if number is None or not phonenumbers.is_possible_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _parsed(text: str, country: str | None) -> PhoneNumber | None:
    """The number; ``00`` counts as ``+`` everywhere, also where people dial another prefix."""
    import phonenumbers

    plain = ascii_digits(text).strip()
    digits = digits_of(plain)
    texts = [(f"+{digits[2:]}", None)] if digits.startswith("00") and not plain.startswith("+") else []
    for written, region in (*texts, (plain, country)):
        try:
            number = phonenumbers.parse(written, region)
        except phonenumbers.NumberParseException:
            continue
        if written == plain or phonenumbers.is_valid_number(number):
            return number
    return None


def same_number_key(text: str, country: str | None) -> str:
    """Equal for two writings of one number; empty for what has too few digits to be one."""
    digits = digits_of(text)
    if len(digits) < LEAST_DIGITS:
        return ""
    return international(text, country) or digits


def number_keys(text: str, country: str | None) -> set[str]:
    """:func:`same_number_key` of each number in a phone field."""
    keys = {same_number_key(part, country) for part in split_numbers(text)}
    return keys - {""}


def without_prefixes(text: str, country: str | None) -> str:
    """The digits of a number, whole or only begun, as every writing of it contains them.

    The prefixes are gone: ``+92``, ``0092`` and ``0`` of a Pakistani number; of a foreign one ``00``.
    """
    import phonenumbers

    prefixes = _prefixes(country)
    number = _parsed(text, country)
    if number is not None and phonenumbers.is_valid_number(number):
        national = str(phonenumbers.national_significant_number(number))
        is_foreign = str(number.country_code) != prefixes.country_code
        return f"{number.country_code}{national}" if is_foreign else national
    digits = digits_of(text)
    is_international = text.lstrip().startswith("+")
    if not is_international and (dialled := re.match(prefixes.international, digits)):
        digits, is_international = digits[dialled.end() :], True
    if not is_international:
        return digits.removeprefix(prefixes.trunk)
    if prefixes.country_code and digits.startswith(prefixes.country_code):
        return digits.removeprefix(prefixes.country_code).removeprefix(prefixes.trunk)  # +92 (0)300
    return digits


class _Prefixes(NamedTuple):
    """``international`` is a pattern; ``trunk`` stands before a number inside the country, often 0."""

    country_code: str
    trunk: str
    international: str


@cache
def _prefixes(country: str | None) -> _Prefixes:
    from phonenumbers import PhoneMetadata

    found = PhoneMetadata.metadata_for_region(country, None) if country else None
    if found is None:
        return _Prefixes("", "", "00")
    return _Prefixes(
        str(found.country_code), found.national_prefix or "", f"00|(?:{found.international_prefix or '00'})"
    )


def country_of_number(text: str) -> str | None:
    """The country of a number with ``+``; ``None`` for other numbers, and where several share the code."""
    import phonenumbers

    try:
        number = phonenumbers.parse(ascii_digits(text), None)
    except phonenumbers.NumberParseException:
        return None
    country = phonenumbers.region_code_for_number(number)
    return str(country) if country and country.isalpha() else None


def country_of_currency(code: str) -> str | None:
    """The country of an ISO 4217 code, which begins with it; ``None`` for EUR and the X… of several."""
    return None if code == "EUR" or code.startswith("X") else code[:2]


def is_country(code: str) -> bool:
    """Whether ``code`` is the ISO 3166 code of a country that has phone numbers."""
    import phonenumbers

    return code in phonenumbers.SUPPORTED_REGIONS
