"""Taking a payment: customer, amount, the jobs that it settles, the change to give."""

from __future__ import annotations

import tkinter

from ttkbootstrap import Frame

from cleanflow.dao.balances import OpenJob, open_jobs
from cleanflow.dao.customers import Customer, get_customer
from cleanflow.dao.intake import take_money
from cleanflow.dao.jobs import get_job
from cleanflow.dao.payments import Payment, credit_minor
from cleanflow.dao.stamps import believed_today, new_id
from cleanflow.errors import Refusal
from cleanflow.gui.desk import CUSTOMERS_CHANGED, JOBS_CHANGED, PAYMENTS_CHANGED, Action
from cleanflow.gui.dialogs.credit import ask_credit
from cleanflow.gui.dialogs.customer_picker import CustomerPicker
from cleanflow.gui.reading import read_amount, read_choice, read_optional_amount
from cleanflow.gui.screen import Screen
from cleanflow.gui.screens.money.job_shares import JobShares, Settling, Sharing
from cleanflow.gui.screens.money.payment_numbers import Credit, PaymentNumbers
from cleanflow.gui.tasks.printing import preview, print_if_wanted, receipt_print
from cleanflow.gui.widgets.dialog import FormDialog
from cleanflow.gui.widgets.form import Field, FieldRefused, Form
from cleanflow.gui.widgets.labels import METHOD_CHOICES
from cleanflow.language import _


