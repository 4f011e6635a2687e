"""Asks which of several jobs with one number is meant."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Sequence

from ttkbootstrap import Button

from cleanflow.dao.customers import get_customer
from cleanflow.dao.jobs import Job
from cleanflow.gui.desk import Desk
from cleanflow.gui.widgets.dialog import Dialog
from cleanflow.gui.widgets.labels import WORK_STATUSES, short_date
from cleanflow.gui.widgets.table import PlainColumn, Table
from cleanflow.language import _


class WhichJob(Dialog):
    """The jobs with their customers, dates and amounts; no line is marked until somebody chooses one."""

    def __init__(self, desk: Desk, jobs: Sequence[Job], done: Callable[[Job], object]) -> None:
        words = _(
            "Two PCs gave this number before they worked together. Compare with the ticket: Up and Down"
            " choose, Enter opens."
        )
        title = _("Which {reference}?").format(reference=jobs[0].reference)
        super().__init__(desk.window, title, words)
        self._jobs = {job.id: job for job in jobs}
        self._done = done
        columns = (
            PlainColumn("customer", _("Customer"), 150, stretches=True),
            PlainColumn("phone", _("Phone"), 110),
            PlainColumn("date", _("Date"), 90),
            PlainColumn("description", _("Description"), 140),
            PlainColumn("work", _("Work"), 80),
            PlainColumn("amount", _("Amount"), 90, is_right=True),
            PlainColumn("due", _("Due"), 90, is_right=True),
        )
        table = self.table = Table(self.body, columns, height=min(8, len(jobs)))
        table.pack(fill="both", expand=True)
        unit, order = desk.shop.currency, desk.shop.date_order
        for job in jobs:
            customer = get_customer(desk.db, job.customer_id)
            values = (
                customer.name,
                customer.phone,
                short_date(job.business_date, order),
                job.description,
                WORK_STATUSES[job.work_status],
                unit.format(job.total_minor),
                unit.format(job.due_minor),
            )
            table.insert("", tkinter.END, iid=job.id, values=values)
        table.bind("<Return>", lambda _event: self._take())
        table.bind("<Double-1>", lambda _event: self._take())
        for key, step in (("<Down>", 1), ("<Up>", -1)):
            table.bind(key, lambda _event, step=step: self._move(step))  # type: ignore[misc]
        Button(self.bar, text=_("Esc  Back"), bootstyle="secondary-outline", command=self.close).pack(
            side="left", padx=(0, 8)
        )
        Button(self.bar, text=_("Enter  Open"), bootstyle="primary", command=self._take).pack(side="left")
        self.appear(table)
        table.fit()

    def _move(self, step: int) -> str:
        rows, chosen = self.table.get_children(), self.table.selection()
        place = rows.index(chosen[0]) + step if chosen else (0 if step > 0 else len(rows) - 1)
        row = rows[max(0, min(len(rows) - 1, place))]
        self.table.selection_set(row)
        self.table.focus(row)
        self.refuse("")
        return "break"

    def _take(self) -> None:
        chosen = self.table.selection()
        if not chosen:
            self.refuse(_("Please choose a line with Up or Down."))
            return
        self.close()
        self._done(self._jobs[chosen[0]])


def ask_which_job(desk: Desk, jobs: Sequence[Job], done: Callable[[Job], object]) -> None:
    """Call ``done`` with the job of ``jobs``; where they are several, with the one that a person chooses."""
    if len(jobs) == 1:
        done(jobs[0])
    else:
        WhichJob(desk, jobs, done)
