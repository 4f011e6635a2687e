"""A list of records, read from SQL in its order, one page at a time; it never holds more than a page."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Generic, TypeVar

from ttkbootstrap import Button, Frame, Label

from cleanflow.dao.paging import Page, Slice
from cleanflow.dao.remembered import recall, remember
from cleanflow.gui.appearance import px
from cleanflow.gui.desk import Desk
from cleanflow.gui.keys import bind_keys
from cleanflow.gui.widgets.table import Table, add_scrollbar
from cleanflow.language import _

T = TypeVar("T")


@dataclass(frozen=True)
class Column(Generic[T]):
    """A column of a list: its heading, its width in pixels where there is room, and a record's text in it.

    ``sort`` names an order of the DAO's listing; ``""``: the column cannot be sorted.
    """

    name: str
    title: str
    width: int
    text: Callable[[T], str]
    is_right: bool = False
    stretches: bool = False
    sort: str = ""


@dataclass(frozen=True)
class Order:
    """How a list is sorted."""

    sort: str
    descending: bool = False


@dataclass
class _Shown(Generic[T]):
    """The page on the screen, its slice, the number of its first row (0: unknown), whether rows follow."""

    part: Slice | None = None
    page: Page[T] = field(default_factory=lambda: Page([], None, None, False, 0))
    first: int = 1
    goes_on: bool = False


class RecordList(Frame, Generic[T]):
    """A table with a count below it. Down on the last row goes to the next page, Up on the first one back.

    Home and End go to the first and the last page, Ctrl+1 … Ctrl+9 sort by a column, Enter opens a line.
    Widths and order are remembered on this PC under ``name``.
    """

    PAGE = 100

    def __init__(
        self,
        parent: tkinter.Misc,
        desk: Desk,
        name: str,
        columns: Sequence[Column[T]],
        read: Callable[[Slice], Page[T]],
        *,
        identify: Callable[[T], str],
        order: Order,
        empty: str,
        on_open: Callable[[T], object] | None = None,
        on_choose: Callable[[T], object] | None = None,
        tag: Callable[[T], str] = lambda record: "",
        may_mark: Callable[[], bool] = lambda: True,
        height: int = 6,
    ) -> None:
        """``read`` gives a page; ``empty`` is shown for an empty list and says what to do about it.

        A list that gets the focus chooses a line, unless ``may_mark`` is false; then Down does.
        """
        super().__init__(parent)
        self._desk = desk
        self._key = f"list.{name}"
        self._columns = columns
        self._read = read
        self._identify = identify
        self._empty = empty
        self._on_open = on_open
        self._on_choose = on_choose
        self._tag = tag
        self._may_mark = may_mark
        self._order = order
        self._shown: _Shown[T] = _Shown()
        self._records: dict[str, T] = {}
        self._build(height)
        self._recall()

    # --- what screens ask --------------------------------------------------------------------------

    def reload(self) -> None:
        """Read again from the first page, keeping the chosen line if it is still there.

        After changes from another PC the list keeps its page and its scroll position.
        """
        if not self._desk.syncing.is_telling:
            self._show(self._slice(), self._read(self._slice()), first=1)
            return
        part, first = self._shown.part or self._slice(), self._shown.first
        page, scrolled = self._read(part), self.table.yview()[0]
        if page.rows or first == 1:
            self._show(part, page, first, is_followed=part.backward and self._shown.goes_on)
            self.table.yview_moveto(scrolled)

    @property
    def order(self) -> Order:
        """How the list is sorted now."""
        return self._order

    def chosen(self) -> T | None:
        """The record of the chosen line."""
        rows = self.table.selection()
        return self._records.get(rows[0]) if rows else None

    def choose_none(self) -> None:
        """Clear the selection."""
        self.table.selection_set(())

    def records(self) -> list[T]:
        """The records on the present page."""
        return [self._records[row] for row in self.table.get_children()]

    def focus_list(self) -> str:
        """Put the focus on the chosen or the first line."""
        rows = self.table.get_children()
        if rows:
            self.table.focus_set()
            row = self.table.selection()[0] if self.table.selection() else rows[0]
            self._choose(row)
        return "break"

    # --- building ----------------------------------------------------------------------------------

    def _build(self, height: int) -> None:
        foot = Frame(self)
        foot.pack(side="bottom", fill="x", pady=px(4, 0))
        self.count = Label(foot, bootstyle="secondary")
        self.count.pack(side="left")
        self._next_button = Button(
            foot, text=_("Next ›"), bootstyle="secondary-link", command=self._next, takefocus=False
        )
        self._back_button = Button(
            foot, text=_("‹ Previous"), bootstyle="secondary-link", command=self._back, takefocus=False
        )
        self.table = Table(self, self._columns, height=height)
        for column in self._columns:
            self.table.heading(column.name, command=lambda column=column: self._sort_by(column))  # type: ignore[misc]
        self.table.pack(side="left", fill="both", expand=True)
        add_scrollbar(self.table)
        self._bind_keys()

    def _bind_keys(self) -> None:
        keys: dict[str, Callable[[], object]] = {
            "<<TreeviewSelect>>": self._selected,
            "<Return>": self._open,
            "<Double-1>": self._open,
            "<FocusIn>": self._mark,
            "<Down>": lambda: self._step(1),
            "<Up>": lambda: self._step(-1),
            "<Home>": self.reload_at_start,
            "<End>": self._end,
            "<ButtonRelease-1>": self._remember_widths,
        }
        for key, method in keys.items():
            self.table.bind(key, lambda _event, method=method: method())  # type: ignore[misc]
        bind_keys(
            self.table,
            {
                f"Control-{number}": partial(self._sort_by, column)
                for number, column in enumerate(self._columns[:9], start=1)
            },
        )

    def _recall(self) -> None:
        known = recall(self._desk.db, self._key, {})
        if not isinstance(known, dict):
            return
        widths = known.get("dragged", {})
        for column in self._columns:
            width = widths.get(column.name) if isinstance(widths, dict) else None
            if isinstance(width, int) and 40 <= width <= 2000:
                self.table.dragged[column.name] = width
        if known.get("sort") in {column.sort for column in self._columns if column.sort}:
            self._order = Order(str(known["sort"]), bool(known.get("descending")))

    # --- pages -------------------------------------------------------------------------------------

    def _slice(self) -> Slice:
        return Slice(self._order.sort, self._order.descending, limit=self.PAGE)

    def _show(self, part: Slice, page: Page[T], first: int, *, is_followed: bool = False) -> None:
        kept = self.table.selection()
        self.table.delete(*self.table.get_children())
        self._shown = _Shown(part, page, first, page.has_more or is_followed)
        self._records = {self._identify(record): record for record in page.rows}
        for row, record in self._records.items():
            texts = [column.text(record) for column in self._columns]
            self.table.insert("", tkinter.END, iid=row, values=texts, tags=(self._tag(record),))
        if kept and kept[0] in self._records:
            self._choose(kept[0])
        self.table.fit()
        self._say_count()

    def _say_count(self) -> None:
        page, first = self._shown.page, self._shown.first
        last = first + len(page.rows) - 1
        if not page.rows:
            self.count.configure(text=self._empty)
        elif page.is_count_exact and page.count <= len(page.rows):
            self.count.configure(text=_("{count} in all").format(count=page.count))
        else:
            total = (
                f"{page.count:,}"
                if page.is_count_exact
                else _("more than {n}").format(n=f"{max(page.count, last if first else 0):,}")
            )
            self.count.configure(text=_("{first:,} to {last:,} of {total}").format(
                first=first, last=last, total=total) if first else _("the last {n} of {total}").format(
                n=len(page.rows), total=total))  # fmt: skip
        for button, is_there in (
            (self._next_button, self._has_next()),
            (self._back_button, self._has_back()),
        ):
            button.pack(side="right") if is_there else button.pack_forget()

    def _has_next(self) -> bool:
        page, first = self._shown.page, self._shown.first
        if not page.is_count_exact:
            return bool(first) and self._shown.goes_on
        return bool(first) and first + len(page.rows) - 1 < page.count

    def _has_back(self) -> bool:
        return self._shown.first != 1 and bool(self._shown.page.rows)

    def _next(self) -> None:
        shown = self._shown
        if self._has_next():
            part = replace(self._slice(), start=shown.page.last_key)
            page = self._read(part)
            if page.rows:
                self._show(part, page, shown.first + len(shown.page.rows))
                self._choose(self.table.get_children()[0])

    def _back(self) -> None:
        shown = self._shown
        if not self._has_back():
            return
        part = replace(self._slice(), start=shown.page.first_key, backward=True)
        page = self._read(part)
        if shown.first and shown.first <= self.PAGE + 1:
            self.reload()
        elif page.rows:
            self._show(part, page, shown.first - len(page.rows) if shown.first else 0, is_followed=True)
        if self.table.get_children():
            self._choose(self.table.get_children()[-1])

    def reload_at_start(self) -> str:
        """Show the first page and choose its first line."""
        self.reload()
        if self.table.get_children():
            self._choose(self.table.get_children()[0])
        return "break"

    def _end(self) -> str:
        if self._has_next():
            part = replace(self._slice(), backward=True)
            page = self._read(part)
            # If counting stopped early, the row numbers of the last page are unknown.
            self._show(part, page, page.count - len(page.rows) + 1 if page.is_count_exact else 0)
        if self.table.get_children():
            self._choose(self.table.get_children()[-1])
        return "break"

    def _step(self, step: int) -> str | None:
        rows = self.table.get_children()
        chosen = self.table.selection()
        if not rows:
            return None
        if not chosen:
            self._choose(self._marked_before() or rows[0])
            return "break"
        if step > 0 and chosen[0] == rows[-1]:
            self._next()
            return "break"
        if step < 0 and chosen[0] == rows[0]:
            self._back()
            return "break"
        return None

    # --- lines -------------------------------------------------------------------------------------

    def _choose(self, row: str) -> None:
        self.table.selection_set(row)
        self.table.focus(row)
        self.table.see(row)

    def _mark(self) -> None:
        """Choose a line when the list gets the focus: the last chosen one, or the first."""
        rows = self.table.get_children()
        if rows and not self.table.selection() and self._may_mark():
            self._choose(self._marked_before() or rows[0])

    def _marked_before(self) -> str:
        row: str = self.table.focus()
        return row if row and self.table.exists(row) else ""

    def _selected(self) -> None:
        record = self.chosen()
        if record is not None and self._on_choose is not None:
            self._on_choose(record)

    def _open(self) -> str:
        record = self.chosen()
        if record is not None and self._on_open is not None:
            self._on_open(record)
        return "break"

    # --- order and widths --------------------------------------------------------------------------

    def _sort_by(self, column: Column[T]) -> str:
        if column.sort:
            descending = not self._order.descending if self._order.sort == column.sort else False
            self._order = Order(column.sort, descending)
            self._remember()
            self.reload()
        return "break"

    def _remember_widths(self) -> None:
        if self.table.note_dragged():
            self._remember()
            self.table.fit()

    def _remember(self) -> None:
        known = {
            "dragged": self.table.dragged,
            "sort": self._order.sort,
            "descending": self._order.descending,
        }
        remember(self._desk.db, self._key, known)
