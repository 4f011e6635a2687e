"""Outstanding receivables: who owes what and for how long, at the end of any business date.

What is due on a job is in the bucket of its age, counted from its business date. A customer's unused money
is credit, in its own column and deducted from the total, so each total is the customer's balance in the
ledger. dues.py computes what was due on a past day.

A balance above what the jobs explain is rare: two PCs spent one credit twice while offline, or a reversal
is dated before what it reverses. It belongs to no job, so it has the age of the customer's newest payment.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from cleanflow.clock import check_date
from cleanflow.dao.shop import Shop, get_shop
from cleanflow.dao.stamps import today
from cleanflow.db import Database, snapshot
from cleanflow.language import _
from cleanflow.records.chart import Account
from cleanflow.rendering.document import Column, Document, Fact, Link, Section, Table, shown_date
from cleanflow.reports.account_sums import sums_until
from cleanflow.reports.dues import Debtor, balances_owed, owing_on_jobs, owing_without_job, with_ages
from cleanflow.reports.pages.letterhead import on_letterhead


@dataclass(frozen=True)
class ReceivablesReport:
    """Who owed what at the end of ``date``, largest total first.

    ``ledger_minor`` is the balance of accounts receivable.
    """

    date: str
    shop: Shop
    debtors: tuple[Debtor, ...]
    ledger_minor: int

    @property
    def total_minor(self) -> int:
        """What the listed customers owe, net of their credit."""
        return sum(debtor.total_minor for debtor in self.debtors)

    @property
    def other_credit_minor(self) -> int:
        """The credit of customers who owe nothing: the list's total less the ledger's balance."""
        return self.total_minor - self.ledger_minor


def receivables_report(db: Database, day: date | str | None = None) -> ReceivablesReport:
    """Who owed what at the end of a business date, by default today's.

    Refuses with ``date_invalid``. Today's takes 200 ms in a shop of 100,000 jobs with some thousands open;
    a past date reads every allocation.
    """
    text = check_date(today(db) if day is None else day)
    with snapshot(db):
        debtors = sorted(_debtors(db, text), key=_largest_first)
        receivable = sum(item.balance_minor for item in sums_until(db, text) if item.id == Account.RECEIVABLE)
        return ReceivablesReport(text, get_shop(db), tuple(debtors), receivable)


def _largest_first(debtor: Debtor) -> tuple[int, str, str]:
    return (-debtor.total_minor, debtor.customer.casefold(), debtor.customer_id)


def _debtors(db: Database, day: str) -> Iterator[Debtor]:
    owed = balances_owed(db, day)
    for debtor in owing_on_jobs(db, day):
        owed.pop(debtor.customer_id, None)
        yield debtor if debtor.credit_minor >= 0 else with_ages(db, day, debtor)
    for customer_id, balance_minor in owed.items():
        yield owing_without_job(db, day, customer_id, balance_minor)


def receivables_document(report: ReceivablesReport) -> Document:
    """The document, largest debts first."""
    titles = (_("0-30 days"), _("31-60"), _("61-90"), _("Over 90"), _("Credit"), _("Owes"))
    columns = (
        Column(_("Customer"), share=1),
        Column(_("Phone")),
        *(Column(title, "money") for title in titles),
    )
    rows = tuple(
        (
            debtor.customer,
            debtor.phone,
            *(amount or None for amount in debtor.ages_minor),
            -debtor.credit_minor or None,
            debtor.total_minor,
        )
        for debtor in report.debtors
    )
    ages = (sum(amounts) for amounts in zip(*(debtor.ages_minor for debtor in report.debtors), strict=True))
    credit = sum(debtor.credit_minor for debtor in report.debtors)
    table = Table(
        columns,
        rows,
        totals=(_("Total"), "", *(ages if rows else (0, 0, 0, 0)), -credit, report.total_minor),
        when_empty=_("Nobody owes anything."),
        links=tuple(Link("customer", debtor.customer_id) for debtor in report.debtors),
    )
    day = shown_date(report.date, report.shop.date_order)
    return on_letterhead(
        report.shop,
        _("Outstanding receivables"),
        _("at the end of {day}").format(day=day),
        (Section(_("Who owes what"), tables=(table,)), *_reconciled(report)),
    )


def _reconciled(report: ReceivablesReport) -> Iterator[Section]:
    """How the list reconciles with the ledger, if other customers have credit."""
    if report.other_credit_minor:
        facts = (
            Fact(_("Owed by the customers above"), report.total_minor),
            Fact(_("Credit of customers who owe nothing"), -report.other_credit_minor),
            Fact(
                _("Accounts receivable in the ledger"),
                report.ledger_minor,
                is_total=True,
                link=Link("account", Account.RECEIVABLE, last=report.date),
            ),
        )
        yield Section(_("With the other customers"), facts=facts)
