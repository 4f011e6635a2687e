"""Edits that lost: nothing that somebody typed disappears without a trace.

When a newer edit of a record replaces one that was made on this PC, it is first only noted. Once everything
has been pulled, the audit trail tells whether the newer one was made by somebody who had seen ours (then it
is an ordinary edit) or not: then an audit row OVERWRITTEN keeps both, for the Sync screen of every PC.
"""

from __future__ import annotations

import json
from typing import Any

from cleanflow.db import Database, with_transaction
from cleanflow.records.types import Record, Row


def editable_values(table: Record, row: Any) -> dict[str, Any]:
    """What may be edited, as the audit trail has it: later fields beside the others, no secret."""
    shown = [name for name in table.editable if name != "extra" and not table[name].secret_as]
    values = {name: int(row[name]) if isinstance(row[name], bool) else row[name] for name in shown}
    later: dict[str, Any] = json.loads(row["extra"] or "{}")
    return values | later


def note_loss(db: Database, table: Record, lost: Any, winner: Row, *, is_unsent: bool) -> None:
    """``winner`` is about to replace ``lost``, which was written here. Part of a running merge.

    ``is_unsent``: nobody else can have seen it.
    """
    old, new = editable_values(table, lost), editable_values(table, winner)
    for secret in filter(lambda field: field.secret_as, table.fields):
        if is_unsent and lost[secret.name] != winner[secret.name]:
            old, new = {**old, secret.secret_as: "mine"}, {**new, secret.secret_as: "another"}
    if old != new:
        db.insert(
            "sync_losses",
            {
                "table_name": table.name,
                "record_id": winner["id"],
                "lost_at": lost["updated_at"],
                "old_value": json.dumps(old, ensure_ascii=False),
                "new_value": json.dumps(new, ensure_ascii=False),
            },
        )


@with_transaction
def settle_losses(db: Database) -> int:
    """After everything was pulled: tell in the audit trail what was overwritten unseen; how many."""
    told = 0
    for row in list(
        db.rows("SELECT number, table_name, record_id, lost_at, old_value, new_value FROM sync_losses")
    ):
        if not _was_seen(db, row["record_id"], row["lost_at"], json.loads(row["old_value"])):
            db.insert(
                "audit_logs",
                {
                    "device_id": db.device_id,
                    "user_id": None,
                    "action": "OVERWRITTEN",
                    "table_name": row["table_name"],
                    "record_id": row["record_id"],
                    "old_value": row["old_value"],
                    "new_value": row["new_value"],
                    "created_at": db.session.at,
                    "updated_at": db.session.at,
                },
            )
            told += 1
        db.execute("DELETE FROM sync_losses WHERE number = :number", {"number": row["number"]})
    return told


def _was_seen(db: Database, record_id: str, lost_at: str, lost: dict[str, Any]) -> bool:
    """Whether a later edit of the record, by whomever, began with the values that lost."""
    if "secret" in lost:
        return False  # it was not sent, and the trail does not tell one PIN from another
    query = """
        SELECT old_value FROM audit_logs
         WHERE record_id = :id AND created_at > :lost_at AND action = 'UPDATE'
    """
    for (old_value,) in db.rows(query, {"id": record_id, "lost_at": lost_at}):
        old = json.loads(old_value)
        if all(lost[name] == value for name, value in old.items() if name in lost):
            return True
    return False
