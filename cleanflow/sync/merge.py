"""Merges rows from other PCs into the books, by the same rule as the server.

Rows are merged operation by operation, so that a job never shows without its ledger entry. Facts are added
once, and the newer edit of a record wins. An operation whose parent record is missing waits for it, and one
that contradicts the books is set aside with its reason and reported (waiting.py): it is never forced in and
never dropped.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

from cleanflow.db import Database, Row, with_transaction
from cleanflow.db.failures import RuleBroken
from cleanflow.errors import Refusal
from cleanflow.records import KNOWN_FEATURES, POINTED_AT, RECORDS
from cleanflow.records.chain import GENESIS
from cleanflow.records.types import NO_DEVICE, Record
from cleanflow.records.types import Row as WireRow
from cleanflow.sync import inbox, waiting
from cleanflow.sync.adopting import adopt, keep_up
from cleanflow.sync.carried import enter_carried
from cleanflow.sync.protocol import Rows
from cleanflow.sync.repair.losses import editable_values, note_loss
from cleanflow.sync.repair.reissue import fork_point, reissue
from cleanflow.sync.short_transactions import in_pieces
from cleanflow.sync.state import get_state, identities
from cleanflow.sync.waiting import Operation

#: Maximum number of ids cached as known.
_REMEMBERED = 200_000


class Contradiction(Exception):
    """A row differs from the one stored here; ``reason`` is a code of the protocol, for the log."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Merger:
    """Merges pages into one database. ``tables`` are the changed tables; ``rows`` counts the merged rows."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._own = set(identities(db))
        self._takes_over = get_state(db).takes_over == 1
        self._known: set[str] = set()
        self._awaited: set[str] = set()
        self._arrived: list[str] = []
        self._ends: dict[str, tuple[int, str]] = {}
        self.tables: set[str] = set()
        self.rows = 0
        self.contradictions: dict[str, int] = {}

    def try_kept_aside_again(self) -> None:
        """Retry rows that an older version did not know, and operations that contradicted the books."""
        enter_carried(self._db, self.merge)
        for number, operation in waiting.kept_aside(self._db):
            in_pieces(self._db, [partial(self._merge_waiting, number, operation)], _do, merging=True)

    def merge_kept(self, go_on: Callable[[], object] = lambda: None) -> None:
        """Merge every page of the inbox."""
        self._check_features()
        while (page := inbox.kept_page(self._db)) is not None:
            self.merge(_features_of(page.rows), go_on)
            self._check_features()
            self.merge(page.rows, go_on)
            inbox.drop_page(self._db, page)

    def _check_features(self) -> None:
        """Raise FeaturesUnknown if the records need a newer version; the received pages wait for it."""
        found = self._db.rows("SELECT name, description FROM features ORDER BY created_at")
        missing = [row["description"] for row in found if row["name"] not in KNOWN_FEATURES]
        if missing:
            raise FeaturesUnknown(missing)

    def merge(self, rows: Rows, go_on: Callable[[], object] = lambda: None) -> None:
        """Merge rows in short transactions. Merging them again changes nothing."""
        in_pieces(self._db, self._steps(rows), _do, merging=True, go_on=go_on)

    def _steps(self, rows: Rows) -> Iterator[Callable[[], None]]:
        """The operations of the page, each followed by those that waited for it."""
        self._awaited = waiting.awaited_ids(self._db)
        self._arrived = [one for one in self._awaited if self._is_here(one)]  # after a killed merge
        yield from self._released()
        for operation in _in_order(rows):
            yield partial(self._merge_one, operation)
            yield from self._released()

    def _released(self) -> Iterator[Callable[[], None]]:
        while self._arrived:
            waited = waiting.next_waiting(self._db, self._arrived[-1])
            if waited is None:
                self._arrived.pop()
            else:
                yield partial(self._merge_waiting, *waited)

    def _merge_waiting(self, number: int, operation: Operation) -> None:
        waiting.end_waiting(self._db, number)
        self._merge_one(operation)

    def _merge_one(self, operation: Operation) -> None:
        missing = self._missing_parent(operation)
        if missing is not None:
            waiting.wait_for(self._db, operation, missing, "parent_missing")
            self._awaited.add(missing)
        elif self._entered(operation):
            parents = {row["id"] for table, row in operation if table in POINTED_AT}
            self._arrived += parents & self._awaited
            self._awaited -= parents

    def _is_here(self, record_id: str) -> bool:
        return any(
            self._db.value(f"SELECT 1 FROM {table} WHERE id = :id", {"id": record_id}) for table in POINTED_AT
        )

    def _entered(self, operation: Operation) -> bool:
        """Enter the operation or, if it contradicts the books, set it aside and return False."""
        while True:
            try:
                self._enter(operation)
                return True
            except (Contradiction, Refusal, RuleBroken) as error:
                self._ends.clear()  # the operation was rolled back
                point = fork_point(self._db, operation, self._own)
                if point is None:
                    self._keep_aside(operation, error)
                    return False
                # This PC was copied or restored: what it has recorded since gets its current identity.
                reissue(self._db, *point)
                self.tables |= {"jobs", "payments", "expenses", "ledger_entries"}

    def _keep_aside(self, operation: Operation, error: Exception) -> None:
        reason = getattr(error, "reason", None) or getattr(error, "code", None) or "rule_broken"
        self.contradictions[reason] = self.contradictions.get(reason, 0) + 1
        waiting.wait_for(self._db, operation, "", reason)

    def _enter(self, operation: Operation) -> None:
        _enter_all(self._db, self, operation)
        if len(self._known) > _REMEMBERED:
            self._known.clear()
        self._known.update(row["id"] for table, row in operation if table in POINTED_AT)

    def _missing_parent(self, operation: Operation) -> str | None:
        brought = {row["id"] for _table, row in operation}
        for table, row in operation:
            for column, parent in _PARENTS[table]:
                wanted = row[column]
                if wanted is None or wanted in self._known or wanted in brought:
                    continue
                if self._db.value(f"SELECT 1 FROM {parent} WHERE id = :id", {"id": wanted}) is None:
                    return str(wanted)
                self._known.add(wanted)
        return None

    # --- one row -----------------------------------------------------------------------------------

    def enter_row(self, table: Record, row: WireRow) -> None:
        """Enter one row. Raises :class:`Contradiction`, or what the schema raises."""
        if table.name == "ledger_entries":
            self._check_links(row)
        try:
            self._insert(table, row)
            return
        except RuleBroken as error:  # usually because the row exists already
            here = self._here(table, row)
            if here is None:
                raise error
        if table.is_fact:
            if any(here[name] != row[name] for name in table.names):
                raise Contradiction("other_content")
            self._settle(table, here)
        else:
            self._compare(table, here, row)

    def _here(self, table: Record, row: WireRow) -> Row | None:
        """The stored row with the same id or the same unique number, or None."""
        query = f"SELECT rowid, sync_status, {', '.join(table.names)} FROM {table.name} WHERE "
        for key in (("id",), *(unique.columns for unique in table.uniques)):
            found = self._db.one(query + " AND ".join(f"{name} = :{name}" for name in key), dict(row))
            if found is not None:
                return found
        return None

    def _insert(self, table: Record, row: WireRow) -> None:
        self._db.execute(INSERTS[table.name], row)
        if table.name == "ledger_entries":
            self._ends[row["device_id"]] = (row["chain_number"], row["hash"])
        elif not table.is_fact:
            keep_up(self._db, table, row)
        self.tables.add(table.name)
        self.rows += 1

    def _settle(self, table: Record, here: Row) -> None:
        """Mark a row as SYNCED because the server has the same."""
        if here["sync_status"] != "SYNCED":
            self._db.execute(
                f"UPDATE {table.name} SET sync_status = 'SYNCED', sync_error = NULL WHERE rowid = :rowid",
                {"rowid": here["rowid"]},
            )

    def _compare(self, table: Record, here: Row, row: WireRow) -> None:
        changeable = (*table.editable, "updated_at", "written_by")
        if any(here[name] != row[name] for name in table.names if name not in changeable):
            raise Contradiction("record_immutable")
        ours, theirs = (here["updated_at"], here["written_by"]), (row["updated_at"], row["written_by"])
        is_same = editable_values(table, here) == editable_values(table, row)
        if ours == theirs and is_same:
            self._settle(table, here)
        elif theirs >= ours or self._is_taken_over(row):
            if table.name == "settings" and row["key"] == "currency":
                self._check_currency(here["value"], row["value"])
            if here["written_by"] in self._own and not self._is_taken_over(row):
                note_loss(self._db, table, here, row, is_unsent=here["sync_status"] != "SYNCED")
            adopt(self._db, table, row)
            self.tables.add(table.name)
            self.rows += 1

    def _is_taken_over(self, row: WireRow) -> bool:
        """Whether ``row`` is a setting of a shop that this PC has just joined: it wins over newer ones."""
        return self._takes_over and row["device_id"] == NO_DEVICE

    def _check_currency(self, ours: str, theirs: str) -> None:
        if ours != theirs and self._db.value("SELECT 1 FROM ledger_entries LIMIT 1"):
            raise CurrencyDiffers(ours, theirs)

    def _end_of(self, device_id: str) -> tuple[int, str]:
        """(number, hash) of the last entry of a PC's chain in this database."""
        if device_id not in self._ends:
            row = self._db.one(
                "SELECT chain_number, hash FROM chain_heads WHERE device_id = :id", {"id": device_id}
            )
            self._ends[device_id] = (row["chain_number"], row["hash"]) if row else (0, GENESIS)
        return self._ends[device_id]

    def _check_links(self, entry: WireRow) -> None:
        """Raise Contradiction if an entry does not link to its neighbours in the chain that are here."""
        number = entry["chain_number"]
        if self._end_of(entry["device_id"]) == (number - 1, entry["previous_hash"]):
            return  # the usual case: it is the next entry
        query = """
            SELECT hash, previous_hash FROM ledger_entries WHERE device_id = :id AND chain_number = :number
        """
        before = self._db.one(query, {"id": entry["device_id"], "number": number - 1})
        expected = GENESIS if number == 1 else before["hash"] if before else None
        if expected is not None and entry["previous_hash"] != expected:
            raise Contradiction("chain_broken")
        behind = self._db.one(query, {"id": entry["device_id"], "number": number + 1})
        if behind is not None and behind["previous_hash"] != entry["hash"]:
            raise Contradiction("chain_broken")


