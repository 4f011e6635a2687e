"""Expenses that were reversed on two PCs: the money is spent once more."""

from __future__ import annotations

from typing import Final

from cleanflow.dao.expenses import get_expense, record_expense, reverse_expense
from cleanflow.db import Database
from cleanflow.language import _l
from cleanflow.sync.repair.overlaps.kind import Overlap, OverlapKind, again_key, reason


def _spend_again(db: Database, overlap: Overlap) -> None:
    expense = get_expense(db, overlap.record_id)
    record_expense(
        db,
        category_id=expense.category_id,
        amount_minor=expense.amount_minor,
        method=expense.method,
        description=expense.description,
        external_key=again_key(expense.id),
    )


def _take_back(db: Database, overlap: Overlap) -> None:
    reverse_expense(db, overlap.record_id, reason())


KINDS: Final = (
    OverlapKind(
        "EXPENSE_REVERSED_TWICE",
        _l("It was reversed on two PCs; one of the reversals is taken back."),
        """
        SELECT expenses.id, expenses.reference, '', expenses.amount_minor
          FROM expenses
         WHERE expenses.id IN (SELECT reverses_id FROM expenses WHERE reverses_id IS NOT NULL
                                GROUP BY reverses_id HAVING count(*) > 1)
           AND (SELECT count(*) FROM expenses AS undone WHERE undone.reverses_id = expenses.id)
               > 1 + (SELECT count(*) FROM expenses AS again
                       WHERE again.external_key = 'again:' || expenses.id
                         AND again.id NOT IN (SELECT reverses_id FROM expenses WHERE reverses_id IS NOT NULL))
        """,
        _spend_again,
    ),
    OverlapKind(
        "EXPENSE_RIGHTED_TWICE",
        _l("Its second reversal was put right on two PCs; one of the two is taken back."),
        """
        SELECT again.id, again.reference, '', again.amount_minor
          FROM (SELECT id, reference, amount_minor, external_key,
                       count(*) OVER (PARTITION BY external_key) AS times,
                       row_number() OVER (PARTITION BY external_key ORDER BY created_at DESC, id) AS place
                  FROM expenses
                 WHERE external_key GLOB 'again:*'
                   AND id NOT IN (SELECT reverses_id FROM expenses WHERE reverses_id IS NOT NULL)) AS again
         WHERE place = 1
           AND times >= (SELECT count(*) FROM expenses AS undone
                          WHERE undone.reverses_id = substr(again.external_key, length('again:') + 1))
        """,
        _take_back,
    ),
)
