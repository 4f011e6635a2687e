"""Expenses, paid in cash or from the bank, and reversing wrong ones."""

from __future__ import annotations

from typing import Any

from ttkbootstrap import Frame, Label

from cleanflow.dao.expenses import (
    Expense,
    ExpenseLine,
    list_categories,
    list_expenses,
    record_expense,
    reverse_expense,
)
from cleanflow.dao.fields import clean_reason
from cleanflow.dao.paging import Page, Slice
from cleanflow.dao.stamps import believed_today, new_id
from cleanflow.gui.desk import EXPENSES_CHANGED, SETTINGS_CHANGED, SYNC_CHANGED, Action
from cleanflow.gui.dialogs.list_file import ask_list_file
from cleanflow.gui.reading import read_amount, read_choice, reader
from cleanflow.gui.screen import Screen
from cleanflow.gui.widgets.dialog import FormDialog
from cleanflow.gui.widgets.filters import Filters
from cleanflow.gui.widgets.form import Form
from cleanflow.gui.widgets.labels import METHOD_CHOICES, short_date
from cleanflow.gui.widgets.records import Column, Order, RecordList
from cleanflow.gui.widgets.sent import sent_column
from cleanflow.language import _
from cleanflow.records.money_in_and_out import EXPENSES
from cleanflow.rendering.document import Column as PaperColumn
from cleanflow.reports.record_lists import Cell, RecordsWanted
from cleanflow.reports.words import method_word