def _features_of(rows: Rows) -> Rows:
    """Of a page what a program must know to merge the rest, with its rows of the audit trail."""
    features = rows.get("features", ())
    if not features:
        return {}
    ids = {row["id"] for row in features}
    trail = [row for row in rows.get("audit_logs", ()) if row["record_id"] in ids]
    return {"features": features, "audit_logs": trail}


def _do(_db: Database, step: Callable[[], None]) -> None:
    step()


class CurrencyDiffers(Exception):
    """The shop's books and this PC's are in different currencies and cannot be merged."""

    def __init__(self, ours: str, theirs: str) -> None:
        self.ours, self.theirs = ours, theirs
        super().__init__(f"{ours} here, {theirs} there")


class FeaturesUnknown(Exception):
    """The shop uses features that this version cannot carry along; ``descriptions`` name them."""

    def __init__(self, descriptions: list[str]) -> None:
        self.descriptions = descriptions
        super().__init__(", ".join(descriptions))


@with_transaction
def _enter_all(db: Database, merger: Merger, operation: Operation) -> None:
    """Enter all rows of an operation or none."""
    for name, row in operation:
        merger.enter_row(RECORDS[name], row)


#: Table -> (column, the table whose id it holds).
_PARENTS: Final = {name: record.pointers for name, record in RECORDS.items()}

