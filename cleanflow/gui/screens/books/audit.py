"""The audit trail: who changed what, when and on which PC, with the values before and after."""

from __future__ import annotations

import tkinter
from dataclasses import replace
from typing import Any

from ttkbootstrap import Frame, Label, Scrollbar, Treeview

from cleanflow.clock import local_time
from cleanflow.dao.audit_lists import AuditLine, list_audit
from cleanflow.dao.blind_count import cash_is_hidden
from cleanflow.dao.paging import Page, Slice
from cleanflow.dao.shop import Shop
from cleanflow.dao.users import list_users
from cleanflow.db import Database
from cleanflow.gui.desk import MONEY_CHANGED, SETTINGS_CHANGED, SYNC_CHANGED, USERS_CHANGED, Action
from cleanflow.gui.dialogs.list_file import ask_list_file
from cleanflow.gui.screen import Screen
from cleanflow.gui.widgets.audit_words import TABLES, FieldChange, action_word, field_changes, record_word
from cleanflow.gui.widgets.filters import Filters
from cleanflow.gui.widgets.labels import short_date
from cleanflow.gui.widgets.records import Column, Order, RecordList
from cleanflow.gui.widgets.sent import sent_column
from cleanflow.language import _
from cleanflow.rendering.document import Column as PaperColumn
from cleanflow.reports.record_lists import Cell, RecordsWanted


