"""Customers, searched while typing, with their balances; adding and editing them."""

from __future__ import annotations

import tkinter

from ttkbootstrap import Entry, Frame, Label

from cleanflow.dao.customer_lists import customers_by_reference, find_customers, list_customers
from cleanflow.dao.customers import Customer, add_customer, edit_customer, get_customer
from cleanflow.dao.paging import Page, Slice, page_of
from cleanflow.dao.stamps import new_id
from cleanflow.errors import Refusal
from cleanflow.gui.appearance import px
from cleanflow.gui.desk import CUSTOMERS_CHANGED, JOBS_CHANGED, PAYMENTS_CHANGED, Action
from cleanflow.gui.dialogs.known_number import NumberCheck
from cleanflow.gui.reading import reader
from cleanflow.gui.screen import Screen
from cleanflow.gui.widgets.filters import Filters
from cleanflow.gui.widgets.form import FieldRefused, Form
from cleanflow.gui.widgets.records import Column, Order, RecordList
from cleanflow.gui.widgets.sent import sent_column
from cleanflow.language import _
from cleanflow.records.people import CUSTOMERS

#: How many matches are shown; more letters narrow them down.
_MATCHES = 30
_WHICH = {
    _("Everybody"): "ACTIVE",
    _("Who owe"): "OWING",
    _("With credit"): "CREDIT",
    _("Not active"): "INACTIVE",
}


