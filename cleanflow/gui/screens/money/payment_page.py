"""One payment: what it settled, reversing it, refunding part of it."""

from __future__ import annotations

from ttkbootstrap import Label

from cleanflow.dao.fields import clean_reason
from cleanflow.dao.paging import Page, Slice, page_of
from cleanflow.dao.payment_lists import PaymentFacts, Settled, payment_facts, settled_by
from cleanflow.dao.payments import Payment, reverse_payment
from cleanflow.dao.stamps import new_id
from cleanflow.gui.desk import CUSTOMERS_CHANGED, JOBS_CHANGED, PAYMENTS_CHANGED, SYNC_CHANGED, Action
from cleanflow.gui.dialogs.refund import ask_refund
from cleanflow.gui.screen import Screen
from cleanflow.gui.tasks.printing import preview, receipt_print
from cleanflow.gui.widgets.dialog import FormDialog
from cleanflow.gui.widgets.facts import Facts
from cleanflow.gui.widgets.labels import payment_word, short_date, short_moment
from cleanflow.gui.widgets.records import Column, Order, RecordList
from cleanflow.gui.widgets.sent import sent_word
from cleanflow.language import _
from cleanflow.reports.words import method_word


class PaymentPage(Screen):
    """The facts above, the jobs that the money settled below."""

    name = "payment_page"
    title = _("Payment")
    help = _(
        "One payment and what it settled. Enter on a line opens the job. A payment never changes: an"
        " owner reverses a wrong one, and its jobs are due again; or refunds money that is really"
        " given back, first what no job has used, then from its newest job."
    )
    actions = (
        Action("Control-p", _("Receipt"), "print_receipt", is_primary=True),
        Action("Control-r", _("Reverse …"), "reverse"),
        Action("Control-g", _("Refund …"), "refund"),
        Action("Control-u", _("Customer"), "show_customer"),
        Action("Control-j", _("Job"), "show_line"),
        Action("Control-o", _("Its reversal"), "show_other"),
        Action("Control-l", _("Who did it"), "audit"),
    )
    refresh_on = (PAYMENTS_CHANGED, JOBS_CHANGED, CUSTOMERS_CHANGED, SYNC_CHANGED)

    def build(self) -> None:
        """Build the facts and the list."""
        self._payment_id = ""
        self._facts: PaymentFacts
        self._head = Facts(self.body, columns=2)
        self._head.pack(anchor="w", fill="x")
        self._what = Label(self.body, font="StrongFont")
        self._what.pack(anchor="w", pady=(16, 6))
        unit, order = self.desk.shop.currency, self.desk.shop.date_order
        columns: list[Column[Settled]] = [
            Column("date", _("Date"), 86, lambda line: short_date(line.business_date, order)),
            Column("reference", _("No."), 96, lambda line: line.reference),
            Column("what", _("What"), 200, _words, stretches=True),
            Column("amount", _("Of this money"), 122, lambda line: unit.format(line.amount_minor),
                   is_right=True),
            Column("due", _("Still due"), 122, lambda line: unit.format(line.due_minor) if line.due_minor
                   else "", is_right=True),
        ]  # fmt: skip
        self._list = RecordList(
            self.body,
            self.desk,
            self.name,
            columns,
            self._read,
            identify=lambda line: line.job_id or f"{line.payment_id}{line.refund_id}",
            order=Order(""),
            empty=_("No job has used this money."),
            on_open=self._open_line,
        )
        self._list.pack(fill="both", expand=True)

    def open(self, payment_id: str) -> None:
        """Show this payment."""
        self._payment_id = payment_id

    def refresh(self) -> None:
        """Read the payment again."""
        if self._payment_id:
            self._facts = payment_facts(self.desk.db, self._payment_id)
            self._show_facts()
            self._list.reload()

    def focus_first(self) -> None:
        """Focus the list."""
        if self._list.records():
            self._list.focus_list()
        else:
            self.focus_set()

    def _show_facts(self) -> None:
        facts, payment = self._facts, self._facts.payment
        unit, order = self.desk.shop.currency, self.desk.shop.date_order
        self.head(f"{payment_word(payment.kind)} {payment.reference}")
        amount = unit.format(payment.amount_minor)
        self._head.show(
            (_("Customer"), facts.customer),
            (_("Amount"), f"{amount}, {method_word(payment.method)}" if payment.method else amount),
            (_("Date"), short_date(payment.business_date, order)),
            (_("Not used yet"), unit.format(payment.unallocated_minor) if payment.unallocated_minor else ""),
            (_("Entered"), short_moment(facts.entered_at, order)),
            (_("By"), facts.user or _("the administrator")),
            (_("Reason"), payment.reason),
            (_("Reverses"), facts.reverses.reference if facts.reverses else ""),
            (_("Reversed by"), facts.reversed_by.reference if facts.reversed_by else ""),
            (_("Sent"), sent_word(self.desk, "payments", payment.id)),
        )
        is_out = payment.kind in ("REFUND", "REFUND_REVERSAL")
        self._what.configure(text=_("Taken from these payments") if is_out else _("What it settled"))
        other = "disabled" if facts.reverses is None and facts.reversed_by is None else "normal"
        can_reverse = facts.reversed_by is None and payment.kind in ("PAYMENT", "REFUND", "OPENING")
        can_refund = facts.reversed_by is None and payment.kind in ("PAYMENT", "OPENING")
        self.buttons["show_other"].configure(state=other)
        self.buttons["reverse"].configure(state="normal" if can_reverse else "disabled")
        self.buttons["refund"].configure(state="normal" if can_refund else "disabled")

    def _read(self, _part: Slice) -> Page[Settled]:
        return page_of(settled_by(self.desk.db, self._payment_id))

    # --- where it leads ----------------------------------------------------------------------------

    def show_customer(self) -> None:
        """Show the customer."""
        self.desk.show("customer_page", customer_id=self._facts.payment.customer_id)

    def show_line(self) -> None:
        """Show the job of the chosen line."""
        line = self._list.chosen()
        if line is None:
            self.tell_nothing_chosen()
        else:
            self._open_line(line)

    def _open_line(self, line: Settled) -> None:
        if line.job_id is not None:
            self.desk.show("job_page", job_id=line.job_id)
        elif line.payment_id != self._payment_id:
            self.desk.show("payment_page", payment_id=line.payment_id)
        elif line.refund_id is not None:
            self.desk.show("payment_page", payment_id=line.refund_id)

    def show_other(self) -> None:
        """Show the payment that reverses this one, or that this one reverses."""
        other = self._facts.reversed_by or self._facts.reverses
        if other is not None:
            self.desk.show("payment_page", payment_id=other.id)

    def audit(self) -> None:
        """Show its audit trail."""
        self.desk.show("audit", record_id=self._payment_id)

    def print_receipt(self) -> None:
        """Preview the receipt."""
        preview(self.desk, receipt_print(self.desk, self._facts.payment))

    # --- corrections -------------------------------------------------------------------------------

    def reverse(self) -> None:
        """Reverse the payment, with a reason."""
        payment = self._facts.payment
        if payment.kind == "REFUND":
            effect = _("The money is the customer's credit again.")
        else:
            effect = _("What it settled is due again. Both stay in the books.")
        dialog = FormDialog(
            self.desk,
            _("Reverse {reference}").format(reference=payment.reference),
            f"{self._facts.customer}, {self.desk.shop.currency.format(payment.amount_minor)}. {effect}",
            save=_("Reverse"),
        )
        reason = dialog.form.add(_("Reason"), clean_reason)
        reversal_id = new_id()
        dialog.ask(
            lambda: reverse_payment(self.desk.db, payment.id, reason.value(), reversal_id=reversal_id),
            self._reversed,
        )

    def _reversed(self, reversal: Payment) -> None:
        self.desk.changed(PAYMENTS_CHANGED, CUSTOMERS_CHANGED, JOBS_CHANGED)
        self.desk.tell(_("Reversed, as {reference}").format(reference=reversal.reference))

    def refund(self) -> None:
        """Refund part of the payment."""
        payment = self._facts.payment
        ask_refund(
            self.desk,
            _("Refund of {reference}").format(reference=payment.reference),
            _("First what no job has used is given back, then what its newest job has."),
            customer_id=payment.customer_id,
            amount_minor=payment.unallocated_minor or payment.amount_minor,
            method=payment.method,
            payment_id=payment.id,
        )


def _words(line: Settled) -> str:
    if line.job_id is None:
        return _("Refund: {reason}").format(reason=line.words) if line.words else _("Payment")
    if line.amount_minor == 0:
        return _("{job} (released again)").format(job=line.words)
    return line.words
