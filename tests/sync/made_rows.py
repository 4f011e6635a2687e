"""Makes a PC's rows without its database: whole operations in the form of the wire, correctly chained."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from cleanflow.records.chain import GENESIS, entry_hash
from cleanflow.records.types import NO_DEVICE
from cleanflow.sync.protocol import PushRequest

Row = dict[str, Any]
Rows = dict[str, list[Row]]

CASH = "00000000-0000-4000-8000-000000001000"
RECEIVABLE = "00000000-0000-4000-8000-000000001200"
REVENUE = "00000000-0000-4000-8000-000000004000"


def new_id() -> str:
    return str(uuid.uuid4())


def wire_time(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def merged(*operations: Rows) -> Rows:
    rows: Rows = {}
    for operation in operations:
        for table, part in operation.items():
            rows.setdefault(table, []).extend(part)
    return rows


def request(*operations: Rows) -> PushRequest:
    return PushRequest(merged(*operations))


class MadePc:
    """A PC with its chain, its reference numbers and a clock that a test can set."""

    def __init__(self, now: datetime | None = None, device_id: str | None = None) -> None:
        self.id = device_id or new_id()
        self.moment = now or datetime.now(UTC) - timedelta(hours=1)
        self.number = 0
        self.head = GENESIS
        self.references = 0

    def now(self) -> str:
        self.moment += timedelta(microseconds=1000)
        return wire_time(self.moment)

    def customer(self, name: str = "Ann", **values: Any) -> Rows:
        at = values.pop("at", None) or self.now()
        row = {
            "id": new_id(), "device_id": self.id, "name": name, "phone": "", "address": "", "notes": "",
            "external_key": None, "is_active": True, "created_at": at, "updated_at": at, "extra": None,
            "written_by": self.id,
        }  # fmt: skip
        return {"customers": [row | values]}

    def edited(self, row: Row, **values: Any) -> Row:
        return row | {"updated_at": self.now(), "written_by": self.id} | values

    def job(self, customer_id: str, amount: int = 1000) -> Rows:
        at = self.now()
        self.references += 1
        job = {
            "id": new_id(), "device_id": self.id, "reference_number": self.references,
            "reference": f"C1-{self.references:06d}", "kind": "SERVICE", "customer_id": customer_id,
            "service_type_id": None, "description": "Shirt, 'ünïcode' \"quoted\" \\ \n", "amount_minor": amount,
            "list_price_minor": amount + 500, "business_date": at[:10], "due_date": None, "work_status": "RECEIVED", "notes": "",
            "external_key": None, "user_id": None, "created_at": at, "updated_at": at, "extra": None, "written_by": self.id,
        }  # fmt: skip
        return {
            "jobs": [job],
            "ledger_entries": [self._entry("JOB", RECEIVABLE, REVENUE, amount, at, customer_id, job["id"])],
            "audit_logs": [self.audit("jobs", job["id"], at)],
        }

    def payment(self, customer_id: str, job_id: str, amount: int = 1000) -> Rows:
        at = self.now()
        self.references += 1
        common = {"device_id": self.id, "user_id": None, "created_at": at, "updated_at": at, "extra": None}
        payment = common | {
            "id": new_id(), "reference_number": self.references, "reference": f"C1-R{self.references:06d}",
            "kind": "PAYMENT", "method": "CASH", "customer_id": customer_id, "amount_minor": amount,
            "reverses_id": None, "reason": "", "business_date": at[:10], "external_key": None,
        }  # fmt: skip
        allocation = common | {
            "id": new_id(), "payment_id": payment["id"], "job_id": job_id, "refund_id": None,
            "amount_minor": amount,
        }  # fmt: skip
        return {
            "payments": [payment],
            "payment_allocations": [allocation],
            "ledger_entries": [
                self._entry("PAYMENT", CASH, RECEIVABLE, amount, at, customer_id, payment["id"])
            ],
            "audit_logs": [self.audit("payments", payment["id"], at)],
        }

    def sale(self) -> Rows:
        """A customer, a job and its payment: 8 rows, 3 operations."""
        customer = self.customer()
        customer_id = customer["customers"][0]["id"]
        job = self.job(customer_id)
        return merged(customer, job, self.payment(customer_id, job["jobs"][0]["id"]))

    def audit(self, table: str, record_id: str, at: str | None = None) -> Row:
        at = at or self.now()
        return {
            "id": new_id(), "device_id": self.id, "user_id": None, "action": "INSERT", "table_name": table,
            "record_id": record_id, "old_value": None, "created_at": at, "updated_at": at, "extra": None,
            "new_value": '{"z": 1,  "a": "\\u0000 \\u00e9", "z": 2.50}',
        }  # fmt: skip

    def setting(self, number: int, key: str, value: str) -> Rows:
        """An edit of a setting, which is a row that every PC starts with."""
        return {
            "settings": [
                {
                    "id": f"00000000-0000-4000-8002-0000000000{number:02d}", "device_id": NO_DEVICE,
                    "key": key, "value": value, "created_at": "1970-01-01T00:00:00.000000Z",
                    "updated_at": self.now(), "written_by": self.id, "extra": None,
                }
            ]
        }  # fmt: skip

    def others(self) -> Rows:
        """One row of each table that the operations above do not write."""
        at = self.now()
        fact = {"device_id": self.id, "user_id": None, "created_at": at, "updated_at": at, "extra": None}
        record = {
            "device_id": self.id,
            "created_at": at,
            "updated_at": at,
            "extra": None,
            "written_by": self.id,
        }
        self.references += 1
        numbered = fact | {
            "reference_number": self.references, "reference": f"C1-{self.references}", "business_date": at[:10],
        }  # fmt: skip
        closing_id, account_id = new_id(), new_id()
        report = json.dumps({"title": "Daily", "b": [1, 2.50, None], "a": "é"}, indent=1)
        return {
            "features": [{key: value for key, value in fact.items() if key != "user_id"}
                         | {"id": new_id(), "name": "made_up", "description": "Something new"}],
            "devices": [record | {"id": self.id, "code": "C1", "name": "Counter", "drawer_id": new_id(), "is_active": True}],
            "users": [record | {"id": new_id(), "name": "Olga", "role": "OWNER", "secret_hash": "scrypt$x", "is_active": True,
                                "merged_into": None}],
            "service_types": [record | {"id": new_id(), "name": "Wash", "price_minor": 0, "external_key": "7", "is_active": False,
                                        "merged_into": new_id()}],
            "accounts": [record | {"id": account_id, "name": "Soap", "kind": "EXPENSE"}],
            "expense_categories": [record | {"id": new_id(), "name": "Soap", "account_id": account_id, "is_active": True,
                                             "merged_into": None}],
            "job_adjustments": [fact | {"id": new_id(), "job_id": new_id(), "kind": "DISCOUNT", "amount_minor": -5,
                                        "reason": "late", "reverses_id": None, "business_date": at[:10]}],
            "expenses": [numbered | {"id": new_id(), "kind": "EXPENSE", "method": "BANK", "category_id": new_id(),
                                     "description": "Soap", "amount_minor": 999_999_999_999, "reverses_id": None,
                                     "external_key": None}],
            "drawer_movements": [numbered | {"id": new_id(), "kind": "FLOAT", "amount_minor": 1, "reason": ""}],
            "day_closings": [numbered | {"id": closing_id, "drawer_id": new_id(), "expected_minor": -7, "counted_minor": 0,
                                         "variance_minor": 7, "denominations": None, "reason": "", "report": report,
                                         "heads": json.dumps({self.id: 3})}],
            "closing_addenda": [fact | {"id": new_id(), "closing_id": closing_id, "number": 1, "heads": "{}",
                                        "report": report}],
        }  # fmt: skip

    def everything(self) -> Rows:
        """At least one row of each synchronised table."""
        return merged(self.others(), self.setting(1, "shop_name", "Sparkle"), self.sale())

    def _entry(
        self, kind: str, debit: str, credit: str, amount: int, at: str, customer_id: str, source_id: str
    ) -> Row:
        self.number += 1
        row = {
            "id": new_id(), "device_id": self.id, "chain_number": self.number, "kind": kind,
            "debit_account_id": debit, "credit_account_id": credit, "amount_minor": amount,
            "customer_id": customer_id, "job_id": None, "source_id": source_id, "business_date": at[:10],
            "user_id": None, "previous_hash": self.head, "created_at": at, "updated_at": at, "extra": None,
        }  # fmt: skip
        self.head = row["hash"] = entry_hash(row)
        return row
