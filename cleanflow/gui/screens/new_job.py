"""A new job: who brings it, what is to be done, what it costs, and what is paid at once."""

from __future__ import annotations

import tkinter

from ttkbootstrap import Frame, Label, Treeview

from cleanflow.dao.customers import Customer, add_customer, search_customers
from cleanflow.dao.fields import choice, clean_text
from cleanflow.dao.intake import take_in_job
from cleanflow.dao.jobs import Job
from cleanflow.dao.services import ServiceType, list_services
from cleanflow.dao.stamps import new_id, today
from cleanflow.errors import Refusal
from cleanflow.gui.reading import read_amount, read_date, read_optional_amount
from cleanflow.gui.screen import CUSTOMERS_CHANGED, JOBS_CHANGED, Action, Screen
from cleanflow.gui.widgets.form import FieldRefused, Form
from cleanflow.i18n import _

_MATCHES = 12
_METHODS = {_("Cash"): "CASH", _("Bank"): "BANK"}


class NewJob(Screen):
    """The form on the left; beside it the customers who match what is typed."""

    name = "new_job"
    title = _("New job")
    key = "F3"
    icon = "plus-circle"
    refresh_on = (CUSTOMERS_CHANGED,)
    actions = (
        Action("Control-s", _("Save"), "save", is_primary=True),
        Action("Control-n", _("New customer"), "new_customer"),
    )

    def build(self) -> None:
        """The form and the list of matches."""
        self._job_id = new_id()
        self._customer: Customer | None = None
        self._services: list[ServiceType] = []
        left = Frame(self.body)
        left.pack(side="left", fill="y", padx=(0, 16))
        self._build_form(left)
        self._build_matches()

    def _build_form(self, parent: Frame) -> None:
        unit = self.desk.shop.currency
        form = Form(parent, self.save, width=28, is_narrow=True)
        form.pack(anchor="w")
        self._who = form.add(_("Customer"), self._read_customer)
        self._service = form.add(_("Service"), self._read_service, choices=[])
        self._what = form.add(
            _("Description"), lambda text: clean_text(_("The description"), text, limit=1000)
        )
        self._amount = form.add(_("Amount"), lambda text: read_amount(text, unit))
        self._due = form.add(_("Ready on (t, +2, 24/12)"), self._read_due)
        self._paid = form.add(_("Paid now"), lambda text: read_optional_amount(text, unit))
        self._method = form.add(
            _("Paid by"),
            lambda text: choice(text, tuple(_METHODS)),
            text=next(iter(_METHODS)),
            choices=[*_METHODS],
        )
        self._service.widget.bind("<<ComboboxSelected>>", lambda _event: self._on_service())
        self._service.widget.bind("<FocusOut>", lambda _event: self._on_service(), add="+")
        self._who.widget.bind("<KeyRelease>", self._on_type_name, add="+")
        self._who.widget.bind("<Down>", lambda _event: self._move(1))
        self._who.widget.bind("<Up>", lambda _event: self._move(-1))
        self._who.widget.bind("<FocusOut>", lambda _event: self._on_leave_name())

    def _build_matches(self) -> None:
        right = Frame(self.body)
        right.pack(side="left", fill="both", expand=True)
        self._hint = Label(right, bootstyle="secondary", wraplength=290, justify="left")
        self._hint.pack(anchor="w", pady=(0, 6))
        self._matches = Treeview(
            right, columns=("name", "phone", "owes"), show="headings", selectmode="browse", takefocus=False
        )
        self._matches.heading("name", text=_("Name"), anchor="w")
        self._matches.heading("phone", text=_("Phone"), anchor="w")
        self._matches.heading("owes", text=_("Owes"), anchor="e")
        self._matches.column("name", width=118, anchor="w")
        self._matches.column("phone", width=128, anchor="w", stretch=False)
        self._matches.column("owes", width=80, anchor="e", stretch=False)
        self._matches.pack(fill="both", expand=True)
        self._matches.bind("<ButtonRelease-1>", lambda _event: self._on_leave_name())

    def refresh(self) -> None:
        """The services and the matching customers as they are now."""
        self._services = list_services(self.desk.db)
        self._service.offer([service.name for service in self._services])
        self._show_matches()

    def focus_first(self) -> None:
        """The customer's name."""
        self._who.widget.focus_set()

    # --- the customer ------------------------------------------------------------------------------

    def _on_type_name(self, event: tkinter.Event[tkinter.Misc]) -> None:
        if event.keysym not in ("Up", "Down", "Return", "Tab"):
            self._customer = None
            self._show_matches()

    def _show_matches(self) -> None:
        text = self._customer.name if self._customer else self._who.widget.get()
        found = search_customers(self.desk.db, text, limit=_MATCHES)
        unit = self.desk.shop.currency
        self._matches.delete(*self._matches.get_children())
        for customer in found:
            values = (customer.name, customer.phone, unit.format(customer.balance_minor))
            self._matches.insert("", tkinter.END, iid=customer.id, values=values)
        self._found = {customer.id: customer for customer in found}
        if found:
            self._matches.selection_set(found[0].id)
            self._hint.configure(text=_("Up and Down choose, Enter takes; Ctrl+N makes a new customer"))
        else:
            self._hint.configure(text=_("Nobody of that name: Ctrl+N makes a new customer"))

    def _move(self, step: int) -> str:
        rows = self._matches.get_children()
        if rows:
            chosen = self._matches.selection()
            index = rows.index(chosen[0]) if chosen else 0
            self._matches.selection_set(rows[max(0, min(len(rows) - 1, index + step))])
        return "break"

    def _on_leave_name(self) -> None:
        chosen = self._matches.selection()
        if self._customer is not None or not self._who.widget.get().strip():
            return
        if chosen:
            self._take(self._found[chosen[0]])
        else:
            self._who.refuse(_("Nobody of that name."))

    def _take(self, customer: Customer) -> None:
        self._customer = customer
        self._who.set(customer.name)
        self._who.refuse("")

    def new_customer(self) -> str:
        try:
            customer = add_customer(self.desk.db, name=self._who.widget.get())
        except Refusal as refusal:
            self._who.refuse(str(refusal))
            return "break"
        self._take(customer)
        self.desk.changed(CUSTOMERS_CHANGED)
        self.desk.tell(_("New customer: {name}").format(name=customer.name))
        self._service.widget.focus_set()
        return "break"

    # --- reading and saving ------------------------------------------------------------------------

    def _fields(self) -> tuple:  # type: ignore[type-arg]
        return self._who, self._service, self._what, self._amount, self._due, self._paid, self._method

    def _read_customer(self, text: str) -> Customer:
        if self._customer is None:
            raise Refusal("text_missing" if not text.strip() else "record_unknown", field=_("The customer"),
                          what=_("customer"))  # fmt: skip
        return self._customer

    def _read_service(self, text: str) -> ServiceType | None:
        """The service whose name is typed, or begins with what is typed."""
        wanted = text.strip().casefold()
        if not wanted:
            return None
        found = [service for service in self._services if service.name.casefold().startswith(wanted)]
        if not found:
            raise Refusal("record_unknown", what=_("service"))
        return found[0]

    def _on_service(self) -> None:
        """Complete the name and propose the price, unless an amount was typed already."""
        try:
            service = self._read_service(self._service.widget.get())
        except Refusal:
            return  # the field says so itself
        if service is None:
            return
        self._service.set(service.name)
        if service.price_minor and not self._amount.widget.get().strip():
            self._amount.set(self.desk.shop.currency.format(service.price_minor))

    def _read_due(self, text: str) -> str | None:
        if not text.strip():
            return None
        return read_date(text, today(self.desk.db), self.desk.shop.date_order).isoformat()

    def save(self) -> None:
        try:
            customer, service, what, amount, due, paid, method = [field.value() for field in self._fields()]
            if paid > amount:
                self._paid.refuse(_("More than the job costs."))
                self._paid.widget.focus_set()
                return
        except FieldRefused:
            return
        job = take_in_job(
            self.desk.db,
            job_id=self._job_id,
            customer_id=customer.id,
            service_type_id=service.id if service else None,
            description=what,
            amount_minor=amount,
            due_date=due,
            paid_minor=paid,
            method=_METHODS[method],
        )
        self._confirm(job, customer)

    def _confirm(self, job: Job, customer: Customer) -> None:
        unit = self.desk.shop.currency
        words = _("Saved: job {reference}, {name}, due {due}")
        self._job_id, self._customer = new_id(), None
        for field in self._fields()[:-1]:
            field.set("")
            field.refuse("")
        self.desk.changed(JOBS_CHANGED)
        self.desk.changed(CUSTOMERS_CHANGED)
        self.desk.tell(
            words.format(reference=job.reference, name=customer.name, due=unit.format(job.due_minor))
        )
        self.focus_first()
