"""Money: integers in the minor unit of one currency, and their reading and writing by people.

Pure functions over plain values. Decimals per currency follow ISO 4217 (list one, active codes).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from cleanflow.errors import Refusal

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


@dataclass(frozen=True)
class Currency:
    """An ISO 4217 code and how many decimals its amounts have (0, 2 or 3)."""

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
    """The currency of an ISO 4217 code, any case. Refuses with ``currency_unknown``."""
    known = _DECIMALS.get(code.strip().upper())
    if known is None:
        raise Refusal("currency_unknown", text=code)
    return Currency(code.strip().upper(), known)


def check_amount(amount_minor: int) -> int:
    """The amount again. Refuses what is not positive or above :data:`MAX_AMOUNT_MINOR`."""
    if amount_minor <= 0:
        raise Refusal("amount_not_positive")
    if amount_minor > MAX_AMOUNT_MINOR:
        raise Refusal("amount_too_large")
    return amount_minor


def parse_amount(text: str, unit: Currency) -> int:
    """Minor units of an amount as people write it; may be negative or zero.

    Takes thousands separators in every common convention (``1,200.50``, ``1.200,50``, ``1 200,50``,
    ``1'200``, ``1,20,000``), digits of any script, a leading sign, brackets for a negative, and the
    currency's code or a symbol around it. A lone separator is a decimal one unless exactly three digits
    follow it and the currency does not have three decimals (``1,200`` is twelve hundred).
    Refuses with ``amount_not_a_number``, ``amount_decimals`` or ``amount_too_large``.
    """
    refusal = Refusal("amount_not_a_number", text=text)
    plain = _plain(text, unit)
    found = re.fullmatch(r"(\(?)([+-]?)([0-9][0-9.,' ]*|[.,][0-9]+)([+-]?)(\)?)", plain)
    if not found or (found[1] == "(") != (found[5] == ")") or (found[2] and found[4]):
        raise refusal
    number, sign = found[3].rstrip(" "), found[2] + found[4]
    whole, part = _split_number(number, unit, refusal)
    if len(part.rstrip("0")) > unit.decimals:
        raise Refusal("amount_decimals", currency=unit.code, decimals=unit.decimals, text=text)
    if len(whole) > 15:
        raise Refusal("amount_too_large")
    minor = int((whole or "0") + part[: unit.decimals].ljust(unit.decimals, "0"))
    if minor > MAX_AMOUNT_MINOR:
        raise Refusal("amount_too_large")
    return -minor if found[1] or sign == "-" else minor


def _plain(text: str, unit: Currency) -> str:
    """ASCII digits and separators alone: no currency code or symbol, no odd spaces or minus signs."""
    folded = []
    for char in text.strip():
        category = unicodedata.category(char)
        if category == "Nd":
            folded.append(str(unicodedata.digit(char)))
        elif category == "Zs":
            folded.append(" ")
        elif category != "Sc":
            folded.append({"−": "-", "–": "-", "٫": ".", "٬": ",", "’": "'", "،": ","}.get(char, char))
    plain = re.sub(rf"(?i)^{unit.code}\s*|\s*{unit.code}$", "", "".join(folded).strip())
    return re.sub(r"^([+(-]*) +", r"\1", plain).strip()


def _split_number(number: str, unit: Currency, refusal: Refusal) -> tuple[str, str]:
    """The digits before and after the decimal separator, grouping checked and removed."""
    separators = [char for char in number if not char.isdigit()]
    point = ""
    if separators:
        last = separators[-1]
        behind = len(number) - number.rindex(last) - 1
        lone = len(set(separators)) == 1
        repeated = separators.count(last) > 1
        grouping = last in "' " or (lone and (repeated or (behind == 3 and unit.decimals != 3)))
        if unit.decimals == 3 and lone and not repeated and last == "," and behind == 3:
            grouping = True
        point = "" if grouping else last
    whole, _, part = number.rpartition(point) if point else (number, "", "")
    if point and (point in whole or len(set(re.sub(r"\d", "", whole))) > 1):
        raise refusal
    groups = re.split(r"[.,' ]", whole)
    if len(groups) > 1 and not (
        len(groups[-1]) == 3
        and 1 <= len(groups[0]) <= 3
        and all(len(group) in (2, 3) for group in groups[1:])
    ):
        raise refusal
    return "".join(groups).lstrip("0"), part
