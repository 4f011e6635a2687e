"""A table whose columns share its width by what stands in them: no number is cut while there is room."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from tkinter import font
from typing import Literal, Protocol

from ttkbootstrap import Scrollbar, Treeview

#: Pixels: what the table draws around its columns, and beside a text in its cell or heading.
_BORDERS, _BESIDE = 6, 14
#: What a column keeps that stretches, and any other one, when there is not enough for all.
_NARROWEST_STRETCHING, _NARROWEST = 60, 40
#: So many of a column's longest texts are measured: another one may be wider by a letter or two.
_MEASURED = 3


class TableColumn(Protocol):
    """A heading, the width in pixels where there is room, and whether further room goes to this column."""

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
    """A column of a table that is no list of records."""

    name: str
    title: str
    width: int
    is_right: bool = False
    stretches: bool = False


@dataclass(frozen=True)
class Wish:
    """What a column would like to have, and what its texts need; numbers, on the right, are not to be cut."""

    preferred: int
    needed: int
    stretches: bool = False
    is_right: bool = False


class Table(Treeview):
    """A Treeview of lines with headings. Call :meth:`fit` when its lines have changed."""

    def __init__(
        self, parent: tkinter.Misc, columns: Sequence[TableColumn], *, height: int, takefocus: bool = True
    ) -> None:
        names = [column.name for column in columns]
        super().__init__(
            parent, columns=names, show="headings", selectmode="browse", height=height, takefocus=takefocus
        )
        self._wished = columns
        self._given: dict[str, int] = {}
        #: Name -> the width that somebody gave a column by hand.
        self.dragged: dict[str, int] = {}
        for column in columns:
            anchor: Literal["e", "w"] = "e" if column.is_right else "w"
            self.heading(column.name, text=column.title, anchor=anchor)
            self.column(column.name, width=column.width, minwidth=_NARROWEST, anchor=anchor, stretch=False)
        self.bind("<Configure>", lambda _event: self.fit())

    def fit(self) -> None:
        """Share the width out anew."""
        available = self.winfo_width() - _BORDERS
        if available < _NARROWEST * len(self._wished):  # not on the screen yet
            return
        lines = [self.item(row, "values") for row in self.get_children()]
        wishes = [
            self._wish(column, [str(line[number]) for line in lines])
            for number, column in enumerate(self._wished)
        ]
        for column, width in zip(self._wished, share_out(wishes, available), strict=True):
            self._given[column.name] = width
            if self.column(column.name, "width") != width:
                self.column(column.name, width=width)

    def note_dragged(self) -> bool:
        """Whether a column has another width than it was given: then a hand did that, and it stays so."""
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
        return Wish(column.width, needed + _BESIDE, column.stretches, column.is_right)


def add_scrollbar(table: Treeview) -> None:
    """A bar at the right of ``table``, which is packed, while there is more than is seen."""
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
    """About how wide the widest of ``texts`` is."""
    longest = sorted(texts, key=len, reverse=True)[:_MEASURED]
    return max(map(measure, longest), default=0)


def share_out(wishes: Sequence[Wish], available: int) -> list[int]:
    """A width for each wish, ``available`` in all unless even the least is more.

    What is lacking is taken first where nothing is lost by it, then from the texts of columns that stretch,
    then from other texts, and last from numbers.
    """
    widths = [wish.preferred if wish.stretches else max(wish.preferred, wish.needed) for wish in wishes]
    floors = (
        lambda wish, width: width if wish.stretches else wish.needed,
        lambda wish, width: min(width, wish.needed),
        lambda wish, width: min(width, _NARROWEST_STRETCHING) if wish.stretches else width,
        lambda wish, width: width if wish.is_right else min(width, max(_NARROWEST, wish.needed * 2 // 3)),
        lambda wish, width: min(width, _NARROWEST),
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
    """``over`` less in all, as far as ``least`` allows, each by its part of what can be taken."""
    spare = [width - low for width, low in zip(widths, least, strict=True)]
    whole = sum(spare)
    made = []
    for width, part in zip(widths, spare, strict=True):
        taken = min(part, -(-over * part // whole)) if whole else 0
        over, whole = max(0, over - taken), whole - part
        made.append(width - taken)
    return made
