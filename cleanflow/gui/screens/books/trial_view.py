"""The trial balance: every account at the end of a day, in a debit and a credit column."""

from __future__ import annotations

import tkinter
from collections.abc import Callable
from datetime import date

from ttkbootstrap import Frame, Label

from cleanflow.dao.paging import Page, Slice, page_of
from cleanflow.dao.stamps import today
from cleanflow.errors import Refusal
from cleanflow.gui.appearance import px
from cleanflow.gui.desk import Desk
from cleanflow.gui.reading import read_date
from cleanflow.gui.widgets.filters import Filters
from cleanflow.gui.widgets.labels import short_date
from cleanflow.gui.widgets.records import Column, Order, RecordList
from cleanflow.language import _
from cleanflow.reports.trial_balance import AccountLine, trial_balance
from cleanflow.reports.words import account_kind_word


class TrialView(Frame):
    """Every account with a balance; the debit and credit columns have equal sums."""

    def __init__(
        self, parent: tkinter.Misc, desk: Desk, on_open: Callable[[AccountLine, str], object]
    ) -> None:
        super().__init__(parent)
        self._desk = desk
        self.filters = Filters(self, desk, "ledger.trial", self.reload)
        self.filters.pack(anchor="w", pady=px(0, 8))
        self.filters.text("day", _("At the end of"), width=12)
        self.filters.set("day", short_date(self._today().isoformat(), desk.shop.date_order))
        self._sums = Label(self, font="StrongFont")
        self._sums.pack(side="bottom", anchor="e", pady=px(6, 0))
        columns: list[Column[AccountLine]] = [
            Column("account", _("Account"), 240, lambda line: line.account, stretches=True),
            Column("kind", _("Kind"), 180, lambda line: account_kind_word(line.kind)),
            Column("debit", _("Debit"), 150, lambda line: self._amount(line.debit_minor),
                   is_right=True),
            Column("credit", _("Credit"), 150, lambda line: self._amount(line.credit_minor),
                   is_right=True),
        ]  # fmt: skip
        self.list = RecordList(
            self,
            desk,
            "ledger.trial",
            columns,
            self._read,
            identify=lambda line: line.account_id,
            order=Order(""),
            empty=_("Nothing was booked by then."),
            on_open=lambda line: on_open(line, self._day().isoformat()),
        )
        self.list.pack(fill="both", expand=True)

    def reload(self) -> None:
        """Read the balances again."""
        self.list.reload()

    def _amount(self, amount_minor: int) -> str:
        return self._desk.shop.currency.format(amount_minor) if amount_minor else ""

    def _today(self) -> date:
        return today(self._desk.db)

    def _day(self) -> date:
        text = self.filters.read_text("day")
        try:
            return read_date(text or "t", self._today(), self._desk.shop.date_order)
        except Refusal as refusal:
            self._desk.tell(str(refusal))
            return self._today()

    def _read(self, part: Slice) -> Page[AccountLine]:
        try:
            report = trial_balance(self._desk.db, self._day())
        except Refusal as refusal:
            self._sums.configure(text=str(refusal))
            return page_of([])
        unit = report.shop.currency
        words = _("Total debit {debit}, total credit {credit}")
        if report.debit_minor != report.credit_minor:
            words += " " + _("– these must be equal: check your books")
        sums = words.format(debit=unit.format(report.debit_minor), credit=unit.format(report.credit_minor))
        self._sums.configure(text=sums)
        return page_of(report.accounts)
