"""A new job: customer, work, price, and what is paid at once."""

from __future__ import annotations

from dataclasses import dataclass

from ttkbootstrap import Frame

from cleanflow.dao.customers import Customer, get_customer
from cleanflow.dao.intake import take_in_job
from cleanflow.dao.jobs import Job, get_job
from cleanflow.dao.payments import credit_minor
from cleanflow.dao.services import ServiceType, list_services
from cleanflow.dao.stamps import believed_today, new_id
from cleanflow.errors import Refusal
from cleanflow.gui.appearance import px
from cleanflow.gui.desk import CUSTOMERS_CHANGED, JOBS_CHANGED, PAYMENTS_CHANGED, SETTINGS_CHANGED, Action
from cleanflow.gui.dialogs.customer_picker import CustomerPicker
from cleanflow.gui.dialogs.ready_date import ask_ready_date
from cleanflow.gui.reading import read_amount, read_choice, read_optional_amount, reader
from cleanflow.gui.screen import Screen
from cleanflow.gui.tasks.printing import preview, print_if_wanted, ticket_print
from cleanflow.gui.widgets.form import FieldRefused, Form
from cleanflow.gui.widgets.labels import METHOD_CHOICES, balance_words
from cleanflow.gui.widgets.wrapped import Wrapped
from cleanflow.language import _
from cleanflow.records.work import JOBS


@dataclass(frozen=True)
class _Intake:
    """What the form says of a job; amounts are in minor units, dates ``YYYY-MM-DD``."""

    customer: Customer
    service: ServiceType | None
    description: str
    amount_minor: int
    due_date: str | None
    paid_minor: int
    method: str
    notes: str
    on: str


