"""A customer's statement: opening balance, every entry, closing balance.

Read by index from the customer's entries on accounts receivable: the cost depends on the customer, not on
the shop.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cleanflow.dao.customers import get_customer
from cleanflow.dao.jobs import WHAT
from cleanflow.dao.shop import Shop, get_shop
from cleanflow.db import Database, snapshot
from cleanflow.language import _
from cleanflow.records.chart import Account
from cleanflow.rendering.document import Column, Document, Fact, Link, Section, Table, shown_date
from cleanflow.reports.pages.letterhead import on_letterhead
from cleanflow.reports.periods import Period, period
from cleanflow.reports.words import entry_word, method_word


@dataclass(frozen=True)
class StatementLine:
    """An entry: ``change_minor`` > 0 is a charge, < 0 a payment or reduction; ``balance_minor`` is the
    balance after it.

    ``reference`` is the job's or receipt's; ``words`` the service and description, or the reason.
    ``source`` tells whether ``source_id`` is a job, payment or adjustment.
    """

    date: str
    kind: str
    is_reversal: bool
    reference: str
    method: str | None
    words: str
    source: str
    source_id: str
    change_minor: int
    balance_minor: int


@dataclass(frozen=True)
class Statement:
    """A customer's entries in a period; a balance > 0 is owed to the shop, < 0 is credit."""

    period: Period
    shop: Shop
    customer_id: str
    customer: str
    phone: str
    address: str
    opening_minor: int
    lines: tuple[StatementLine, ...]

    @property
    def charged_minor(self) -> int:
        """Sum of the charges."""
        return sum(line.change_minor for line in self.lines if line.change_minor > 0)

    @property
    def credited_minor(self) -> int:
        """Sum of payments and reductions, as a positive amount."""
        return -sum(line.change_minor for line in self.lines if line.change_minor < 0)

    @property
    def closing_minor(self) -> int:
        """Balance at the end of the period."""
        return self.opening_minor + self.charged_minor - self.credited_minor


def statement(db: Database, customer_id: str, first: date | str, last: date | str) -> Statement:
    """The customer's account from ``first`` to ``last``.

    Refuses with ``record_unknown`` or ``date_invalid``.
    """
    chosen = period(first, last)
    with snapshot(db):
        customer = get_customer(db, customer_id)
        opening = _opening(db, customer_id, chosen.first)
        return Statement(
            period=chosen,
            shop=get_shop(db),
            customer_id=customer_id,
            customer=customer.name,
            phone=customer.phone,
            address=customer.address,
            opening_minor=opening,
            lines=_lines(db, customer_id, chosen, opening),
        )


def first_entry_date(db: Database, customer_id: str) -> str | None:
    """Date of the customer's first entry, ``YYYY-MM-DD``; None without any."""
    first: str | None = db.value(
        "SELECT min(business_date) FROM ledger_entries WHERE customer_id = :id", {"id": customer_id}
    )
    return first


def _opening(db: Database, customer_id: str, first: str) -> int:
    query = """
        SELECT coalesce(sum(CASE :receivable WHEN debit_account_id THEN amount_minor
                                             WHEN credit_account_id THEN -amount_minor
                                             ELSE 0 END), 0)
          FROM ledger_entries
         WHERE customer_id = :customer_id AND business_date < :first
    """
    parameters = {"customer_id": customer_id, "first": first, "receivable": str(Account.RECEIVABLE)}
    opening: int = db.value(query, parameters)
    return opening


def _lines(db: Database, customer_id: str, chosen: Period, opening: int) -> tuple[StatementLine, ...]:
    """In the order of the books: by business date, then by time of entry."""
    query = f"""
        SELECT entries.business_date AS date, entries.kind,
               changes.reverses_id IS NOT NULL AS is_reversal,
               coalesce(jobs.reference, payments.reference, '') AS reference, payments.method,
               coalesce(changes.reason, payments.reason, {WHAT}, '') AS words,
               CASE WHEN changes.id IS NOT NULL THEN 'adjustment'
                    WHEN payments.id IS NOT NULL THEN 'payment' ELSE 'job' END AS source,
               entries.source_id,
               CASE :receivable WHEN debit_account_id THEN entries.amount_minor
                                ELSE -entries.amount_minor END AS change_minor
          FROM ledger_entries AS entries
          LEFT JOIN job_adjustments AS changes ON changes.id = entries.source_id
          LEFT JOIN payments ON payments.id = entries.source_id
          LEFT JOIN jobs ON jobs.id = entries.job_id
         WHERE entries.customer_id = :customer_id
           AND entries.business_date BETWEEN :first AND :last
           AND :receivable IN (debit_account_id, credit_account_id)
         ORDER BY entries.business_date, entries.created_at, entries.device_id, chain_number
    """
    parameters = {
        "customer_id": customer_id,
        "first": chosen.first,
        "last": chosen.last,
        "receivable": str(Account.RECEIVABLE),
    }
    lines, balance = [], opening
    for row in db.rows(query, parameters):
        balance += row["change_minor"]
        facts = {**dict(row), "is_reversal": bool(row["is_reversal"])}
        lines.append(StatementLine(**facts, balance_minor=balance))
    return tuple(lines)


def statement_document(report: Statement) -> Document:
    """The statement as a letter to the customer."""
    order = report.shop.date_order
    columns = (
        Column(_("Date"), "date"),
        Column(_("Number")),
        Column(_("What"), share=1),
        Column(_("Charged"), "money"),
        Column(_("Paid or taken off"), "money"),
        Column(_("Balance"), "money"),
    )
    rows = tuple(
        (
            line.date,
            line.reference,
            _what(line),
            line.change_minor if line.change_minor > 0 else None,
            -line.change_minor if line.change_minor < 0 else None,
            line.balance_minor,
        )
        for line in report.lines
    )
    table = Table(
        columns,
        rows,
        totals=("", "", _("Total"), report.charged_minor, report.credited_minor, report.closing_minor),
        when_empty=_("There are no entries in this time."),
        links=tuple(Link(line.source, line.source_id) for line in report.lines),
    )
    whose = Link("customer", report.customer_id)
    start, end = (shown_date(day, order) for day in (report.period.first, report.period.last))
    account = (
        Fact(_("Balance before {day}").format(day=start), report.opening_minor, link=whose),
        Fact(_("Charged"), report.charged_minor),
        Fact(_("Paid or taken off"), -report.credited_minor),
        Fact(_("Balance at the end of {day}").format(day=end), report.closing_minor, is_total=True),
    )
    return on_letterhead(
        report.shop,
        _("Statement"),
        report.period.shown(order),
        (
            Section(report.customer, facts=account, notes=tuple(_address(report))),
            Section(_("Entries"), tables=(table,)),
        ),
        notes=(_("A balance below zero is the customer's credit."),) if _has_credit(report) else (),
    )


def _what(line: StatementLine) -> str:
    word = entry_word(line.kind, line.is_reversal)
    if line.method:
        word = f"{word}, {method_word(line.method)}"
    is_said = not line.words or (line.kind == "OPENING" and line.source == "job")
    return word if is_said else f"{word}: {line.words}"


def _address(report: Statement) -> list[str]:
    return [part for part in (*report.address.splitlines(), report.phone) if part.strip()]


def _has_credit(report: Statement) -> bool:
    return min((line.balance_minor for line in report.lines), default=report.opening_minor) < 0
