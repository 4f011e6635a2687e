"""The board: the jobs in the shop by work status, side by side, and those delivered lately."""

from __future__ import annotations

import tkinter
from datetime import date
from tkinter import font

from ttkbootstrap import Frame, Label, Scrollbar, Style, Treeview

from cleanflow.dao.job_lists import JobLine, Station, stations
from cleanflow.dao.stamps import today
from cleanflow.gui.appearance import px
from cleanflow.gui.desk import CUSTOMERS_CHANGED, JOBS_CHANGED, PAYMENTS_CHANGED, SETTINGS_CHANGED, Action
from cleanflow.gui.dialogs.job_steps import ask_ticket, late_words, move_job
from cleanflow.gui.screen import Screen
from cleanflow.gui.widgets.labels import WORK_STATUSES, short_date
from cleanflow.gui.widgets.wrapped import Wrapped
from cleanflow.language import _

_SHOWN, _DELIVERED_DAYS = 50, 3
_MORE = "more"


class Board(Screen):
    """Four columns of cards; a card has four lines: number and date, customer, what it is, money."""

    name = "board"
    title = _("Board")
    key = "Shift-F4"
    icon = "kanban"
    help = _(
        "The jobs in the shop, the most urgent first. Left and Right go to another column, Up and Down"
        " to another job. Ctrl+W or Shift+Right moves the chosen job to its next step, Ctrl+Y or"
        " Shift+Left back. Enter opens the job. Delivered jobs are shown for three days."
    )
    actions = (
        Action("Control-w", _("Next step"), "move_on", is_primary=True),
        Action("Control-y", _("Step back"), "move_back"),
        Action("Control-m", _("Take money"), "take_money"),
        Action("Control-n", _("New job"), "new_job"),
        Action("Control-g", _("Ticket …"), "find_ticket"),
    )
    refresh_on = (JOBS_CHANGED, PAYMENTS_CHANGED, CUSTOMERS_CHANGED, SETTINGS_CHANGED)

    def build(self) -> None:
        """Build the columns, from the first work step to the last."""
        self._stations: list[Station] = []
        self._columns: list[Treeview] = []
        self._headings: list[Label] = []
        self._lines: dict[str, JobLine] = {}
        self.body.rowconfigure(1, weight=1)
        for place in range(len(WORK_STATUSES) - 1):
            self.body.columnconfigure(place, weight=1, uniform="stations")
            self._build_column(place)
        self._empty = Label(self.body, bootstyle="secondary")
        self._empty.grid(row=2, column=0, columnspan=4, sticky="w", pady=px(4, 0))
        self.bind("<<ThemeChanged>>", lambda _event: self._set_card_height(), add="+")

    def _build_column(self, place: int) -> None:
        heading = Wrapped(self.body, 400, font="StrongFont")
        heading.grid(row=0, column=place, sticky="sew", pady=px(0, 4))
        frame = Frame(self.body)
        frame.grid(row=1, column=place, sticky="nsew", padx=px(0, 8))
        column = Treeview(frame, show="tree", selectmode="browse", height=4)
        column.column("#0", width=px(160), minwidth=px(120))
        scrollbar = Scrollbar(frame, command=column.yview)
        column.configure(yscrollcommand=scrollbar.set)
        scrollbar.pack(side="right", fill="y")
        column.pack(side="left", fill="both", expand=True)
        keys = {
            "<Left>": lambda: self._go(place, -1),
            "<Right>": lambda: self._go(place, 1),
            "<Shift-Left>": self.move_back,
            "<Shift-Right>": self.move_on,
            "<Return>": self._open_chosen,
            "<Double-1>": self._open_chosen,
            "<FocusIn>": lambda: self._enter(place),
        }
        for key, method in keys.items():
            column.bind(key, lambda _event, method=method: _and_no_more(method))  # type: ignore[misc]
        self._headings.append(heading)
        self._columns.append(column)

    def refresh(self) -> None:
        """Read the columns again; the chosen job stays chosen, wherever it is."""
        self._set_card_height()
        chosen, (place, row) = self._chosen(), self._place()
        self._stations = stations(self.desk.db, limit=_SHOWN, delivered_days=_DELIVERED_DAYS)
        self._lines = {line.id: line for station in self._stations for line in station.lines}
        day = today(self.desk.db)
        for station, column, heading in zip(self._stations, self._columns, self._headings, strict=True):
            heading.configure(text=_heading(station))
            column.delete(*column.get_children())
            for line in station.lines:
                column.insert("", tkinter.END, iid=line.id, text=self._card(line, day))
            if station.count > len(station.lines):
                more = _("… and {count} more").format(count=f"{station.count - len(station.lines):,}")
                column.insert("", tkinter.END, iid=_MORE, text=more)
        self._empty.configure(text="" if self._lines else _("No jobs in the shop. Ctrl+N makes a new one."))
        self._choose_again(chosen.id if chosen else "", place, row)

    def _card(self, line: JobLine, day: date) -> str:
        ready = late_words(line, day) or short_date(line.due_date, self.desk.shop.date_order)
        top = (
            line.reference if line.work_status == "DELIVERED" or not ready else f"{line.reference}   {ready}"
        )
        money = _("paid")
        if line.due_minor > 0:
            money = _("due {amount}").format(amount=self.desk.shop.currency.format(line.due_minor))
        return "\n".join(filter(None, (top, line.customer, line.what, money)))

    def _set_card_height(self) -> None:
        """Set the row height to four lines and a gap, in a style of the board alone."""
        column = self._columns[0]
        if not str(column.cget("style")).startswith("Board."):
            for column in self._columns:
                column.configure(style=f"Board.{column.cget('style') or 'Treeview'}")
        height = round(font.nametofont("TkDefaultFont").metrics("linespace") * 4.7)
        Style().configure(str(column.cget("style")), rowheight=height)

    # --- the chosen job ----------------------------------------------------------------------------

    def focus_first(self) -> None:
        """Focus the chosen job, or the first one."""
        place, _row = self._place()
        column = self._columns[place]
        if not column.get_children():
            place = next((n for n, each in enumerate(self._columns) if each.get_children()), 0)
            column = self._columns[place]
        column.focus_set()
        self._enter(place)

    def _place(self) -> tuple[int, int]:
        """The column and the row of the chosen job."""
        for place, column in enumerate(self._columns):
            if column.selection():
                return place, column.index(column.selection()[0])
        return 0, 0

    def _chosen(self) -> JobLine | None:
        for column in self._columns:
            if column.selection():
                return self._lines.get(column.selection()[0])
        return None

    def _enter(self, place: int) -> None:
        """Clear the selection in the other columns."""
        for other, column in enumerate(self._columns):
            if other != place:
                column.selection_set()
        column = self._columns[place]
        if not column.selection() and column.get_children():
            self._choose(place, 0)

    def _choose(self, place: int, row: int) -> None:
        column = self._columns[place]
        rows = column.get_children()
        if rows:
            chosen = rows[min(row, len(rows) - 1)]
            column.selection_set(chosen)
            column.focus(chosen)
            column.see(chosen)

    def _choose_again(self, job_id: str, place: int, row: int) -> None:
        has_focus = self.focus_get() in self._columns
        for other, column in enumerate(self._columns):
            if job_id and column.exists(job_id):
                place, row = other, column.index(job_id)
        self._choose(place, row)
        if has_focus:
            self._columns[place].focus_set()

    def _go(self, place: int, step: int) -> None:
        """Go to the next column with jobs, in the same row."""
        row = self._place()[1]
        place += step
        while 0 <= place < len(self._columns):
            if self._columns[place].get_children():
                self._columns[place].selection_set()
                self._choose(place, row)
                self._columns[place].focus_set()
                return
            place += step

    # --- what the keys do --------------------------------------------------------------------------

    def _open_chosen(self) -> None:
        place, _row = self._place()
        line = self._chosen()
        if line is not None:
            self.desk.show("job_page", job_id=line.id)
        elif self._columns[place].selection():
            self.desk.show("jobs", status=self._stations[place].work_status)

    def move_on(self) -> None:
        """Move the chosen job to its next step."""
        self._move(1)

    def move_back(self) -> None:
        """Move the chosen job back a step."""
        self._move(-1)

    def _move(self, step: int) -> None:
        line = self._chosen()
        if line is None:
            self.desk.tell(_("Choose a job first."))
        else:
            move_job(self.desk, line.id, line.work_status, step, lambda: None)

    def take_money(self) -> None:
        """Take money for the chosen job."""
        line = self._chosen()
        if line is None:
            self.desk.show("take_payment")
        else:
            self.desk.show("take_payment", customer_id=line.customer_id, job_id=line.id)

    def new_job(self) -> None:
        """Show the form of a new job."""
        self.desk.show("new_job")

    def find_ticket(self) -> None:
        """Ask for a ticket number."""
        ask_ticket(self.desk)


def _heading(station: Station) -> str:
    words = WORK_STATUSES[station.work_status]
    if station.work_status == "DELIVERED":
        words = _("Delivered, {days} days").format(days=_DELIVERED_DAYS)
    return f"{words}  ({station.count:,})"


def _and_no_more(method: object) -> str | None:
    assert callable(method)
    method()
    return "break"
