"""Dialogs for changes of a job's money: how much, and why. The DAO checks the permission."""

from __future__ import annotations

from collections.abc import Callable

from ttkbootstrap import Label

from cleanflow.dao.adjustments import (
    adjust_job,
    cancel_job,
    discount_job,
    reverse_adjustment,
    write_off_job,
)
from cleanflow.dao.fields import clean_reason
from cleanflow.dao.job_story import Step
from cleanflow.dao.jobs import Job, get_job
from cleanflow.dao.payments import credit_minor, use_credit
from cleanflow.dao.stamps import new_id
from cleanflow.errors import Refusal
from cleanflow.gui.desk import CUSTOMERS_CHANGED, JOBS_CHANGED, PAYMENTS_CHANGED, Desk
from cleanflow.gui.reading import read_amount, read_total
from cleanflow.gui.widgets.dialog import FormDialog
from cleanflow.language import _
from cleanflow.reports.words import job_change_word


def ask_adjustment(desk: Desk, job: Job) -> None:
    """Ask for the new total, and show by how much it changes."""
    unit = desk.shop.currency
    dialog = FormDialog(
        desk,
        _("Adjust job {reference}").format(reference=job.reference),
        _("The total is {total}, due is {due}.").format(
            total=unit.format(job.total_minor), due=unit.format(job.due_minor)
        ),
        save=_("Adjust"),
    )
    total = dialog.form.add(_("New total"), lambda text: read_total(text, unit))
    reason = dialog.form.add(_("Reason"), clean_reason)
    effect = Label(dialog.body, text=" ", font="StrongFont")
    effect.pack(anchor="w", pady=(8, 0))
    record_id = new_id()

    def show_effect() -> None:
        try:
            by = read_total(total.text(), unit) - job.total_minor
        except Refusal:
            effect.configure(text=" ")
            return
        effect.configure(
            text=_("Change {change}, then due {due}").format(
                change=f"{'+' if by > 0 else ''}{unit.format(by)}", due=unit.format(job.due_minor + by)
            )
            if by
            else _("This is the total now.")
        )

    def adjust() -> object:
        new_total, why = total.value(), reason.value()
        by = new_total - get_job(desk.db, job.id).total_minor  # which may have changed meanwhile
        if by == 0:
            raise Refusal("total_unchanged")
        return adjust_job(desk.db, job.id, by, why, adjustment_id=record_id)

    total.widget.bind("<KeyRelease>", lambda _event: show_effect(), add="+")
    dialog.ask(adjust, _done(desk, job, _("Adjusted")))


def ask_discount(desk: Desk, job: Job) -> None:
    """Ask for a discount on the total."""
    dialog = FormDialog(
        desk,
        _("Discount on job {reference}").format(reference=job.reference),
        _("The total is {total}.").format(total=desk.shop.currency.format(job.total_minor)),
        save=_("Give"),
    )
    amount = dialog.form.add(_("Discount"), lambda text: read_amount(text, desk.shop.currency))
    reason = dialog.form.add(_("Reason"), clean_reason)
    record_id = new_id()
    dialog.ask(
        lambda: discount_job(desk.db, job.id, amount.value(), reason.value(), adjustment_id=record_id),
        _done(desk, job, _("Discount given")),
    )


def ask_write_off(desk: Desk, job: Job) -> None:
    """Ask how much of what is due is written off."""
    if job.due_minor <= 0:
        desk.tell(_("Nothing is due."))
        return
    unit = desk.shop.currency
    dialog = FormDialog(
        desk,
        _("Write off job {reference}").format(reference=job.reference),
        _("{due} is due. What you write off is given up as a bad debt.").format(
            due=unit.format(job.due_minor)
        ),
        save=_("Write off"),
    )
    amount = dialog.form.add(
        _("Amount"), lambda text: read_amount(text, unit), text=unit.format(job.due_minor)
    )
    reason = dialog.form.add(_("Reason"), clean_reason)
    record_id = new_id()
    dialog.ask(
        lambda: write_off_job(desk.db, job.id, reason.value(), amount.value(), adjustment_id=record_id),
        _done(desk, job, _("Written off")),
    )


