"""Users, services and expense categories of one name, which PCs that join one server each bring along."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from cleanflow.dao.expenses import merge_categories
from cleanflow.dao.services import merge_services
from cleanflow.dao.users import merge_users
from cleanflow.db import Database


@dataclass(frozen=True)
class Namesake:
    """One of two records of one name.

    ``pc_code`` is the PC where it was added, "" if every PC starts with it. ``role`` is a user's,
    ``price_minor`` a service's.
    """

    id: str
    name: str
    pc_code: str
    created_at: str
    role: str = ""
    price_minor: int = 0


@dataclass(frozen=True)
class Namesakes:
    """Two active records of ``table`` with one name; ``keep`` is proposed to stay in use."""

    table: str
    keep: Namesake
    other: Namesake


# The first of one name stays: of users an owner before a cashier, then the oldest. Every PC proposes the
# same one: two PCs that merge the same pair at once do not each put away the other's.
_QUERIES: Final = {
    "users": """
        SELECT users.id, users.name, coalesce(code, ''), users.created_at, role
          FROM users LEFT JOIN devices ON devices.id = users.device_id
         WHERE users.is_active = 1 ORDER BY role <> 'OWNER', users.created_at, users.id
    """,
    "service_types": """
        SELECT service_types.id, service_types.name, coalesce(code, ''), service_types.created_at, '',
               price_minor
          FROM service_types LEFT JOIN devices ON devices.id = service_types.device_id
         WHERE service_types.is_active = 1 ORDER BY service_types.created_at, service_types.id
    """,
    "expense_categories": """
        SELECT expense_categories.id, expense_categories.name, coalesce(code, ''),
               expense_categories.created_at
          FROM expense_categories LEFT JOIN devices ON devices.id = expense_categories.device_id
         WHERE expense_categories.is_active = 1 ORDER BY expense_categories.created_at, expense_categories.id
    """,
}
_MERGES: Final[dict[str, Callable[[Database, str, str], None]]] = {
    "users": merge_users,
    "service_types": merge_services,
    "expense_categories": merge_categories,
}


def namesakes(db: Database) -> list[Namesakes]:
    """The pairs of active users, services and expense categories of one name, whatever the case."""
    return [pair for table in _QUERIES for pair in _pairs(db, table)]


def namesakes_of(db: Database, table: str, record_id: str) -> Namesakes | None:
    """The first pair of ``table`` that the record is one of."""
    pairs = _pairs(db, table)
    return next((pair for pair in pairs if record_id in (pair.keep.id, pair.other.id)), None)


def merge_namesakes(db: Database, pair: Namesakes) -> None:
    """Make one of the two. Refuses with ``owner_needed``, ``not_namesakes``, ``last_owner``."""
    _MERGES[pair.table](db, pair.keep.id, pair.other.id)


def _pairs(db: Database, table: str) -> Iterator[Namesakes]:
    by_name: dict[str, list[Namesake]] = defaultdict(list)
    for row in db.rows(_QUERIES[table]):
        one = Namesake(*row)
        by_name[one.name.casefold()].append(one)
    for keep, *others in by_name.values():
        yield from (Namesakes(table, keep, other) for other in others)
