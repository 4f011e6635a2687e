"""Today at a glance: money in and out, the drawer, jobs, debts; each number links to its records."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from cleanflow.dao.clock_doubts import doubt_now
from cleanflow.dao.overview import JobCounts, Owed, job_counts, money_owed
from cleanflow.dao.stamps import today
from cleanflow.gui.appearance import px
from cleanflow.gui.desk import MONEY_CHANGED, SAFETY_CHANGED, SETTINGS_CHANGED, SYNC_CHANGED, Action
from cleanflow.gui.screen import Screen
from cleanflow.gui.tasks.printing import spool_of
from cleanflow.gui.widgets.card import Card
from cleanflow.gui.widgets.labels import short_date
from cleanflow.language import _
from cleanflow.reports.daily import DailyReport, daily_report
from cleanflow.reports.day_state import WAITING_LIMIT
from cleanflow.reports.words import method_word, weekday_word

_COLUMNS = 3


class Today(Screen):
    """Six cards."""

    name = "today"
    title = _("Today")
    key = "F2"
    icon = "house"
    help = _(
        "The shop's day so far, on all its PCs. Tab goes from number to number, Enter shows the"
        " records behind it."
    )
    actions = (
        Action("Control-j", _("New job"), "new_job", is_primary=True),
        Action("Control-m", _("Take money"), "take_money"),
        Action("Control-g", _("Find a ticket"), "find_job"),
    )
    refresh_on = (*MONEY_CHANGED, SETTINGS_CHANGED, SYNC_CHANGED, SAFETY_CHANGED)

    def build(self) -> None:
        """Build the cards, the most asked for first."""
        self._cards: list[Card] = []
        for column in range(_COLUMNS):
            self.body.columnconfigure(column, weight=1, uniform="cards")
        self._in = self._card(_("Taken in"))
        self._out = self._card(_("Paid out"))
        self._drawer = self._card(_("In the drawer now"))
        self._jobs = self._card(_("Jobs"))
        self._owed = self._card(_("Customers owe"))
        self._safe = self._card(_("Safekeeping"))
        for method in ("CASH", "BANK"):
            self._in.line(method_word(method), self._leads("payments", method=method))
        self._out.line(_("Expenses"), self._leads("expenses"))
        self._out.line(_("Refunds"), self._leads("payments", method=None))
        for words in (_("At the start"), _("Came in"), _("Went out")):
            self._drawer.line(words)
        self._drawer.line(_("Day close"), lambda: self.desk.show("day_close"))
        self._jobs.line(_("Taken in today"), self._leads("jobs"))
        self._jobs.line(_("In the shop"), lambda: self.desk.show("jobs", status="OPEN"))
        self._jobs.line(_("Ready for pickup"), lambda: self.desk.show("jobs", status="READY"))
        self._jobs.line(_("To be ready today"), lambda: self.desk.show("jobs", due="TODAY"))
        self._jobs.line(_("Late"), lambda: self.desk.show("jobs", due="OVERDUE"))
        self._owed.line(_("Customers who owe"), lambda: self.desk.show("customers", owing=True))
        self._owed.line(_("Credit they have"))
        self._safe.line(_("Not yet on the server"), lambda: self.desk.show("sync"))
        self._safe.line(_("Last backup"), lambda: self.desk.show("safekeeping"))
        self._safe.line(_("Prints that wait"), lambda: self.desk.show("waiting_prints"))

    def _card(self, heading: str) -> Card:
        card = Card(self.body, heading)
        row, column = divmod(len(self._cards), _COLUMNS)
        card.grid(row=row, column=column, sticky="nsew", padx=px(0, 10), pady=px(0, 10))
        self._cards.append(card)
        return card

    def _leads(self, screen_name: str, **what: str | None) -> Callable[[], None]:
        return lambda: self.desk.show(screen_name, day=today(self.desk.db).isoformat(), **what)

    def refresh(self) -> None:
        """Read all numbers again."""
        db = self.desk.db
        day = today(db)
        written = short_date(day.isoformat(), self.desk.shop.date_order)
        doubt = _("the clock may be wrong") if doubt_now(db) else ""
        self.head(f"{_('Today')}, {weekday_word(day.weekday())} {written}" + (f" – {doubt}" if doubt else ""))
        report = daily_report(db, day)
        self._show_money(report)
        self._show_jobs(job_counts(db, day), len(report.jobs))
        self._show_owed(money_owed(db))
        self._show_safe(report.waiting_to_sync, report.last_backup_at)

    def focus_first(self) -> None:
        """Focus the first number."""
        button = self._in.first_button()
        if button is not None:
            button.focus_set()

    def new_job(self) -> None:
        """Show the form of a new job."""
        self.desk.show("new_job")

    def take_money(self) -> None:
        """Show the form of a payment."""
        self.desk.show("take_payment")

    def find_job(self) -> None:
        """Show all jobs, to search for one."""
        self.desk.show("jobs", status=None)

    def _show_money(self, report: DailyReport) -> None:
        money = self.desk.shop.currency.format
        self._in.large(self._money(report.taken_in_minor))
        for line in report.money_in:
            self._in.set(method_word(line.method), self._money(line.net_minor))
        self._out.large(money(report.paid_out_minor))
        refunds = sum(line.refunds_minor + line.refund_reversals_minor for line in report.money_out)
        self._out.set(_("Refunds"), money(refunds))
        self._out.set(_("Expenses"), money(report.paid_out_minor - refunds))
        cash = report.drawer.cash
        if cash is None:
            self._hide_drawer()
            return
        self._drawer.large(money(cash.closing_minor))
        moved = [movement.amount_minor for movement in cash.movements]
        self._drawer.set(_("At the start"), money(cash.opening_minor))
        self._drawer.set(_("Came in"), money(sum(amount for amount in moved if amount > 0)))
        self._drawer.set(_("Went out"), money(-sum(amount for amount in moved if amount < 0)))
        closing = report.drawer.closing
        self._drawer.set(_("Day close"), _("counted") if closing else _("not counted yet"))

    def _money(self, amount_minor: int | None) -> str:
        """An amount; a dash while it is a secret."""
        return "–" if amount_minor is None else self.desk.shop.currency.format(amount_minor)

    def _hide_drawer(self) -> None:
        """Show dashes while the drawer is a secret: the shop counts blind."""
        self._drawer.large("–")
        for words in (_("At the start"), _("Came in"), _("Went out")):
            self._drawer.set(words, "–")
        self._drawer.set(_("Day close"), _("not counted yet"))

    def _show_jobs(self, counts: JobCounts, taken_in: int) -> None:
        self._jobs.set(_("Taken in today"), str(taken_in))
        self._jobs.set(_("In the shop"), str(counts.open))
        self._jobs.set(_("Ready for pickup"), str(counts.ready))
        self._jobs.set(_("To be ready today"), str(counts.due_today))
        self._jobs.set(_("Late"), str(counts.overdue))

    def _show_owed(self, owed: Owed) -> None:
        money = self.desk.shop.currency.format
        self._owed.large(money(owed.owed_minor))
        self._owed.set(_("Customers who owe"), f"{owed.customers:,}")
        self._owed.set(_("Credit they have"), money(owed.credit_minor))

    def _show_safe(self, waiting: int | None, backup_at: datetime | None) -> None:
        self._safe.set(_("Not yet on the server"), _waiting_words(waiting))
        self._safe.set(_("Last backup"), self._backup_words(backup_at))
        self._safe.set(_("Prints that wait"), str(len(spool_of(self.desk).waiting())))

    def _backup_words(self, at: datetime | None) -> str:
        if at is None:
            return _("none yet")
        if at.date() == today(self.desk.db):
            return _("today {time}").format(time=f"{at:%H:%M}")
        return short_date(at.date().isoformat(), self.desk.shop.date_order)


def _waiting_words(waiting: int | None) -> str:
    if waiting is None:
        return _("no server")
    return _("more than {n}").format(n=f"{waiting:,}") if waiting >= WAITING_LIMIT else f"{waiting:,}"
