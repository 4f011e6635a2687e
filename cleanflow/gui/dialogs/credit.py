"""Settling a customer's open jobs from their credit."""

from __future__ import annotations

from cleanflow.dao.balances import oldest_first, open_jobs
from cleanflow.dao.payments import credit_minor, use_credit
from cleanflow.errors import Refusal
from cleanflow.gui.desk import CUSTOMERS_CHANGED, JOBS_CHANGED, PAYMENTS_CHANGED, Desk
from cleanflow.gui.reading import read_amount
from cleanflow.gui.widgets.dialog import FormDialog
from cleanflow.language import _


def ask_credit(desk: Desk, customer_id: str) -> None:
    """Ask how much credit settles open jobs, the oldest first; the proposal is as much as possible."""
    unit = desk.shop.currency
    credit, jobs = credit_minor(desk.db, customer_id), open_jobs(desk.db, customer_id)
    due = sum(job.due_minor for job in jobs)
    if credit == 0 or due == 0:
        desk.tell(_("There is no credit to use.") if credit == 0 else _("Nothing is due."))
        return
    dialog = FormDialog(
        desk,
        _("Use credit"),
        _("The credit is {credit}, due is {due}. The oldest jobs are settled first.").format(
            credit=unit.format(credit), due=unit.format(due)
        ),
        save=_("Use it"),
    )
    field = dialog.form.add(
        _("Amount"), lambda text: read_amount(text, unit), text=unit.format(min(credit, due))
    )

    def work() -> int:
        amount = field.value()
        if amount > due:
            raise Refusal("allocation_above_due")
        return use_credit(desk.db, customer_id, oldest_first(jobs, amount))

    def done(used_minor: int) -> None:
        desk.changed(PAYMENTS_CHANGED, CUSTOMERS_CHANGED, JOBS_CHANGED)
        desk.tell(_("{amount} of the credit used").format(amount=unit.format(used_minor)))

    dialog.ask(work, done)
