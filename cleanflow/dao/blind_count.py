"""The blind count: what a drawer should hold is a secret from whoever will count it.

The one rule that every screen, report and command asks. Where the shop counts blind, a cashier, or a
command without an owner's PIN, sees neither the drawer's sum nor a sum that tells it until the drawer is
counted. The next movement of its cash makes it a secret again: a second shift does not see the first one's.
"""

from __future__ import annotations

import json
from typing import Final

from cleanflow.db import Database
from cleanflow.errors import Refusal
from cleanflow.records.chart import Account

#: What stands in place of a secret amount.
HIDDEN: Final = "•••"


def drawer_is_hidden(db: Database, drawer_id: str | None = None) -> bool:
    """Whether the cash of a drawer, by default this PC's, is a secret from the person at work."""
    if not _counts_blind(db):
        return False
    if drawer_id is None:
        drawer_id = db.value("SELECT drawer_id FROM devices WHERE id = :id", {"id": db.device_id})
    return _has_moved_since_count(db, str(drawer_id))


def cash_is_hidden(db: Database, *, besides: str | None = None) -> bool:
    """Whether the cash of the whole shop is a secret: that of any of its drawers, ``besides`` one, is."""
    if not _counts_blind(db):
        return False
    drawers = {row["drawer_id"] for row in db.rows("SELECT drawer_id FROM devices")} - {besides}
    return any(_has_moved_since_count(db, drawer_id) for drawer_id in drawers)


def require_cash_shown(db: Database) -> None:
    """Refuses with ``cash_hidden`` what tells, or lets anyone compute, what is in the drawers."""
    if cash_is_hidden(db):
        raise Refusal("cash_hidden")


def require_drawer_shown(db: Database, drawer_id: str) -> None:
    """Refuses with ``cash_hidden`` what tells how much is in one drawer."""
    if drawer_is_hidden(db, drawer_id):
        raise Refusal("cash_hidden")


def _counts_blind(db: Database) -> bool:
    """Whether the shop counts blind and no owner, known by a PIN, is looking."""
    if db.value("SELECT value FROM settings WHERE key = 'blind_count'") != "1":
        return False
    if db.session.user_id is None or db.session.is_command:
        return True
    role = db.value("SELECT role FROM users WHERE id = :id", {"id": db.session.user_id})
    return bool(role != "OWNER")


def _has_moved_since_count(db: Database, drawer_id: str) -> bool:
    """Whether cash entries of the drawer's PCs follow those that its last closing tells of."""
    query = """
        SELECT heads FROM day_closings WHERE drawer_id = :drawer_id
         ORDER BY business_date DESC, created_at DESC LIMIT 1
    """
    heads = json.loads(db.value(query, {"drawer_id": drawer_id}) or "{}")
    devices = [
        row["id"] for row in db.rows("SELECT id FROM devices WHERE drawer_id = :id", {"id": drawer_id})
    ]
    moved = """
        SELECT 1 FROM ledger_entries
         WHERE device_id = :device_id AND chain_number > :told
           AND :cash IN (debit_account_id, credit_account_id) LIMIT 1
    """
    return any(
        db.value(moved, {"device_id": device, "told": heads.get(device, 0), "cash": str(Account.CASH)})
        for device in devices
    )
