"""A short list with a form beside it, for the few records of a kind like users and services."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from ttkbootstrap import Frame, Label

from cleanflow.dao.paging import Page, Slice, page_of
from cleanflow.dao.stamps import new_id
from cleanflow.gui.desk import Desk
from cleanflow.gui.widgets.form import Field, Form
from cleanflow.gui.widgets.records import Column, Order, RecordList
from cleanflow.language import _

T = TypeVar("T")


class Register(Frame, Generic[T]):
    """Choosing a line fills the form; saving writes the form, as a new record when no line was chosen.

    Nothing is ever deleted: records out of use stand at the end of the list and say so.
    """

    def __init__(
        self,
        parent: tkinter.Misc,
        desk: Desk,
        name: str,
        columns: Sequence[Column[T]],
        *,
        read: Callable[[], list[T]],
        identify: Callable[[T], str],
        title: Callable[[T], str],
        is_active: Callable[[T], bool],
        new_title: str,
        empty: str,
        event: str,
    ) -> None:
        """``read`` gives all records, ``title`` the heading over the form; ``event`` follows each write."""
        super().__init__(parent)
        self._desk = desk
        self._read = read
        self._title = title
        self._identify = identify
        self._is_active = is_active
        self._new_title = new_title
        self._event = event
        self.edited: T | None = None
        self.record_id = new_id()
        self._filled: list[str] = []
        self._fill: Callable[[T | None], None] = lambda record: None
        self._write: Callable[[T | None, str], T]
        right = Frame(self)
        right.pack(side="right", fill="y", padx=(20, 0))
        self._heading = Label(right, font="StrongFont", wraplength=300, justify="left")
        self._heading.pack(anchor="w", pady=(0, 6))
        self.form = Form(right, self.save, width=22, is_narrow=True)
        self.form.pack(anchor="w")
        self._message = Label(right, bootstyle="danger", wraplength=300, justify="left")
        self._message.pack(anchor="w", pady=(8, 0))
        standing: Column[T] = Column(
            "standing", _("Standing"), 100, lambda record: "" if is_active(record) else _("not in use")
        )
        self.list = RecordList(
            self,
            desk,
            name,
            [*columns, standing],
            self._page,
            identify=identify,
            order=Order("name"),
            empty=empty,
            on_choose=self._edit,
            on_open=lambda record: self.focus_form(),
            may_mark=lambda: self.form.texts() == self._filled,  # choosing would overwrite what is typed
        )
        self.list.pack(side="left", fill="both", expand=True)
        right.lift()  # Tab order: list, form, buttons

    def use(self, fill: Callable[[T | None], None], write: Callable[[T | None, str], T]) -> None:
        """``fill`` shows a record, or None, in the form; ``write`` saves it and gets the id for a new one."""
        self._fill = fill
        self._write = write
        self.new(focus=False)

    def refresh(self) -> None:
        """Read the list again."""
        self.list.reload()

    def new(self, focus: bool = True) -> None:
        """Empty the form for a new record."""
        self.edited, self.record_id = None, new_id()
        self._heading.configure(text=self._new_title)
        self._message.configure(text="")
        self._fill(None)
        self._filled = self.form.texts()
        if focus:
            self.list.choose_none()
            self.focus_form()

    def discard(self) -> None:
        """Empty the form without saving it."""
        self.list.choose_none()
        self.new(focus=False)

    def focus_form(self) -> None:
        """Focus the form's first field."""
        field: Field[object] = self.form.fields[0]
        field.widget.focus_set()

    def forget_refusals(self) -> None:
        """Clear the message."""
        self._message.configure(text="")

    def save(self) -> None:
        """Save the form."""
        self._message.configure(text="")
        self._desk.do(lambda: self._write(self.edited, self.record_id), self._saved, self._refuse)

    def toggle(self, write: Callable[[T, bool], T]) -> None:
        """Take the chosen record out of use, or back into use."""
        record = self.edited
        if record is None:
            self._desk.tell(_("Choose a line of the list first."))
            return
        self._desk.do(lambda: write(record, not self._is_active(record)), self._saved, self._refuse)

    def _page(self, _part: Slice) -> Page[T]:
        return page_of(self._read())

    def _edit(self, record: T) -> None:
        is_same = self.edited is not None and self._identify(record) == self._identify(self.edited)
        if is_same and self.form.texts() != self._filled:
            return  # the list was read again while somebody types
        self.edited = record
        self._heading.configure(text=self._title(record))
        self._message.configure(text="")
        self._fill(record)
        self._filled = self.form.texts()

    def _saved(self, record: T) -> None:
        self.list.choose_none()
        self.new(focus=False)
        self._desk.changed(self._event)
        self.refresh()
        self._desk.tell(_("Saved: {name}").format(name=self._title(record)))
        self.focus_form()

    def _refuse(self, words: str) -> None:
        self._message.configure(text=words)
