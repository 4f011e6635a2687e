"""The closed day: its daily report is stored with the count of the drawer; what comes later is an addendum.

A stored report gives the same bytes whenever it is drawn.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime

from cleanflow.clock import local_time
from cleanflow.dao.blind_count import require_drawer_shown
from cleanflow.dao.closings import (
    Addendum,
    DayClosing,
    add_addendum,
    addenda_of,
    close_day,
    get_closing,
    next_addendum,
    stored_addendum,
    stored_report,
    told_heads,
)
from cleanflow.dao.shop import get_shop
from cleanflow.dao.users import get_user
from cleanflow.db import Database
from cleanflow.language import _
from cleanflow.rendering.document import Column, Document, Fact, Section, Table, shown_date, shown_moment
from cleanflow.reports.daily import daily_report
from cleanflow.reports.pages.daily_page import daily_document
from cleanflow.reports.pages.letterhead import on_letterhead
from cleanflow.reports.pages.stored import restored, stored
from cleanflow.reports.words import movement_word


def close_the_day(
    db: Database,
    *,
    counted_minor: int,
    denominations: Mapping[int, int] | None = None,
    reason: str = "",
    on: date | str | None = None,
    closing_id: str | None = None,
) -> DayClosing:
    """Count the drawer and store the day's report, in one operation; refuses as ``close_day``."""
    return close_day(
        db,
        counted_minor=counted_minor,
        report=lambda closing: stored(_closed_document(db, closing)),
        denominations=denominations,
        reason=reason,
        on=on,
        closing_id=closing_id,
    )


def closed_report(db: Database, closing_id: str) -> Document:
    """The report as it was when the day was closed. Refuses with ``record_unknown`` or ``cash_hidden``."""
    closing = get_closing(db, closing_id)
    require_drawer_shown(db, closing.drawer_id)
    text = stored_report(db, closing_id)
    # A closing always stores one; if it is missing all the same, show the day as it is now.
    return restored(text) if text else _closed_document(db, closing)


def addendum_now(db: Database, closing_id: str) -> Document:
    """A preview of the addendum that :func:`make_addendum` would store; refuses as ``next_addendum``.

    And with ``cash_hidden``.
    """
    closing = get_closing(db, closing_id)
    require_drawer_shown(db, closing.drawer_id)
    return _addendum_document(db, closing, next_addendum(db, closing), told_heads(db, closing))


def make_addendum(db: Database, closing_id: str, *, addendum_id: str | None = None) -> Addendum:
    """Store an addendum of what has been recorded for a closed day since; refuses as ``add_addendum``."""
    closing = get_closing(db, closing_id)
    return add_addendum(
        db,
        closing_id,
        lambda number, told: stored(_addendum_document(db, closing, number, told)),
        addendum_id=addendum_id,
    )


def addenda_reports(db: Database, closing_id: str) -> list[Document]:
    """The stored addenda of a closing, by number."""
    return [restored(stored_addendum(db, addendum.id)) for addendum in addenda_of(db, closing_id)]


def _closed_document(db: Database, closing: DayClosing) -> Document:
    report = daily_report(db, closing.business_date, closing=closing)
    who = get_user(db, closing.user_id).name if closing.user_id else ""
    counted_at = shown_moment(_local(db, closing.created_at), report.shop.date_order)
    words = _("Closing {reference}, counted {at}").format(reference=closing.reference, at=counted_at)
    return daily_document(report, closing_words=f"{words}, {who}" if who else words)


def _local(db: Database, at: str) -> datetime:
    return local_time(at, db.clock.zone)


def _addendum_document(db: Database, closing: DayClosing, number: int, told: dict[str, int]) -> Document:
    shop = get_shop(db)
    title = _("Addendum {number} to closing {reference}").format(number=number, reference=closing.reference)
    rows = _late_rows(db, closing.business_date, told)
    table = Table(
        (
            Column(_("PC")),
            Column(_("Entry"), "number"),
            Column(_("Kind")),
            Column(_("Customer"), share=1),
            Column(_("Moved from")),
            Column(_("to")),
            Column(_("Amount"), "money"),
        ),
        rows,
    )
    counted_at = shown_moment(_local(db, closing.created_at), shop.date_order)
    explained = _("Recorded for this day after it was closed on {at}. The closed report stays as it is.")
    section = Section(
        _("Later entries"),
        facts=(Fact(_("Entries"), len(rows), "number"),),
        tables=(table,),
        notes=(explained.format(at=counted_at),),
    )
    count = Section(
        _("The count"),
        facts=(
            Fact(_("Expected"), closing.expected_minor),
            Fact(_("Counted"), closing.counted_minor),
            Fact(_("Difference"), closing.variance_minor, is_total=True),
        ),
        notes=(f"{_('Why it differs')}: {closing.reason}",) if closing.reason else (),
    )
    subtitle = shown_date(closing.business_date, shop.date_order)
    return on_letterhead(shop, title, subtitle, (count, section), signatures=(_("Checked by"),))


def _late_rows(db: Database, day: str, told: dict[str, int]) -> tuple[tuple[str | int, ...], ...]:
    query = """
        SELECT coalesce(devices.code, '?') AS pc, chain_number, ledger_entries.kind AS kind,
               coalesce(customers.name, '') AS customer, credits.name AS credit, debits.name AS debit,
               amount_minor
          FROM ledger_entries
          JOIN accounts AS debits ON debits.id = debit_account_id
          JOIN accounts AS credits ON credits.id = credit_account_id
          LEFT JOIN devices ON devices.id = ledger_entries.device_id
          LEFT JOIN customers ON customers.id = customer_id
         WHERE business_date = :day
           AND chain_number > coalesce(json_extract(:told, '$."' || ledger_entries.device_id || '"'), 0)
         ORDER BY ledger_entries.created_at, pc, chain_number
    """
    return tuple(
        (
            row["pc"],
            row["chain_number"],
            movement_word(row["kind"]),
            row["customer"],
            row["credit"],
            row["debit"],
            row["amount_minor"],
        )
        for row in db.rows(query, {"day": day, "told": json.dumps(told)})
    )
