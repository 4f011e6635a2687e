"""What the columns of one row must be to each other: the CHECKs of the local schema that name two of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cleanflow.sync.protocol.tables import Table

#: One row as it is on the wire: column -> value.
Row = Mapping[str, Any]

_CODE = re.compile("[A-Z0-9]{1,6}")
_REVERSALS = frozenset({"REVERSAL", "REFUND_REVERSAL"})


@dataclass(frozen=True)
class Rule:
    """``code`` is the refusal's, and the name of the same constraint in server/schema.sql."""

    code: str
    holds: Callable[[Row], bool]


def rules_of(table: Table) -> tuple[Rule, ...]:
    """The rules for rows whose values are all valid one by one."""
    return (*_RULES.get(table.name, ()), *(_OF_FACTS if table.is_fact else ()))


_OF_FACTS: Final = (Rule("fact_edited", lambda row: row["updated_at"] == row["created_at"]),)
_NOT_NOTHING: Final = Rule("amount_out_of_range", lambda row: row["amount_minor"] != 0)
_REVERSES_SOMETHING: Final = Rule(
    "reversal_incomplete", lambda row: (row["kind"] in _REVERSALS) == (row["reverses_id"] is not None)
)

_RULES: Final[Mapping[str, tuple[Rule, ...]]] = {
    "devices": (
        Rule("device_of_another", lambda row: row["device_id"] == row["id"]),
        Rule("code_invalid", lambda row: _CODE.fullmatch(row["code"]) is not None),
    ),
    "job_adjustments": (_NOT_NOTHING,),
    "payments": (
        _REVERSES_SOMETHING,
        Rule(
            "method_missing", lambda row: row["method"] is not None or row["kind"] in ("OPENING", "REVERSAL")
        ),
    ),
    "payment_allocations": (
        _NOT_NOTHING,
        Rule("allocation_target", lambda row: (row["job_id"] is None) != (row["refund_id"] is None)),
    ),
    "expenses": (_REVERSES_SOMETHING,),
    "day_closings": (
        Rule(
            "variance_wrong",
            lambda row: row["variance_minor"] == row["counted_minor"] - row["expected_minor"],
        ),
    ),
    "ledger_entries": (
        Rule("accounts_equal", lambda row: row["debit_account_id"] != row["credit_account_id"]),
    ),
}
