"""Records that the server would not take, in the shop's words: which they are, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cleanflow.dao.labels import label_sql
from cleanflow.db import Database
from cleanflow.language import _, _l
from cleanflow.records import RECORDS
from cleanflow.records.checks import rules_of


@dataclass(frozen=True)
class FailedRecord:
    """One record. ``label`` is its reference, name or key, or that of what it belongs to; ``reason`` the
    server's code."""

    table: str
    record_id: str
    label: str
    at: str
    reason: str

    @property
    def words(self) -> str:
        """Why the server would not take it, and what can be done."""
        return reason_words(self.reason)


_FORKED: Final = _l("Another PC writes under this PC's name: join again as a new PC.")
_CHANGED: Final = _l("It is not what it was when it was recorded. Check the books (F10, Ctrl+O).")
_OTHER: Final = _l(
    "The server has another record in its place: one of the two was changed. Check the books (F10, Ctrl+O)."
)
_FOREIGN: Final = _l("It was recorded on another PC, which has to send it itself.")
_NEWER: Final = _l("This server does not know such records: it needs a newer CleanFlow.")
_OUTSIDE: Final = _l("One of its values is outside of what the server takes.")

#: The server's codes; what stands before a colon counts.
_WORDS: Final = {
    **{rule.code: _CHANGED for record in RECORDS.values() for rule in rules_of(record)},
    **{unique.code: _FORKED for record in RECORDS.values() for unique in record.uniques},
    "chain_gap": _l("An entry of the ledger before it is missing on the server; it is sent again with that."),
    "other_content": _OTHER,
    "id_taken": _OTHER,
    "record_immutable": _OTHER,
    "hash_wrong": _CHANGED,
    "device_of_another": _FORKED,
    "foreign_edit": _FOREIGN,
    "foreign_fact": _FOREIGN,
    "code_invalid": _l("The PC's code is not one."),
    "setting_exists": _l("The shop has this setting already."),
    "amount_out_of_range": _l("Its amount is outside of what the server takes."),
    "value_invalid": _OUTSIDE,
    "row_invalid": _OUTSIDE,
    "column_missing": _NEWER,
    "column_unknown": _NEWER,
    "table_unknown": _NEWER,
}


def reason_words(reason: str) -> str:
    """A server's reason for people; an unknown one is named, so that it can be asked about."""
    words = _WORDS.get(reason.partition(":")[0])
    return _(words) if words else _("The server would not take it ({reason}).").format(reason=reason)


def failed_records(db: Database, limit: int = 200) -> list[FailedRecord]:
    """What the server refused, the oldest first. All of it is sent again with every synchronisation."""
    found: list[FailedRecord] = []
    for table in RECORDS:
        query = f"""
            SELECT id, {label_sql(table)}, updated_at, coalesce(sync_error, '')
              FROM {table} WHERE sync_status <> 'SYNCED' AND sync_status = 'FAILED'
             ORDER BY updated_at LIMIT :limit
        """
        found += [
            FailedRecord(table, row[0], str(row[1] or ""), row[2], row[3])
            for row in db.rows(query, {"limit": limit})
        ]
    return sorted(found, key=lambda record: record.at)[:limit]
