"""The hash chain that makes tampering with the ledger visible.

Each PC numbers its entries 1, 2, 3 … Each entry's hash is the SHA-256 of its immutable fields and of the
hash before it, so a changed, removed or reordered entry breaks every hash after it. Pure functions.
"""

from __future__ import annotations

import hashlib
import json
from typing import Final

from cleanflow.records.types import Row

#: What the first entry of a chain follows.
GENESIS: Final = "0" * 64

#: The hashed fields in their order, part of the format for ever. The synchronisation's own columns
#: (updated_at equals created_at, sync_status, sync_error) are no facts of the books and stay out.
#: An entry with later fields has them hashed as a fifteenth, so that entries without keep their hashes.
CHAIN_FIELDS: Final = (
    "id", "device_id", "chain_number", "kind", "debit_account_id", "credit_account_id", "amount_minor",
    "customer_id", "job_id", "source_id", "business_date", "user_id", "created_at", "previous_hash",
)  # fmt: skip

_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


def entry_hash(entry: Row) -> str:
    """Lower-case hexadecimal SHA-256 of ``entry``'s fields as a compact JSON array in UTF-8."""
    fields = [entry[name] for name in CHAIN_FIELDS]
    if entry["extra"] is not None:
        fields.append(entry["extra"])
    return hashlib.sha256(_to_json(fields).encode("utf-8", "surrogatepass")).hexdigest()
