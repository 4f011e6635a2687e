"""Importing a CSV file into the books: which lines, in which transactions, and what became of each.

Importing a file twice adds nothing twice, so an import that was cut off is simply run again.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from cleanflow.dao.customers import CONTENT_KEY
from cleanflow.dao.fields import clean_text
from cleanflow.dao.shop import get_shop
from cleanflow.db import Database, bulk
from cleanflow.errors import Refusal
from cleanflow.exchange.csv_file import CsvFile, Record, open_csv
from cleanflow.exchange.entries import KINDS, Session, Values
from cleanflow.exchange.mapping import ColumnMapping, map_columns
from cleanflow.exchange.values import date_order_of
from cleanflow.money import Currency

ADDED, SKIPPED, REFUSED = "added", "skipped", "refused"

#: Lines a commit: a sync of the disk costs little beside them, and a cut loses no more than these.
_GROUP = 200


@dataclass(frozen=True)
class Plan:
    """A file, and how its lines will be read."""

    kind: str
    file: CsvFile
    mapping: ColumnMapping
    currency: Currency
    date_order: str


@dataclass(frozen=True)
class Outcome:
    """What became of the record that begins on ``line``; ``reason`` is empty for an added one."""

    line: int
    outcome: str
    reason: str = ""


@dataclass
class Report:
    """``total_minor`` is the sum of the added amounts; ``is_undone``: nothing of all this was written."""

    added: int = 0
    skipped: int = 0
    refused: int = 0
    total_minor: int = 0
    new_categories: list[str] = field(default_factory=list)
    lines: list[Outcome] = field(default_factory=list)
    is_undone: bool = False

    def count(self, outcome: Outcome) -> None:
        """One line more of this outcome."""
        self.added += outcome.outcome == ADDED
        self.skipped += outcome.outcome == SKIPPED
        self.refused += outcome.outcome == REFUSED


def plan_import(db: Database, kind: str, path: Path, assignments: Iterable[str] = ()) -> Plan:
    """Open a file and find out how to read it. Refuses what :func:`open_csv` and :func:`map_columns` do."""
    file = open_csv(path)
    mapping = map_columns(file, kind, assignments)
    if next(file.records(), None) is None:
        raise Refusal("file_empty", path=path)
    shop = get_shop(db)
    return Plan(kind, file, mapping, shop.currency, _date_order(file, mapping, shop.date_order))


def _date_order(file: CsvFile, mapping: ColumnMapping, order: str) -> str:
    names = [name for name in ("date", "due_date") if name in mapping.shown()]
    return date_order_of(
        (mapping.text_of(record, name) for record in (file.records() if names else ()) for name in names),
        order,
    )


def run_import(
    db: Database,
    plan: Plan,
    *,
    dry_run: bool = False,
    strict: bool = False,
    advance: Callable[[], None] = lambda: None,
) -> Report:
    """Add what the file has and the books have not; a bad line is refused and stops no other.

    ``dry_run`` does all of it and takes it back; its report names every line. With ``strict`` one bad line
    takes all of them back. ``advance`` is called once a line.
    """
    session = Session(plan.currency, plan.date_order)
    report = Report(new_categories=session.new_categories)
    outcomes = _outcomes(db, plan, session, report)
    try:
        while True:
            # What may have to be taken back is one transaction; else a group is as much as a cut can lose.
            group = outcomes if dry_run or strict else islice(outcomes, _GROUP)
            with bulk(db):
                count = _carry_out(group, report, advance, every_line=dry_run)
                if dry_run or (strict and report.refused):
                    raise _Undone
            if count == 0 or strict:
                break
    except _Undone:
        report.is_undone = True
    if strict and report.refused:
        report.added = report.total_minor = 0
        report.new_categories.clear()
        report.lines = [outcome for outcome in report.lines if outcome.outcome == REFUSED]
    return report


class _Undone(Exception):
    """Takes a transaction back."""


def _carry_out(
    outcomes: Iterable[Outcome], report: Report, advance: Callable[[], None], *, every_line: bool
) -> int:
    count = 0
    for outcome in outcomes:
        count += 1
        if every_line or outcome.outcome == REFUSED:
            report.lines.append(outcome)
        advance()
    return count


def _outcomes(db: Database, plan: Plan, session: Session, report: Report) -> Iterator[Outcome]:
    """Handle record after record, as far as they are asked for."""
    keys = _Keys()
    for record in plan.file.records():
        try:
            values = plan.mapping.values(record)
            key = keys.key_of(record, values)
            reason = KINDS[plan.kind].known(db, key, values)
            if reason is None:
                report.total_minor += KINDS[plan.kind].add(db, key, values, session)
            outcome = Outcome(record.line, ADDED if reason is None else SKIPPED, reason or "")
        except Refusal as refusal:
            outcome = Outcome(record.line, REFUSED, str(refusal))
        report.count(outcome)
        yield outcome


class _Keys:
    """The keys by which the lines of one file are known again.

    A line without a key of its own gets one from its content and from how many lines above say the same: two
    equal lines are two records, and yet importing the file once more adds none.
    """

    def __init__(self) -> None:
        self._alike: Counter[bytes] = Counter()
        self._seen: dict[str, tuple[int, bytes]] = {}

    def key_of(self, record: Record, values: Values) -> str:
        """Refuses with ``key_repeated`` when a line above used the key for something else."""
        content = json.dumps(values, ensure_ascii=False, sort_keys=True).encode()
        digest = hashlib.sha256(content).digest()
        given = clean_text("The key", values.get("external_key", ""), limit=200)
        if not given:
            self._alike[digest] += 1
            number = self._alike[digest]
            return CONTENT_KEY + hashlib.sha256(digest + str(number).encode()).hexdigest()
        line, before = self._seen.setdefault(given, (record.line, digest))
        if before != digest:
            raise Refusal("key_repeated", text=given, line=line)
        return given
