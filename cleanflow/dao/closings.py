"""Closing the day: the drawer is counted, what is missing or too much is booked, the report is kept.

A closing is a fact. What is entered or arrives for its business date afterwards changes nothing of it and
is told by addenda, each up to where this PC knew the chains by then.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date

from cleanflow.dao import ledger
from cleanflow.dao.blind_count import drawer_is_hidden
from cleanflow.dao.fields import clean_field
from cleanflow.dao.paging import Listing, Page, Slice
from cleanflow.dao.shop import get_shop
from cleanflow.dao.stamps import business_date, fact_stamp, known, new_id, next_reference
from cleanflow.dao.users import require_owner
from cleanflow.db import Database, Row, with_transaction
from cleanflow.errors import Refusal
from cleanflow.money import MAX_AMOUNT_MINOR
from cleanflow.records.chart import Account
from cleanflow.records.common import REASON


@dataclass(frozen=True)
class DayClosing:
    """A counted drawer: ``variance_minor`` = ``counted_minor`` - ``expected_minor``.

    ``denominations`` says how many of which value (minor units) were counted; ``heads`` up to which entry
    of each PC's chain (device id -> number) the report tells.
    """

    id: str
    device_id: str
    reference: str
    drawer_id: str
    business_date: str
    expected_minor: int
    counted_minor: int
    variance_minor: int
    denominations: dict[int, int]
    reason: str
    heads: dict[str, int]
    created_at: str
    user_id: str | None = None


@dataclass(frozen=True)
class Addendum:
    """What arrived for a closed day between its closing, or the addendum before, and ``heads``."""

    id: str
    closing_id: str
    number: int
    heads: dict[str, int]
    created_at: str


_COLUMNS = """
    id, device_id, reference, drawer_id, business_date, expected_minor, counted_minor, variance_minor,
    denominations, reason, heads, created_at, user_id
"""
_SELECT = f"SELECT {_COLUMNS} FROM day_closings"


def _closing(row: Row) -> DayClosing:
    counts = json.loads(row["denominations"] or "{}")
    values = {
        **{field.name: row[field.name] for field in fields(DayClosing)},
        "denominations": {int(value): count for value, count in counts.items()},
        "heads": json.loads(row["heads"]),
    }
    return DayClosing(**values)


def get_closing(db: Database, closing_id: str) -> DayClosing:
    """One closing. Refuses with ``record_unknown``."""
    return _closing(known(db.one(f"{_SELECT} WHERE id = :id", {"id": closing_id}), "closing"))


def closings_of(db: Database, day: str) -> list[DayClosing]:
    """The closings of a business date, of every drawer, in the order of counting."""
    query = f"{_SELECT} WHERE business_date = :day ORDER BY created_at, reference"
    return [_closing(row) for row in db.rows(query, {"day": day})]


_CLOSINGS = Listing(
    columns=_COLUMNS,
    source="day_closings",
    sorts={"date": ("business_date", "created_at", "id")},
    make=_closing,
)


def list_closings(db: Database, part: Slice) -> Page[DayClosing]:
    """A page of all closings, of every drawer, by business date."""
    return _CLOSINGS.read(db, part)


def stored_report(db: Database, closing_id: str) -> str | None:
    """The report of a closing as it was kept, JSON; ``None`` when none was."""
    text: str | None = db.value("SELECT report FROM day_closings WHERE id = :id", {"id": closing_id})
    return text


def this_drawer(db: Database) -> str:
    """The id of the drawer that this PC uses."""
    drawer_id: str = db.value("SELECT drawer_id FROM devices WHERE id = :id", {"id": db.device_id})
    return drawer_id


def expected_minor(db: Database, drawer_id: str, day: str) -> int:
    """The cash that the ledger says is in a drawer at the end of ``day``, in minor units."""
    query = """
        SELECT coalesce(sum(balance_minor), 0) FROM (
            SELECT debit_minor - credit_minor AS balance_minor FROM account_months
             WHERE account_id = :cash AND month < substr(:day, 1, 7)
               AND device_id IN (SELECT id FROM devices WHERE drawer_id = :drawer_id)
            UNION ALL
            SELECT debit_minor - credit_minor FROM account_days
             WHERE account_id = :cash AND business_date BETWEEN substr(:day, 1, 7) || '-01' AND :day
               AND device_id IN (SELECT id FROM devices WHERE drawer_id = :drawer_id))
    """
    amount: int = db.value(query, {"cash": Account.CASH.value, "day": day, "drawer_id": drawer_id})
    return amount


@with_transaction
def close_day(
    db: Database,
    *,
    counted_minor: int,
    report: Callable[[DayClosing], str],
    denominations: Mapping[int, int] | None = None,
    reason: str = "",
    on: date | str | None = None,
    closing_id: str | None = None,
) -> DayClosing:
    """Close a business date: keep the count, book the difference, keep the report.

    Nothing that is pending, failed or late can hold it up, and a day may be closed again (shifts):
    each count starts from what the one before left. ``report`` makes the JSON to keep, once the
    difference is booked. Refuses with ``variance_needs_reason``, and with ``owner_needed`` above the
    shop's limit; but not a blind count, because both would tell the difference before it is booked.
    """
    day, drawer_id = business_date(db, on, days_back=None), this_drawer(db)
    is_blind = drawer_is_hidden(db, drawer_id)
    expected = expected_minor(db, drawer_id, day)
    variance = _check_count(counted_minor) - expected
    if abs(variance) > MAX_AMOUNT_MINOR:
        raise Refusal("amount_too_large")
    shop = get_shop(db)
    text = clean_field(REASON, reason)
    if variance and not text and not is_blind:
        raise Refusal("variance_needs_reason", amount=shop.currency.format(variance))
    limit = shop.variance_limit_minor
    if limit is not None and abs(variance) > limit and not is_blind:
        require_owner(db)
    record_id = closing_id or new_id()
    if db.one("SELECT 1 FROM day_closings WHERE id = :id", {"id": record_id}):
        raise Refusal("record_exists")
    if variance:
        _book(db, record_id, day, variance)
    reference = next_reference(db, "CLOSING")
    closing = DayClosing(
        id=record_id,
        device_id=db.device_id,
        reference=reference.text,
        drawer_id=drawer_id,
        business_date=day,
        expected_minor=expected,
        counted_minor=counted_minor,
        variance_minor=variance,
        denominations={value: count for value, count in sorted((denominations or {}).items()) if count},
        reason=text,
        heads=_heads(db),
        created_at=db.session.at,
        user_id=db.session.user_id,
    )
    values = {
        **vars(closing),
        "reference_number": reference.number,
        "denominations": json.dumps(closing.denominations) if closing.denominations else None,
        "heads": json.dumps(closing.heads, sort_keys=True),
        "report": report(closing),
    }
    db.insert("day_closings", {**values, **fact_stamp(db)})
    return closing


def late_entries(db: Database, closing: DayClosing) -> int:
    """How many ledger entries of the closed date came later and no addendum tells of yet."""
    query = """
        SELECT count(*) FROM ledger_entries
         WHERE business_date = :day
           AND chain_number > coalesce(json_extract(:heads, '$."' || device_id || '"'), 0)
    """
    count: int = db.value(query, {"day": closing.business_date, "heads": json.dumps(told_heads(db, closing))})
    return count


def told_heads(db: Database, closing: DayClosing) -> dict[str, int]:
    """Up to which entry of each chain the closing and its addenda tell."""
    addenda = addenda_of(db, closing.id)
    return addenda[-1].heads if addenda else closing.heads


def addenda_of(db: Database, closing_id: str) -> list[Addendum]:
    """A closing's addenda, by number."""
    query = """
        SELECT id, closing_id, number, heads, created_at FROM closing_addenda
         WHERE closing_id = :id ORDER BY number
    """
    return [
        Addendum(row["id"], row["closing_id"], row["number"], json.loads(row["heads"]), row["created_at"])
        for row in db.rows(query, {"id": closing_id})
    ]


