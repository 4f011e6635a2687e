"""The audit trail: who changed what, when and on which PC, with the values before and after."""

from __future__ import annotations

import tkinter

from ttkbootstrap import Frame, Label, Scrollbar, Treeview

from cleanflow.clock import local_time
from cleanflow.dao.audit_lists import AuditLine, list_audit
from cleanflow.dao.paging import Page, Slice
from cleanflow.dao.users import list_users
from cleanflow.gui.appearance import px
from cleanflow.gui.desk import MONEY_CHANGED, SETTINGS_CHANGED, USERS_CHANGED, Action
from cleanflow.gui.people import told_apart
from cleanflow.gui.screen import Screen
from cleanflow.gui.widgets.audit_words import TABLES, FieldChange, action_word, field_changes, record_word
from cleanflow.gui.widgets.filters import Filters
from cleanflow.gui.widgets.labels import short_date
from cleanflow.gui.widgets.records import Column, Order, RecordList
from cleanflow.language import _


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
    )
    refresh_on = (*MONEY_CHANGED, SETTINGS_CHANGED, USERS_CHANGED)

    def build(self) -> None:
        """Build the filters, the list, and the fields of the chosen line."""
        self._record_id: str | None = None
        self._filters = Filters(self.body, self.desk, self.name, self._reload)
        self._filters.pack(anchor="w")
        self._filters.period("period", _("Period"), _("This month"))
        self._people_box = self._filters.choice("user", _("Who"), self._people(), width=16)
        self._filters.choice("table", _("What"), _table_choices(), width=20)
        self._only = Label(self.body, bootstyle="secondary")
        self._only.pack(anchor="w", pady=px(6, 6))
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
        self._whole = Label(self.body, bootstyle="secondary", wraplength=px(800), justify="left")
        self._whole.pack(side="bottom", anchor="w", pady=px(4, 0))
        frame = Frame(self.body)
        frame.pack(side="bottom", fill="x", pady=px(10, 0))
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
            which = f"{TABLES.get(lines[0].table, '')} {record_word(lines[0])}".strip() if lines else ""
            words = _("Only this record: {which}. Ctrl+L shows all records.").format(which=which or "?")
        self._only.configure(text=words)

    def _read(self, part: Slice) -> Page[AuditLine]:
        period = self._filters.read_period("period")
        return list_audit(
            self.desk.db,
            part,
            first=period.first,
            last=period.last,
            user_id=self._filters.read_choice("user", self._people()),
            table=self._filters.read_choice("table", _table_choices()),
            record_id=self._record_id,
        )

    def _people(self) -> dict[str, str | None]:
        people = told_apart(list_users(self.desk.db, with_inactive=True), self.desk.shop.date_order)
        return {_("All"): None, **{label: user.id for label, user in people.items()}}

    def _when(self, line: AuditLine) -> str:
        at = local_time(line.at)
        return f"{short_date(at.date().isoformat(), self.desk.shop.date_order)} {at:%H:%M}"

    # --- the chosen line ---------------------------------------------------------------------------

    def _show_fields(self, line: AuditLine) -> None:
        table = self._fields
        table.delete(*table.get_children())
        self._whole.configure(text="")
        self._changes = field_changes(self.desk.db, self.desk.shop, line)
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


#: Table -> the screen that lists its records.
_SCREENS = {
    "users": "users",
    "service_types": "services",
    "expense_categories": "services",
    "settings": "settings",
}


def _table_choices() -> dict[str, str | None]:
    return {_("All"): None, **{words: table for table, words in TABLES.items()}}


def _one_line(text: str) -> str:
    return " ".join(text.split("\n"))
