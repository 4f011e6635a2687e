"""The line of filters above a list; their values are remembered on this PC."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Mapping
from typing import TypeVar

from ttkbootstrap import Combobox, Entry, Frame, Label

from cleanflow.dao.remembered import recall, remember
from cleanflow.dao.stamps import today
from cleanflow.errors import Refusal
from cleanflow.gui.appearance import px
from cleanflow.gui.desk import Desk
from cleanflow.gui.reading import Period, period_names, read_choice, read_period
from cleanflow.gui.widgets.choices import fix_choices, put_text
from cleanflow.gui.widgets.flow import Flow
from cleanflow.language import _
from cleanflow.rendering.document import shown_date

T = TypeVar("T")

_TYPING_PAUSE_MS = 150


class Filters(Flow):
    """Labelled fields side by side; each change is remembered and calls ``on_change``."""

    def __init__(self, parent: tkinter.Misc, desk: Desk, name: str, on_change: Callable[[], object]) -> None:
        super().__init__(parent)
        self._desk = desk
        self._key = f"filters.{name}"
        self._on_change = on_change
        self._fields: dict[str, Combobox | Entry] = {}
        self._labels: dict[str, str] = {}
        self._periods: set[str] = set()
        self._known = recall(desk.db, self._key, {})
        self._timer: str | None = None
        #: Name of a field -> the text by which the list was read last.
        self._applied: dict[str, str] = {}
        self.bind("<Destroy>", lambda _event: self._stop_waiting())

    def choice(self, name: str, label: str, choices: Mapping[str, object], width: int = 16) -> Combobox:
        """Add a choice; the first one is the default."""
        names = [*choices]
        part = Frame(self)
        field = Combobox(part, values=names, width=width)
        remembered = self._known.get(name)
        field.set(remembered if remembered in names else names[0])
        fix_choices(field)
        self._add(name, label, part, field)
        return field

    def period(self, name: str, label: str, default: str, width: int = 14) -> Combobox:
        """Add a field for a period, by name or typed like ``1/3..15/3``."""
        part = Frame(self)
        field = Combobox(part, values=period_names(), width=width)
        field.set(self._known.get(name, default))
        self._add(name, label, part, field)
        self._periods.add(name)
        return field

    def text(self, name: str, label: str, width: int = 20) -> Entry:
        """Add a text field; it is not remembered, because a forgotten word hides records."""
        part = Frame(self)
        field = Entry(part, width=width)
        self._add(name, label, part, field)
        return field

    def read_choice(self, name: str, choices: Mapping[str, T]) -> T:
        """The chosen value, or the first one when the text is not a choice."""
        try:
            return read_choice(self._fields[name].get(), choices)
        except Refusal:
            return next(iter(choices.values()))

    def read_period(self, name: str) -> Period:
        """The period; an invalid one is reported in the status bar and read as the whole time."""
        desk = self._desk
        try:
            return read_period(self._fields[name].get(), today(desk.db), desk.shop.date_order)
        except Refusal as refusal:
            if self._fields[name].get().strip():
                desk.tell(str(refusal))
            return Period(None, None)

    def read_text(self, name: str) -> str:
        """The typed text."""
        return str(self._fields[name].get()).strip()

    def words(self) -> str:
        """What is asked for, on paper: each field that leaves something out, a period by its dates."""
        order, told = self._desk.shop.date_order, []
        for name, field in self._fields.items():
            text = field.get().strip()
            if name in self._periods:
                period = self.read_period(name)
                first, last = (
                    day and shown_date(day.isoformat(), order) for day in (period.first, period.last)
                )
                text = " – ".join(dict.fromkeys((first or "…", last or "…")))
                text = _("all days") if text == "…" else text
            elif isinstance(field, Combobox) and text == field.cget("values")[0]:
                continue  # all of them
            if text:
                told.append(f"{self._labels[name]}: {text}")
        return ", ".join(told)

    def set(self, name: str, text: str) -> None:
        """Set a field, as a link from another screen does."""
        put_text(self._fields[name], text)
        self._applied[name] = text

    def keep(self) -> None:
        """Remember the present choices, as after a change by hand."""
        chosen = {name: field.get() for name, field in self._fields.items() if isinstance(field, Combobox)}
        if chosen != self._known:
            self._known = chosen
            remember(self._desk.db, self._key, chosen)

    def focus_first(self) -> None:
        """Focus the first field and select its text."""
        field = next(iter(self._fields.values()))
        field.focus_set()
        field.selection_range(0, tkinter.END)

    def _add(self, name: str, label: str, part: Frame, field: Combobox | Entry) -> None:
        Label(part, text=label).pack(side="left", padx=px(0, 6))
        field.pack(side="left", padx=px(0, 8))
        part.bind("<Configure>", lambda _event: self.lay_out())
        self.lay_out()
        self._fields[name], self._labels[name] = field, label
        self._applied[name] = field.get()
        field.bind("<<ComboboxSelected>>", lambda _event: self._changed())
        field.bind("<Return>", lambda _event: self._changed())
        if isinstance(field, Combobox):
            field.bind("<FocusOut>", lambda _event: self._left(name))
        else:
            field.bind("<KeyRelease>", lambda _event: self._typed(name), add="+")

    def _left(self, name: str) -> None:
        """Apply a period that was typed: what stands in the field is what the list shows."""
        field = self._fields[name]
        if field.winfo_viewable() and field.get() != self._applied[name]:
            self._changed()

    def _typed(self, name: str) -> None:
        """Apply a text after a short pause in typing; choices wait for Enter, a selection, or the way on."""
        if self._fields[name].get() == self._applied[name]:
            return
        self._applied[name] = self._fields[name].get()
        self._stop_waiting()
        self._timer = self.after(_TYPING_PAUSE_MS, self._pause_over)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self.after_cancel(self._timer)
            self._timer = None

    def _pause_over(self) -> None:
        self._timer = None
        self._on_change()

    def _changed(self) -> None:
        self._applied = {name: field.get() for name, field in self._fields.items()}
        self.keep()
        self._on_change()
