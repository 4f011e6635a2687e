"""The ledger's entries: all of them, or those of one account with the balance after each."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ttkbootstrap import Frame, Label

from cleanflow.clock import local_time
from cleanflow.dao.blind_count import HIDDEN, cash_is_hidden
from cleanflow.dao.customer_lists import customers_by_reference, find_customers
from cleanflow.dao.customers import Customer, get_customer
from cleanflow.dao.jobs import get_job
from cleanflow.dao.ledger_lists import (
    KINDS,
    ChartAccount,
    LedgerLine,
    balance_before,
    chart_of_accounts,
    list_ledger,
)
from cleanflow.dao.paging import Page, Slice, page_of
from cleanflow.db import Database
from cleanflow.gui.appearance import px
from cleanflow.gui.desk import Desk
from cleanflow.gui.widgets.filters import Filters
from cleanflow.gui.widgets.labels import short_date
from cleanflow.gui.widgets.records import Column, Order, RecordList
from cleanflow.gui.widgets.sent import sent_column
from cleanflow.language import _
from cleanflow.records.chart import Account
from cleanflow.rendering.document import Column as PaperColumn
from cleanflow.reports.record_lists import Cell, RecordsWanted
from cleanflow.reports.words import account_kind_word, entry_word


@dataclass(frozen=True)
class _Only:
    """The customer, and perhaps the job, to which another screen or the filter narrows the entries."""

    customer_id: str
    words: str
    job_id: str | None = None


class EntriesView(Frame):
    """Entries of a period; with one account chosen its debits, credits and the balance after each."""

    def __init__(self, parent: tkinter.Misc, desk: Desk, on_open: Callable[[LedgerLine], object]) -> None:
        super().__init__(parent)
        self._desk = desk
        self._given: tuple[str, _Only] | None = None
        self._is_hidden = False
        self._chart: dict[str, ChartAccount | None] = {}
        self.filters = Filters(self, desk, "ledger", self.reload)
        self.filters.pack(anchor="w")
        self.filters.period("period", _("Period"), _("This month"), width=13)
        self._account_box = self.filters.choice("account", _("Account"), {_("All"): None}, width=17)
        self.filters.choice("kind", _("Kind"), _kind_choices(), width=15)
        self.filters.text("customer", _("Customer"), width=13)
        above = Frame(self)
        above.pack(fill="x", pady=px(6))
        self._only = Label(above, bootstyle="secondary")
        self._only.pack(side="left")
        self._before = Label(above)
        self._before.pack(side="right")
        self._told = Label(self, text="\n", bootstyle="secondary", wraplength=px(800), justify="left")
        self._told.pack(side="bottom", anchor="w", pady=px(4, 0))
        self._journal = self._make_list("ledger", self._journal_columns(), on_open)
        self._account_list = self._make_list("ledger.account", self._account_columns(), on_open)
        self.list = self._journal

    def _make_list(
        self, name: str, columns: Sequence[Column[LedgerLine]], on_open: Callable[[LedgerLine], object]
    ) -> RecordList[LedgerLine]:
        return RecordList(
            self,
            self._desk,
            name,
            columns,
            self._read,
            identify=lambda line: line.id,
            order=Order("date", descending=True),
            empty=_("No entries here. Choose another period, or All for account, kind and customer."),
            on_open=on_open,
            on_choose=self._tell,
        )

    def _day(self, line: LedgerLine) -> str:
        return short_date(line.business_date, self._desk.shop.date_order)

    def _money(self, amount_minor: int | None) -> str:
        return "" if amount_minor is None else self._desk.shop.currency.format(amount_minor)

    def _amount(self, line: LedgerLine) -> str:
        """The amount; what a count differed by is as secret as the count."""
        return HIDDEN if line.kind == "VARIANCE" and self._is_hidden else self._money(line.amount_minor)

    def _journal_columns(self) -> list[Column[LedgerLine]]:
        return [
            Column("date", _("Date"), 84, self._day, sort="date"),
            Column("number", _("Entry"), 74, lambda line: line.number),
            Column("what", _("What"), 140, entry_words, stretches=True),
            Column("debit", _("Debit"), 128, lambda line: line.debit_account, stretches=True),
            Column("credit", _("Credit"), 128, lambda line: line.credit_account, stretches=True),
            Column("amount", _("Amount"), 120, self._amount, is_right=True),
            Column("customer", _("Customer"), 74, lambda line: line.customer, stretches=True),
            Column("user", _("Who"), 58, lambda line: line.user),
            *sent_column(self._desk, "ledger_entries", _id_of),
        ]

    def _account_columns(self) -> list[Column[LedgerLine]]:
        def amount(line: LedgerLine, is_shown: bool) -> str:
            return self._amount(line) if is_shown else ""

        return [
            Column("date", _("Date"), 84, self._day, sort="date"),
            Column("number", _("Entry"), 74, lambda line: line.number),
            Column("what", _("What"), 160, _with_customer, stretches=True),
            Column("against", _("Against"), 118, self._against, stretches=True),
            Column("debit", _("Debit"), 120, lambda line: amount(line, self._is_debit(line)), is_right=True),
            Column("credit", _("Credit"), 120, lambda line: amount(line, not self._is_debit(line)),
                   is_right=True),
            Column("balance", _("Balance"), 128, lambda line: self._money(line.balance_minor), is_right=True),
        ]  # fmt: skip

    # --- what is asked for -------------------------------------------------------------------------

    def ask(
        self,
        *,
        account_id: str | None = None,
        customer_id: str | None = None,
        job_id: str | None = None,
        first: str = "",
        last: str = "",
    ) -> None:
        """Set the filters; dates are ``YYYY-MM-DD``, ``""`` is open."""
        self._read_chart()
        order = self._desk.shop.date_order
        names = [name for name, account in self._chart.items() if account and account.id == account_id]
        self.filters.set("account", names[0] if names else _("All"))
        self.filters.set("kind", _("All"))
        self._given = None
        if job_id is not None:
            job = get_job(self._desk.db, job_id)
            words = _("Only job {reference}").format(reference=job.reference)
            self._given = (job.reference, _Only(job.customer_id, words, job_id))
        elif customer_id is not None:
            customer = get_customer(self._desk.db, customer_id)
            self._given = (customer.name, _only_customer(customer))
        self.filters.set("customer", self._given[0] if self._given else "")
        if first or last:
            begin, end = short_date(first or None, order), short_date(last or None, order)
            self.filters.set("period", begin if first == last else f"{begin}..{end}")
        elif self._given is not None:
            self.filters.set("period", _("All"))

    def reload(self) -> None:
        """Read the entries again, into the list with or without balances."""
        self._read_chart()
        self._is_hidden = cash_is_hidden(self._desk.db)
        account = self._account()
        wanted = self._journal if account is None else self._account_list
        if wanted is not self.list or not wanted.winfo_manager():
            had_focus = self.list.focus_get() is self.list.table
            self.list.pack_forget()
            wanted.pack(fill="both", expand=True)
            self.list = wanted
            if had_focus:
                wanted.table.focus_set()
        self._told.configure(text="\n")  # keeps its height when it is empty
        self._say_what_is_shown(account)
        self.list.reload()

    def _read_chart(self) -> None:
        self._chart = {_("All"): None}
        for account in chart_of_accounts(self._desk.db):
            is_taken = account.name in self._chart
            name = f"{account.name} ({account_kind_word(account.kind)})" if is_taken else account.name
            self._chart[name] = account
        self._account_box["values"] = [*self._chart]

    def _account(self) -> ChartAccount | None:
        return self.filters.read_choice("account", self._chart)

    def _whom(self) -> _Only | None:
        """The customer in the filter; an unknown name gives ``_Only("", …)``."""
        text = self.filters.read_text("customer")
        if not text:
            return None
        if self._given is not None and self._given[0] == text:
            return self._given[1]
        db = self._desk.db
        named = customers_by_reference(db, text)
        if len(named) > 1:
            names = ", ".join(customer.name for customer in named)
            return _Only(
                "", _("This number has several customers: {names}. Type a name.").format(names=names)
            )
        found = find_customers(db, text, limit=2) or find_customers(db, text, limit=2, which="INACTIVE")
        if not found:
            return _Only("", _("Nobody of that name."))
        only = _only_customer(found[0])
        if len(found) > 1 and found[0].name.casefold() != text.casefold():
            return _Only(only.customer_id, _("{words} – type more for another").format(words=only.words))
        return only

    def _read(self, part: Slice) -> Page[LedgerLine]:
        return _read_ledger(self._desk.db, part, self._wanted())

    def _wanted(self) -> dict[str, Any]:
        """What the filters ask of ``list_ledger``."""
        whom, account = self._whom(), self._account()
        period = self.filters.read_period("period")
        return {
            "first": period.first,
            "last": period.last,
            "account_id": account.id if account else None,
            "kind": self.filters.read_choice("kind", _kind_choices()),
            "customer_id": whom.customer_id if whom else None,
            "job_id": whom.job_id if whom else None,
        }

    def wanted_for_file(self) -> RecordsWanted[LedgerLine]:
        """All entries of the filters as they are now, for a file."""
        wanted, account, order = self._wanted(), self._account(), self.list.order
        is_hidden = cash_is_hidden(self._desk.db)

        def amount(line: LedgerLine) -> int | None:
            return None if is_hidden and line.kind == "VARIANCE" else line.amount_minor

        def on(line: LedgerLine, side: str) -> int | None:
            own = line.debit_account_id if side == "debit" else line.credit_account_id
            return amount(line) if account and own == account.id else None

        is_summed = not (is_hidden and (account is None or account.id == Account.CASH))
        cells: list[Cell[LedgerLine]] = [
            Cell(PaperColumn(_("Date"), "date"), lambda line: line.business_date),
            Cell(PaperColumn(_("Entry")), lambda line: line.number),
            Cell(PaperColumn(_("What"), share=3), entry_words),
            Cell(PaperColumn(_("Customer"), share=2), lambda line: line.customer),
            Cell(PaperColumn(_("Debit account"), share=2), lambda line: line.debit_account),
            Cell(PaperColumn(_("Credit account"), share=2), lambda line: line.credit_account),
        ]
        if account is None:
            cells += [Cell(PaperColumn(_("Amount"), "money"), amount, is_summed=is_summed)]
        else:
            cells += [
                Cell(PaperColumn(_("Debit"), "money"), lambda line: on(line, "debit"), is_summed=is_summed),
                Cell(PaperColumn(_("Credit"), "money"), lambda line: on(line, "credit"), is_summed=is_summed),
                Cell(PaperColumn(_("Balance"), "money"), lambda line: line.balance_minor),
            ]
        cells += [Cell(PaperColumn(_("Who")), lambda line: line.user)]
        return RecordsWanted(
            _("Ledger"),
            self.filters.words(),
            cells,
            lambda db, part: _read_ledger(db, part, wanted),
            order.sort,
            order.descending,
        )

    # --- what is said beside the list --------------------------------------------------------------

    def _say_what_is_shown(self, account: ChartAccount | None) -> None:
        whom = self._whom()
        kind = self.filters.read_choice("kind", _kind_choices())
        self._only.configure(text=whom.words if whom else "")
        words = ""
        if account is not None and (whom or kind):
            words = _("The balance is shown for all kinds and customers together.")
        elif account is not None:
            words = self._balance_words(account)
        self._before.configure(text=words)

    def _balance_words(self, account: ChartAccount) -> str:
        first = self.filters.read_period("period").first
        if first is None:
            return account_kind_word(account.kind)
        balance = balance_before(self._desk.db, account, first)
        if balance is None:
            return _("{account}: the balance is shown when the drawer has been counted.").format(
                account=account.name
            )
        return _("{account} before {day}: {balance}").format(
            account=account.name,
            day=short_date(first.isoformat(), self._desk.shop.date_order),
            balance=self._desk.shop.currency.format(balance),
        )

    def _tell(self, line: LedgerLine) -> None:
        order = self._desk.shop.date_order
        at = local_time(line.entered_at)
        words = _(
            "{what}: {amount} from {credit} to {debit}.\nEntered on {day} at {time} by {user}, on PC {pc}."
        ).format(
            what=_with_customer(line),
            amount=self._amount(line),
            credit=line.credit_account,
            debit=line.debit_account,
            day=short_date(at.date().isoformat(), order),
            time=at.strftime("%H:%M"),
            user=line.user or _("a command"),
            pc=line.pc_code,
        )
        self._told.configure(text=words)

    def _is_debit(self, line: LedgerLine) -> bool:
        account = self._account()
        return account is not None and line.debit_account_id == account.id

    def _against(self, line: LedgerLine) -> str:
        return line.credit_account if self._is_debit(line) else line.debit_account


def _read_ledger(db: Database, part: Slice, wanted: dict[str, Any]) -> Page[LedgerLine]:
    """The entries; none for a customer whom nobody knows."""
    return page_of([]) if wanted["customer_id"] == "" else list_ledger(db, part, **wanted)


def _id_of(line: LedgerLine) -> str:
    return line.id


def entry_words(line: LedgerLine) -> str:
    """The kind of an entry, and the number of the record behind it."""
    return f"{_kind_word(line.kind, line.is_reversal)} {line.reference}".strip()


def _with_customer(line: LedgerLine) -> str:
    return ", ".join(words for words in (entry_words(line), line.customer) if words)


def _kind_word(kind: str, is_reversal: bool = False) -> str:
    return _("Drawer difference") if kind == "VARIANCE" else entry_word(kind, is_reversal)


def _kind_choices() -> dict[str, str | None]:
    return {_("All"): None, **{_kind_word(kind): kind for kind in KINDS}}


def _only_customer(customer: Customer) -> _Only:
    return _Only(customer.id, _("Only {customer}").format(customer=customer.name))
