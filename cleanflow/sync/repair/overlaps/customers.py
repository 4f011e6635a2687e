"""Customers who were put aside on one PC while another had business with them."""

from __future__ import annotations

from typing import Final

from cleanflow.dao.customers import set_customer_active
from cleanflow.db import Database
from cleanflow.language import _l
from cleanflow.sync.repair.overlaps.kind import Overlap, OverlapKind


def _bring_back(db: Database, overlap: Overlap) -> None:
    set_customer_active(db, overlap.record_id, True)


KINDS: Final = (
    OverlapKind(
        "CUSTOMER_AWAY_WITH_BALANCE",
        _l("Put aside on one PC while another had business with them: active again."),
        """
        SELECT customers.id, customers.name, customers.name, balance_minor
          FROM customers JOIN customer_balances ON customer_id = customers.id
         WHERE is_active = 0 AND balance_minor <> 0
        """,
        _bring_back,
    ),
)