class TakePayment(Screen):
    """The form on the left; beside it the matching customers, then the taken customer's open jobs."""

    name = "take_payment"
    title = _("Take money")
    key = "F5"
    icon = "cash-coin"
    help = _(
        "Type part of the name; Enter takes the customer. Everything due is proposed as the amount,"
        " and the oldest jobs are settled first; press Enter on a job to set its share. Anything"
        " above what is due becomes the customer's credit; credit from before is used first. Enter the cash"
        " received to see the change; Tab goes on to the date, which may be today or yesterday, and older"
        " with an owner's PIN. Esc discards the payment; on the way to another screen what you typed stays."
    )
    actions = (
        Action("Control-s", _("Save"), "save", is_primary=True),
        Action("Control-n", _("New customer"), "new_customer"),
        Action("Control-o", _("Only this job"), "only_this_job"),
        Action("Control-y", _("Deposit"), "deposit"),
        Action("Control-l", "", "oldest_first", _("The oldest jobs first, as usual")),
        Action("Control-u", _("Use credit …"), "use_credit"),
        Action("Control-j", "", "focus_jobs", _("The open jobs")),
        Action("Control-p", "", "print_last", _("The receipt of the last payment")),
        Action("Control-f", _("Another customer"), "start_again"),
    )
    refresh_on = (CUSTOMERS_CHANGED, JOBS_CHANGED, PAYMENTS_CHANGED)

    def build(self) -> None:
        """Build the form with the balance below it, and the matches or jobs beside it."""
        self._payment_id = new_id()
        self._sharing = Sharing()
        self._jobs: list[OpenJob] = []
        self._proposed = ""
        self._last: tuple[Payment, int] | None = None
        self._credit = 0
        self._is_preset = False
        self._was_left = False
        left = Frame(self.body)
        left.pack(side="left", fill="y", padx=(0, 20))
        self._right = Frame(self.body)
        self._right.pack(side="left", fill="both", expand=True)
        self._picker = CustomerPicker(self._right, self.desk, self._taken)
        self._shares = JobShares(self._right, self.desk, self._ask_part)
        self._build_form(left)
        self._numbers = PaymentNumbers(left, self.desk.shop.currency, 270)
        self._numbers.pack(fill="x", pady=(14, 0))

    def _build_form(self, parent: Frame) -> None:
        unit = self.desk.shop.currency
        form = self._form = Form(parent, self.save, width=20, is_narrow=True)
        form.pack(anchor="w")
        self._who: Field[Customer] = form.add(_("Customer"), self._picker.read)
        self._picker.watch(self._who)
        self._amount = form.add(_("Amount"), lambda text: read_amount(text, unit))
        self._method = form.add(
            _("Paid by"),
            lambda text: read_choice(text, METHOD_CHOICES),
            text=next(iter(METHOD_CHOICES)),
            choices=[*METHOD_CHOICES],
        )
        self._received = form.add(
            _("Cash received"), lambda text: read_optional_amount(text, unit), saves=True
        )
        self._day = form.add(_("Date"), self.read_day, text="t")
        for field in (self._amount, self._method, self._received):
            field.widget.bind("<KeyRelease>", lambda _event: self._show_numbers(), add="+")
        for field in (self._amount, self._received):
            field.widget.bind("<Down>", lambda _event: self.focus_jobs())
        self._method.widget.bind("<<ComboboxSelected>>", lambda _event: self._show_numbers())
        self._method.widget.bind("<Return>", lambda _event: self._after_method())

    # --- what is shown -----------------------------------------------------------------------------

    def open(self, customer_id: str | None = None, job_id: str | None = None) -> None:
        """Start with a customer, or with one of their jobs."""
        self._empty()
        job = get_job(self.desk.db, job_id) if job_id is not None else None
        customer_id = job.customer_id if job is not None else customer_id
        if customer_id is not None:
            self._picker.take(get_customer(self.desk.db, customer_id))
            self._is_preset = True
        if job is not None and job.due_minor > 0:
            self._share(Sharing(only=job.id))

    def refresh(self) -> None:
        """Read the customer and the jobs again; what was typed stays."""
        self._picker.refresh()
        self._read_customer()
        self._swap()
        self._propose()
        if self._was_left and self._picker.customer is not None:
            self.desk.tell(_("This payment is not saved yet. Ctrl+F: another customer."))
        self._was_left = False

    def focus_first(self) -> None:
        """Focus the amount, or the customer while none is taken."""
        field = (self._amount if self._picker.customer else self._who).widget
        field.focus_set()
        field.selection_range(0, tkinter.END)

    def focus_jobs(self) -> str:
        """Focus the list of open jobs."""
        return self._shares.focus_list() if self._picker.customer else "break"

    def leave(self) -> None:
        """Clear a customer whose page led here; what was typed stays."""
        if self._is_preset:
            self._empty()
        self._numbers.say_change()
        self._was_left = self._picker.customer is not None

    def give_up(self) -> None:
        """Discard the payment."""
        self._empty()

    def start_again(self) -> None:
        """Start again with another customer."""
        self._empty()
        self.refresh()
        self._who.widget.focus_set()

    def _empty(self) -> None:
        """Empty the form; the next payment's id is made now, so that saving twice makes one record."""
        self._payment_id, self._sharing, self._jobs, self._proposed = new_id(), Sharing(), [], ""
        self._is_preset = self._was_left = False
        self._picker.clear()
        self._received.widget.configure(state="normal")
        self._form.discard()
        self._numbers.say_change()

    def _taken(self, customer: Customer | None) -> None:
        self._sharing = Sharing()
        self._read_customer()
        self._swap()
        self._propose()
        if customer is None:  # another name is being typed
            self._is_preset = False
        else:
            self._numbers.say_change()
            if self.focus_get() is self._picker.table:  # taken by a click
                self.focus_first()

    def _read_customer(self) -> None:
        customer = self._picker.customer
        self._jobs = open_jobs(self.desk.db, customer.id) if customer else []
        job_ids = {job.id for job in self._jobs}
        if self._sharing.only not in (None, *job_ids) or not self._sharing.fixed.keys() <= job_ids:
            self._sharing = Sharing()
        self._credit = credit_minor(self.desk.db, customer.id) if customer and self._jobs else 0

    def _swap(self) -> None:
        views: tuple[Frame, Frame] = (self._picker, self._shares)
        shown, hidden = views if self._picker.customer is None else views[::-1]
        hidden.pack_forget()
        shown.pack(fill="both", expand=True)

    def _propose(self) -> None:
        """Propose what is due after the credit as the amount, unless another amount was typed."""
        if self._amount.text() != self._proposed:
            self._show_numbers()
            return
        settling = self._settling(0)
        due = settling.due_minor - settling.credit_minor
        self._proposed = self.desk.shop.currency.format(due) if due else ""
        self._amount.set(self._proposed)
        self._amount.widget.selection_range(0, tkinter.END)
        self._show_numbers()

    def _settling(self, amount_minor: int) -> Settling:
        return self._sharing.settle(self._jobs, amount_minor, self._credit)

    def _show_numbers(self) -> None:
        """Show what the payment settles and the balance afterwards, as far as it is typed."""
        customer, amount = self._picker.customer, self._typed(self._amount)
        settling = self._settling(amount)
        self._shares.show(self._jobs, self._sharing, settling)
        is_cash = self._typed_method() == "CASH"
        self._received.widget.configure(state="normal" if is_cash else "disabled")
        if customer is None:
            self._numbers.clear()
            return
        covers_all = 0 < settling.due_minor == settling.credit_minor
        credit = Credit(self._credit, settling.credit_minor, covers_all)
        self._numbers.show(customer, amount, min(amount, sum(settling.money.values())), credit)
        received = self._typed(self._received) if is_cash else 0
        if received and amount:
            words = _("Change to give") if received >= amount else _("Still missing")
            self._numbers.say_change(words, abs(received - amount))
        else:
            self._numbers.say_change()

    def _typed(self, field: Field[int]) -> int:
        try:
            return field.read(field.text())
        except Refusal:
            return 0  # the field shows its own message when the focus leaves it

    def _typed_method(self) -> str:
        try:
            return self._method.read(self._method.text())
        except Refusal:
            return ""

    def _after_method(self) -> str:
        if self._typed_method() == "CASH":
            self._received.widget.focus_set()
            self._received.widget.selection_range(0, tkinter.END)
        else:
            self.save()
        return "break"

    # --- what it settles ---------------------------------------------------------------------------

    def only_this_job(self) -> None:
        """Settle only the chosen job."""
        job = self._shares.chosen()
        if job is not None:
            self._share(Sharing(only=job.id))

    def deposit(self) -> None:
        """Settle no job: the whole payment becomes credit."""
        self._share(Sharing(is_deposit=True))

    def oldest_first(self) -> None:
        """Settle the oldest jobs first, as usual."""
        self._share(Sharing())

    def _share(self, sharing: Sharing) -> None:
        self._sharing = sharing
        self._propose()

    def _ask_part(self, job: OpenJob) -> None:
        """Ask for the job's share of this payment."""
        unit = self.desk.shop.currency
        now = self._settling(self._typed(self._amount)).money.get(job.id, 0)
        dialog = FormDialog(
            self.desk,
            _("How much for {reference}?").format(reference=job.reference),
            _("{what}; due {amount}. Empty gives it nothing.").format(
                what=job.what, amount=unit.format(job.due_minor)
            ),
            save=_("Use this"),
        )
        part = dialog.form.add(
            _("Gets"), lambda text: read_optional_amount(text, unit), text=unit.format(now) if now else ""
        )

        def work() -> int:
            if part.value() > job.due_minor:
                raise Refusal("allocation_above_due")
            return part.value()

        dialog.ask(work, lambda chosen: self._fix(job, chosen))

    def _fix(self, job: OpenJob, part_minor: int) -> None:
        self._share(Sharing(fixed={**self._sharing.fixed, job.id: part_minor}))

    def use_credit(self) -> None:
        """Settle the oldest jobs from the customer's credit, before money is taken."""
        if self._picker.customer is not None:
            ask_credit(self.desk, self._picker.customer.id)

    def new_customer(self) -> None:
        """Add a customer with the typed name."""
        self._picker.add(self.focus_first)

    # --- saving ------------------------------------------------------------------------------------

    def save(self) -> None:
        """Record the payment."""
        self._picker.take_chosen()
        self.desk.do(self._record, self._saved, self._changed_meanwhile)

    def _record(self) -> tuple[Payment, Customer, int]:
        believed_today(self.desk.db)  # a typed day like “t” depends on today
        customer, amount, method = self._who.value(), self._amount.value(), self._method.value()
        received = self._received.value() if method == "CASH" else 0
        if received and received < amount:
            raise self._refused(self._received, _("Less than the amount."))
        settling, day = self._settling(amount), self._day.value()
        if sum(settling.money.values()) > amount:
            raise self._refused(self._amount, _("Less than what you gave to the jobs."))
        payment = take_money(
            self.desk.db,
            customer_id=customer.id,
            amount_minor=amount,
            method=method,
            jobs=settling.money,  # as shown: refused if a job was paid meanwhile
            credit=settling.credit,
            on=day,
            payment_id=self._payment_id,
        )
        return payment, customer, received

    def _changed_meanwhile(self, words: str) -> None:
        """The books changed meanwhile: show them as they are now and keep the input."""
        self.refresh()
        self.desk.tell(_("{reason} The page shows the present state; please check it.").format(reason=words))

    def _refused(self, field: Field[int], words: str) -> FieldRefused:
        field.refuse(words)
        field.widget.focus_set()
        return FieldRefused()

    def _saved(self, result: tuple[Payment, Customer, int]) -> None:
        payment, customer, received = result
        change = max(0, received - payment.amount_minor)
        unit = self.desk.shop.currency
        self._empty()
        self.desk.changed(PAYMENTS_CHANGED, CUSTOMERS_CHANGED, JOBS_CHANGED)
        self._who.widget.focus_set()
        words = _("Saved: receipt {reference}, {name}, {amount}").format(
            reference=payment.reference, name=customer.name, amount=unit.format(payment.amount_minor)
        )
        if change:
            self._numbers.say_change(f"{words}. {_('Change to give')}:", change)
            words = _("{saved}, change {change}").format(saved=words, change=unit.format(change))
        self.desk.tell(words)
        self._last = (payment, received)
        print_if_wanted(self.desk, lambda: receipt_print(self.desk, payment, received or None))

    def print_last(self) -> None:
        """Preview the receipt of the payment saved last."""
        if self._last is None:
            self.desk.tell(_("Nothing was saved here yet."))
        else:
            payment, received = self._last
            preview(self.desk, receipt_print(self.desk, payment, received or None))