class NewJob(Screen):
    """The form on the left; beside it the matching customers."""

    name = "new_job"
    title = _("New job")
    key = "F3"
    icon = "plus-circle"
    help = _(
        "Type part of the customer's name or phone; Enter takes the chosen customer, Ctrl+N adds a"
        " new one by that name. For a service the first letters are enough; it brings its price. What"
        " is paid now belongs to the same job; the rest is due. Use a customer's credit on the job's"
        " page. Enter on “Paid by” saves; Tab goes on to the notes and the date, which may be today or"
        " yesterday, and older with an owner's PIN. Esc discards the job; on the way to another screen what"
        " you typed stays."
    )
    actions = (
        Action("Control-s", _("Save"), "save", is_primary=True),
        Action("Control-n", _("New customer"), "new_customer"),
        Action("Control-o", _("Open the last job"), "open_last"),
        Action("Control-p", _("Print its ticket"), "print_last"),
        Action("Control-f", "", "focus_customer", _("To the customer")),
    )
    refresh_on = (CUSTOMERS_CHANGED, JOBS_CHANGED, PAYMENTS_CHANGED, SETTINGS_CHANGED)

    def build(self) -> None:
        """Build the form and the matches."""
        self._job_id = new_id()
        self._last_id = ""
        self._preset_id = ""
        self._services: list[ServiceType] = []
        left = Frame(self.body)
        left.pack(side="left", fill="y", padx=px(0, 20))
        right = Frame(self.body)
        right.pack(side="left", fill="both", expand=True)
        self._picker = CustomerPicker(right, self.desk, lambda customer: self._say_balance())
        self._build_form(left)
        self._picker.pack(fill="both", expand=True)
        self._picker.watch(self._who)
        for button in ("open_last", "print_last"):
            self.buttons[button].configure(state="disabled")

    def _build_form(self, parent: Frame) -> None:
        unit = self.desk.shop.currency
        form = self._form = Form(parent, self.save, width=28, is_narrow=True)
        form.pack(anchor="w")
        self._who = form.add(_("Customer"), self._picker.read)
        self._service = form.add(_("Service"), self._read_service, choices=[], is_typed=True)
        self._what = form.add(_("Description"), reader(JOBS["description"]))
        self._amount = form.add(_("Amount"), lambda text: read_amount(text, unit))
        self._due = form.add(_("Ready on (t, +2, 24/12)"), self._read_due)
        self._paid = form.add(_("Paid now"), lambda text: read_optional_amount(text, unit))
        self._method = form.add(
            _("Paid by"),
            lambda text: read_choice(text, METHOD_CHOICES),
            text=next(iter(METHOD_CHOICES)),
            choices=[*METHOD_CHOICES],
            saves=True,
        )
        self._notes = form.add(_("Notes"), reader(JOBS["notes"]))
        self._day = form.add(_("Date"), self.read_day, text="t")
        self._service.widget.bind("<<ComboboxSelected>>", lambda _event: self._on_service())
        self._service.widget.bind("<FocusOut>", lambda _event: self._on_service(), add="+")
        self._balance = Wrapped(parent, 360, font="StrongFont")
        self._balance.pack(fill="x", pady=px(14, 0))
        self._credit = Wrapped(parent, 360, bootstyle="secondary")
        self._credit.pack(fill="x", pady=px(4, 0))

    def open(self, customer_id: str) -> None:
        """Start a job of this customer."""
        self._picker.take(get_customer(self.desk.db, customer_id))
        self._preset_id = customer_id

    def leave(self) -> None:
        """Clear a customer whose page led here, unless their job was begun."""
        customer, preset_id = self._picker.customer, self._preset_id
        self._preset_id = ""
        begun = (self._service, self._what, self._amount, self._paid, self._notes)
        is_begun = any(field.text() for field in begun)
        if customer is not None and customer.id == preset_id and not is_begun:
            self._picker.clear()

    def give_up(self) -> None:
        """Discard the job."""
        self._empty()

    def _empty(self) -> None:
        """Empty the form; the next job's id is made now, so that saving twice makes one job."""
        self._job_id, self._preset_id = new_id(), ""
        self._form.discard()
        self._picker.clear()

    def refresh(self) -> None:
        """Read the services and the matching customers again."""
        self._services = list_services(self.desk.db)
        self._service.offer([service.name for service in self._services])
        self._picker.refresh()
        self._say_balance()

    def focus_first(self) -> None:
        """Focus the customer's name, or the service when the customer is known."""
        field = self._who if self._picker.customer is None else self._service
        field.select()

    def focus_customer(self) -> None:
        """Focus the customer's name, to type another one."""
        self._who.select()

    def new_customer(self) -> None:
        """Add a customer with the typed name."""
        self._picker.add(self.focus_first)

    def print_last(self) -> None:
        """Preview the ticket of the job saved last."""
        preview(self.desk, ticket_print(self.desk, get_job(self.desk.db, self._last_id)))

    def open_last(self) -> None:
        """Show the job saved last."""
        self.desk.show("job_page", job_id=self._last_id)

    # --- the customer's balance --------------------------------------------------------------------

    def _say_balance(self) -> None:
        customer, unit = self._picker.customer, self.desk.shop.currency
        if customer is None:
            self._balance.configure(text="")
            self._credit.configure(text="")
            return
        words = balance_words(customer.balance_minor, unit)
        self._balance.configure(text=f"{customer.name}: {words}")
        credit = credit_minor(self.desk.db, customer.id)
        hint = _("Once saved, Ctrl+O opens the job, and Ctrl+U there uses the credit of {credit}.")
        self._credit.configure(text=hint.format(credit=unit.format(credit)) if credit > 0 else "")

    # --- reading -----------------------------------------------------------------------------------

    def _read_service(self, text: str) -> ServiceType | None:
        """The service whose name is, or begins with, the typed text."""
        if not text.strip():
            return None
        try:
            return read_choice(text, {service.name: service for service in self._services})
        except Refusal:
            raise Refusal("record_unknown", what=_("service")) from None

    def _on_service(self) -> None:
        """Complete the service's name and propose its price, unless an amount was typed."""
        try:
            service = self._read_service(self._service.text())
        except Refusal:
            return  # the field shows its own message
        if service is None:
            return
        self._service.set(service.name)
        if service.price_minor and not self._amount.text().strip():
            self._amount.set(self.desk.shop.currency.format(service.price_minor))

    def _read_due(self, text: str) -> str | None:
        if not text.strip():
            return None
        return self.read_day(text)

    # --- saving ------------------------------------------------------------------------------------

    def save(self) -> None:
        """Record the job with what is paid now, once an unlikely ready date is confirmed."""
        self.desk.do(self._read, self._check)

    def _read(self) -> _Intake:
        believed_today(self.desk.db)  # a typed day like “t” depends on today
        self._on_service()
        intake = _Intake(
            customer=self._who.value(),
            service=self._service.value(),
            description=self._what.value(),
            amount_minor=self._amount.value(),
            due_date=self._due.value(),
            paid_minor=self._paid.value(),
            method=self._method.value(),
            notes=self._notes.value(),
            on=self._day.value(),
        )
        if intake.paid_minor > intake.amount_minor:
            self._paid.refuse(_("More than the job costs."))
            self._paid.widget.focus_set()
            raise FieldRefused
        return intake

    def _check(self, intake: _Intake) -> None:
        ask_ready_date(
            self.desk,
            intake.due_date,
            lambda: self.desk.do(lambda: self._record(intake), lambda job: self._saved(job, intake.customer)),
        )

    def _record(self, intake: _Intake) -> Job:
        return take_in_job(
            self.desk.db,
            job_id=self._job_id,
            customer_id=intake.customer.id,
            service_type_id=intake.service.id if intake.service else None,
            description=intake.description,
            amount_minor=intake.amount_minor,
            due_date=intake.due_date,
            paid_minor=intake.paid_minor,
            method=intake.method,
            notes=intake.notes,
            on=intake.on,
        )

    def _saved(self, job: Job, customer: Customer) -> None:
        self._last_id = job.id
        for button in ("open_last", "print_last"):
            self.buttons[button].configure(state="normal")
        self._empty()
        self.desk.changed(JOBS_CHANGED, CUSTOMERS_CHANGED, PAYMENTS_CHANGED)
        due = self.desk.shop.currency.format(job.due_minor)
        self.desk.tell(_("Saved: job {reference}, {name}, due {due}").format(
            reference=job.reference, name=customer.name, due=due))  # fmt: skip
        print_if_wanted(self.desk, lambda: ticket_print(self.desk, job))
        self.focus_first()
