"""Dates and words as other programs write them. Amounts are read by :mod:`cleanflow.money`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from cleanflow.dao.jobs import WORK_STATUSES
from cleanflow.dao.payments import METHODS
from cleanflow.errors import Refusal
from cleanflow.records.search import folded

_LONGEST_DATE = 60
_TIME = re.compile(
    r"(?:T|,?\ +)[0-9]{1,2}[:.][0-9]{2}(?:[:.][0-9]{2}(?:[.,][0-9]+)?)?"
    r"\ *(?:[ap]\.?m\.?)?\ *(?:Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})?$",
    re.IGNORECASE,
)
_YEAR_FIRST = re.compile(
    r"([0-9]{4})([-/.]?)([0-9]{2})\2([0-9]{2})|([0-9]{4})[-/. ]([0-9]{1,2})[-/. ]([0-9]{1,2})"
)
_THREE_NUMBERS = re.compile(r"([0-9]{1,2})([-/.]|\. )([0-9]{1,2})\2([0-9]{4}|[0-9]{2})\.?")

_MONTH_WORDS = (
    "jan january januar janvier enero ene janv",
    "feb february februar fevrier febrero fevr fev",
    "mar march marz mars marzo maerz",
    "apr april avril abril abr avr",
    "may mai mayo",
    "jun june juni juin junio",
    "jul july juli juillet julio juil",
    "aug august aout agosto ago",
    "sep september septembre septiembre sept",
    "oct october oktober octobre octubre okt",
    "nov november novembre noviembre",
    "dec december dezember decembre diciembre dez dic",
)
_MONTHS: Final = {word: month for month, words in enumerate(_MONTH_WORDS, start=1) for word in words.split()}
_SMALL_WORDS = frozenset("de del of the st nd rd th er le den".split())


def parse_date(text: str, order: str) -> str:
    """``YYYY-MM-DD`` of a date in digits or with the month's name; a time behind it is left out.

    ``order`` (DMY, MDY or YMD) decides only where more than one reading is a day of the calendar.
    Refuses with ``date_invalid`` or ``date_ambiguous``.
    """
    found = _readings(text, order)
    if not found:
        raise Refusal("date_invalid", text=text[:_LONGEST_DATE])
    if order in found:
        return found[order].isoformat()
    if len(set(found.values())) > 1:
        raise Refusal("date_ambiguous", text=text)
    return next(iter(found.values())).isoformat()


def date_order_of(texts: Iterable[str], order: str) -> str:
    """The order in which a column writes its dates: the shop's, unless the dates themselves say another.

    They do when at least one date can be read in one other order alone, and none in the shop's alone.
    """
    certain: set[str] = set()
    for text in texts:
        found = _readings(text, order)
        if len(found) == 1:
            certain.update(found)
    certain.discard("")
    return certain.pop() if len(certain) == 1 else order


def _readings(text: str, order: str) -> dict[str, date]:
    """The days that ``text`` may mean, by the order that reads it so; ``""`` where no order is needed."""
    if len(text) > _LONGEST_DATE:
        return {}
    plain = _TIME.sub("", _ascii_digits(text).strip()).strip()
    if match := _YEAR_FIRST.fullmatch(plain):
        year, month, day = (match[1], match[3], match[4]) if match[1] else match.group(5, 6, 7)
        return _valid({"": (year, month, day)})
    if match := _THREE_NUMBERS.fullmatch(plain):
        first, second, third = match.group(1, 3, 4)
        orders = {"DMY": (third, second, first), "MDY": (third, first, second)}
        if order == "YMD" and len(third) == 2 and len(first) == 2:
            orders["YMD"] = (first, second, third)
        return _valid(orders)
    return _valid({"": _named_month(plain)})


def _named_month(plain: str) -> tuple[str, str, str] | None:
    tokens = [token for token in re.findall(r"[^\W\d_]+|[0-9]+", folded(plain)) if token not in _SMALL_WORDS]
    if len(tokens) != 3 or len(months := [token for token in tokens if token in _MONTHS]) != 1:
        return None
    month = str(_MONTHS[months[0]])
    first, second = (token for token in tokens if token not in _MONTHS)
    if not (first + second).isdigit() or tokens[2] in _MONTHS:
        return None
    return (first, month, second) if len(first) == 4 else (second, month, first)


def _valid(orders: Mapping[str, tuple[str, str, str] | None]) -> dict[str, date]:
    days = {order: _day(*parts) for order, parts in orders.items() if parts}
    return {order: day for order, day in days.items() if day}


def _day(year_text: str, month: str, day: str) -> date | None:
    if len(year_text) not in (2, 4):
        return None
    year = int(year_text)
    if len(year_text) == 2:
        year += 2000 if year < 69 else 1900  # as POSIX's strptime
    try:
        return date(year, int(month), int(day)) if 1900 <= year < 2200 else None
    except ValueError:
        return None


def _ascii_digits(text: str) -> str:
    return "".join(
        str(unicodedata.digit(char)) if unicodedata.category(char) == "Nd" else char
        for char in text
        if unicodedata.category(char) != "Cf"
    ).replace("\u00a0", " ")


_METHOD_WORDS = {
    "CASH": "cash cashpayment efectivo contado bar bargeld barzahlung especes comptant liquide nakit"
    " contant naqd",
    "BANK": "bank banktransfer transfer wire wiretransfer card creditcard debitcard cheque check online pos"
    " tarjeta transferencia karte kreditkarte uberweisung ueberweisung ec eckarte eccard lastschrift"
    " directdebit scheck virement carte cartebancaire paypal upi jazzcash easypaisa",
}
_STATUS_WORDS = {
    "RECEIVED": "received new open pending",
    "IN_PROGRESS": "inprogress started working",
    "READY": "ready finished",
    "DELIVERED": "delivered done completed complete collected pickedup closed",
}


def payment_method(text: str) -> str:
    """CASH or BANK; CASH when nothing is said. Refuses with ``choice_invalid``."""
    return _meaning(text, _METHOD_WORDS, METHODS) if text else "CASH"


def work_status(text: str) -> str:
    """The station of a job's work; RECEIVED when nothing is said. Refuses with ``choice_invalid``."""
    return _meaning(text, _STATUS_WORDS, WORK_STATUSES) if text else "RECEIVED"


def _meaning(text: str, words: dict[str, str], choices: tuple[str, ...]) -> str:
    wanted = letters(text)
    for choice, known in words.items():
        if wanted == letters(choice) or wanted in known.split():
            return choice
    raise Refusal("choice_invalid", text=text[:_LONGEST_DATE], choices=", ".join(choices))


def letters(text: str) -> str:
    """Letters and digits alone, without case and accents: “Invoice-ID” and “invoice_id” are one."""
    return "".join(char for char in folded(text) if char.isalnum())
