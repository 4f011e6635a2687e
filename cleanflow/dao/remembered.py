"""Settings of this PC alone, such as theme, column widths, last filters: never synchronised or audited."""

from __future__ import annotations

import json
from typing import Any

from cleanflow.db import Database, with_transaction

#: Key of the last good backup's timestamp.
LAST_BACKUP_AT = "last_backup_at"
#: Key of the id of the user who signed in last.
LAST_USER = "last_user"
#: The name of an owner whom a synchronisation activated again, until an owner has been told.
OWNER_BACK = "owner_back"


def recall(db: Database, key: str, default: Any) -> Any:
    """The JSON value stored under ``key``, or ``default`` if there is none of ``default``'s type."""
    text = db.value("SELECT value FROM local_settings WHERE key = :key", {"key": key})
    try:
        value = default if text is None else json.loads(text)
    except ValueError:
        return default
    return value if isinstance(value, type(default)) else default


@with_transaction
def remember(db: Database, key: str, value: Any) -> None:
    """Store a JSON value under ``key``."""
    query = """
        INSERT INTO local_settings (key, value) VALUES (:key, :value)
        ON CONFLICT DO UPDATE SET value = excluded.value
    """
    db.execute(query, {"key": key, "value": json.dumps(value)})
