"""One job: its customer, its work, and every change of its money with what was due afterwards."""

from __future__ import annotations

from ttkbootstrap import Button, Frame, Label

from cleanflow.clock import local_time
from cleanflow.dao.customers import Customer, get_customer
from cleanflow.dao.job_story import Step, job_story
from cleanflow.dao.jobs import Job, edit_job, get_job
from cleanflow.dao.paging import Page, Slice, page_of
from cleanflow.dao.payments import credit_minor
from cleanflow.dao.stamps import today
from cleanflow.gui.appearance import px
from cleanflow.gui.desk import (
    CUSTOMERS_CHANGED,
    JOBS_CHANGED,
    PAYMENTS_CHANGED,
    SETTINGS_CHANGED,
    SYNC_CHANGED,
    Action,
)
from cleanflow.gui.dialogs import job_corrections
from cleanflow.gui.dialogs.job_steps import ask_ticket, move_job, status_words, step_detail, step_words
from cleanflow.gui.dialogs.ready_date import ask_ready_date
from cleanflow.gui.keys import key_label
from cleanflow.gui.reading import reader
from cleanflow.gui.screen import Screen
from cleanflow.gui.tasks.printing import preview, ticket_print
from cleanflow.gui.widgets.card import Card
from cleanflow.gui.widgets.dialog import FormDialog
from cleanflow.gui.widgets.facts import Facts
from cleanflow.gui.widgets.flow import Flow
from cleanflow.gui.widgets.labels import short_date, shortened
from cleanflow.gui.widgets.records import Column, Order, RecordList
from cleanflow.gui.widgets.sent import sent_word
from cleanflow.language import _
from cleanflow.records.work import JOBS
from cleanflow.reports.words import job_status_word

#: Characters of the notes that are shown; all of them stand in their dialog.
_MOST_NOTES = 200


