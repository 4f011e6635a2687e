"""The trial balance: every account's balance at the end of a day; debits equal credits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cleanflow.clock import check_date
from cleanflow.dao.blind_count import require_cash_shown
from cleanflow.dao.shop import Shop, get_shop
from cleanflow.db import Database, snapshot
from cleanflow.language import _
from cleanflow.rendering.document import Column, Document, Link, Section, Table, shown_date
from cleanflow.reports.account_sums import sums_until
from cleanflow.reports.pages.letterhead import on_letterhead
from cleanflow.reports.words import account_kind_word


@dataclass(frozen=True)
class AccountLine:
    """An account's balance as a debit or a credit; the other is 0."""

    account_id: str
    account: str
    kind: str
    debit_minor: int
    credit_minor: int


@dataclass(frozen=True)
class TrialBalance:
    """Accounts with a balance other than zero, in the order of the chart of accounts."""

    date: str
    shop: Shop
    accounts: tuple[AccountLine, ...]

    @property
    def debit_minor(self) -> int:
        """Sum of the debit balances; equals that of the credit balances."""
        return sum(line.debit_minor for line in self.accounts)

    @property
    def credit_minor(self) -> int:
        """Sum of the credit balances."""
        return sum(line.credit_minor for line in self.accounts)


def trial_balance(db: Database, day: date | str) -> TrialBalance:
    """The balances at the end of a business date. Refuses with ``date_invalid`` or ``cash_hidden``."""
    text = check_date(day)
    require_cash_shown(db)
    with snapshot(db):
        shop, sums = get_shop(db), sums_until(db, text)
    lines = (
        AccountLine(item.id, item.name, item.kind, max(item.balance_minor, 0), max(-item.balance_minor, 0))
        for item in sums
        if item.balance_minor
    )
    return TrialBalance(text, shop, tuple(lines))


def trial_balance_document(report: TrialBalance) -> Document:
    """One table: account, kind, debit, credit."""
    columns = (
        Column(_("Account"), share=3),
        Column(_("Kind"), share=2),
        Column(_("Debit"), "money"),
        Column(_("Credit"), "money"),
    )
    rows = tuple(
        (line.account, account_kind_word(line.kind), line.debit_minor or None, line.credit_minor or None)
        for line in report.accounts
    )
    table = Table(
        columns,
        rows,
        totals=(_("Total"), "", report.debit_minor, report.credit_minor),
        when_empty=_("Nothing has been booked yet."),
        links=tuple(Link("account", line.account_id, last=report.date) for line in report.accounts),
    )
    subtitle = _("at the end of {day}").format(day=shown_date(report.date, report.shop.date_order))
    return on_letterhead(
        report.shop, _("Trial balance"), subtitle, (Section(_("Balances"), tables=(table,)),)
    )
