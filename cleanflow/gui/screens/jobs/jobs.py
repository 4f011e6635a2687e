"""All jobs, filtered by work, ready date, payment and period, searched by words or ticket number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ttkbootstrap import Frame, Label

from cleanflow.dao.job_lists import JobLine, list_jobs
from cleanflow.dao.job_search import jobs_by_ticket
from cleanflow.dao.paging import Page, Slice
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
from cleanflow.gui.dialogs.job_steps import ask_ticket, late_words, move_job, open_ticket
from cleanflow.gui.dialogs.list_file import ask_list_file
from cleanflow.gui.screen import Screen
from cleanflow.gui.widgets.filters import Filters
from cleanflow.gui.widgets.labels import WORK_STATUSES, short_date
from cleanflow.gui.widgets.records import Column, Order, RecordList
from cleanflow.gui.widgets.sent import sent_column
from cleanflow.language import _
from cleanflow.rendering.document import Column as PaperColumn
from cleanflow.reports.record_lists import Cell, RecordsWanted

_STATUSES: dict[str, str | None] = {
    _("All"): None,
    _("In the shop"): "OPEN",
    **{words: code for code, words in WORK_STATUSES.items()},
}
_READY_DATES: dict[str, str | None] = {_("All"): None, _("Late"): "OVERDUE", _("Today"): "TODAY"}
_PAYMENTS: dict[str, str | None] = {
    _("All"): None,
    _("Due"): "DUE",
    _("Part paid"): "PARTIAL",
    _("Paid"): "PAID",
}


class Jobs(Screen):
    """The search, the filters, the list."""

    name = "jobs"
    title = _("Jobs")
    key = "F4"
    icon = "list-check"
    help = _(
        "All jobs. Type part of the customer's name, phone, the service or the description; Enter goes to the"
        " list. Type a ticket number and Enter to open its job; for tickets of this PC the digits are"
        " enough. Descriptions are searched in the last 20,000 jobs of the period. Filters stay until"
        " “All jobs”. In the list Enter opens a job, and “next step” moves its work on: received, in"
        " progress, ready, delivered."
    )
    actions = (
        Action("Control-n", _("New job"), "new_job", is_primary=True),
        Action("Control-w", _("Next step"), "move_on"),
        Action("Control-y", _("Step back"), "move_back"),
        Action("Control-m", _("Take money"), "take_money"),
        Action("Control-g", _("Ticket …"), "find_ticket"),
        Action("Control-u", _("All jobs"), "show_all"),
        Action("Control-p", _("Save the list …"), "save_list", _("The whole list for Excel or as PDF")),
        Action("Control-f", "", "focus_first", _("To the search")),
    )
    refresh_on = (JOBS_CHANGED, PAYMENTS_CHANGED, CUSTOMERS_CHANGED, SETTINGS_CHANGED, SYNC_CHANGED)

    def build(self) -> None:
        """Build the search, the filters and the list below each other."""
        self._today = today(self.desk.db)
        line = Frame(self.body)
        line.pack(anchor="w", fill="x", pady=px(0, 6))
        self._search = Filters(line, self.desk, "jobs.search", self._filter)
        self._search.pack(side="left")
        entry = self._search.text("text", _("Search"), width=28)
        entry.bind("<Return>", lambda _event: self._enter())
        entry.bind("<Down>", lambda _event: self._list.focus_list())
        Label(line, text=_("name, phone, service, description or ticket number"), bootstyle="secondary").pack(
            side="left", padx=px(10, 0)
        )
        filters = self._filters = Filters(self.body, self.desk, self.name, self._filter)
        filters.pack(anchor="w", pady=px(0, 8))
        filters.choice("status", _("Work"), _STATUSES, width=12)
        filters.choice("due", _("Ready on"), _READY_DATES, width=7)
        filters.choice("payment", _("Payment"), _PAYMENTS, width=9)
        filters.period("period", _("Taken in"), _("All"), width=13)
        self._build_list()

    def _build_list(self) -> None:
        unit, order = self.desk.shop.currency, self.desk.shop.date_order
        columns: list[Column[JobLine]] = [
            Column("reference", _("No."), 84, lambda line: line.reference),
            Column("date", _("Taken in"), 82, lambda line: short_date(line.business_date, order),
                   sort="date"),
            Column("customer", _("Customer"), 114, lambda line: line.customer, stretches=True,
                   sort="customer"),
            Column("phone", _("Phone"), 120, lambda line: line.phone),
            Column("description", _("Description"), 140, lambda line: line.what, stretches=True),
            Column("due", _("Ready on"), 84, lambda line: late_words(line, self._today)
                   or short_date(line.due_date, order), sort="due"),
            Column("status", _("Work"), 84, lambda line: WORK_STATUSES[line.work_status]),
            Column("amount", _("Due"), 122, lambda line: unit.format(line.due_minor)
                   if line.due_minor else "", is_right=True, sort="amount"),
            *sent_column(self.desk, "jobs", _id_of),
        ]  # fmt: skip
        self._list = RecordList(
            self.body,
            self.desk,
            self.name,
            columns,
            self._read,
            identify=lambda line: line.id,
            order=Order("date", descending=True),
            empty=_("No jobs here. Ctrl+U shows all jobs, Ctrl+N makes a new one."),
            on_open=lambda line: self.desk.show("job_page", job_id=line.id),
        )
        self._list.pack(fill="both", expand=True)

    def open(
        self,
        status: str | None = None,
        payment: str | None = None,
        due: str | None = None,
        day: str | None = None,
    ) -> None:
        """Show the jobs of a work status, a payment status, a ready date or a business date, or all."""
        self._search.set("text", "")
        self._filters.set("status", _words_of(_STATUSES, status))
        self._filters.set("due", _words_of(_READY_DATES, due))
        self._filters.set("payment", _words_of(_PAYMENTS, payment))
        self._filters.set("period", short_date(day, self.desk.shop.date_order) if day else _("All"))

    def refresh(self) -> None:
        """Read the list again."""
        self._today = today(self.desk.db)
        self._list.reload()

    def focus_first(self) -> None:
        """Focus the search field."""
        self._search.focus_first()

    def _filter(self) -> None:
        self._list.reload()

    def _read(self, part: Slice) -> Page[JobLine]:
        return list_jobs(self.desk.db, part, **self._wanted())

    def _wanted(self) -> dict[str, Any]:
        """What the filters ask of ``list_jobs``."""
        period = self._filters.read_period("period")
        return {
            "status": self._filters.read_choice("status", _STATUSES),
            "due": self._filters.read_choice("due", _READY_DATES),
            "payment": self._filters.read_choice("payment", _PAYMENTS),
            "first": period.first,
            "last": period.last,
            "text": self._search.read_text("text"),
        }

    def save_list(self) -> None:
        """Save all jobs of the filters for Excel or as PDF."""
        wanted, order = self._wanted(), self._list.order
        cells: list[Cell[JobLine]] = [
            Cell(PaperColumn(_("No.")), lambda line: line.reference),
            Cell(PaperColumn(_("Taken in"), "date"), lambda line: line.business_date),
            Cell(PaperColumn(_("Customer"), share=3), lambda line: line.customer),
            Cell(PaperColumn(_("Phone")), lambda line: line.phone),
            Cell(PaperColumn(_("Description"), share=4), lambda line: line.what),
            Cell(PaperColumn(_("Ready on"), "date"), lambda line: line.due_date),
            Cell(PaperColumn(_("Work")), lambda line: WORK_STATUSES[line.work_status]),
            Cell(PaperColumn(_("Total"), "money"), lambda line: line.total_minor, is_summed=True),
            Cell(PaperColumn(_("Due"), "money"), lambda line: line.due_minor, is_summed=True),
        ]
        words = ", ".join(filter(None, (self._search.words(), self._filters.words())))
        ask_list_file(
            self.desk,
            RecordsWanted(
                _("Jobs"),
                words,
                cells,
                lambda db, part: list_jobs(db, part, **wanted),
                order.sort,
                order.descending,
            ),
        )

    def _enter(self) -> str:
        """Open the typed ticket, or else go to the matches."""
        jobs = jobs_by_ticket(self.desk.db, self._search.read_text("text"))
        if jobs:
            self._search.set("text", "")
            open_ticket(self.desk, jobs)
            return "break"
        self._list.reload()
        return self._list.focus_list()

    # --- what the keys do --------------------------------------------------------------------------

    def new_job(self) -> None:
        """Show the form of a new job."""
        self.desk.show("new_job")

    def find_ticket(self) -> None:
        """Ask for a ticket number."""
        ask_ticket(self.desk)

    def show_all(self) -> None:
        """Clear all filters."""
        self.open()
        self._filters.keep()
        self.refresh()
        self.focus_first()

    def move_on(self) -> None:
        """Move the chosen job to its next step."""
        self._move(1)

    def move_back(self) -> None:
        """Move the chosen job back a step."""
        self._move(-1)

    def _move(self, step: int) -> None:
        line = self._list.chosen()
        if line is None:
            self.tell_nothing_chosen()
            return
        place = self._list.records().index(line)
        move_job(self.desk, line.id, line.work_status, step, lambda: self._choose_near(place))

    def _choose_near(self, place: int) -> None:
        """Choose the neighbour of a job that the filter no longer shows."""
        rows = self._list.table.get_children()
        if rows and self._list.chosen() is None:
            row = rows[min(place, len(rows) - 1)]
            self._list.table.selection_set(row)
            self._list.table.focus(row)

    def take_money(self) -> None:
        """Take money for the chosen job."""
        line = self._list.chosen()
        if line is None:
            self.desk.show("take_payment")
        else:
            self.desk.show("take_payment", customer_id=line.customer_id, job_id=line.id)


def _id_of(line: JobLine) -> str:
    return line.id


def _words_of(choices: Mapping[str, str | None], code: str | None) -> str:
    return next(words for words, known in choices.items() if known == code)
