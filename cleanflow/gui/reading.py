"""Parsing what people type into fields: amounts, dates, periods, choices. Pure functions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

from cleanflow.dao.fields import clean_field
from cleanflow.digits import ascii_digits
from cleanflow.errors import Refusal
from cleanflow.language import _
from cleanflow.money import MAX_AMOUNT_MINOR, Currency, check_amount, parse_amount
from cleanflow.records.types import Field

T = TypeVar("T")


def read_choice(text: str, choices: Mapping[str, T]) -> T:
    """The choice of this name, or the first whose name begins with ``text``, whatever the case.

    Refuses with ``choice_invalid``, also when nothing was typed.
    """
    wanted = text.strip().casefold()
    names = [name for name in choices if name.casefold() == wanted]
    names += [name for name in choices if wanted and name.casefold().startswith(wanted)]
    if not wanted:
        raise Refusal("choice_missing", choices=", ".join(choices))
    if not names:
        raise Refusal("choice_invalid", text=text, choices=", ".join(choices))
    return choices[names[0]]


def read_amount(text: str, unit: Currency) -> int:
    """Minor units of ``1,200``, ``1200.5`` or a simple sum like ``300+450-50``; must be positive.

    Refuses as :func:`cleanflow.money.parse_amount` and :func:`cleanflow.money.check_amount` do.
    """
    return check_amount(_sum(text, unit))


def read_total(text: str, unit: Currency) -> int:
    """Minor units of a total, which may be 0. Refuses as :func:`read_amount`, or with ``total_negative``."""
    total = _sum(text, unit)
    if total < 0:
        raise Refusal("total_negative")
    return total


def _sum(text: str, unit: Currency) -> int:
    terms = re.findall(r"[+-]?[^+-]+", text.strip())
    if not terms or "".join(terms) != text.strip():
        raise Refusal("amount_not_a_number", text=text)
    total = sum(parse_amount(term.strip(), unit) for term in terms)
    if abs(total) > MAX_AMOUNT_MINOR:
        raise Refusal("amount_too_large")
    return total


def read_optional_amount(text: str, unit: Currency) -> int:
    """:func:`read_amount`, where an empty field means 0."""
    return read_amount(text, unit) if text.strip() else 0


def read_number(text: str, most: int, refusal: Refusal) -> int:
    """A whole number from 0 to ``most``, in digits of any script; raises ``refusal`` for all else."""
    plain = _plain(text)
    if not re.fullmatch("[0-9]{1,9}", plain) or int(plain) > most:
        raise refusal
    return int(plain)


def _plain(text: str) -> str:
    """With ASCII digits, and without the direction marks that Arabic and Hebrew keyboards add."""
    return "".join(char for char in ascii_digits(text) if unicodedata.category(char) != "Cf").strip()


def read_path(text: str) -> Path:
    """A file or folder, with ``~`` expanded. Refuses impossible paths with ``folder_missing``."""
    try:
        path = Path(text.strip()).expanduser()
        path.exists()
    except (OSError, RuntimeError, ValueError):  # a name too long, an unknown ~user, a NUL
        raise Refusal("folder_missing", path=text.strip()) from None
    return path


def read_date(text: str, today: date, date_order: str) -> date:
    """A day: ``t`` today, ``y`` yesterday, ``+3`` in three days, ``24``, ``24/12`` or ``24/12/2026``.

    ``date_order`` (DMY, MDY, YMD) is how the shop writes dates; a missing year is the one that gives the day
    nearest to today, a missing month is the current one. Digits may be of any script. Refuses with
    ``date_invalid``.
    """
    typed = _plain(text).lower()
    if typed in ("t", "y"):
        return today if typed == "t" else today - timedelta(days=1)
    try:
        if re.fullmatch(r"[+-][0-9]{1,4}", typed):
            return today + timedelta(days=int(typed))
        numbers = [int(part) for part in re.split(r"[./ -]+", typed) if part.isascii()]
        return _day(numbers, today, date_order)
    except (ValueError, OverflowError):
        raise Refusal("date_invalid", text=text) from None


def _day(numbers: list[int], today: date, date_order: str) -> date:
    if len(numbers) == 1:
        return today.replace(day=numbers[0])
    if len(numbers) == 2:
        month, day = numbers if date_order in ("MDY", "YMD") else reversed(numbers)
        candidates = [date(year, month, day) for year in _years(today, month, day)]
        return min(candidates, key=lambda candidate: abs(candidate - today))
    if len(numbers) != 3:
        raise ValueError
    order = "YMD" if numbers[0] > 31 else date_order
    year, month, day = (numbers[order.index(part)] for part in "YMD")
    return date(year + 2000 if year < 100 else year, month, day)


def _years(today: date, month: int, day: int) -> list[int]:
    """The years next to today's in which this day exists. Raises ValueError when there is none."""
    found = []
    for year in (today.year - 1, today.year, today.year + 1):
        try:
            date(year, month, day)
        except ValueError:
            continue
        found.append(year)
    if not found:
        raise ValueError
    return found


@dataclass(frozen=True)
class Period:
    """From ``first`` to ``last``, both included; ``None`` is an open end."""

    first: date | None
    last: date | None


def period_names() -> tuple[str, ...]:
    """The names that :func:`read_period` knows."""
    return (
        _("Today"),
        _("Yesterday"),
        _("This week"),
        _("Last week"),
        _("This month"),
        _("Last month"),
        _("This year"),
        _("All"),
    )


def read_period(text: str, today: date, date_order: str) -> Period:
    """A period by name, one day, or two days with ``..`` between: ``1/3..15/3``, ``1/3..`` or ``..t``.

    Weeks begin on Monday (ISO 8601). Refuses with ``date_invalid``, or ``period_backward`` when the
    last day is before the first.
    """
    typed = text.strip()
    named = _named_period(typed, today)
    if named is not None:
        return named
    first_text, dots, last_text = typed.partition("..")
    first = read_date(first_text, today, date_order) if first_text.strip() else None
    if not dots:
        return Period(read_date(typed, today, date_order), first)
    last = read_date(last_text, today, date_order) if last_text.strip() else None
    if first and last and last < first:
        raise Refusal("period_backward")
    return Period(first, last)


def _named_period(text: str, today: date) -> Period | None:
    name = next((name for name in period_names() if name.casefold() == text.casefold()), None)
    if name is None:
        return None
    monday = today - timedelta(days=today.weekday())
    month = today.replace(day=1)
    before_month = month - timedelta(days=1)
    day = timedelta(days=1)
    return (
        Period(today, today),
        Period(today - day, today - day),
        Period(monday, monday + 6 * day),
        Period(monday - 7 * day, monday - day),
        Period(month, (month + 31 * day).replace(day=1) - day),
        Period(before_month.replace(day=1), before_month),
        Period(today.replace(month=1, day=1), today.replace(month=12, day=31)),
        Period(None, None),
    )[period_names().index(name)]


def reader(field: Field) -> Callable[[str], str]:
    """What checks a text that is typed for ``field`` of a record, within the limits of its declaration."""
    return partial(clean_field, field)
