"""One plain table of any file: columns, and records with the line they begin on.

What a column means is left to :mod:`cleanflow.exchange.mapping`; importing knows no file formats.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from cleanflow.errors import Refusal

_LONGEST_NAME = 60
#: No program exports more; reading a million would take for ever.
MOST_COLUMNS: Final = 1_000


class Number(str):
    """The text of a number cell: digits with a point before the decimals, never grouped."""

    __slots__ = ()


@dataclass(frozen=True)
class Record:
    """One record: the file's line on which it begins (from 1) and its cells, or why it is unreadable."""

    line: int
    cells: list[str]
    problem: Refusal | None = None


@dataclass(frozen=True)
class Table:
    """An opened file.

    ``columns`` are the heading's names, each different, none empty. ``rows`` gives the records below the
    heading, afresh at each call. ``encoding`` and ``delimiter`` are empty where the format has none.
    """

    path: Path
    file_type: str
    columns: list[str]
    rows: Callable[[], Iterator[Record]]
    encoding: str = ""
    delimiter: str = ""

    def records(self) -> Iterator[Record]:
        """The records without blank lines, one by one. May be asked for again.

        A record with more cells than the heading is unreadable: ``line_too_long``.
        """
        width = len(self.columns)
        for record in self.rows():
            if any(record.cells[width:]):
                refusal = Refusal("line_too_long", found=len(record.cells), expected=width)
                yield Record(record.line, [], refusal)
            elif record.problem or any(cell.strip() for cell in record.cells):
                yield record

    def sample(self) -> str:
        """The first line with letters beyond ASCII, by which a person sees whether the encoding is right.

        Empty where no encoding was guessed, or where every line is ASCII.
        """
        if not self.encoding:
            return ""
        lines = (", ".join(filter(None, cells)) for cells in self._all_cells())
        return next((line[:200] for line in lines if not line.isascii()), "")

    def _all_cells(self) -> Iterator[list[str]]:
        yield self.columns
        for record in self.records():
            yield record.cells


def column_names(path: Path, cells: list[str]) -> list[str]:
    """A heading's cells as names to show and to choose by: “Phone”, “Phone (2)”, “Column 3”.

    Refuses with ``file_not_table`` more than :data:`MOST_COLUMNS` columns.
    """
    while cells and not cells[-1].strip():
        cells = cells[:-1]
    if len(cells) > MOST_COLUMNS:
        reason = f"it has {len(cells):,} columns, at most {MOST_COLUMNS:,} are read."
        raise Refusal("file_not_table", path=path, reason=reason)
    names: list[str] = []
    taken: set[str] = set()
    for number, cell in enumerate(cells, start=1):
        shown = "".join(char if char.isprintable() else " " for char in cell).strip()
        name = unique = shown[:_LONGEST_NAME] or f"Column {number}"
        count = 1
        while unique in taken:
            count += 1
            unique = f"{name} ({count})"
        taken.add(unique)
        names.append(unique)
    return names


def filled_up(record: Record, width: int) -> Record:
    """The record with empty cells at its end, which a spreadsheet leaves out."""
    missing = width - len(record.cells)
    return record if missing <= 0 or record.problem else replace(record, cells=record.cells + [""] * missing)


def unwrapped(cell: str) -> str:
    """The text without what keeps Excel from reading it as a number or formula: ``="0300"``, ``'+92``."""
    if cell.startswith('="') and cell.endswith('"') and len(cell) > 2:
        return cell[2:-1].replace('""', '"')
    if cell.startswith("'") and cell[1:2] in tuple("0123456789+=-@"):
        return cell[1:]
    return cell
