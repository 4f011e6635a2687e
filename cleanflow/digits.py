"""Digits of every script as ASCII: the one rule for amounts, dates, phone numbers and PINs."""

from __future__ import annotations

import re
import unicodedata

_NO_DIGITS = re.compile("[^0-9]+")


def ascii_digits(text: str) -> str:
    """``text`` with every decimal digit (Unicode category Nd) as 0 to 9; all other characters stay."""
    if text.isascii():
        return text
    return "".join(
        str(unicodedata.digit(char)) if unicodedata.category(char) == "Nd" else char for char in text
    )


def digits_of(text: str) -> str:
    """The digits alone, in ASCII."""
    return _NO_DIGITS.sub("", ascii_digits(text))
