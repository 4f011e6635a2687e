"""Giving money back: how much, how and why."""

from __future__ import annotations

from cleanflow.dao.fields import clean_reason
from cleanflow.dao.payments import Payment, refund
from cleanflow.dao.stamps import new_id
from cleanflow.gui.desk import CUSTOMERS_CHANGED, JOBS_CHANGED, PAYMENTS_CHANGED, Desk
from cleanflow.gui.reading import read_amount, read_choice
from cleanflow.gui.widgets.dialog import FormDialog
from cleanflow.gui.widgets.labels import METHOD_CHOICES
from cleanflow.language import _
from cleanflow.reports.words import method_word


def ask_refund(
    desk: Desk,
    title: str,
    words: str,
    *,
    customer_id: str,
    amount_minor: int,
    method: str | None = None,
    payment_id: str | None = None,
) -> None:
    """Ask for amount, method and reason, and record the refund of a payment or of the customer's credit."""
    unit = desk.shop.currency
    dialog = FormDialog(desk, title, words, save=_("Refund"))
    form = dialog.form
    amount = form.add(_("Amount"), lambda text: read_amount(text, unit), text=unit.format(amount_minor))
    how = form.add(
        _("Paid out by"),
        lambda text: read_choice(text, METHOD_CHOICES),
        text=method_word(method or "CASH"),
        choices=[*METHOD_CHOICES],
    )
    reason = form.add(_("Reason"), clean_reason)
    refund_id = new_id()

    def done(record: Payment) -> None:
        desk.changed(PAYMENTS_CHANGED, CUSTOMERS_CHANGED, JOBS_CHANGED)
        desk.tell(_("Saved: refund {reference}, {amount}").format(
            reference=record.reference, amount=unit.format(record.amount_minor)))  # fmt: skip

    dialog.ask(
        lambda: refund(
            desk.db,
            customer_id=customer_id,
            amount_minor=amount.value(),
            method=how.value(),
            reason=reason.value(),
            payment_id=payment_id,
            refund_id=refund_id,
        ),
        done,
    )
