"""The fields and rules that several records share."""

from __future__ import annotations

from typing import Final

from cleanflow.language import _l
from cleanflow.records.types import Field, Rule, Unique, day, number, pointer, switch, text

ACTIVE: Final = switch("is_active", _l("In use"), editable=True)
BUSINESS_DATE: Final = day("business_date", _l("Date"))
EXTERNAL_KEY: Final = text(
    "external_key", _l("Key in the old system"), 200, nullable=True, note="of an import"
)
MERGED_INTO: Final = pointer(
    "merged_into",
    label=_l("Made one with"),
    nullable=True,
    editable=True,
    note="the record of the same name that is used in its place",
)
NOTES: Final = text("notes", _l("Notes"), 10_000, editable=True, lines=True)
REASON: Final = text("reason", _l("Reason"))
USER: Final = pointer("user_id", "users", _l("Entered by"), nullable=True)
REFERENCE: Final[tuple[Field, ...]] = (number("reference_number"), text("reference", _l("No."), 100))
METHODS: Final = "CASH BANK"

NOT_NOTHING: Final = Rule("amount_out_of_range", lambda row: row["amount_minor"] != 0, "amount_minor <> 0")


def reference_taken(code: str) -> Unique:
    """No PC gives a number of one series twice."""
    return Unique(code, ("device_id", "reference_number"))


def reverses(table: str) -> Field:
    """The row that this one takes back."""
    return pointer("reverses_id", table, _l("Takes back"), nullable=True)


def reversal_named(*kinds: str) -> Rule:
    """A reversal names what it reverses, and nothing else does."""
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    return Rule(
        "reversal_incomplete",
        lambda row: (row["kind"] in kinds) == (row["reverses_id"] is not None),
        f"(kind IN ({listed})) = (reverses_id IS NOT NULL)",
    )
