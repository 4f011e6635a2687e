"""Which rows of a push are let in to the database: well formed, of a PC that may write them, given once.

What the rows mean beside those already stored is schema.sql's to judge.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from cleanflow.records import RECORDS
from cleanflow.records.checks import check_carried, check_rows
from cleanflow.records.types import Row
from cleanflow.sync.protocol import Outcome, PushRequest, RecordAnswer


@dataclass(frozen=True)
class Part:
    """The rows of one table in a push; ``reasons`` says which are refused already, and why."""

    table: str
    rows: Sequence[Row]
    reasons: Sequence[str | None]
    admitted: Sequence[Row]
    payload: str  # the admitted rows in JSON

    def completed(self, admitted: Sequence[RecordAnswer]) -> list[RecordAnswer]:
        """An answer for every row: those of the admitted ones, and the refusals, in the rows' order."""
        answers = iter(admitted)
        return [
            next(answers) if reason is None else RecordAnswer(Outcome.REFUSED, reason)
            for reason in self.reasons
        ]


class Parts:
    """A push table by table, parents first; each table is looked at when it is asked for, once.

    ``identities`` are those as which the PC may write.
    """

    def __init__(self, request: PushRequest, identities: Collection[str]) -> None:
        self._rows = [(name, rows) for name in RECORDS if (rows := request.rows.get(name))]
        self._rows += sorted(request.unknown.items())
        self._identities = identities
        self._known: list[Part] = []

    def __iter__(self) -> Iterator[Part]:
        for place in range(len(self._rows)):
            if place == len(self._known):
                self.admit_next()
            yield self._known[place]

    def admit_next(self) -> None:
        """Look at the next table now, if there is one."""
        if len(self._known) < len(self._rows):
            self._known.append(_admit(*self._rows[len(self._known)], self._identities))


def as_json(rows: Sequence[Row]) -> str:
    """Rows as the functions of schema.sql take them."""
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"), check_circular=False)


def _admit(table: str, rows: Sequence[Row], identities: Collection[str]) -> Part:
    reasons = _reasons(table, rows, identities)
    admitted = [row for row, reason in zip(rows, reasons, strict=True) if reason is None]
    return Part(table, rows, reasons, admitted, as_json(admitted))


def _reasons(table: str, rows: Sequence[Row], identities: Collection[str]) -> list[str | None]:
    record = RECORDS.get(table)
    reasons = check_carried(rows) if record is None else check_rows(record, rows)
    seen: set[str] = set()
    for place, row in enumerate(rows):
        if reasons[place] is None:
            is_fact = record.is_fact if record else "written_by" not in row
            if row["device_id" if is_fact else "written_by"] not in identities:
                reasons[place] = "foreign_fact" if is_fact else "foreign_edit"
            elif row["id"] in seen:
                reasons[place] = "record_twice"
            seen.add(row["id"])
    return reasons
