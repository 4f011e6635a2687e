"""Which tables are synchronised, and what each column may hold: the one description of both sides.

Facts are written once; of the other tables the columns marked ``editable`` may change and the last update
wins. A column that is not here is not on the wire (sync_status and sync_error belong to one PC alone).

The limits are those of the local schema (sql/), so that no row reaches the other PCs which they could not
store. Rules of the business stay on the PCs.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final

#: The largest amount, in minor units: nine million of them still add up inside 64 bits.
MAX_AMOUNT: Final = 999_999_999_999
#: The largest sum of amounts: DECIMAL(15) on the server.
MAX_SUM: Final = 999_999_999_999_999
MAX_INTEGER: Final = 2**62
#: Of a closed day's report, in characters.
MAX_JSON: Final = 1_000_000

#: "No PC": the creator of the rows that every PC starts with. Nobody has to send them before an edit.
NO_DEVICE: Final = "00000000-0000-0000-0000-000000000000"


class Kind(StrEnum):
    """How a value is written in JSON."""

    ID = "id"  # string, a UUID in lower case
    TEXT = "text"  # string, neither NUL nor half a surrogate pair in it
    INTEGER = "integer"
    MONEY = "money"  # integer, minor units
    DATE = "date"  # string, 2026-03-10
    TIMESTAMP = "timestamp"  # string, 2026-03-10T09:00:00.000000Z
    BOOL = "bool"
    JSON = "json"  # string of JSON text, handed on byte for byte: never parsed and written anew
    HASH = "hash"  # string, 64 lower-case hexadecimal digits


@dataclass(frozen=True)
class Column:
    """One column; ``low`` and ``high`` bound a number, or the length of a text in characters."""

    name: str
    kind: Kind
    low: int = 0
    high: int = 0
    nullable: bool = False
    editable: bool = False
    trimmed: bool = False  # the length counts without the spaces around the text
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """One synchronised table."""

    name: str
    columns: tuple[Column, ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def editable(self) -> tuple[str, ...]:
        """What may change after the row was made, in the table's order."""
        return tuple(column.name for column in self.columns if column.editable)

    @property
    def is_fact(self) -> bool:
        """Whether its rows are written once and never again."""
        return not self.editable


def _id(name: str, nullable: bool = False) -> Column:
    return Column(name, Kind.ID, nullable=nullable)


def _text(name: str, high: int = 1000, *, nullable: bool = False, editable: bool = False) -> Column:
    return Column(name, Kind.TEXT, 0, high, nullable, editable)


def _words(name: str, high: int = 200, *, editable: bool = False) -> Column:
    return Column(name, Kind.TEXT, 1, high, editable=editable, trimmed=True)


def _choice(name: str, choices: str, *, nullable: bool = False, editable: bool = False) -> Column:
    return Column(name, Kind.TEXT, 1, 100, nullable, editable, choices=tuple(choices.split()))


def _money(name: str, low: int = 1, high: int = MAX_AMOUNT, *, editable: bool = False) -> Column:
    return Column(name, Kind.MONEY, low, high, editable=editable)


def _number(name: str) -> Column:
    return Column(name, Kind.INTEGER, 1, MAX_INTEGER)


def _json(name: str, nullable: bool = False) -> Column:
    return Column(name, Kind.JSON, 1, MAX_JSON, nullable)


_ACTIVE = Column("is_active", Kind.BOOL, editable=True)
_DATE = Column("business_date", Kind.DATE)
_EXTERNAL = _text("external_key", 200, nullable=True)
_NOTES = _text("notes", 10_000, editable=True)
_REASON = _text("reason")
_REFERENCE = (_number("reference_number"), _text("reference", 100))
_USER = _id("user_id", nullable=True)
_WRITTEN_ONCE = (Column("created_at", Kind.TIMESTAMP), Column("updated_at", Kind.TIMESTAMP))
_WRITTEN = (*_WRITTEN_ONCE, _id("written_by"))
_BOTH_METHODS = "CASH BANK"


def _facts(name: str, *columns: Column) -> Table:
    return Table(name, (_id("id"), _id("device_id"), *columns, *_WRITTEN_ONCE))


def _records(name: str, *columns: Column) -> Table:
    return Table(name, (_id("id"), _id("device_id"), *columns, *_WRITTEN))


