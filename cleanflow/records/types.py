"""What a declaration consists of: kinds of values, fields, rules between fields, records.

Everything else about a record follows from these: its columns in both databases, what the wire carries and
checks, limits and labels of forms, words of the audit trail, headings of an import, what search reads.
Pure data; nothing here reads or writes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, Final

#: The largest amount, in minor units: nine million of them still add up inside 64 bits.
MAX_AMOUNT: Final = 999_999_999_999
#: The largest sum of amounts: DECIMAL(15) on the server.
MAX_SUM: Final = 999_999_999_999_999
MAX_INTEGER: Final = 2**62
#: Maximum length of a day-closing report, in characters.
MAX_JSON: Final = 1_000_000
#: Maximum length of a row's later fields, in characters.
MAX_EXTRA: Final = 10_000

#: "No PC": the creator of the rows that every PC starts with. Nobody has to send them before an edit.
NO_DEVICE: Final = "00000000-0000-0000-0000-000000000000"

#: The name of a later field; safe inside a JSON path.
FIELD_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")

#: One row as the wire carries it: column -> value.
Row = Mapping[str, Any]


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
    EXTRA = "extra"  # the same, a JSON object: the fields of later versions
    HASH = "hash"  # string, 64 lower-case hexadecimal digits


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of a record.

    ``low`` and ``high`` bound a number, or the length of a text in characters. ``since`` is the format
    version that brought the field: a later one than 1 travels in ``extra``.
    """

    name: str
    kind: Kind
    #: What people call it; English, for the catalogue.
    label: str = ""
    low: int = 0
    high: int = 0
    nullable: bool = False
    editable: bool = False
    #: The length counts without the spaces around the text.
    trimmed: bool = False
    #: A text of several lines.
    lines: bool = False
    choices: tuple[str, ...] = ()
    #: The record whose id this is.
    points_to: str = ""
    searched: bool = False
    #: Stays out of the audit trail: too long, or told by the trail itself.
    unaudited: bool = False
    #: Never shown: the trail only says whether it changed, under this name.
    secret_as: str = ""
    #: Headings by which an import knows the column, in lower case without spaces, parted by spaces.
    #: exchange/fields.py has the richer rules of the older fields.
    headings: str = ""
    since: int = 1
    #: What the schema says beside the column.
    note: str = ""

    @property
    def is_required(self) -> bool:
        """Whether an empty text is refused."""
        return self.kind is Kind.TEXT and self.low > 0


@dataclass(frozen=True)
class Rule:
    """What the fields of one row must be to each other.

    ``code`` is the refusal's, and the name of the constraint on the server; ``holds`` takes a row whose
    values are valid one by one; ``sql`` is the same condition, ``postgres`` its form in PostgreSQL where
    that differs.
    """

    code: str
    holds: Callable[[Row], bool]
    sql: str
    postgres: str = ""


