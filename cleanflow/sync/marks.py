"""Whether it was really this PC that pushed last in its name, and whether the server still has that push.

A push carries a mark that was noted here before. The server tells the last one under which it stored
something new. So a copy of the records, an old backup brought back and a restored server show themselves,
even where the ledger's chain says nothing (a customer's phone was edited, say).
"""

from __future__ import annotations

import secrets
from enum import Enum, auto

from cleanflow.db import Database, with_transaction


class Standing(Enum):
    """What the server's mark says."""

    FINE = auto()
    STRANGER = auto()  # somebody else has pushed in this PC's name
    OUTDATED = auto()  # the server has lost what was pushed since


def judge(db: Database, told: str | None) -> Standing:
    """What it means that the server's last mark of this PC is ``told`` (None: it has none)."""
    confirmed = db.value("SELECT max(number) FROM sync_marks WHERE is_confirmed = 1")
    if told is None:
        return Standing.FINE if confirmed is None else Standing.OUTDATED
    number = db.value("SELECT number FROM sync_marks WHERE mark = :mark", {"mark": told})
    if number is None:
        return Standing.STRANGER
    return Standing.FINE if confirmed is None or number >= confirmed else Standing.OUTDATED


@with_transaction
def settle(db: Database, told: str | None) -> None:
    """The server has everything up to the mark ``told``, and nothing of a later one."""
    query = """
        UPDATE sync_marks
           SET is_confirmed = number <= coalesce((SELECT number FROM sync_marks WHERE mark = :mark), 0)
    """
    db.execute(query, {"mark": told})


def next_mark(db: Database) -> str:
    """The mark for what is pushed now: the last one as long as the server has not told it."""
    row = db.one("SELECT mark, is_confirmed FROM sync_marks ORDER BY number DESC LIMIT 1")
    return str(row["mark"]) if row is not None and not row["is_confirmed"] else _new_mark(db)


@with_transaction
def _new_mark(db: Database) -> str:
    mark = secrets.token_hex(8)
    db.insert("sync_marks", {"mark": mark})
    return mark
