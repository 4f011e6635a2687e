"""What the screens of jobs share: words for work and money, moving to the next step, finding a ticket."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Protocol

from cleanflow.dao.job_search import jobs_by_ticket
from cleanflow.dao.job_story import Step
from cleanflow.dao.jobs import WORK_STATUSES, Job, edit_job
from cleanflow.dao.payment_search import payments_with_receipt
from cleanflow.digits import ascii_digits
from cleanflow.errors import Refusal
from cleanflow.gui.desk import JOBS_CHANGED, Desk
from cleanflow.gui.dialogs.which_job import ask_which_job
from cleanflow.gui.widgets import labels
from cleanflow.gui.widgets.dialog import FormDialog
from cleanflow.language import _
from cleanflow.reports.words import job_change_word, method_word


class Worked(Protocol):
    """Anything with a work status and a ready date: a job, or its line in a list."""

    @property
    def work_status(self) -> str: ...

    @property
    def due_date(self) -> str | None: ...


def late_words(job: Worked, day: date) -> str:
    """``late 3 d`` or ``today`` for unfinished work; else ``""``."""
    if job.due_date is None or job.work_status not in ("RECEIVED", "IN_PROGRESS"):
        return ""
    days = (day - date.fromisoformat(job.due_date)).days
    if days > 0:
        return _("late {days} d").format(days=days)
    return _("today") if days == 0 else ""


def status_words(job: Worked, day: date) -> str:
    """``Received, late 3 d``."""
    return ", ".join(word for word in (labels.WORK_STATUSES[job.work_status], late_words(job, day)) if word)


def move_job(desk: Desk, job_id: str, status: str, step: int, done: Callable[[], object]) -> None:
    """Move a job at ``status`` by ``step`` work steps; tells its new status and what is still due."""
    if status == "CANCELLED":
        desk.tell(str(Refusal("job_cancelled")))
        return
    place = WORK_STATUSES.index(status) + step
    if not 0 <= place < len(WORK_STATUSES):
        words = _("“{status}” is the last step.") if step > 0 else _("“{status}” is the first step.")
        desk.tell(words.format(status=labels.WORK_STATUSES[status]))
        return

    def tell(job: Job) -> None:
        desk.changed(JOBS_CHANGED)
        done()
        words = _("{reference}: {status}").format(
            reference=job.reference, status=labels.WORK_STATUSES[job.work_status]
        )
        if job.work_status == "DELIVERED" and job.due_minor > 0:
            due = desk.shop.currency.format(job.due_minor)
            words = _("{words}, still due {due}. Ctrl+M takes money.").format(words=words, due=due)
        desk.tell(words)

    desk.do(lambda: edit_job(desk.db, job_id, work_status=WORK_STATUSES[place]), tell)


def ask_ticket(desk: Desk) -> None:
    """Ask for the number of a ticket or receipt and open its record; where several have it, ask which."""
    dialog = FormDialog(
        desk,
        _("Find a ticket or receipt"),
        _(
            "The number on the paper. For tickets of this PC ({code}) the digits are enough, for its"
            " receipts R and the digits."
        ).format(code=desk.shop.pc_code),
        save=_("Open"),
    )
    number = dialog.form.add(_("Number"), lambda text: _found(desk, text))
    dialog.ask(number.value, lambda opens: opens())


def open_ticket(desk: Desk, jobs: Sequence[Job]) -> None:
    """Open the job of a ticket; of several, the one that a person chooses."""
    ask_which_job(desk, jobs, lambda job: desk.show("job_page", job_id=job.id))


def _found(desk: Desk, text: str) -> Callable[[], None]:
    """What opens the job or payment of this number. Refuses with ``number_unknown``."""
    jobs = jobs_by_ticket(desk.db, ascii_digits(text))
    if jobs:
        return partial(open_ticket, desk, jobs)
    payments = payments_with_receipt(desk.db, text)
    if not payments:
        raise Refusal("number_unknown", text=text.strip())
    if len(payments) > 1:  # the list shows their customers
        return partial(desk.show, "payments", words=text.strip())
    return partial(desk.show, "payment_page", payment_id=payments[0])


def step_words(step: Step) -> str:
    """The word for a step of a job's money."""
    words = {
        "AGREED": _("Agreed"),
        "OPENING": _("Owed from before"),
        "PAID": _("Paid"),
        "CREDIT_USED": _("Paid from credit"),
        "RELEASED": _("Taken off again"),
    }
    word = words.get(step.kind) or job_change_word(step.kind, step.is_reversal)
    return _("{what} (reversed)").format(what=word) if step.is_reversed and step.adjustment_id else word


def step_detail(step: Step) -> str:
    """The reason of a step, or its payment."""
    if step.payment_id is None:
        return step.reason or step.reference
    method = method_word(step.method) if step.method else ""
    words = ", ".join(text for text in (step.reference, method) if text)
    return _("{payment}, reversed").format(payment=words) if step.is_reversed else words
