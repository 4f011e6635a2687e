"""Lists of any length, a page at a time: where a page begins is a row, not a number.

A page is found by the sort key of the row beside it, so the last page of a million rows costs what the
first one does. What a list selects and filters by is its own module's; this one knows order and count.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Generic, TypeVar

from cleanflow.db import Database, Row

T = TypeVar("T")
R = TypeVar("R")

#: Counting ends here: nobody reads further, and it must not cost a person's patience.
COUNTED = 20_000
#: So many rows are looked at to count those that a condition without an index leaves.
SIFTED = 10_000

#: A row's place in its list: the values of the sort key.
Key = tuple[Any, ...]


@dataclass(frozen=True)
class Slice:
    """Which rows of a list: its order, and where to begin.

    ``start`` is the key of the row before the first one wanted, or with ``backward`` of the row after the
    last one wanted; ``None`` is the beginning of the list, or with ``backward`` its end.
    """

    sort: str
    descending: bool = False
    start: Key | None = None
    backward: bool = False
    limit: int = 100


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some rows of a list in its order, with the keys of the first and the last.

    ``count`` is the number of rows in the whole list, up to :data:`COUNTED`; ``has_more`` tells
    whether the list goes on beyond the page in the direction of reading. ``is_sifted``: counting ended
    early, there may be more than ``count``.
    """

    rows: list[T]
    first_key: Key | None
    last_key: Key | None
    has_more: bool
    count: int
    is_sifted: bool = False

    def with_rows(self, rows: list[R]) -> Page[R]:
        """The page with what was made of its rows."""
        return Page(rows, self.first_key, self.last_key, self.has_more, self.count, self.is_sifted)

    @property
    def is_count_exact(self) -> bool:
        """Whether ``count`` is all there are, not just as far as was counted."""
        return self.count < COUNTED and not self.is_sifted


def page_of(rows: Sequence[T]) -> Page[T]:
    """Rows that are few, all on one page."""
    return Page(list(rows), None, None, False, len(rows))


@dataclass(frozen=True)
class Listing(Generic[T]):
    """A kind of list: what its rows are, and the orders that it has.

    ``columns`` and ``source`` are the SQL after SELECT and FROM. Tables that only decorate are LEFT JOINed
    by a unique key, so that SQLite can leave them out while counting. ``sorts`` maps a name to the
    expressions of its key, none of them NULL, the last one unique, and best an index. ``counted`` is a
    cheaper source with as many rows, where there is one.
    """

    columns: str
    source: str
    sorts: Mapping[str, tuple[str, ...]]
    make: Callable[[Row], T]
    counted: str | None = None

    def read(
        self,
        db: Database,
        part: Slice,
        wanted: Mapping[str, object] = {},
        parameters: Mapping[str, Any] = {},
        sifted: Mapping[str, object] = {},
    ) -> Page[T]:
        """The rows of ``part`` for which every condition of ``wanted`` holds.

        A condition is a literal of the caller; whose value is ``None`` or ``False`` is left out, another
        value is bound to the condition's one parameter. Conditions of more parameters take them from
        ``parameters``, and ``True`` as their value. Dates are bound as ISO 8601 text.
        ``sifted`` are further conditions, for which no index helps: rows that they leave are counted among
        the first :data:`SIFTED` alone.
        """
        conditions, values = _conditions(wanted)
        sieve, sieve_values = _conditions(sifted)
        parameters = {**parameters, **values, **sieve_values}
        keys = self.sorts[part.sort]
        names = [f"sort_{number}" for number in range(len(keys))]
        is_down = part.descending != part.backward
        where = [*conditions, *sieve]
        values = {**parameters, "page_limit": part.limit + 1}
        if part.start is not None:
            values |= dict(zip((f"start_{name}" for name in names), part.start, strict=True))
            bounds = ", ".join(f":start_{name}" for name in names)
            where.append(f"({', '.join(keys)}) {'<' if is_down else '>'} ({bounds})")
            # Follows from the line above, but only this finds its place in an index with a collation.
            where.append(f"{keys[0]} {'<=' if is_down else '>='} :start_{names[0]}")
        order = ", ".join(f"{key}{' DESC' if is_down else ''}" for key in keys)
        sort_columns = ", ".join(f"{key} AS {name}" for key, name in zip(keys, names, strict=True))
        query = f"""
            SELECT {self.columns}, {sort_columns} FROM {self.source}{_where(where)}
             ORDER BY {order} LIMIT :page_limit
        """
        rows = list(db.rows(query, values))
        has_more = len(rows) > part.limit
        rows = rows[: part.limit]
        if part.backward:
            rows.reverse()
        found = [tuple(row[name] for name in names) for row in rows]
        page = Page(
            rows=[self.make(row) for row in rows],
            first_key=found[0] if found else None,
            last_key=found[-1] if found else None,
            has_more=has_more,
            count=len(rows),
        )
        if part.start is None and not has_more:
            return page
        if not sieve:
            return replace(page, count=self._count(db, conditions, parameters))
        looked_at, count = self._sift(db, conditions, sieve, parameters)
        return replace(page, count=min(count, COUNTED), is_sifted=looked_at == SIFTED)

    def _count(self, db: Database, conditions: Sequence[str], parameters: Mapping[str, Any]) -> int:
        query = f"""
            SELECT count(*) FROM (
                SELECT 1 FROM {self.counted or self.source}{_where(conditions)} LIMIT {COUNTED})
        """
        count: int = db.value(query, parameters)
        return count

    def _sift(
        self, db: Database, conditions: Sequence[str], sieve: Sequence[str], parameters: Mapping[str, Any]
    ) -> tuple[int, int]:
        """How many rows were looked at, and how many of them the sieve leaves."""
        query = f"""
            SELECT count(*), count(*) FILTER (WHERE is_left) FROM (
                SELECT {" AND ".join(sieve)} AS is_left
                  FROM {self.counted or self.source}{_where(conditions)} LIMIT {SIFTED})
        """
        looked_at, count = db.one(query, parameters) or (0, 0)
        return looked_at, count


def _conditions(wanted: Mapping[str, object]) -> tuple[list[str], dict[str, Any]]:
    conditions, values = [], {}
    for condition, value in wanted.items():
        if value is None or value is False:
            continue
        conditions.append(condition)
        if value is not True:
            name = condition.partition(":")[2].split(")")[0].split()[0]
            values[name] = value.isoformat() if isinstance(value, date) else value
    return conditions, values


def _where(conditions: Sequence[str]) -> str:
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""
