"""A table whose columns share its width by their content: no number is cut while there is room."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from tkinter import font
from typing import Literal, Protocol

from ttkbootstrap import Scrollbar, Treeview

from cleanflow.gui.appearance import px

#: Pixels of 96 dpi, as all widths here: the table's border, and the padding of a cell or heading.
_BORDERS, _BESIDE = 6, 14
#: Minimum width of a column that stretches, and of any other.
_NARROWEST_STRETCHING, _NARROWEST = 60, 40
#: How many of a column's longest texts are measured; a shorter one may still be slightly wider.
_MEASURED = 3


class TableColumn(Protocol):
    """A heading, the preferred width in pixels of 96 dpi, and whether the column takes spare room."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def width(self) -> int: ...
    @property
    def is_right(self) -> bool: ...
    @property
    def stretches(self) -> bool: ...


@dataclass(frozen=True)
class PlainColumn:
    """A column of a table that is not a list of records."""

    name: str
    title: str
    width: int
    is_right: bool = False
    stretches: bool = False


@dataclass(frozen=True)
class Wish:
    """A column's preferred and needed width in pixels; right-aligned numbers should not be cut."""

    preferred: int
    needed: int
    stretches: bool = False
    is_right: bool = False


class Table(Treeview):
    """A Treeview with headings. Call :meth:`fit` after its rows have changed."""

    def __init__(
        self, parent: tkinter.Misc, columns: Sequence[TableColumn], *, height: int, takefocus: bool = True
    ) -> None:
        names = [column.name for column in columns]
        super().__init__(
            parent, columns=names, show="headings", selectmode="browse", height=height, takefocus=takefocus
        )
        self._wished = columns
        self._given: dict[str, int] = {}
        #: Column name -> width that somebody set by dragging.
        self.dragged: dict[str, int] = {}
        for column in columns:
            anchor: Literal["e", "w"] = "e" if column.is_right else "w"
            self.heading(column.name, text=column.title, anchor=anchor)
            self.column(
                column.name, width=px(column.width), minwidth=px(_NARROWEST), anchor=anchor, stretch=False
            )
        self.bind("<Configure>", lambda _event: self.fit())

    def fit(self) -> None:
        """Set the widths of all columns anew."""
        available = self.winfo_width() - px(_BORDERS)
        if available < px(_NARROWEST) * len(self._wished):  # not on the screen yet
            return
        lines = [self.item(row, "values") for row in self.get_children()]
        wishes = [
            self._wish(column, [str(line[number]) for line in lines])
            for number, column in enumerate(self._wished)
        ]
        for column, width in zip(
            self._wished, share_out(wishes, available, *px(_NARROWEST, _NARROWEST_STRETCHING)), strict=True
        ):
            self._given[column.name] = width
            if self.column(column.name, "width") != width:
                self.column(column.name, width=width)

    def note_dragged(self) -> bool:
        """Whether somebody dragged a column to another width; it is kept from now on."""
        widths = {name: int(self.column(name, "width")) for name in self._given}
        changed = {name: width for name, width in widths.items() if width != self._given[name]}
        self.dragged |= changed
        return bool(changed)

    def _wish(self, column: TableColumn, texts: Sequence[str]) -> Wish:
        if column.name in self.dragged:
            width = self.dragged[column.name]
            return Wish(width, width, is_right=column.is_right)
        needed = max(
            widest(font.nametofont("TkHeadingFont").measure, [column.title]),
            widest(font.nametofont("TkDefaultFont").measure, texts),
        )
        return Wish(px(column.width), needed + px(_BESIDE), column.stretches, column.is_right)


def add_scrollbar(table: Treeview) -> None:
    """A scrollbar at the right of the packed ``table``, shown while there is more to see."""
    bar = Scrollbar(table.master, command=table.yview)

    def follow(first: str, last: str) -> None:
        bar.set(first, last)
        is_needed = float(first) > 0 or float(last) < 1
        if is_needed and not bar.winfo_manager():
            bar.pack(side="right", fill="y", before=table)
        elif not is_needed and bar.winfo_manager():
            bar.pack_forget()

    table.configure(yscrollcommand=follow)


def widest(measure: Callable[[str], int], texts: Iterable[str]) -> int:
    """The approximate width of the widest of ``texts``, in pixels."""
    longest = sorted(texts, key=len, reverse=True)[:_MEASURED]
    return max(map(measure, longest), default=0)


def share_out(
    wishes: Sequence[Wish],
    available: int,
    narrowest: int = _NARROWEST,
    narrowest_stretching: int = _NARROWEST_STRETCHING,
) -> list[int]:
    """A width for each wish, ``available`` in total unless the minimum widths are more.

    Missing room is taken first where no text is cut, then from the texts of columns that stretch, then from
    other texts, and last from numbers.
    """
    widths = [wish.preferred if wish.stretches else max(wish.preferred, wish.needed) for wish in wishes]
    floors = (
        lambda wish, width: width if wish.stretches else wish.needed,
        lambda wish, width: min(width, wish.needed),
        lambda wish, width: min(width, narrowest_stretching) if wish.stretches else width,
        lambda wish, width: width if wish.is_right else min(width, max(narrowest, wish.needed * 2 // 3)),
        lambda wish, width: min(width, narrowest),
    )
    for floor in floors:
        over = sum(widths) - available
        if over > 0:
            least = [floor(wish, width) for wish, width in zip(wishes, widths, strict=True)]
            widths = _shrunk(widths, least, over)
    left = available - sum(widths)
    stretching = [number for number, wish in enumerate(wishes) if wish.stretches]
    for done, number in enumerate(stretching):
        share = left // (len(stretching) - done) if left > 0 else 0
        widths[number] += share
        left -= share
    return widths


def _shrunk(widths: Sequence[int], least: Sequence[int], over: int) -> list[int]:
    """Widths reduced by ``over`` in total, in proportion to what each has above ``least``."""
    spare = [width - low for width, low in zip(widths, least, strict=True)]
    whole = sum(spare)
    made = []
    for width, part in zip(widths, spare, strict=True):
        taken = min(part, -(-over * part // whole)) if whole else 0
        over, whole = max(0, over - taken), whole - part
        made.append(width - taken)
    return made