def stored_addendum(db: Database, addendum_id: str) -> str:
    """The report of an addendum as it was kept, JSON."""
    text: str = db.value("SELECT report FROM closing_addenda WHERE id = :id", {"id": addendum_id})
    return text


def next_addendum(db: Database, closing: DayClosing) -> int:
    """The number that an addendum would get now.

    Refuses with ``nothing_late``, or ``closing_elsewhere`` on any PC but the one that closed the day:
    so the numbers of one closing are given in one place.
    """
    if closing.device_id != db.device_id:
        raise Refusal("closing_elsewhere")
    if not late_entries(db, closing):
        raise Refusal("nothing_late")
    return len(addenda_of(db, closing.id)) + 1


@with_transaction
def add_addendum(
    db: Database,
    closing_id: str,
    report: Callable[[int, dict[str, int]], str],
    *,
    addendum_id: str | None = None,
) -> Addendum:
    """Keep what arrived for a closed date since then. ``report`` gets the number and the heads told so far.

    Refuses as :func:`next_addendum`.
    """
    closing = get_closing(db, closing_id)
    number = next_addendum(db, closing)
    addendum = Addendum(addendum_id or new_id(), closing_id, number, _heads(db), db.session.at)
    values = {
        "id": addendum.id,
        "closing_id": closing_id,
        "number": number,
        "heads": json.dumps(addendum.heads, sort_keys=True),
        "report": report(number, told_heads(db, closing)),
    }
    db.insert("closing_addenda", {**values, **fact_stamp(db)})
    return addendum


def _check_count(counted_minor: int) -> int:
    if type(counted_minor) is not int:
        raise TypeError(f"an amount is an int in minor units, not {counted_minor!r}")
    if counted_minor < 0:
        raise Refusal("amount_not_positive")
    if counted_minor > MAX_AMOUNT_MINOR:
        raise Refusal("amount_too_large")
    return counted_minor


def _book(db: Database, closing_id: str, day: str, variance_minor: int) -> None:
    cash, short = Account.CASH, Account.CASH_VARIANCE
    debit, credit = (cash, short) if variance_minor > 0 else (short, cash)
    ledger.post(
        db,
        "VARIANCE",
        debit=debit,
        credit=credit,
        amount_minor=abs(variance_minor),
        source_id=closing_id,
        business_date=day,
    )


def _heads(db: Database) -> dict[str, int]:
    return {
        row["device_id"]: row["chain_number"]
        for row in db.rows("SELECT device_id, chain_number FROM chain_heads ORDER BY device_id")
    }
