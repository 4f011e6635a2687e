"""Push marks: detect that another PC has pushed under this PC's identity, or that the server was restored.

Each push carries a random mark that is stored here first. The server reports the mark of the last push from
which it stored something new. This reveals a copied database, a restored backup and a restored server even if
the ledger's chain does not (because only a customer's phone was edited, for example).
"""

from __future__ import annotations

import secrets
from enum import Enum, auto

from cleanflow.db import Database, with_transaction


class Standing(Enum):
    """The meaning of the mark that the server reports."""

    FINE = auto()
    STRANGER = auto()  # another PC has pushed under this PC's identity
    OUTDATED = auto()  # the server has lost what was pushed since


def judge(db: Database, told: str | None) -> Standing:
    """Interpret ``told``, the last mark of this PC that the server has (None: it has none)."""
    confirmed = db.value("SELECT max(number) FROM sync_marks WHERE is_confirmed = 1")
    if told is None:
        return Standing.FINE if confirmed is None else Standing.OUTDATED
    number = db.value("SELECT number FROM sync_marks WHERE mark = :mark", {"mark": told})
    if number is None:
        return Standing.STRANGER
    return Standing.FINE if confirmed is None or number >= confirmed else Standing.OUTDATED


@with_transaction
def settle(db: Database, told: str | None) -> None:
    """Confirm all marks up to ``told``, the last one that the server has, and no later one."""
    query = """
        UPDATE sync_marks
           SET is_confirmed = number <= coalesce((SELECT number FROM sync_marks WHERE mark = :mark), 0)
    """
    db.execute(query, {"mark": told})


def next_mark(db: Database) -> str:
    """The mark for the next push: the last one again until the server has confirmed it."""
    row = db.one("SELECT mark, is_confirmed FROM sync_marks ORDER BY number DESC LIMIT 1")
    return str(row["mark"]) if row is not None and not row["is_confirmed"] else _new_mark(db)


@with_transaction
def _new_mark(db: Database) -> str:
    mark = secrets.token_hex(8)
    db.insert("sync_marks", {"mark": mark})
    return mark
