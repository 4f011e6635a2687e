"""Whether the books here are the server's: the head of every PC's chain, and how many records there are."""

from __future__ import annotations

from cleanflow.db import Database, snapshot
from cleanflow.language import _
from cleanflow.records import RECORDS
from cleanflow.sync.protocol import StatusAnswer
from cleanflow.sync.state import own_records, waiting


def compare(db: Database, status: StatusAnswer) -> str | None:
    """What differs, in words for the owner; None when the books are the same.

    Tables that only one of the two programs knows are left out.
    """
    with snapshot(db):
        waits = waiting(db)
        aside = db.value("SELECT count(*) FROM sync_waiting WHERE missing_id = ''")
        heads = {
            row["device_id"]: (row["chain_number"], row["hash"])
            for row in db.rows("SELECT device_id, chain_number, hash FROM chain_heads")
        }
        counts = own_records(db)
        codes = {row["id"]: row["code"] for row in db.rows("SELECT id, code FROM devices")}
    if waits.refused:
        return _("The server refused {count} records of this PC.").format(count=waits.refused)
    if aside:
        return _("{count} records that arrived contradict the books here; they were set aside.").format(
            count=aside
        )
    if waits.parked:
        return _("{count} records of other PCs wait for what they belong to.").format(count=waits.parked)
    theirs = {device: (head.number, head.hash) for device, head in status.chain_heads.items()}
    for device in sorted(heads.keys() | theirs.keys(), key=lambda one: codes.get(one, one)):
        here, there = heads.get(device, (0, "")), theirs.get(device, (0, ""))
        if here != there:
            return _ledger_words(codes.get(device, device), here, there)
    for name, there_count in sorted(status.counts.items()):
        if counts.get(name, 0) != there_count:
            return _("{records}: {here} here, {there} on the server.").format(
                records=_(RECORDS[name].title), here=counts.get(name, 0), there=there_count
            )
    return None


def _ledger_words(pc_code: str, here: tuple[int, str], there: tuple[int, str]) -> str:
    if here[0] == there[0]:
        words = _("The ledger of PC {pc} differs between here and the server (entry {here}).")
    else:
        words = _("The ledger of PC {pc} has {here} entries here and {there} on the server.")
    return words.format(pc=pc_code, here=here[0], there=there[0])
