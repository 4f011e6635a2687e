"""Customers: found as one types, added and edited, each with what they owe."""

from __future__ import annotations

import tkinter

from ttkbootstrap import Entry, Frame, Label, Scrollbar, Treeview

from cleanflow.dao.customers import Customer, add_customer, edit_customer, get_customer, search_customers
from cleanflow.dao.fields import clean_text
from cleanflow.dao.stamps import new_id
from cleanflow.gui.screen import CUSTOMERS_CHANGED, Action, Screen
from cleanflow.gui.widgets.form import FieldRefused, Form
from cleanflow.i18n import _

_SHOWN = 100


class Customers(Screen):
    """The list on the left, the chosen or new customer on the right."""

    name = "customers"
    title = _("Customers")
    key = "F6"
    icon = "people"
    refresh_on = (CUSTOMERS_CHANGED,)
    actions = (
        Action("Control-s", _("Save"), "save", is_primary=True),
        Action("Control-n", _("New"), "new"),
    )

    def build(self) -> None:
        """The search field above the list, the form beside it."""
        self._form_id = ""
        self._edited: Customer | None = None
        left = Frame(self.body)
        left.pack(side="left", fill="both", expand=True, padx=(0, 16))
        Label(left, text=_("Search (name, phone, address)")).pack(anchor="w")
        self._search = Entry(left)
        self._search.pack(fill="x", pady=(0, 6))
        self._search.bind("<KeyRelease>", lambda _event: self._on_type())
        self._search.bind("<Down>", lambda _event: self._focus_list())
        self._count = Label(left, bootstyle="secondary")
        self._count.pack(side="bottom", anchor="w", pady=(4, 0))
        self._build_list(left)
        self._build_form()

    def _build_list(self, parent: Frame) -> None:
        self._list = Treeview(parent, columns=("name", "phone", "owes"), show="headings", selectmode="browse")
        self._list.heading("name", text=_("Name"), anchor="w")
        self._list.heading("phone", text=_("Phone"), anchor="w")
        self._list.heading("owes", text=_("Owes"), anchor="e")
        self._list.column("name", width=220, anchor="w")
        self._list.column("phone", width=140, anchor="w", stretch=False)
        self._list.column("owes", width=110, anchor="e", stretch=False)
        scrollbar = Scrollbar(parent, command=self._list.yview)
        self._list.configure(yscrollcommand=scrollbar.set)
        scrollbar.pack(side="right", fill="y")
        self._list.pack(fill="both", expand=True)
        self._list.bind("<<TreeviewSelect>>", lambda _event: self._on_select())
        self._list.bind("<Return>", lambda _event: self._name_field.widget.focus_set())

    def _build_form(self) -> None:
        right = Frame(self.body, width=380)
        right.pack(side="left", fill="y")
        self._heading = Label(right, font="-size 13 -weight bold")
        self._heading.pack(anchor="w", pady=(0, 8))
        form = Form(right, self.save, width=22, is_narrow=True)
        form.pack(anchor="w")
        self._name_field = form.add(
            _("Name"), lambda text: clean_text(_("The name"), text, limit=200, required=True)
        )
        self._phone = form.add(_("Phone"), lambda text: clean_text(_("The phone"), text, limit=100))
        self._address = form.add(_("Address"), lambda text: clean_text(_("The address"), text, limit=1000))
        self._notes = form.add(_("Notes"), lambda text: clean_text(_("The notes"), text, limit=10_000))
        self.new(focus=False)

    def refresh(self) -> None:
        """Search again for what stands in the search field."""
        found = search_customers(self.desk.db, self._search.get(), limit=_SHOWN)
        unit = self.desk.shop.currency
        self._list.delete(*self._list.get_children())
        for customer in found:
            values = (customer.name, customer.phone, unit.format(customer.balance_minor))
            self._list.insert("", tkinter.END, iid=customer.id, values=values)
        self._count.configure(text=self._count_words(len(found)))

    def focus_first(self) -> None:
        """The search field, its text selected."""
        self._search.focus_set()
        self._search.selection_range(0, tkinter.END)

    def new(self, focus: bool = True) -> None:
        """An empty form for a new customer; its record's id is made now, so that saving twice makes one."""
        self._form_id, self._edited = new_id(), None
        self._heading.configure(text=_("New customer"))
        for field in self._fields():
            field.set("")
            field.refuse("")
        if focus:
            self._name_field.set(self._search.get().strip())
            self._name_field.widget.focus_set()

    def _count_words(self, shown: int) -> str:
        if shown == 0:
            return _("Nobody found. Ctrl+N makes a new customer.")
        if shown < _SHOWN:
            return _("{count} found").format(count=shown)
        return _("The first {count}; type more of the name").format(count=shown)

    def _fields(self) -> tuple:  # type: ignore[type-arg]
        return self._name_field, self._phone, self._address, self._notes

    def _focus_list(self) -> None:
        rows = self._list.get_children()
        if rows:
            self._list.focus_set()
            self._list.focus(rows[0])
            self._list.selection_set(rows[0])

    def _on_type(self) -> None:
        self.refresh()

    def _on_select(self) -> None:
        chosen = self._list.selection()
        if not chosen:
            return
        customer = self._edited = get_customer(self.desk.db, chosen[0])
        self._heading.configure(text=customer.name)
        texts = (customer.name, customer.phone, customer.address, customer.notes)
        for field, text in zip(self._fields(), texts, strict=True):
            field.set(text)
            field.refuse("")

    def save(self) -> None:
        try:
            name, phone, address, notes = [field.value() for field in self._fields()]
        except FieldRefused:
            return
        given = {"name": name, "phone": phone, "address": address, "notes": notes}
        db = self.desk.db
        if self._edited is not None:
            customer = edit_customer(db, self._edited.id, **given)
        else:
            customer = add_customer(db, customer_id=self._form_id, **given)
        self.desk.changed(CUSTOMERS_CHANGED)
        self.desk.tell(_("Saved: {name}").format(name=customer.name))
        self.new(focus=False)
        self.focus_first()
