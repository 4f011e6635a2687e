"""A PC with a program that is newer than this one: its rows are made, its HTTP and the server are real.

It knows fields of customers, payments and entries, tables, and a work status of jobs, which nobody else knows.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from cleanflow.records.chain import entry_hash
from cleanflow.records.checks import check_rows
from cleanflow.records.types import Record
from cleanflow.records.types import Row as WireRow
from server import admission
from tests.server.live import Live, Pc
from tests.sync.made_rows import Row, Rows, merged, new_id

ODD_STATUS = "STEAMING"
ODD_REASON = "value_invalid:work_status"


class NewerPc:
    """``facts`` and ``labels`` are its rows of unknown tables, ``odd`` the ids of each operation with a choice
    that nobody else knows, ``made`` what every other PC must have in the end: {(table, id)}."""

    def __init__(self, live: Live, join_code: str) -> None:
        self._pc = Pc(live, "N1")
        assert self._pc.join(join_code).status_code == 200
        self._cursor = 0
        self._numbers = {"jobs": 0, "payments": 0}
        self.customers: dict[str, Row] = {}
        self.facts: dict[str, Row] = {}
        self.labels: dict[str, Row] = {}
        self.odd: set[frozenset[str]] = set()
        self.made: set[tuple[str, str]] = set()
        device = self._pc.made.others()["devices"][0] | {"code": "N1", "extra": '{"printer":"wide"}'}
        self._pc.made.references = 0
        self._push({"devices": [device]} | self._trail("devices", device))

    def move_to(self, live: Live) -> None:
        """The server was started again, elsewhere."""
        self._pc.live = live

    def act(self, kind: int, first: int, second: int) -> None:
        """Fetch, do one thing, and send it; the numbers choose what."""
        self._fetch()
        self._pc.made.moment = max(self._pc.made.moment, datetime.now(UTC) - timedelta(minutes=30))
        what = (
            self._new_customer,
            self._edit_customer,
            self._sale,
            self._unknown_rows,
            self._edit_label,
            self._odd_job,
        )
        what[kind % len(what)](first, second)

    # --- what it does ------------------------------------------------------------------------------

    def _new_customer(self, first: int, second: int) -> None:
        extra = json.dumps(
            {"email": f"a{first}@é.org", "points": second, "vip": bool(second % 2), "gone": None}
        )
        rows = self._pc.made.customer(f"Newer {first}", extra=extra)
        self._push(rows | self._trail("customers", rows["customers"][0]))

    def _edit_customer(self, first: int, second: int) -> None:
        """One of its later fields, or the phone, of a customer whom anybody may have edited last."""
        if not self.customers:
            return
        known = self.customers[sorted(self.customers)[first % len(self.customers)]]
        later = json.loads(known["extra"] or "{}")
        if second % 3:
            later[("email", "points")[second % 2]] = second
        changes = {"phone": str(first), "extra": json.dumps(later) if later else None}
        row = self._edited(known, **changes)
        trail = self._pc.made.audit("customers", row["id"], row["updated_at"]) | {
            "action": "UPDATE",
            "old_value": json.dumps({"phone": known["phone"]} | json.loads(known["extra"] or "{}")),
            "new_value": json.dumps({"phone": row["phone"]} | later),
        }
        self._push({"customers": [row], "audit_logs": [trail]})

    def _sale(self, first: int, second: int) -> None:
        if not self.customers:
            return
        customer_id = sorted(self.customers)[first % len(self.customers)]
        job = self._job(customer_id)
        self._pc.made.references = self._numbers["payments"]
        self._numbers["payments"] += 1
        payment = self._pc.made.payment(customer_id, job["jobs"][0]["id"])
        for row in payment["payments"]:
            row["reference"] = f"N1-R{row['reference_number']:06d}"
            row["extra"] = json.dumps({"tip": second})
        self._push(self._chained(merged(job, payment)))

    def _unknown_rows(self, first: int, second: int) -> None:
        at = self._pc.made.now()
        common = {"device_id": self._pc.made.id, "created_at": at, "updated_at": at, "extra": None}
        fact = {
            "id": new_id(),
            **common,
            "amount_minor": second,
            "note": f"ünïcode {first}",
            "customer_id": None,
        }
        label = {
            "id": new_id(),
            **common,
            "written_by": self._pc.made.id,
            "name": f"{first}",
            "is_active": True,
        }
        self._push(
            merged(
                {"vouchers": [fact], "labels": [label]},
                self._trail("vouchers", fact),
                self._trail("labels", label),
            )
        )
        self.facts[fact["id"]] = fact
        self.labels[label["id"]] = label

    def _edit_label(self, first: int, second: int) -> None:
        if self.labels:
            known = self.labels[sorted(self.labels)[first % len(self.labels)]]
            row = self._edited(known, name=f"Edited {second}", is_active=bool(second % 2))
            self._push({"labels": [row]})
            self.labels[row["id"]] = row

    def _odd_job(self, first: int, second: int) -> None:
        """A job in a state that only its program and a newer server know."""
        if not self.customers:
            return
        rows = self._job(sorted(self.customers)[first % len(self.customers)])
        rows["jobs"][0]["work_status"] = ODD_STATUS
        with _newer_server():
            self._push(self._chained(rows), is_odd=True)

    # --- rows ----------------------------------------------------------------------------------------

    def _job(self, customer_id: str) -> Rows:
        self._pc.made.references = self._numbers["jobs"]
        self._numbers["jobs"] += 1
        rows = self._pc.made.job(customer_id)
        for row in rows["jobs"]:
            row["reference"] = f"N1-{row['reference_number']:06d}"
        return rows

    def _chained(self, rows: Rows) -> Rows:
        """Its entries with a later field each, chained again; each names its job as this program's do."""
        made = self._pc.made
        made.head = rows["ledger_entries"][0]["previous_hash"]
        for row in rows["ledger_entries"]:
            row |= {"previous_hash": made.head, "extra": '{"tax_code": "A"}'}
            if row["kind"] == "JOB":
                row["job_id"] = row["source_id"]
            made.head = row["hash"] = entry_hash(row)
        return rows

    def _trail(self, table: str, row: Row) -> Rows:
        return {"audit_logs": [self._pc.made.audit(table, row["id"], row["created_at"])]}

    def _edited(self, row: Row, **changes: Any) -> Row:
        """An edit is newer than what it edits, whatever the clocks say."""
        made = self._pc.made
        made.moment = max(made.moment, datetime.fromisoformat(row["updated_at"]).astimezone(UTC))
        return made.edited(row, **changes)

    # --- its way to the server -------------------------------------------------------------------------

    def _fetch(self) -> None:
        more = True
        while more:
            page = self._asked(lambda: self._pc.pull(self._cursor))
            for row in page["rows"].get("customers", ()):
                self.customers[row["id"]] = row
            self._cursor, more = page["cursor"], page["more"]

    def _push(self, rows: Rows, *, is_odd: bool = False) -> None:
        told = self._asked(lambda: self._pc.push(rows))["outcomes"]
        for table, part in told.items():
            for row, outcome in zip(rows[table], part, strict=True):
                assert outcome in ("stored", "already"), (table, outcome)
                if table == "customers":
                    self.customers[row["id"]] = row
                if table not in ("vouchers", "labels", "devices") and not is_odd:
                    self.made.add((table, row["id"]))
        if is_odd:
            self.odd.add(frozenset(row["id"] for part in rows.values() for row in part))

    def _asked(self, ask: Any) -> Any:
        """The answer; again where the database was just cut."""
        for _attempt in range(40):
            answer: requests.Response = ask()
            if answer.status_code == 200:
                return answer.json()
            assert answer.status_code >= 500, answer.text
            time.sleep(0.05)
        raise AssertionError(answer.text)


@contextmanager
def _newer_server() -> Iterator[None]:
    """As if the server were of the newer version, too, for a moment: it knows one more work status."""

    def lenient(record: Record, rows: Sequence[WireRow]) -> list[str | None]:
        reasons = check_rows(record, rows)
        return [None if reason == ODD_REASON else reason for reason in reasons]

    admission.check_rows = lenient
    try:
        yield
    finally:
        admission.check_rows = check_rows
