"""Choosing a customer from the keyboard: the matches beside the field that is typed into."""

from __future__ import annotations

import tkinter
from collections.abc import Callable

from ttkbootstrap import Frame

from cleanflow.dao.customer_lists import customers_by_reference, find_customers
from cleanflow.dao.customers import Customer, add_customer, get_customer
from cleanflow.dao.stamps import new_id
from cleanflow.errors import Refusal
from cleanflow.gui.appearance import px
from cleanflow.gui.desk import CUSTOMERS_CHANGED, Desk
from cleanflow.gui.dialogs.known_number import NumberCheck
from cleanflow.gui.keys import bind_keys
from cleanflow.gui.reading import reader
from cleanflow.gui.widgets.dialog import Dialog, FormDialog
from cleanflow.gui.widgets.form import Field
from cleanflow.gui.widgets.table import PlainColumn, Table
from cleanflow.gui.widgets.wrapped import Wrapped
from cleanflow.language import _
from cleanflow.records.people import CUSTOMERS

#: How many matches are shown; more letters narrow them down.
_MATCHES = 12


class CustomerPicker(Frame):
    """The customers who match a form's field. Up and Down choose, leaving the field takes the chosen one.

    Give :meth:`read` to the form's field, then call :meth:`watch` with it. ``on_take`` gets the customer,
    and None once another name is being typed.
    """

    def __init__(
        self, parent: tkinter.Misc, desk: Desk, on_take: Callable[[Customer | None], object]
    ) -> None:
        super().__init__(parent)
        self._desk = desk
        self._on_take = on_take
        self._found: dict[str, Customer] = {}
        self._shown = ""
        self._field: Field[Customer]
        self.customer: Customer | None = None
        self._hint = Wrapped(self, 480, bootstyle="secondary")
        self._hint.pack(fill="x", pady=px(0, 6))
        self._build_table()

    def _build_table(self) -> None:
        columns = (
            PlainColumn("name", _("Name"), 120, stretches=True),
            PlainColumn("phone", _("Phone"), 118),
            PlainColumn("owes", _("Owes"), 90, is_right=True),
        )
        table = self.table = Table(self, columns, height=6, takefocus=False)
        table.pack(fill="both", expand=True)
        table.bind("<ButtonRelease-1>", lambda _event: self.take_chosen())

    # --- what screens ask --------------------------------------------------------------------------

    def watch(self, field: Field[Customer]) -> None:
        """Follow the typing in ``field``, whose ``read`` is this picker's."""
        self._field = field
        field.widget.bind("<KeyRelease>", lambda _event: self._typed(), add="+")
        field.widget.bind("<Down>", lambda _event: self._move(1))
        field.widget.bind("<Up>", lambda _event: self._move(-1))
        field.widget.bind("<FocusOut>", lambda _event: self._left())

    def read(self, text: str) -> Customer:
        """The taken customer. Refuses with ``text_missing`` or ``record_unknown``."""
        if self.customer is None:
            raise Refusal("text_missing" if not text.strip() else "record_unknown", field=_("The customer"),
                          what=_("customer"))  # fmt: skip
        return self.customer

    def refresh(self) -> None:
        """Read the matches and the taken customer again, without calling ``on_take``."""
        if self.customer is not None:
            self.customer = get_customer(self._desk.db, self.customer.id)
        self._show(self.customer.name if self.customer else self._field.text())

    def take(self, customer: Customer) -> None:
        """Take this customer."""
        self.customer = customer
        self._field.set(customer.name)
        self._show(customer.name)
        if self.table.exists(customer.id):
            self.table.selection_set(customer.id)
        self._on_take(customer)

    def clear(self) -> None:
        """Take nobody, and empty the field."""
        self.customer = None
        self._field.set("")
        self._show("")

    def take_chosen(self) -> None:
        """Take the chosen match; a message beside the field says when there is none."""
        chosen = self.table.selection()
        if self.customer is not None or not self._field.text().strip():
            return
        if chosen:
            self.take(self._found[chosen[0]])
        elif self._found:
            self._field.refuse(_("Several customers have this number."))
        else:
            self._field.refuse(_("Nobody of that name."))

    def add(self, done: Callable[[], object]) -> None:
        """Ask for a new customer's name and phone, proposing the field's text, and take the customer."""
        if self.customer is not None:
            done()
            return
        typed = self._field.text().strip()
        is_number = any(char.isdigit() for char in typed) and not any(map(str.isalpha, typed))
        dialog = FormDialog(self._desk, _("New customer"), _("Address and notes can be added later, on F6."))
        name = dialog.form.add(
            _("Name"),
            reader(CUSTOMERS["name"]),
            text="" if is_number else typed,
        )
        phone = dialog.form.add(
            _("Phone"),
            reader(CUSTOMERS["phone"]),
            text=typed if is_number else "",
        )
        customer_id = new_id()

        numbers = NumberCheck(self._desk.db)

        def work() -> Customer:
            given = {"name": name.value(), "phone": phone.value()}
            known = numbers.newly_found(given["phone"])
            if known is not None:
                raise Refusal("phone_known_take", name=known.name, phone=known.phone)
            return add_customer(self._desk.db, **given, customer_id=customer_id)

        def take_known() -> None:
            if numbers.found is not None:
                dialog.close()
                self.take(numbers.found)
                done()

        def added(customer: Customer) -> None:
            self._added(customer)
            done()

        bind_keys(dialog, {"Control-t": take_known})
        dialog.ask(work, added, first=(phone if typed and not is_number else name).widget)

    def _added(self, customer: Customer) -> None:
        self.take(customer)
        self._desk.changed(CUSTOMERS_CHANGED)
        self._desk.tell(_("New customer: {name}").format(name=customer.name))

    # --- the matches -------------------------------------------------------------------------------

    def _left(self) -> None:
        """Take the chosen match when the focus goes on in the form, not to a dialog or another screen."""
        window = self.winfo_toplevel()
        is_asked = any(isinstance(child, Dialog) for child in window.winfo_children())
        if self._field.widget.winfo_viewable() and not is_asked and not self._desk.is_locked:
            self.take_chosen()

    def _typed(self) -> None:
        if self._field.text() == (self.customer.name if self.customer else self._shown):
            return
        if self.customer is not None:
            self.customer = None
            self._on_take(None)
        self._show(self._field.text())

    def _show(self, text: str) -> None:
        self._shown = text
        found = find_customers(self._desk.db, text, limit=_MATCHES)
        unit = self._desk.shop.currency
        self.table.delete(*self.table.get_children())
        for customer in found:
            balance = unit.format(customer.balance_minor) if customer.balance_minor else ""
            values = (customer.name, customer.phone, balance)
            self.table.insert("", tkinter.END, iid=customer.id, values=values)
        self.table.fit()
        self._found = {customer.id: customer for customer in found}
        if len(customers_by_reference(self._desk.db, text)) > 1:
            # Two PCs gave this number: no customer is marked, so that Enter cannot take the wrong one.
            self._hint.configure(text=_("Several customers have this number: Up and Down choose"))
        elif found:
            self.table.selection_set(found[0].id)
            self._hint.configure(text=_("Up and Down choose, Enter takes; Ctrl+N: a new one"))
        elif text.strip():
            self._hint.configure(text=_("Nobody of that name: Ctrl+N makes a new customer"))
        else:
            self._hint.configure(text=_("No customers yet: type a name, Ctrl+N makes a customer of it"))

    def _move(self, step: int) -> str:
        rows = self.table.get_children()
        if rows:
            chosen = self.table.selection()
            index = rows.index(chosen[0]) if chosen else -1 if step > 0 else len(rows)
            self.table.selection_set(rows[max(0, min(len(rows) - 1, index + step))])
        return "break"
