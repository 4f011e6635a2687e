"""Payments: all money between customers and the shop, the newest first."""

from __future__ import annotations

from typing import Any

from cleanflow.dao.blind_count import cash_is_hidden
from cleanflow.dao.paging import Page, Slice
from cleanflow.dao.payment_lists import KINDS, PaymentLine, list_payments
from cleanflow.dao.payment_search import found_payments, payments_with_receipt
from cleanflow.gui.desk import CUSTOMERS_CHANGED, JOBS_CHANGED, PAYMENTS_CHANGED, SYNC_CHANGED, Action
from cleanflow.gui.dialogs.list_file import ask_list_file
from cleanflow.gui.screen import Screen
from cleanflow.gui.widgets.filters import Filters
from cleanflow.gui.widgets.labels import METHOD_CHOICES, payment_word, short_date
from cleanflow.gui.widgets.records import Column, Order, RecordList
from cleanflow.gui.widgets.sent import sent_column
from cleanflow.language import _
from cleanflow.rendering.document import Column as PaperColumn
from cleanflow.reports.record_lists import Cell, RecordsWanted
from cleanflow.reports.words import method_word


class Payments(Screen):
    """Filters over the list."""

    name = "payments"
    title = _("Payments")
    key = "Shift-F5"
    icon = "cash-stack"
    help = _(
        "All money paid by customers, with refunds and reversals. Search by receipt number, customer or"
        " amount; a whole receipt number is found in every period. Enter opens a payment: you see what"
        " it settled, and an owner can reverse it or refund part of it. Choose a period by name or"
        " type one, like 1/3..15/3."
    )
    actions = (
        Action("Control-f", _("Search"), "focus_filters"),
        Action("Control-m", _("Take money"), "take_money", is_primary=True),
        Action("Control-u", _("Customer"), "show_customer"),
        Action("Control-p", _("Save the list …"), "save_list", _("The whole list for Excel or as PDF")),
    )
    refresh_on = (PAYMENTS_CHANGED, JOBS_CHANGED, CUSTOMERS_CHANGED, SYNC_CHANGED)

    def build(self) -> None:
        """Build the filters and the list."""
        self._filters = Filters(self.body, self.desk, self.name, self._reload)
        self._filters.pack(anchor="w", pady=(0, 8))
        search = self._filters.text("words", _("Search"), width=16)
        search.bind("<Down>", lambda _event: self.focus_list())
        self._filters.period("period", _("Period"), _("Today"))
        self._filters.choice("method", _("Paid by"), _method_choices(), width=8)
        self._filters.choice("kind", _("Kind"), _kind_choices(), width=16)
        unit, order = self.desk.shop.currency, self.desk.shop.date_order
        columns: list[Column[PaymentLine]] = [
            Column("date", _("Date"), 86, lambda line: short_date(line.business_date, order), sort="date"),
            Column("reference", _("No."), 96, lambda line: line.reference),
            Column("customer", _("Customer"), 150, lambda line: line.customer, stretches=True),
            Column("what", _("What"), 150, payment_words, stretches=True),
            Column("method", _("Paid by"), 64, lambda line: method_word(line.method) if line.method else ""),
            Column("amount", _("Amount"), 122, lambda line: unit.format(line.signed_minor), is_right=True),
            *sent_column(self.desk, "payments", _id_of),
        ]
        self._list = RecordList(
            self.body,
            self.desk,
            self.name,
            columns,
            self._read,
            identify=lambda line: line.id,
            order=Order("date", descending=True),
            empty=_("No payments here. F5 takes money; another period or kind may have some."),
            on_open=lambda line: self.desk.show("payment_page", payment_id=line.id),
        )
        self._list.pack(fill="both", expand=True)

    def open(self, day: str | None = None, method: str | None = None, words: str = "") -> None:
        """Show the payments of one business date, ``YYYY-MM-DD``, by one method or all; or search."""
        self._filters.set("words", words)
        if day is not None:
            self._filters.set("period", short_date(day, self.desk.shop.date_order))
        self._filters.set("method", method_word(method) if method else _("All"))
        self._filters.set("kind", _("All"))

    def refresh(self) -> None:
        """Read the list again."""
        self._reload()

    def focus_first(self) -> None:
        """Focus the list, or the filters while it is empty."""
        if self._list.records():
            self._list.focus_list()
        else:
            self._filters.focus_first()

    def focus_list(self) -> str:
        """Focus the list."""
        return self._list.focus_list()

    def focus_filters(self) -> None:
        """Focus the search."""
        self._filters.focus_first()

    def take_money(self) -> None:
        """Show the form of a payment."""
        self.desk.show("take_payment")

    def show_customer(self) -> None:
        """Show the customer of the chosen payment."""
        line = self._list.chosen()
        if line is None:
            self.tell_nothing_chosen()
        else:
            self.desk.show("customer_page", customer_id=line.customer_id)

    def _reload(self) -> None:
        self._list.reload()

    def _read(self, part: Slice) -> Page[PaymentLine]:
        return list_payments(self.desk.db, part, **self._wanted())

    def _wanted(self) -> dict[str, Any]:
        """What search and filters ask of ``list_payments``; a receipt's number alone finds it."""
        words = self._filters.read_text("words")
        receipts = payments_with_receipt(self.desk.db, words)
        if receipts:
            return {"found": receipts}
        period = self._filters.read_period("period")
        return {
            "found": found_payments(self.desk.db, words),
            "first": period.first,
            "last": period.last,
            "method": self._filters.read_choice("method", _method_choices()),
            "kind": self._filters.read_choice("kind", _kind_choices()),
        }

    def save_list(self) -> None:
        """Save all payments of the filters for Excel or as PDF."""
        wanted, order = self._wanted(), self._list.order
        is_hidden = cash_is_hidden(self.desk.db)  # their sum would tell the drawer's
        cells: list[Cell[PaymentLine]] = [
            Cell(PaperColumn(_("Date"), "date"), lambda line: line.business_date),
            Cell(PaperColumn(_("No.")), lambda line: line.reference),
            Cell(PaperColumn(_("Customer"), share=3), lambda line: line.customer),
            Cell(PaperColumn(_("What"), share=3), payment_words),
            Cell(PaperColumn(_("Paid by")), lambda line: method_word(line.method) if line.method else ""),
            Cell(PaperColumn(_("Amount"), "money"), lambda line: line.signed_minor, is_summed=not is_hidden),
        ]
        ask_list_file(
            self.desk,
            RecordsWanted(
                _("Payments"),
                self._filters.words(),
                cells,
                lambda db, part: list_payments(db, part, **wanted),
                order.sort,
                order.descending,
            ),
        )


def _id_of(line: PaymentLine) -> str:
    return line.id


def payment_words(line: PaymentLine) -> str:
    """The kind of a payment, with its reason or whether it was reversed."""
    word = payment_word(line.kind)
    if line.reason:
        return f"{word}: {line.reason}"
    return _("{what} (reversed)").format(what=word) if line.is_reversed else word


def _method_choices() -> dict[str, str | None]:
    return {_("All"): None, **METHOD_CHOICES}


def _kind_choices() -> dict[str, str | None]:
    return {_("All"): None, **{payment_word(kind): kind for kind in KINDS}}
