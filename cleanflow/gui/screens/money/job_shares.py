"""The open jobs of a customer, and each one's share of a payment."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from ttkbootstrap import Frame

from cleanflow.dao.balances import OpenJob, oldest_first
from cleanflow.gui.appearance import px
from cleanflow.gui.desk import Desk
from cleanflow.gui.widgets.labels import short_date
from cleanflow.gui.widgets.table import PlainColumn, Table, add_scrollbar
from cleanflow.gui.widgets.wrapped import Wrapped
from cleanflow.language import _

#: How many jobs are shown, the oldest first; a payment settles the others as well.
_SHOWN = 100


@dataclass(frozen=True)
class Settling:
    """What is due on the jobs that are to be settled, and job id -> share of the credit and of the money.

    Amounts are in minor units.
    """

    due_minor: int
    credit: dict[str, int]
    money: dict[str, int]

    @property
    def credit_minor(self) -> int:
        """How much of the credit is used."""
        return sum(self.credit.values())

    def gets(self, job_id: str) -> int:
        """What a job gets of both."""
        return self.credit.get(job_id, 0) + self.money.get(job_id, 0)


@dataclass
class Sharing:
    """How a payment is allocated: to ``only`` one job, to none (``is_deposit``), or to the oldest first.

    ``fixed`` shares of single jobs come before the allocation to the oldest.
    """

    only: str | None = None
    is_deposit: bool = False
    fixed: dict[str, int] = field(default_factory=dict)

    def settle(self, jobs: Sequence[OpenJob], amount_minor: int, credit_minor: int) -> Settling:
        """What the credit settles first, then the amount; only fixed shares can exceed the amount."""
        wanted = [job for job in jobs if self.only in (None, job.id) and not self.is_deposit]
        free = [job for job in wanted if job.id not in self.fixed]
        credit = oldest_first(free, credit_minor)
        left = [replace(job, due_minor=job.due_minor - credit.get(job.id, 0)) for job in free]
        money = oldest_first(left, max(0, amount_minor - sum(self.fixed.values())))
        fixed = {job_id: share for job_id, share in self.fixed.items() if share}
        return Settling(sum(job.due_minor for job in wanted), credit, {**fixed, **money})


class JobShares(Frame):
    """The table of open jobs with their shares. Enter on a line calls ``on_open``."""

    def __init__(self, parent: tkinter.Misc, desk: Desk, on_open: Callable[[OpenJob], object]) -> None:
        super().__init__(parent)
        self._desk = desk
        self._on_open = on_open
        self.jobs: list[OpenJob] = []
        self._words = Wrapped(self, 900, font="StrongFont")
        self._words.pack(fill="x", pady=px(0, 6))
        self._count = Wrapped(self, 900, bootstyle="secondary")
        self._count.pack(side="bottom", fill="x", pady=px(4, 0))
        self._build_table()

    def _build_table(self) -> None:
        columns = (
            PlainColumn("date", _("Date"), 86),
            PlainColumn("reference", _("No."), 88),
            PlainColumn("what", _("What"), 80, stretches=True),
            PlainColumn("due", _("Due"), 90, is_right=True),
            PlainColumn("gets", _("Gets"), 90, is_right=True),
        )
        table = self.table = Table(self, columns, height=6)
        table.pack(side="left", fill="both", expand=True)
        add_scrollbar(table)
        table.bind("<FocusIn>", lambda _event: self._mark())
        table.bind("<Return>", lambda _event: self._open())
        table.bind("<Double-1>", lambda _event: self._open())

    def show(self, jobs: list[OpenJob], sharing: Sharing, settling: Settling) -> None:
        """Show the jobs with what they get; the chosen line stays chosen."""
        self.jobs = jobs
        unit, order = self._desk.shop.currency, self._desk.shop.date_order
        kept = self.table.selection()
        self.table.delete(*self.table.get_children())
        for job in jobs[:_SHOWN]:
            gets = unit.format(settling.gets(job.id)) if settling.gets(job.id) else ""
            values = (short_date(job.business_date, order), job.reference, job.what,
                      unit.format(job.due_minor), gets)  # fmt: skip
            self.table.insert("", tkinter.END, iid=job.id, values=values)
        self.table.fit()
        if kept and self.table.exists(kept[0]):
            self.table.selection_set(kept[0])
            self.table.focus(kept[0])
        self._say(sharing)

    def _say(self, sharing: Sharing) -> None:
        count, due = len(self.jobs), sum(job.due_minor for job in self.jobs)
        if not self.jobs:
            self._words.configure(text=_("No open jobs: it becomes credit"))
            self._count.configure(text="")
            return
        only = next((job.reference for job in self.jobs if job.id == sharing.only), "")
        if sharing.is_deposit:
            words = _("A deposit: no job gets anything")
        elif only:
            words = _("Only for {reference}").format(reference=only)
        elif sharing.fixed:
            words = _("As you chose, the rest for the oldest")
        else:
            words = _("Settles the oldest jobs first")
        self._words.configure(text=words)
        shown = _("{count} open jobs, due {amount}") if count > 1 else _("{count} open job, due {amount}")
        if count > _SHOWN:
            shown = _("The oldest {shown} of {count} open jobs, due {amount}")
        amount = self._desk.shop.currency.format(due)
        words = shown.format(count=count, amount=amount, shown=_SHOWN)
        self._count.configure(text=f"{words}. {_('Enter changes what a job gets.')}")

    def chosen(self) -> OpenJob | None:
        """The job of the chosen line, or else the first one."""
        chosen = self.table.selection()
        return next((job for job in self.jobs if job.id in chosen), self.jobs[0] if self.jobs else None)

    def focus_list(self) -> str:
        """Put the focus on the chosen or the first line."""
        if self.jobs:
            self.table.focus_set()
            self._mark()
        return "break"

    def _mark(self) -> None:
        """Choose a line when the table gets the focus, to show which job the keys are for."""
        job = self.chosen()
        if job is not None:
            self.table.selection_set(job.id)
            self.table.focus(job.id)

    def _open(self) -> str:
        job = self.chosen()
        if job is not None:
            self._on_open(job)
        return "break"
