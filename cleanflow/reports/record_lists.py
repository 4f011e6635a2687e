"""A list of records as a document, for Excel and paper: all that its filter leaves, in its order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import cleanflow.reports.refusals  # noqa: F401 - what this module refuses
from cleanflow.dao.paging import Page, Slice
from cleanflow.dao.shop import get_shop
from cleanflow.db import Database, snapshot
from cleanflow.errors import Refusal
from cleanflow.language import _
from cleanflow.rendering.document import Column, Document, Section, Table, Value
from cleanflow.reports.pages.letterhead import on_letterhead

T = TypeVar("T")

#: Ending of the file -> maximum number of records: what a spreadsheet opens, what anybody prints.
MOST_RECORDS = {"xlsx": 200_000, "pdf": 20_000}
_PAGE = 1000


@dataclass(frozen=True)
class Cell(Generic[T]):
    """A column of the document: its heading, and a record's value in it; ``is_summed`` at the foot."""

    column: Column
    value: Callable[[T], Value]
    is_summed: bool = False


@dataclass(frozen=True)
class RecordsWanted(Generic[T]):
    """Which records: ``read`` gives a page of those that the filter leaves, ``filter_words`` say which."""

    title: str
    filter_words: str
    cells: Sequence[Cell[T]]
    read: Callable[[Database, Slice], Page[T]]
    sort: str
    descending: bool = False


def records_document(
    db: Database, wanted: RecordsWanted[T], most: int, progress: Callable[[int], object]
) -> Document:
    """All the records; ``progress`` hears how many have been read.

    Refuses with ``too_many_records`` above ``most``.
    """
    rows: list[tuple[Value, ...]] = []
    with snapshot(db):
        shop = get_shop(db)
        part: Slice | None = Slice(wanted.sort, wanted.descending, limit=_PAGE)
        while part is not None:
            page = wanted.read(db, part)
            rows += [tuple(cell.value(record) for cell in wanted.cells) for record in page.rows]
            if len(rows) > most:
                raise Refusal("too_many_records", most=f"{most:,}")
            progress(len(rows))
            is_end = not page.has_more or page.last_key is None
            part = None if is_end else Slice(wanted.sort, wanted.descending, page.last_key, limit=_PAGE)
    table = Table(
        tuple(cell.column for cell in wanted.cells),
        tuple(rows),
        totals=_totals(wanted.cells, rows) if rows else None,
        when_empty=_("No records."),
    )
    title = _("{title}: {count}").format(title=wanted.title, count=f"{len(rows):,}")
    return on_letterhead(shop, wanted.title, wanted.filter_words, (Section(title, tables=(table,)),))


def _totals(cells: Sequence[Cell[T]], rows: Sequence[tuple[Value, ...]]) -> tuple[Value, ...] | None:
    if not any(cell.is_summed for cell in cells):
        return None
    sums: list[Value] = [
        sum(row[place] for row in rows if isinstance(row[place], int)) if cell.is_summed else None  # type: ignore[misc]
        for place, cell in enumerate(cells)
    ]
    return (_("Total") if sums[0] is None else sums[0], *sums[1:])