def ask_cancellation(desk: Desk, job: Job) -> None:
    """Ask for the reason to cancel the whole job."""
    unit = desk.shop.currency
    words = _("The whole total of {total} is taken back. This cannot be undone, but you can make a new job.")
    if job.allocated_minor > 0:
        words += " " + _("What was paid, {paid}, becomes the customer's credit.")
    dialog = FormDialog(
        desk,
        _("Cancel job {reference}").format(reference=job.reference),
        words.format(total=unit.format(job.total_minor), paid=unit.format(job.allocated_minor)),
        save=_("Yes, cancel the job"),
    )
    reason = dialog.form.add(_("Reason"), clean_reason)
    record_id = new_id()
    dialog.ask(
        lambda: cancel_job(desk.db, job.id, reason.value(), adjustment_id=record_id),
        _done(desk, job, _("Cancelled")),
    )


def ask_reversal(desk: Desk, job: Job, step: Step) -> None:
    """Ask for the reason to reverse an adjustment, discount or write-off."""
    adjustment_id = step.adjustment_id
    if adjustment_id is None or step.is_reversed or step.is_reversal:
        desk.tell(_why_not(step))
        return
    dialog = FormDialog(
        desk,
        _("Reverse a line of job {reference}").format(reference=job.reference),
        _("{what} of {amount}, “{reason}”. Both stay in the books and cancel each other out.").format(
            what=job_change_word(step.kind, is_reversal=False),
            amount=desk.shop.currency.format(step.amount_minor),
            reason=step.reason,
        ),
        save=_("Reverse"),
    )
    reason = dialog.form.add(_("Reason"), clean_reason)
    dialog.ask(
        lambda: reverse_adjustment(desk.db, adjustment_id, reason.value()),
        _done(desk, job, _("Reversed")),
    )


def ask_credit_for(desk: Desk, job: Job) -> None:
    """Ask how much credit settles the job; the proposal is as much as possible."""
    unit = desk.shop.currency
    credit = credit_minor(desk.db, job.customer_id)
    if job.due_minor <= 0 or credit <= 0:
        desk.tell(_("Nothing is due.") if job.due_minor <= 0 else _("The customer has no credit."))
        return
    dialog = FormDialog(
        desk,
        _("Use credit for job {reference}").format(reference=job.reference),
        _("The credit is {credit}, due on this job is {due}.").format(
            credit=unit.format(credit), due=unit.format(job.due_minor)
        ),
        save=_("Use it"),
    )
    amount = dialog.form.add(
        _("Amount"), lambda text: read_amount(text, unit), text=unit.format(min(credit, job.due_minor))
    )
    dialog.ask(
        lambda: use_credit(desk.db, job.customer_id, {job.id: amount.value()}),
        _done(desk, job, _("Credit used")),
    )


def _why_not(step: Step) -> str:
    """Why a step cannot be reversed here."""
    if step.payment_id is not None:
        return _("Payments are reversed on their own page: Enter opens it.")
    if step.adjustment_id is None:
        return _("The agreed amount stays. Ctrl+J adjusts the total.")
    return _("This has been reversed.") if step.is_reversed else _("This is a reversal; it stays.")


def _done(desk: Desk, job: Job, words: str) -> Callable[[object], None]:
    """A callback that announces the change and tells what is due now."""

    def done(_result: object) -> None:
        desk.changed(JOBS_CHANGED, CUSTOMERS_CHANGED, PAYMENTS_CHANGED)
        due = desk.shop.currency.format(get_job(desk.db, job.id).due_minor)
        desk.tell(_("{words}: job {reference}, due {due}").format(
            words=words, reference=job.reference, due=due))  # fmt: skip

    return done