@dataclass(frozen=True)
class Unique:
    """Columns that no two rows of a shop share; ``code`` names the constraint on the server."""

    code: str
    columns: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Record:
    """One synchronised record: the table, and all that is said of it in one place."""

    #: The table.
    name: str
    #: One of them, as in ``sync_customer()``.
    one: str
    #: What people call one; English, for the catalogue.
    title: str
    #: The field by which people know one, or a pointer to the record that has it.
    label: str
    #: The virtual event of the window's screens after a change; "" when none shows it.
    changed: str = ""
    own_fields: tuple[Field, ...]
    rules: tuple[Rule, ...] = ()
    uniques: tuple[Unique, ...] = ()
    #: Letter of the number series on paper; None for a record without one.
    series_letter: str | None = None
    series: str = ""
    #: Refusal code of a change; by default fact_immutable or record_permanent.
    frozen_as: str = ""
    is_audited: bool = True
    #: Condition, SQL, under which a new row enters the audit trail; ``{row}`` is the row. "" for every row.
    audited_when: str = ""
    since: int = 1
    #: What the schema says beside the table.
    note: str = ""
    #: The default of ``id``, SQL; "" where the program gives it.
    id_default: str = ""

    @property
    def is_fact(self) -> bool:
        """Whether its rows are written once and never again."""
        return not any(one.editable for one in self.own_fields)

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """The fields that are columns of their own on the wire, in the order of the table."""
        own = tuple(one for one in self.own_fields if one.since <= self.since)
        written_by = () if self.is_fact else (Field(name="written_by", kind=Kind.ID, unaudited=True),)
        extra = Field(
            name="extra", kind=Kind.EXTRA, low=1, high=MAX_EXTRA, nullable=True, editable=not self.is_fact
        )
        return (
            Field(name="id", kind=Kind.ID, unaudited=True),
            Field(name="device_id", kind=Kind.ID, unaudited=True),
            *own,
            Field(name="created_at", kind=Kind.TIMESTAMP, unaudited=True),
            Field(name="updated_at", kind=Kind.TIMESTAMP, unaudited=True),
            *written_by,
            extra,
        )

    @cached_property
    def later(self) -> tuple[Field, ...]:
        """The fields that came after the record: they travel in ``extra``."""
        return tuple(one for one in self.own_fields if one.since > self.since)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the columns on the wire."""
        return tuple(one.name for one in self.fields)

    @cached_property
    def editable(self) -> tuple[str, ...]:
        """The columns that may change after the row was made, in the table's order."""
        return tuple(one.name for one in self.fields if one.editable)

    @cached_property
    def pointers(self) -> tuple[tuple[str, str], ...]:
        """(column, the record whose id it holds)."""
        return tuple((one.name, one.points_to) for one in self.fields if one.points_to)

    @cached_property
    def switches(self) -> tuple[str, ...]:
        """The columns that are true or false on the wire, and 1 or 0 in SQLite."""
        return tuple(one.name for one in self.fields if one.kind is Kind.BOOL)

    @cached_property
    def _by_name(self) -> dict[str, Field]:
        return {one.name: one for one in (*self.fields, *self.own_fields)}

    @cached_property
    def columns(self) -> frozenset[str]:
        """The names of the columns on the wire, and of those that belong to one PC alone."""
        return frozenset((*self.names, "sync_status", "sync_error"))

    def __getitem__(self, name: str) -> Field:
        """The field of that name."""
        return self._by_name[name]

    def get(self, name: str) -> Field | None:
        """The field of that name, if this version knows it."""
        return self._by_name.get(name)

    @cached_property
    def described(self) -> tuple[Field, ...]:
        """The texts that people may edit, in the order of a form."""
        return tuple(one for one in self.own_fields if one.editable and one.kind is Kind.TEXT and one.label)

    @cached_property
    def searched(self) -> tuple[str, ...]:
        """The fields that search reads, in order."""
        return tuple(one.name for one in self.own_fields if one.searched)


def reference(letter: str, name: str) -> dict[str, Any]:
    """The number series of a record, as arguments of :class:`Record`; ``letter`` stands before the number."""
    return {"series_letter": letter, "series": name}


@dataclass(frozen=True)
class Setting:
    """A setting of the whole shop: its key, the value that every shop begins with, what it is called."""

    key: str
    default: str
    label: str
    note: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    since: int = 1


# --- the kinds of fields, as declarations write them ----------------------------------------------------


def pointer(name: str, to: str = "", label: str = "", **more: Any) -> Field:
    """The id of another record; without ``to`` an id that no foreign key holds."""
    return Field(name=name, kind=Kind.ID, points_to=to, label=label, **more)


def text(name: str, label: str = "", high: int = 1000, **more: Any) -> Field:
    """A text of at most ``high`` characters; with ``low`` it may not be empty."""
    more.setdefault("trimmed", bool(more.get("low")))
    return Field(name=name, kind=Kind.TEXT, label=label, high=high, **more)


def choice(name: str, label: str, choices: str, **more: Any) -> Field:
    """One of the codes in ``choices``, parted by spaces."""
    return Field(
        name=name, kind=Kind.TEXT, label=label, low=1, high=100, choices=tuple(choices.split()), **more
    )


def amount(name: str, label: str = "", low: int = 1, high: int = MAX_AMOUNT, **more: Any) -> Field:
    """Money in minor units."""
    return Field(name=name, kind=Kind.MONEY, label=label, low=low, high=high, **more)


def number(name: str, label: str = "", **more: Any) -> Field:
    """A whole number from 1."""
    return Field(name=name, kind=Kind.INTEGER, label=label, low=1, high=MAX_INTEGER, **more)


def day(name: str, label: str, **more: Any) -> Field:
    """A date."""
    return Field(name=name, kind=Kind.DATE, label=label, **more)


def switch(name: str, label: str, **more: Any) -> Field:
    """True or false; true in a new record."""
    return Field(name=name, kind=Kind.BOOL, label=label, **more)


def json_text(name: str, label: str = "", **more: Any) -> Field:
    """JSON text that is handed on byte for byte."""
    return Field(name=name, kind=Kind.JSON, label=label, low=1, high=MAX_JSON, **more)