_LEDGER_KINDS = (
    "JOB ADJUSTMENT DISCOUNT WRITE_OFF CANCELLATION PAYMENT REFUND PAYMENT_REVERSAL REFUND_REVERSAL OPENING"
    " EXPENSE EXPENSE_REVERSAL FLOAT PAY_IN PAY_OUT BANK_DEPOSIT VARIANCE"
)

#: Parents first.
_IN_ORDER = (
    _records("devices", _words("code", 6, editable=True), _text("name", editable=True),
             Column("drawer_id", Kind.ID, editable=True), _ACTIVE),
    _records("settings", _words("key"), _text("value", 10_000, editable=True)),
    _records("users", _words("name", editable=True), _choice("role", "OWNER CASHIER", editable=True),
             _text("secret_hash", editable=True), _ACTIVE),
    _records("customers", _words("name", editable=True), _text("phone", 100, editable=True),
             _text("address", editable=True), _NOTES, _EXTERNAL, _ACTIVE),
    _records("service_types", _words("name", editable=True), _money("price_minor", 0, editable=True),
             _EXTERNAL, _ACTIVE),
    _records("accounts", _words("name", editable=True),
             _choice("kind", "ASSET LIABILITY EQUITY INCOME EXPENSE")),
    _records("expense_categories", _words("name", editable=True), _id("account_id"), _ACTIVE),
    _records("jobs", *_REFERENCE, _choice("kind", "SERVICE OPENING"), _id("customer_id"),
             _id("service_type_id", nullable=True), _text("description"), _money("amount_minor"), _DATE,
             Column("due_date", Kind.DATE, nullable=True, editable=True),
             _choice("work_status", "RECEIVED IN_PROGRESS READY DELIVERED CANCELLED", editable=True),
             _NOTES, _EXTERNAL, _USER),
    _facts("job_adjustments", _id("job_id"), _choice("kind", "ADJUSTMENT DISCOUNT WRITE_OFF CANCELLATION"),
           _money("amount_minor", -MAX_AMOUNT), _words("reason", 1000), _id("reverses_id", nullable=True),
           _DATE, _USER),
    _facts("payments", *_REFERENCE, _choice("kind", "PAYMENT REFUND REVERSAL REFUND_REVERSAL OPENING"),
           _choice("method", _BOTH_METHODS, nullable=True), _id("customer_id"), _money("amount_minor"),
           _id("reverses_id", nullable=True), _REASON, _DATE, _EXTERNAL, _USER),
    _facts("payment_allocations", _id("payment_id"), _id("job_id", nullable=True),
           _id("refund_id", nullable=True), _money("amount_minor", -MAX_AMOUNT), _USER),
    _facts("expenses", *_REFERENCE, _choice("kind", "EXPENSE REVERSAL"), _choice("method", _BOTH_METHODS),
           _id("category_id"), _text("description"), _money("amount_minor"),
           _id("reverses_id", nullable=True), _DATE, _EXTERNAL, _USER),
    _facts("drawer_movements", *_REFERENCE, _choice("kind", "FLOAT PAY_IN PAY_OUT BANK_DEPOSIT"),
           _money("amount_minor"), _REASON, _DATE, _USER),
    _facts("day_closings", *_REFERENCE, _id("drawer_id"), _DATE, _money("expected_minor", -MAX_SUM, MAX_SUM),
           _money("counted_minor", 0), _money("variance_minor", -MAX_SUM, MAX_SUM),
           _json("denominations", nullable=True), _REASON, _json("heads"), _json("report", nullable=True),
           _USER),
    _facts("closing_addenda", _id("closing_id"), _number("number"), _json("heads"), _json("report"), _USER),
    _facts("ledger_entries", _number("chain_number"), _choice("kind", _LEDGER_KINDS), _id("debit_account_id"),
           _id("credit_account_id"), _money("amount_minor"), _id("customer_id", nullable=True),
           _id("job_id", nullable=True), _id("source_id"), _DATE, _USER,
           Column("previous_hash", Kind.HASH), Column("hash", Kind.HASH)),
    _facts("audit_logs", _USER, _choice("action", "INSERT UPDATE OVERWRITTEN"), _words("table_name"),
           _words("record_id"), _json("old_values", nullable=True), _json("new_values", nullable=True)),
)  # fmt: skip

#: The synchronised tables by name, parents first.
TABLES: Final = {table.name: table for table in _IN_ORDER}