INSERTS: Final = {
    table.name: f"INSERT INTO {table.name} ({', '.join(table.names)}, sync_status)"
    f" VALUES ({', '.join(f':{name}' for name in table.names)}, 'SYNCED')"
    for table in RECORDS.values()
}


def _in_order(rows: Rows) -> Iterator[Operation]:
    """The operations of a page by timestamp, but each after those that it points to.

    Rows with the same creator and timestamp are one operation. (Clocks differ: a payment can have an earlier
    timestamp than the job that it settles.)
    """
    operations: dict[tuple[str, str], list[tuple[str, Any]]] = defaultdict(list)
    home: dict[str, tuple[str, str]] = {}
    for name in RECORDS:
        for row in rows.get(name, ()):
            maker = row["device_id"]  # NO_DEVICE for rows that every PC starts with: each is an operation
            key = (row["created_at"], row["id"] if maker == NO_DEVICE else maker)
            operations[key].append((name, row))
            if name in POINTED_AT:
                home[row["id"]] = key
    done: set[tuple[str, str]] = set()
    for first in sorted(operations):
        path = [first]
        while path:
            key = path[-1]
            if key in done:
                path.pop()
                continue
            needed = {
                home[row[column]]
                for name, row in operations[key]
                for column, _parent in _PARENTS[name]
                if row[column] in home
            }
            ahead = [other for other in needed if other not in done and other not in path]
            if ahead:
                path += ahead
                continue
            done.add(key)
            path.pop()
            yield operations[key]
