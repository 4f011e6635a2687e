"""What PCs that were apart did twice to the same money, and putting it right.

Each PC was right for itself, so nothing was refused; together they paid a job twice, spent one credit twice,
or cancelled or reversed one thing twice. The balances are right all along. What is put right, by new records
as always, is which money belongs to which job, and records that were taken back once too often.

One module a group of kinds; kind.py has what they are made of.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cleanflow.dao.users import require_owner
from cleanflow.db import Database, with_transaction
from cleanflow.errors import Refusal
from cleanflow.language import _
from cleanflow.sync.repair.overlaps import customers, expenses, jobs, payments, refunds
from cleanflow.sync.repair.overlaps.kind import Overlap, OverlapKind

__all__ = ["Overlap", "overlaps", "put_right"]

#: In the order in which they are put right: putting one right may show, or settle, one further down.
_KINDS: Final[tuple[OverlapKind, ...]] = (
    *jobs.KINDS,
    *payments.KINDS,
    *refunds.KINDS,
    *expenses.KINDS,
    *customers.KINDS,
)


def overlaps(db: Database) -> list[Overlap]:
    """Everything that was done twice and is not put right yet."""
    return [overlap for _kind, overlap in _found(db)]


def _found(db: Database) -> Iterator[tuple[OverlapKind, Overlap]]:
    for kind in _KINDS:
        for record_id, label, customer, amount_minor in list(db.rows(kind.query)):
            yield kind, Overlap(kind.name, record_id, label, customer, amount_minor, _(kind.words))


@with_transaction
def put_right(db: Database, overlap: Overlap) -> None:
    """Put one thing right, by new records.

    Refuses with ``owner_needed``, or ``nothing_to_put_right`` when somebody else has done it.
    """
    require_owner(db)
    wanted = (overlap.kind, overlap.record_id)
    for kind, now in _found(db):
        if (now.kind, now.record_id) == wanted:
            kind.remedy(db, now)
            return
    raise Refusal("nothing_to_put_right")
