"""Reading what people type after ``--date``, ``--month`` and ``--customer``."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import timedelta

from cleanflow.cli.console import complain
from cleanflow.clock import check_date
from cleanflow.dao.customers import Customer, customers_named, get_customer, search_customers
from cleanflow.dao.shop import get_shop, shop_country
from cleanflow.dao.stamps import believed_today, today
from cleanflow.db import Database
from cleanflow.digits import ascii_digits, digits_of
from cleanflow.errors import Refusal
from cleanflow.exchange.values import parse_date
from cleanflow.phones import is_phone_like, without_prefixes
from cleanflow.records.search import search_form

#: Customers that are listed when several match.
_LISTED = 10


def read_date(db: Database, text: str, *, to_write: bool = False) -> str:
    """``YYYY-MM-DD`` of ``today``, ``yesterday``, an ISO date or one in the shop's order.

    Refuses with ``date_invalid`` or ``date_ambiguous``; a date that is ``to_write`` also with
    ``clock_unsure``.
    """
    days_back = {"today": 0, "yesterday": 1}.get(text.strip().lower())
    if days_back is None:
        return parse_date(text.strip(), get_shop(db).date_order)
    return check_date((believed_today(db) if to_write else today(db)) - timedelta(days=days_back))


def read_period(db: Database, first: str | None, last: str) -> tuple[str, str]:
    """Two dates as :func:`read_date` reads them; the first defaults to the start of the last one's month.

    Ends the command as wrong usage when the first is after the last.
    """
    end = read_date(db, last)
    start = read_date(db, first) if first else f"{end[:7]}-01"
    if start > end:
        complain(f"--from {start} is after --to {end}.")
        raise SystemExit(2)
    return start, end


def read_month(db: Database, text: str) -> str:
    """``YYYY-MM`` from ``YYYY-MM`` or ``MM/YYYY``; this month if empty. Refuses with ``date_invalid``."""
    plain = ascii_digits(text.strip())
    if not plain:
        return today(db).isoformat()[:7]
    if month_first := re.fullmatch(r"([0-9]{1,2})[/.-]([0-9]{4})", plain):
        plain = f"{month_first[2]}-{month_first[1]:0>2}"
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}", plain):
        raise Refusal("date_invalid", text=text)
    return check_date(f"{plain}-01")[:7]


def read_customer(db: Database, text: str) -> str:
    """The id of the only customer that ``text`` matches: by id, whole name, part of a name, or phone number.

    Refuses with ``customer_unknown``; ends the command with a list if several match.
    """
    with suppress(Refusal):
        return get_customer(db, text.strip().lower()).id
    found = customers_named(db, text.strip())
    if len(found) != 1:
        found = found or _matching(db, text)
    if not found:
        raise Refusal("customer_unknown", text=text)
    if len(found) > 1:
        complain(f"“{text}” could be any of these; please say more, or give the id:{_listed(found)}")
        raise SystemExit(1)
    return found[0].id


def _matching(db: Database, text: str) -> list[Customer]:
    """By name or phone; search finds addresses too, but nobody is meant by a street."""
    words = search_form(text).split()
    digits = without_prefixes(text, shop_country(db)) if is_phone_like(text) else digits_of(text)

    def is_meant(customer: Customer) -> bool:
        name = search_form(customer.name)
        return all(word in name for word in words) or (
            len(digits) >= 3 and digits in digits_of(customer.phone)
        )

    return [customer for customer in search_customers(db, text) if is_meant(customer)]


def _listed(customers: list[Customer]) -> str:
    lines = [f"\n  {item.name}  {item.phone}  {item.id}" for item in customers[:_LISTED]]
    more = "\n  …" if len(customers) > _LISTED else ""
    return "".join(lines) + more