class Expenses(Screen):
    """The list on the left; a new expense on the right."""

    name = "expenses"
    title = _("Expenses")
    key = "F7"
    icon = "receipt"
    help = _(
        "What the shop has paid for. Enter a new expense at the right: category, amount, and how it"
        " was paid. An expense is never changed or deleted: reverse it with a reason and enter it"
        " again. The date may be today or yesterday; an older one takes an owner's PIN."
    )
    actions = (
        Action("Control-s", _("Save"), "save", is_primary=True),
        Action("Control-n", _("New"), "focus_first"),
        Action("Control-r", _("Reverse …"), "reverse"),
        Action("Control-f", _("Filter"), "focus_filters"),
        Action("Control-p", _("Save the list …"), "save_list", _("The whole list for Excel or as PDF")),
    )
    refresh_on = (EXPENSES_CHANGED, SETTINGS_CHANGED, SYNC_CHANGED)

    def build(self) -> None:
        """Build the filters over the list and the form beside it."""
        self._expense_id = new_id()
        right = Frame(self.body)
        right.pack(side="right", fill="y", padx=(20, 0))
        self._build_form(right)
        left = Frame(self.body)
        left.pack(side="left", fill="both", expand=True)
        self._filters = Filters(left, self.desk, self.name, self._filter)
        self._filters.pack(anchor="w", pady=(0, 8))
        self._filters.period("period", _("Period"), _("This month"))
        self._filters.choice("method", _("Paid by"), self._method_choices(), width=8)
        self._build_list(left)
        right.lift()  # Tab order: filters, list, form, buttons

    def _build_list(self, parent: Frame) -> None:
        unit, order = self.desk.shop.currency, self.desk.shop.date_order
        columns: list[Column[ExpenseLine]] = [
            Column("date", _("Date"), 86, lambda line: short_date(line.business_date, order), sort="date"),
            Column("reference", _("No."), 92, lambda line: line.reference),
            Column("category", _("Category"), 110, lambda line: line.category),
            Column("description", _("Description"), 90, _described, stretches=True),
            Column("method", _("Paid by"), 60, lambda line: method_word(line.method)),
            Column("amount", _("Amount"), 100, lambda line: unit.format(_signed(line)), is_right=True),
            *sent_column(self.desk, "expenses", _id_of),
        ]
        self._list = RecordList(
            parent,
            self.desk,
            self.name,
            columns,
            self._read,
            identify=lambda line: line.id,
            order=Order("date", descending=True),
            empty=_("No expenses in this period."),
        )
        self._list.pack(fill="both", expand=True)

    def _build_form(self, parent: Frame) -> None:
        unit = self.desk.shop.currency
        Label(parent, text=_("New expense"), font="StrongFont").pack(anchor="w", pady=(0, 6))
        form = self._form = Form(parent, self.save, width=20, is_narrow=True)
        form.pack(anchor="w")
        self._category = form.add(
            _("Category"),
            lambda text: read_choice(text, self._category_choices()),
            choices=[],
            is_typed=True,
        )
        self._amount = form.add(_("Amount"), lambda text: read_amount(text, unit))
        self._method = form.add(
            _("Paid by"),
            lambda text: read_choice(text, METHOD_CHOICES),
            text=next(iter(METHOD_CHOICES)),
            choices=[*METHOD_CHOICES],
        )
        self._what = form.add(_("Description"), reader(EXPENSES["description"]))
        self._day = form.add(_("Date"), self.read_day, text="t")

    def open(self, day: str) -> None:
        """Show the expenses of one business date, ``YYYY-MM-DD``."""
        self._filters.set("period", short_date(day, self.desk.shop.date_order))
        self._filters.set("method", _("All"))

    def refresh(self) -> None:
        """Read the categories and the list again."""
        self._category.offer([*self._category_choices()])
        self._list.reload()

    def focus_first(self) -> None:
        """Focus the category of a new expense."""
        self._category.widget.focus_set()

    def give_up(self) -> None:
        """Discard the new expense."""
        super().give_up()
        self._expense_id = new_id()

    def focus_filters(self) -> None:
        """Focus the filters."""
        self._filters.focus_first()

    def _filter(self) -> None:
        self._list.reload()

    def _read(self, part: Slice) -> Page[ExpenseLine]:
        return list_expenses(self.desk.db, part, **self._wanted())

    def _wanted(self) -> dict[str, Any]:
        """What the filters ask of ``list_expenses``."""
        period = self._filters.read_period("period")
        return {
            "first": period.first,
            "last": period.last,
            "method": self._filters.read_choice("method", self._method_choices()),
        }

    def save_list(self) -> None:
        """Save all expenses of the filters for Excel or as PDF."""
        wanted, order = self._wanted(), self._list.order
        cells: list[Cell[ExpenseLine]] = [
            Cell(PaperColumn(_("Date"), "date"), lambda line: line.business_date),
            Cell(PaperColumn(_("No.")), lambda line: line.reference),
            Cell(PaperColumn(_("Category"), share=2), lambda line: line.category),
            Cell(PaperColumn(_("Description"), share=4), _described),
            Cell(PaperColumn(_("Paid by")), lambda line: method_word(line.method)),
            Cell(PaperColumn(_("Amount"), "money"), _signed, is_summed=True),
        ]
        ask_list_file(
            self.desk,
            RecordsWanted(
                _("Expenses"),
                self._filters.words(),
                cells,
                lambda db, part: list_expenses(db, part, **wanted),
                order.sort,
                order.descending,
            ),
        )

    def _method_choices(self) -> dict[str, str | None]:
        return {_("All"): None, **METHOD_CHOICES}

    def _category_choices(self) -> dict[str, str]:
        return {category.name: category.id for category in list_categories(self.desk.db)}

    def save(self) -> None:
        """Record the new expense."""
        self.desk.do(self._record, self._saved)

    def _record(self) -> Expense:
        believed_today(self.desk.db)  # a typed day like “t” depends on today
        return record_expense(
            self.desk.db,
            category_id=self._category.value(),
            amount_minor=self._amount.value(),
            method=self._method.value(),
            description=self._what.value(),
            on=self._day.value(),
            expense_id=self._expense_id,
        )

    def _saved(self, expense: Expense) -> None:
        self._expense_id = new_id()
        self._form.discard()
        self.desk.changed(EXPENSES_CHANGED)
        amount = self.desk.shop.currency.format(expense.amount_minor)
        self.desk.tell(_("Saved: expense {reference}, {amount}").format(
            reference=expense.reference, amount=amount))  # fmt: skip
        self.focus_first()

    def reverse(self) -> None:
        """Reverse the chosen expense, with a reason."""
        line = self._list.chosen()
        if line is None:
            self.tell_nothing_chosen()
            return
        amount = self.desk.shop.currency.format(line.amount_minor)
        dialog = FormDialog(
            self.desk,
            _("Reverse expense {reference}").format(reference=line.reference),
            _("{category}, {amount}. Both stay in the books and cancel each other out.").format(
                category=line.category, amount=amount
            ),
            save=_("Reverse"),
        )
        reason = dialog.form.add(_("Reason"), clean_reason)
        reversal_id = new_id()
        dialog.ask(
            lambda: reverse_expense(self.desk.db, line.id, reason.value(), reversal_id=reversal_id),
            self._reversed,
        )

    def _reversed(self, reversal: Expense) -> None:
        self.desk.changed(EXPENSES_CHANGED)
        self.desk.tell(_("Reversed, as {reference}").format(reference=reversal.reference))


def _id_of(line: ExpenseLine) -> str:
    return line.id


def _signed(line: ExpenseLine) -> int:
    return -line.amount_minor if line.kind == "REVERSAL" else line.amount_minor


def _described(line: ExpenseLine) -> str:
    if line.kind == "REVERSAL":
        return _("Reversal: {reason}").format(reason=line.description)
    return (
        _("{text} (reversed)").format(text=line.description).strip() if line.is_reversed else line.description
    )
