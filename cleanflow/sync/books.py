"""Whether the books here are the server's: the head of every PC's chain, and how many records there are."""

from __future__ import annotations

from cleanflow.db import Database, snapshot
from cleanflow.sync.inbox import TABLE_UNKNOWN
from cleanflow.sync.protocol import StatusAnswer
from cleanflow.sync.state import own_records, waiting


def compare(db: Database, status: StatusAnswer) -> str | None:
    """What differs, in words for the owner; None when the books are the same."""
    with snapshot(db):
        waits = waiting(db)
        aside = db.value(
            "SELECT count(*) FROM sync_waiting WHERE missing_id = '' AND reason <> :unknown",
            {"unknown": TABLE_UNKNOWN},
        )
        heads = {
            row["device_id"]: (row["chain_number"], row["hash"])
            for row in db.rows("SELECT device_id, chain_number, hash FROM chain_heads")
        }
        counts = own_records(db)
        codes = {row["id"]: row["code"] for row in db.rows("SELECT id, code FROM devices")}
    if waits.refused:
        return f"{waits.refused} records of this PC were refused by the server."
    if aside:
        return f"{aside} records that arrived contradict the books here; they were kept aside, not entered."
    if waits.parked:
        return f"{waits.parked} records of other PCs wait for what they belong to."
    theirs = {device: (head.number, head.hash) for device, head in status.chain_heads.items()}
    for device in sorted(heads.keys() | theirs.keys(), key=lambda one: codes.get(one, one)):
        here, there = heads.get(device, (0, "")), theirs.get(device, (0, ""))
        if here != there:
            code = codes.get(device, device)
            if here[0] == there[0]:
                return f"The ledger of PC {code} is another one here than on the server (entry {here[0]})."
            return f"The ledger of PC {code} has {here[0]} entries here and {there[0]} on the server."
    there_counts = {name: count for name, count in status.counts.items() if count}
    for name in sorted(counts.keys() | there_counts.keys()):
        if counts.get(name, 0) != there_counts.get(name, 0):
            return f"{name}: {counts.get(name, 0)} here, {there_counts.get(name, 0)} on the server."
    return None
