"""Money as integers in minor units of a currency; parsing and formatting it for people.

Pure functions over plain values. Decimals per currency follow ISO 4217 (list one, active codes).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Final

from cleanflow.digits import ascii_digits
from cleanflow.errors import Refusal, declare
from cleanflow.language import _l

declare(
    {
        "amount_not_positive": _l("The amount must be more than zero."),
        "amount_too_large": _l("The amount is too large."),
        "amount_decimals": _l("{currency} has {decimals} decimals; “{text}” has more."),
        "amount_not_a_number": _l("“{text}” is not an amount."),
        "currency_unknown": _l("“{text}” is not a currency code (ISO 4217), like USD or PKR."),
    }
)

#: The largest single amount, in minor units; the schema's CHECKs say the same.
MAX_AMOUNT_MINOR = 999_999_999_999

_NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split()
_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND".split()
_TWO_DECIMALS = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY"
    " COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR"
    " ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK"
    " MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP"
    " SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER"
    " ZAR ZMW ZWG"
).split()
_DECIMALS = {
    **dict.fromkeys(_NO_DECIMALS, 0),
    **dict.fromkeys(_TWO_DECIMALS, 2),
    **dict.fromkeys(_THREE_DECIMALS, 3),
}

#: Abbreviations used in place of a symbol; currency symbols are known to Unicode.
_LETTERS = {
    **dict.fromkeys("PKR INR LKR NPR MUR SCR".split(), "Rs"),
    **dict.fromkeys("SEK NOK DKK ISK".split(), "kr"),
    **dict.fromkeys("AED MAD".split(), "Dhs?"),
    **dict.fromkeys("KES TZS UGX".split(), "[KTU]?Sh"),
    "PLN": "zł",
    "CZK": "Kč",
    "HUF": "Ft",
    "CHF": "S?Fr",
    "ZAR": "R",
    "IDR": "Rp",
    "MYR": "RM",
    "BDT": "Tk",
}


@dataclass(frozen=True)
class Currency:
    """An ISO 4217 code and the number of decimals of its amounts (0, 2 or 3)."""

    code: str
    decimals: int

    def text(self, amount_minor: int) -> str:
        """For programs: ``-1200.50``, no grouping."""
        sign = "-" if amount_minor < 0 else ""
        whole, part = divmod(abs(amount_minor), 10**self.decimals)
        return f"{sign}{whole}.{part:0{self.decimals}d}" if self.decimals else f"{sign}{whole}"

    def format(self, amount_minor: int) -> str:
        """For people: ``-1,200.50``, without the code."""
        sign = "-" if amount_minor < 0 else ""
        whole, part = divmod(abs(amount_minor), 10**self.decimals)
        return f"{sign}{whole:,}.{part:0{self.decimals}d}" if self.decimals else f"{sign}{whole:,}"

    def decimal(self, amount_minor: int) -> Decimal:
        """For spreadsheets and charts: an exact decimal number."""
        return Decimal(amount_minor).scaleb(-self.decimals)


def currency(code: str) -> Currency:
    """The currency with an ISO 4217 code, in any case. Refuses with ``currency_unknown``."""
    known = _DECIMALS.get(code.strip().upper())
    if known is None:
        raise Refusal("currency_unknown", text=code)
    return Currency(code.strip().upper(), known)


def check_amount(amount_minor: int) -> int:
    """Return the amount. Refuses if it is not positive or above :data:`MAX_AMOUNT_MINOR`."""
    if type(amount_minor) is not int:  # True and 100.0 would pass all checks and break the ledger's hash
        raise TypeError(f"an amount is an int in minor units, not {amount_minor!r}")
    if amount_minor <= 0:
        raise Refusal("amount_not_positive")
    if amount_minor > MAX_AMOUNT_MINOR:
        raise Refusal("amount_too_large")
    return amount_minor


#: Maximum length of an amount with currency, grouping and brackets.
_LONGEST_TEXT: Final = 60


def check_signed_amount(amount_minor: int) -> int:
    """Return the amount, which may be negative but not zero; limited as in :func:`check_amount`."""
    check_amount(-amount_minor if type(amount_minor) is int and amount_minor < 0 else amount_minor)
    return amount_minor


def parse_amount(text: str, unit: Currency) -> int:
    """Parse an amount as people write it into minor units; it may be negative or zero.

    Takes thousands separators in every common convention (``1,200.50``, ``1.200,50``, ``1 200,50``,
    ``1'200``, ``1,20,000``), digits of any script, a leading or trailing sign, brackets for a negative
    (``(5.00)``, ``$(5.00)``),
    a dash for “no cents” (``5,-``, ``500/-``), and the currency's code or a symbol around it.
    A lone separator groups thousands where it could (``1,200`` and ``1.200`` are twelve hundred, ``0.500``
    and ``1234.500`` are not grouped); in a currency of three decimals only the comma does
    (``1,200`` is twelve hundred, ``1.200`` is one and two tenths).
    Refuses with ``amount_not_a_number``, ``amount_decimals`` or ``amount_too_large``.
    """
    shown = text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"
    found = _shape(unit.code).fullmatch(_folded(text)) if shown is text else None
    digits = _split_number(found["number"], unit) if found else None
    if not found or not digits or bool(found["open"]) != bool(found["close"]):
        raise Refusal("amount_not_a_number", text=shown)
    signs = [sign for sign in found.group("sign", "inner", "behind", "last") if sign]
    if len(signs) > 1:
        raise Refusal("amount_not_a_number", text=shown)
    minor = _minor(*digits, unit, shown)
    return -minor if found["open"] or signs == ["-"] else minor


def _minor(whole: str, part: str, unit: Currency, shown: str) -> int:
    if len(part.rstrip("0")) > unit.decimals:
        raise Refusal("amount_decimals", currency=unit.code, decimals=unit.decimals, text=shown)
    minor = int((whole + part[: unit.decimals].ljust(unit.decimals, "0")) or "0")
    if minor > MAX_AMOUNT_MINOR:
        raise Refusal("amount_too_large")
    return minor


#: Variants of a character -> the one that is parsed; ``¤`` is any currency symbol, ``٫`` always decimal.
_SAME: Final = str.maketrans(
    {
        **dict.fromkeys("−–—‐‑－", "-"),
        **dict.fromkeys("’‘ʼ´`＇٬", "'"),
        **dict.fromkeys("，،", ","),
        **dict(zip("．＋（）", ".+()", strict=True)),
    }
)


def _folded(text: str) -> str:
    """With ASCII digits, ASCII signs and plain spaces, and without direction marks, which Arabic amounts
    have."""
    folded = []
    for char in ascii_digits(text.strip()):
        category = unicodedata.category(char)
        if category == "Zs":
            folded.append(" ")
        elif category == "Sc":
            folded.append("¤")
        elif category != "Cf":
            folded.append(char)
    return "".join(folded).translate(_SAME).strip()


@cache
def _shape(code: str) -> re.Pattern[str]:
    """Pattern of one number with sign, brackets and currency marks around it."""
    letters = rf"|{_LETTERS[code]}\.?" if code in _LETTERS else ""
    mark = rf"(?:(?:{code}|[a-z]{{0,3}}¤{letters})\ *)?"
    return re.compile(
        rf"""(?:{mark}(?=\())? (?P<open>\()?\ * (?P<sign>[+-])?\ * {mark} (?P<inner>[+-])?\ *
             (?P<number>[0-9.,'٫] (?:[0-9.,'٫\ ]*[0-9.,٫])?) (?:(?<=[.,])-{{1,2}}|/-|)\ *
             (?P<behind>[+-])?\ * {mark} (?P<last>[+-])?\ * (?P<close>\))?""",
        re.VERBOSE | re.IGNORECASE,
    )


#: Digits without groups, in groups of three, or in South Asian groups; with one separator throughout.
_GROUPED: Final = re.compile(
    r"""[0-9]*
      | [0-9]{1,3} ([.,'\ ])[0-9]{3} (?:\1[0-9]{3})*
      | [0-9]{1,2} ([.,'\ ])[0-9]{2} (?:\2[0-9]{2})* \2[0-9]{3}""",
    re.VERBOSE,
)


def _split_number(number: str, unit: Currency) -> tuple[str, str] | None:
    """The digits before and after the decimal separator; ``None`` if it is not a number."""
    point = _decimal_point(number, unit)
    whole, _, part = number.rpartition(point) if point else (number, "", "")
    digits = re.sub(r"[.,' ]", "", whole)
    is_number = _GROUPED.fullmatch(whole) and re.fullmatch("[0-9]*", part) and (digits or part)
    return (digits, part) if is_number and not (point and point in whole) else None


def _decimal_point(number: str, unit: Currency) -> str:
    """The decimal separator, or '' if all separators group thousands."""
    separators = [char for char in number if char not in "0123456789"]
    if "٫" in separators:
        return "٫"
    if not separators or separators[-1] in "' ":
        return ""
    last = separators[-1]
    if len(set(separators)) > 1:
        return last
    if len(separators) > 1:
        return ""
    could_group = re.fullmatch(r"[1-9][0-9]{0,2}[.,][0-9]{3}", number)
    return "" if could_group and (unit.decimals != 3 or last == ",") else last