class Customers(Screen):
    """The list on the left, the form with the chosen or new customer on the right."""

    name = "customers"
    title = _("Customers")
    key = "F6"
    icon = "people"
    help = _(
        "Type part of a name, phone number or address, or the number of a job or receipt; Down goes"
        " to the list, Enter opens the customer with their whole history. A new customer needs only a"
        " name. Customers are never deleted: make one inactive on the customer's own page."
    )
    actions = (
        Action("Control-s", _("Save"), "save", is_primary=True),
        Action("Control-n", _("New"), "new"),
        Action("Control-i", _("Edit"), "edit"),
        Action("Control-m", _("Take money"), "take_money"),
        Action("Control-j", _("New job"), "new_job"),
        Action("Control-f", _("Search"), "search"),
    )
    refresh_on = (CUSTOMERS_CHANGED, JOBS_CHANGED, PAYMENTS_CHANGED)

    def build(self) -> None:
        """Build the search field above the list and the form beside it."""
        self._form_id = ""
        self._edited: Customer | None = None
        self._is_visit = False
        right = Frame(self.body)
        right.pack(side="right", fill="y", padx=px(20, 0))
        self._build_form(right)
        left = Frame(self.body)
        left.pack(side="left", fill="both", expand=True)
        self._build_search(left)
        self._build_list(left)
        right.lift()  # Tab order: search, list, form, buttons

    def _build_search(self, parent: Frame) -> None:
        line = Frame(parent)
        line.pack(fill="x", pady=px(0, 8))
        self._filters = Filters(line, self.desk, self.name, self._reload)
        self._filters.choice("which", _("Show"), _WHICH, width=11)
        self._filters.pack(side="right")
        Label(line, text=_("Search")).pack(side="left", padx=px(0, 6))
        self._search = Entry(line)
        self._search.pack(side="left", fill="x", expand=True, padx=px(0, 14))
        self._search.bind("<KeyRelease>", self._typed)
        self._search.bind("<Down>", lambda _event: self._list.focus_list())
        self._search.bind("<Return>", lambda _event: self._open_first())
        self._searched = ""

    def _build_list(self, parent: Frame) -> None:
        unit = self.desk.shop.currency
        columns: list[Column[Customer]] = [
            Column("name", _("Name"), 150, lambda customer: customer.name, stretches=True, sort="name"),
            Column("phone", _("Phone"), 118, lambda customer: customer.phone),
            Column(
                "owes",
                _("Owes"),
                118,
                lambda customer: unit.format(customer.balance_minor) if customer.balance_minor else "",
                is_right=True,
                sort="balance",
            ),
            *sent_column(self.desk, "customers", _id_of),
        ]
        self._list = RecordList(
            parent,
            self.desk,
            self.name,
            columns,
            self._read,
            identify=lambda customer: customer.id,
            order=Order("name"),
            empty=_("Nobody found. Ctrl+N makes a new customer."),
            on_open=self._show_page,
        )
        self._list.pack(fill="both", expand=True)

    def _build_form(self, parent: Frame) -> None:
        self._heading = Label(parent, font="StrongFont", wraplength=px(300), justify="left")
        self._heading.pack(anchor="w", pady=px(0, 6))
        form = self._form = Form(parent, self.save, width=22, is_narrow=True)
        form.pack(anchor="w")
        self._fields = {field.name: form.add(_(field.label), reader(field)) for field in CUSTOMERS.described}
        self._empty_form()

    # --- what is shown -----------------------------------------------------------------------------

    def open(self, owing: bool = False, customer_id: str | None = None) -> None:
        """Show those who owe, or the form with one customer to edit before going back."""
        if owing:
            self._search.delete(0, tkinter.END)
            self._filters.set("which", _("Who owe"))
        if customer_id is not None:
            self._fill_form(get_customer(self.desk.db, customer_id))
            self._is_visit = True

    def leave(self) -> None:
        """Drop the edit that another page asked for, if it was not saved."""
        if self._is_visit:
            self._empty_form()

    def give_up(self) -> None:
        """Discard what was being entered."""
        self._empty_form()

    def refresh(self) -> None:
        """Read the list again."""
        self._reload()

    def focus_first(self) -> None:
        """Focus the search field, or the form when one customer is to be edited."""
        if self._is_visit:
            self._focus_name()
        else:
            self.search()

    def search(self) -> None:
        """Focus the search field and select its text."""
        self._search.focus_set()
        self._search.selection_range(0, tkinter.END)

    def _typed(self, _event: tkinter.Event[tkinter.Misc]) -> None:
        if self._search.get() != self._searched:
            self._reload()

    def _reload(self) -> None:
        self._searched = self._search.get()
        self._list.reload()
        shown = len(self._list.records())
        if self._searched.strip() and shown == _MATCHES:
            self._list.count.configure(text=_("The first {count}; type more").format(count=shown))

    def _read(self, part: Slice) -> Page[Customer]:
        which = self._filters.read_choice("which", _WHICH)
        if not self._searched.strip():
            return list_customers(self.desk.db, part, which)
        return page_of(find_customers(self.desk.db, self._searched, limit=_MATCHES, which=which))

    # --- what is done with the chosen one ----------------------------------------------------------

    def _open_first(self) -> None:
        found = self._list.records()
        is_shared = len(customers_by_reference(self.desk.db, self._searched)) > 1
        if self._searched.strip() and found and not is_shared:
            self._show_page(found[0])
        else:  # a number that two PCs gave leads to either customer
            self._list.focus_list()

    def _show_page(self, customer: Customer) -> None:
        self.desk.show("customer_page", customer_id=customer.id)

    def take_money(self) -> None:
        """Show the form of a payment by the chosen customer."""
        self._lead("take_payment")

    def new_job(self) -> None:
        """Show the form of a new job for the chosen customer."""
        self._lead("new_job")

    def _lead(self, screen_name: str) -> None:
        customer = self._list.chosen()
        if customer is None:
            self.tell_nothing_chosen()
        else:
            self.desk.show(screen_name, customer_id=customer.id)

    # --- the form ----------------------------------------------------------------------------------

    def new(self) -> None:
        """Empty the form for a new customer, with the searched name or number."""
        searched = self._search.get().strip()
        is_number = any(char.isdigit() for char in searched) and not any(map(str.isalpha, searched))
        self._empty_form()
        self._fields["phone" if is_number else "name"].set(searched)
        self._focus_name()

    def edit(self) -> None:
        """Put the chosen customer into the form."""
        customer = self._list.chosen()
        if customer is None:
            self.tell_nothing_chosen()
            return
        self._fill_form(get_customer(self.desk.db, customer.id))
        self._focus_name()

    def _focus_name(self) -> None:
        self._fields["name"].select()

    def _empty_form(self) -> None:
        """Empty the form; the next record's id is made now, so that saving twice makes one."""
        self._form_id, self._edited, self._is_visit = new_id(), None, False
        self._numbers = NumberCheck(self.desk.db)
        self._heading.configure(text=_("New customer"))
        self._form.discard()

    def _fill_form(self, customer: Customer) -> None:
        self._edited, self._is_visit = customer, False
        self._heading.configure(text=_("Edit {name}").format(name=customer.name))
        for name, field in self._fields.items():
            field.set(_one_line(getattr(customer, name)))

    def save(self) -> None:
        """Save the new or edited customer."""
        self.desk.do(self._write, self._saved)

    def _write(self) -> Customer:
        given = {name: field.value() for name, field in self._fields.items()}
        edited = self._edited
        if edited is None:
            self._check_number(given["phone"])
            return add_customer(self.desk.db, customer_id=self._form_id, **given)
        changed = {name: text for name, text in given.items() if text != _one_line(getattr(edited, name))}
        return edit_customer(self.desk.db, edited.id, **changed)

    def _check_number(self, phone: str) -> None:
        """Say once beside the field that somebody has this number."""
        known = self._numbers.newly_found(phone)
        if known is not None:
            self._fields["phone"].refuse(str(Refusal("phone_known", name=known.name, phone=known.phone)))
            raise FieldRefused

    def _saved(self, customer: Customer) -> None:
        is_visit = self._is_visit
        self._empty_form()
        self.desk.changed(CUSTOMERS_CHANGED)
        if is_visit:
            self.desk.back()
        else:
            self.search()
        self.desk.tell(_("Saved: {name}").format(name=customer.name))


def _one_line(text: str) -> str:
    """A text of several lines in one; unless it is edited there, its lines are kept."""
    return ", ".join(text.split("\n"))


def _id_of(customer: Customer) -> str:
    return customer.id