class Audit(Screen):
    """The trail above, the chosen change below it, field by field."""

    name = "audit"
    title = _("Audit")
    key = "Shift-F10"
    icon = "clock-history"
    help = _(
        "Every record that was added or changed: by whom, when and on which PC. Below, each field of"
        " the chosen line before and after; a difference is marked “changed”. The database itself"
        " writes the trail; nobody can change it or switch it off. Enter opens the record."
    )
    actions = (
        Action("Control-f", _("Filter"), "focus_filters"),
        Action("Control-o", _("Only this record"), "show_record"),
        Action("Control-l", _("All records"), "show_all"),
        Action("Control-p", _("Save the list …"), "save_list", _("The whole list for Excel or as PDF")),
    )
    refresh_on = (*MONEY_CHANGED, SETTINGS_CHANGED, USERS_CHANGED, SYNC_CHANGED)

    def build(self) -> None:
        """Build the filters, the list, and the fields of the chosen line."""
        self._record_id: str | None = None
        self._filters = Filters(self.body, self.desk, self.name, self._reload)
        self._filters.pack(anchor="w")
        self._filters.period("period", _("Period"), _("This month"))
        self._people_box = self._filters.choice("user", _("Who"), self._people(), width=16)
        self._filters.choice("table", _("What"), _table_choices(), width=20)
        self._only = Label(self.body, bootstyle="secondary")
        self._only.pack(anchor="w", pady=(6, 6))
        self._build_list()
        self._build_fields()
        self._list.pack(fill="both", expand=True)  # packed last, so that it shrinks before the fields do

    def _build_list(self) -> None:
        columns: list[Column[AuditLine]] = [
            Column("at", _("When"), 130, self._when, sort="time"),
            Column("user", _("Who"), 120, lambda line: line.who),
            Column("pc", _("PC"), 46, lambda line: line.pc_code),
            Column("action", _("Done"), 90, lambda line: action_word(line.action)),
            Column("table", _("What"), 150, lambda line: TABLES.get(line.table, line.table)),
            Column("record", _("Which"), 160, record_word, stretches=True),
            *sent_column(self.desk, "audit_logs", _id_of),
        ]
        self._list = RecordList(
            self.body,
            self.desk,
            self.name,
            columns,
            self._read,
            identify=lambda line: line.id,
            order=Order("time", descending=True),
            empty=_("Nothing was added or changed here. Choose another period, person or kind of record."),
            on_open=self._open_record,
            on_choose=self._show_fields,
            height=8,
        )

    def _build_fields(self) -> None:
        self._whole = Label(self.body, bootstyle="secondary", wraplength=800, justify="left")
        self._whole.pack(side="bottom", anchor="w", pady=(4, 0))
        frame = Frame(self.body)
        frame.pack(side="bottom", fill="x", pady=(10, 0))
        table = self._fields = Treeview(
            frame,
            columns=("field", "before", "after", "mark"),
            show="headings",
            height=8,
            selectmode="browse",
        )
        headings = {
            "field": (_("Field"), 190),
            "before": (_("Before"), 230),
            "after": (_("After"), 230),
            "mark": ("", 90),
        }
        for name, (title, width) in headings.items():
            table.heading(name, text=title, anchor="w")
            table.column(name, width=width, anchor="w", stretch=name in ("before", "after"))
        scrollbar = Scrollbar(frame, command=table.yview)
        table.configure(yscrollcommand=scrollbar.set)
        scrollbar.pack(side="right", fill="y")
        table.pack(side="left", fill="x", expand=True)
        table.bind("<<TreeviewSelect>>", lambda _event: self._show_whole())
        table.bind("<FocusIn>", lambda _event: self._choose_field())
        self._changes: list[FieldChange] = []

    def open(self, record_id: str) -> None:
        """Show the history of one record."""
        self._record_id = record_id
        self._ask_for_all()

    def refresh(self) -> None:
        """Read the trail again."""
        self._people_box["values"] = [*self._people()]
        self._reload()

    def focus_first(self) -> None:
        """Focus the list, or the filters while it is empty."""
        if self._list.records():
            self._list.focus_list()
        else:
            self._filters.focus_first()

    def focus_filters(self) -> None:
        """Focus the filters."""
        self._filters.focus_first()

    def show_record(self) -> None:
        """Show the whole history of the chosen line's record."""
        line = self._list.chosen()
        if line is None:
            self.tell_nothing_chosen()
            return
        self.open(line.record_id)
        self._reload()
        self.focus_first()

    def show_all(self) -> None:
        """Show all records of this month again."""
        self._record_id = None
        self._ask_for_all()
        self._filters.set("period", _("This month"))
        self._reload()
        self.focus_first()

    def _ask_for_all(self) -> None:
        self._filters.set("period", _("All"))
        self._filters.set("user", _("All"))
        self._filters.set("table", _("All"))

    # --- the list ----------------------------------------------------------------------------------

    def _reload(self) -> None:
        self._changes = []
        self._fields.delete(*self._fields.get_children())
        self._whole.configure(text="")
        self._list.reload()
        self._say_which()

    def _say_which(self) -> None:
        words = ""
        if self._record_id is not None:
            lines = self._list.records()
            own = next((line for line in lines if line.record_id == self._record_id), None)
            which = f"{TABLES.get(own.table, '')} {record_word(own)}".strip() if own else ""
            words = _("Only this record: {which}. Ctrl+L shows all records.").format(which=which or "?")
        self._only.configure(text=words)

    def _read(self, part: Slice) -> Page[AuditLine]:
        return list_audit(self.desk.db, part, **self._wanted())

    def _wanted(self) -> dict[str, Any]:
        """What the filters ask of ``list_audit``; of one record also what belongs to it."""
        period = self._filters.read_period("period")
        return {
            "first": period.first,
            "last": period.last,
            "user_id": self._filters.read_choice("user", self._people()),
            "table": self._filters.read_choice("table", _table_choices()),
            "record_id": self._record_id,
            "with_parts": True,
        }

    def save_list(self) -> None:
        """Save all changes of the filters for Excel or as PDF: a row for each field, before and after."""
        wanted, order, shop = self._wanted(), self._list.order, self.desk.shop

        def read(db: Database, part: Slice) -> Page[tuple[AuditLine, FieldChange]]:
            page = list_audit(db, part, **wanted)
            told = [
                (line, change)
                for line in page.rows
                for change in _changes(db, shop, line)
                if change.is_changed or line.action == "INSERT"
            ]
            return page.with_rows(told)

        cells: list[Cell[tuple[AuditLine, FieldChange]]] = [
            Cell(PaperColumn(_("When")), lambda told: self._when(told[0])),
            Cell(PaperColumn(_("Who")), lambda told: told[0].who),
            Cell(PaperColumn(_("PC")), lambda told: told[0].pc_code),
            Cell(PaperColumn(_("Done")), lambda told: action_word(told[0].action)),
            Cell(PaperColumn(_("What")), lambda told: TABLES.get(told[0].table, told[0].table)),
            Cell(PaperColumn(_("Which"), share=2), lambda told: record_word(told[0])),
            Cell(PaperColumn(_("Field")), lambda told: told[1].field),
            Cell(PaperColumn(_("Before"), share=2), lambda told: _one_line(told[1].before)),
            Cell(PaperColumn(_("After"), share=3), lambda told: _one_line(told[1].after)),
        ]
        words = ", ".join(
            filter(None, (self._filters.words(), str(self._only.cget("text")).partition(".")[0]))
        )
        ask_list_file(self.desk, RecordsWanted(_("Audit"), words, cells, read, order.sort, order.descending))

    def _people(self) -> dict[str, str | None]:
        users = list_users(self.desk.db, with_inactive=True)
        people: dict[str, str | None] = {_("All"): None}
        for user in users:  # a former user may have had the name of a present one
            people.setdefault(user.name, user.id)
        return people

    def _when(self, line: AuditLine) -> str:
        at = local_time(line.at)
        return f"{short_date(at.date().isoformat(), self.desk.shop.date_order)} {at:%H:%M}"

    # --- the chosen line ---------------------------------------------------------------------------

    def _show_fields(self, line: AuditLine) -> None:
        table = self._fields
        table.delete(*table.get_children())
        self._whole.configure(text="")
        self._changes = _changes(self.desk.db, self.desk.shop, line)
        for number, change in enumerate(self._changes):
            mark = _("changed") if change.is_changed else ""
            values = (change.field, _one_line(change.before), _one_line(change.after), mark)
            table.insert("", tkinter.END, iid=str(number), values=values)

    def _choose_field(self) -> None:
        """Choose the first changed field, or the first of all."""
        changed = [number for number, change in enumerate(self._changes) if change.is_changed]
        if self._changes and not self._fields.selection():
            row = str(changed[0] if changed else 0)
            self._fields.selection_set(row)
            self._fields.focus(row)

    def _show_whole(self) -> None:
        """Show the whole text of the chosen field."""
        chosen = self._fields.selection()
        if chosen:
            change = self._changes[int(chosen[0])]
            before = f"{change.before} → " if change.before else ""
            self._whole.configure(text=f"{change.field}: {before}{change.after}"[:600])

    def _open_record(self, line: AuditLine) -> None:
        desk = self.desk
        if line.table in ("jobs", "job_adjustments"):
            desk.show("job_page", job_id=line.new.get("job_id") or line.record_id)
        elif line.table == "payment_allocations" and line.new.get("job_id"):
            desk.show("job_page", job_id=line.new["job_id"])
        elif line.table == "payment_allocations":
            desk.show("payment_page", payment_id=line.new["payment_id"])
        elif line.table == "payments":
            desk.show("payment_page", payment_id=line.record_id)
        elif line.table == "customers":
            desk.show("customer_page", customer_id=line.record_id)
        elif line.table == "expenses":
            desk.show("expenses", day=line.new["business_date"])
        elif line.table in _SCREENS:
            desk.show(_SCREENS[line.table])
        else:
            desk.tell(_("This record has no page of its own; all its fields are below."))


def _changes(db: Database, shop: Shop, line: AuditLine) -> list[FieldChange]:
    """The fields of a change; a closing without its sums, while they tell what is in the drawer now."""
    if line.table == "day_closings" and cash_is_hidden(db):
        told = {name: value for name, value in line.new.items() if name not in _SUMS_OF_A_COUNT}
        line = replace(line, new=told)
    return field_changes(db, shop, line)


_SUMS_OF_A_COUNT = {"expected_minor", "counted_minor", "variance_minor", "denominations"}

#: Table -> the screen that lists its records.
_SCREENS = {
    "users": "users",
    "service_types": "services",
    "expense_categories": "services",
    "settings": "settings",
}


def _id_of(line: AuditLine) -> str:
    return line.id


def _table_choices() -> dict[str, str | None]:
    return {_("All"): None, **{words: table for table, words in TABLES.items()}}


def _one_line(text: str) -> str:
    return " ".join(text.split("\n"))