class JobPage(Screen):
    """The facts with the work's buttons below them, the sums beside; then the history of its money."""

    name = "job_page"
    title = _("Job")
    help = _(
        "One job. “Next step” moves its work on; anybody may change the ready date and the notes."
        " The list shows every change of its money and what was due afterwards; Enter opens a"
        " payment. The agreed amount never changes: with a reason, an owner adjusts, discounts,"
        " writes off or cancels it, or reverses the chosen line."
    )
    actions = (
        Action("Control-m", _("Take money"), "take_money", is_primary=True),
        Action("Control-u", _("Use credit"), "use_credit"),
        Action("Control-j", _("Adjust"), "adjust"),
        Action("Control-i", _("Discount"), "discount"),
        Action("Control-f", _("Write off"), "write_off"),
        Action("Control-r", _("Reverse"), "reverse"),
        Action("Control-w", "", "move_on", _("The next step of the work")),
        Action("Control-y", "", "move_back", _("A step back")),
        Action("Control-p", _("Ticket"), "print_ticket"),
        Action("Control-d", "", "set_ready_date", _("Change the ready date")),
        Action("Control-n", "", "note", _("Notes")),
        Action("Control-q", "", "cancel", _("Cancel the job")),
        Action("Control-o", "", "show_customer", _("To the customer")),
        Action("Control-l", "", "audit", _("Who changed what")),
        Action("Control-g", "", "find_ticket", _("Another ticket or receipt")),
    )
    refresh_on = (JOBS_CHANGED, PAYMENTS_CHANGED, CUSTOMERS_CHANGED, SETTINGS_CHANGED, SYNC_CHANGED)

    def build(self) -> None:
        """Build the facts and sums side by side, the list below."""
        self._job: Job | None = None
        self._job_id = ""
        self._story: list[Step] = []
        top = Frame(self.body)
        top.pack(fill="x")
        self._card = Card(top, _("Due"))
        for words in (_("Total"), _("Paid"), _("Credit of the customer")):
            self._card.line(words)
        self._card.pack(side="right", anchor="n", padx=px(20, 0))
        self._facts = Facts(top, columns=1, wrap=440)
        self._facts.pack(side="left", anchor="n", fill="x", expand=True)
        self._build_keys()
        Label(self.body, text=_("The money"), font="StrongFont").pack(anchor="w", pady=px(10, 6))
        self._build_list()

    def _build_keys(self) -> None:
        line = Flow(self.body)
        line.pack(fill="x", pady=px(10, 0))
        labels = {
            "move_on": _("Next step"),
            "move_back": _("Step back"),
            "set_ready_date": _("Ready date"),
            "note": _("Notes"),
            "show_customer": _("Customer"),
            "cancel": _("Cancel job"),
        }
        for action in self.actions:
            if action.method in labels:
                button = Button(
                    line,
                    text=f"{key_label(action.key)}  {labels[action.method]}",
                    bootstyle="secondary-outline",
                    command=getattr(self, action.method),
                )
                self.buttons[action.method] = button

    def _build_list(self) -> None:
        unit = self.desk.shop.currency
        columns: list[Column[Step]] = [
            Column("date", _("Date"), 84, self._date_of),
            Column("what", _("What"), 150, step_words),
            Column("detail", _("Reason, receipt"), 150, step_detail, stretches=True),
            Column("who", _("By"), 100, lambda step: step.who),
            Column("amount", _("Amount"), 120, lambda step: unit.format(step.amount_minor), is_right=True),
            Column("due", _("Due then"), 120, lambda step: unit.format(step.due_minor), is_right=True),
        ]
        self._list = RecordList(
            self.body,
            self.desk,
            self.name,
            columns,
            self._read,
            identify=lambda step: str(self._story.index(step)),
            order=Order(""),
            empty="",
            on_open=self._open_step,
        )
        self._list.pack(fill="both", expand=True)

    # --- what is shown -----------------------------------------------------------------------------

    def open(self, job_id: str) -> None:
        """Show this job."""
        if job_id != self._job_id:
            self._list.table.selection_set()
        self._job_id = job_id

    def refresh(self) -> None:
        """Read the job and its history again."""
        if not self._job_id:
            return
        db = self.desk.db
        job = self._job = get_job(db, self._job_id)
        self._story = job_story(db, job.id)
        self._show_facts(job, get_customer(db, job.customer_id))
        self._show_sums(job)
        self._list.reload()
        is_cancelled = job.work_status == "CANCELLED"
        states = {
            "take_money": job.due_minor > 0,
            "use_credit": job.due_minor > 0,
            "write_off": job.due_minor > 0 and not is_cancelled,
            "adjust": not is_cancelled,
            "discount": not is_cancelled,
            "reverse": not is_cancelled,
            "cancel": not is_cancelled,
            "move_on": job.work_status not in ("DELIVERED", "CANCELLED"),
            "move_back": job.work_status not in ("RECEIVED", "CANCELLED"),
        }
        for method, is_possible in states.items():
            self.buttons[method].configure(state="normal" if is_possible else "disabled")

    def _show_facts(self, job: Job, customer: Customer) -> None:
        order = self.desk.shop.date_order
        self.head(f"{_('Job')} {job.reference}")
        taken_in = short_date(job.business_date, order)
        by = self._story[0].who
        self._facts.show(
            (_("Customer"), ", ".join(text for text in (customer.name, customer.phone) if text)),
            (_("Job"), job.what or _("no description")),
            (_("Work"), status_words(job, today(self.desk.db))),
            (_("Taken in"), _("{date} by {name}").format(date=taken_in, name=by) if by else taken_in),
            (_("Ready on"), short_date(job.due_date, order) or _("no date")),
            (_("Notes"), shortened(job.notes, _MOST_NOTES)),
            (_("Sent"), sent_word(self.desk, "jobs", job.id)),
        )

    def _show_sums(self, job: Job) -> None:
        money = self.desk.shop.currency.format
        self._card.large(money(job.due_minor))
        self._card.set(_("Total"), money(job.total_minor))
        status = job_status_word(job.payment_status, job.work_status)
        self._card.set(_("Paid"), f"{money(job.allocated_minor)}  ({status})")
        self._card.set(_("Credit of the customer"), money(credit_minor(self.desk.db, job.customer_id)))

    def focus_first(self) -> None:
        """Focus the list."""
        self._list.focus_list()

    def _read(self, _part: Slice) -> Page[Step]:
        return page_of(self._story)

    def _date_of(self, step: Step) -> str:
        day = f"{local_time(step.on):%Y-%m-%d}" if "T" in step.on else step.on
        return short_date(day, self.desk.shop.date_order)

    def _open_step(self, step: Step) -> None:
        if step.payment_id is not None:
            self.desk.show("payment_page", payment_id=step.payment_id)

    # --- the work ----------------------------------------------------------------------------------

    def move_on(self) -> None:
        """Move the work to its next step."""
        self._move(1)

    def move_back(self) -> None:
        """Move the work a step back."""
        self._move(-1)

    def _move(self, step: int) -> None:
        job = self._shown()
        move_job(self.desk, job.id, job.work_status, step, lambda: None)

    def set_ready_date(self) -> None:
        """Change the ready date."""
        desk, job = self.desk, self._shown()
        dialog = FormDialog(desk, _("Ready date of job {reference}").format(reference=job.reference))
        day = dialog.form.add(
            _("Ready on (t, +2, 24/12)"),
            self.read_day,
            text=short_date(job.due_date, desk.shop.date_order),
        )

        def save(due: str) -> None:
            ask_ready_date(
                desk, due, lambda: desk.do(lambda: edit_job(desk.db, job.id, due_date=due), self._edited)
            )

        dialog.ask(day.value, save)

    def note(self) -> None:
        """Edit the notes."""
        desk, job = self.desk, self._shown()
        dialog = FormDialog(desk, _("Notes on job {reference}").format(reference=job.reference))
        notes = dialog.form.add(
            _("Notes"),
            reader(JOBS["notes"]),
            text=job.notes,
        )
        dialog.ask(lambda: edit_job(desk.db, job.id, notes=notes.value()), self._edited)

    def _edited(self, job: Job) -> None:
        self.desk.changed(JOBS_CHANGED)
        self.desk.tell(_("Saved: job {reference}").format(reference=job.reference))

    # --- the money ---------------------------------------------------------------------------------

    def take_money(self) -> None:
        """Take money for this job."""
        job = self._shown()
        self.desk.show("take_payment", customer_id=job.customer_id, job_id=job.id)

    def print_ticket(self) -> None:
        """Preview the ticket."""
        preview(self.desk, ticket_print(self.desk, self._shown()))

    def use_credit(self) -> None:
        """Settle the job from the customer's credit."""
        job_corrections.ask_credit_for(self.desk, self._shown())

    def adjust(self) -> None:
        """Raise or lower the total."""
        job_corrections.ask_adjustment(self.desk, self._shown())

    def discount(self) -> None:
        """Give a discount."""
        job_corrections.ask_discount(self.desk, self._shown())

    def write_off(self) -> None:
        """Write off what is due."""
        job_corrections.ask_write_off(self.desk, self._shown())

    def cancel(self) -> None:
        """Cancel the job."""
        job_corrections.ask_cancellation(self.desk, self._shown())

    def reverse(self) -> None:
        """Reverse the chosen line."""
        step = self._list.chosen()
        if step is None:
            self.tell_nothing_chosen()
        else:
            job_corrections.ask_reversal(self.desk, self._shown(), step)

    # --- where it leads ----------------------------------------------------------------------------

    def show_customer(self) -> None:
        """Show the customer."""
        self.desk.show("customer_page", customer_id=self._shown().customer_id)

    def audit(self) -> None:
        """Show its audit trail."""
        self.desk.show("audit", record_id=self._job_id)

    def find_ticket(self) -> None:
        """Ask for another ticket number."""
        ask_ticket(self.desk)

    def _shown(self) -> Job:
        assert self._job is not None, "nobody leads here without a job"
        return self._job
