"""Importing a CSV file into the books: which lines, in which transactions, and what became of each.

Importing a file twice adds nothing twice, so an import that was cut off is simply run again.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from cleanflow.dao.fields import clean_text
from cleanflow.dao.shop import get_shop
from cleanflow.dao.stamps import believed_today
from cleanflow.db import Database, bulk, open_database
from cleanflow.db.copying import copy_to
from cleanflow.errors import Refusal
from cleanflow.exchange.csv_file import CsvFile, Record, open_csv
from cleanflow.exchange.entries import KINDS, Identity, Session, Values
from cleanflow.exchange.mapping import ColumnMapping, map_columns
from cleanflow.exchange.values import date_order_of
from cleanflow.money import Currency
from cleanflow.records.search import CONTENT_KEY

ADDED, SKIPPED, REFUSED = "added", "skipped", "refused"

#: What one commit holds at most, in lines and in time: a sale waits no longer for its turn.
_GROUP = 200
_GROUP_S = 0.05

#: Between two commits: long enough for a connection that waits for the lock to look again and find it free.
_PAUSE_S = 0.02


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
    """What became of a file's lines.

    ``total_minor`` is the sum of the added amounts; ``known_by_content`` counts those of the skipped lines
    that nothing but equal content tells to be there; ``is_undone``: nothing of all this was written.
    """

    added: int = 0
    skipped: int = 0
    refused: int = 0
    known_by_content: int = 0
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
    on_kept: Callable[[int], None] = lambda _added: None,
) -> Report:
    """Add what the file has and the books have not; a bad line is refused and stops no other.

    ``dry_run`` does all of it on a copy of the books; its report names every line. ``strict`` does so
    first, too, and a bad line then keeps the whole file out. ``advance`` is called once a line (of each
    pass), ``on_kept`` after each commit with the number of lines added until then. Raises
    :class:`~cleanflow.errors.NotSaved`; what was committed before is kept. Refuses with ``clock_unsure``
    as a whole when the file has no dates and this PC's clock is in doubt.
    """
    if _is_undated(plan):
        believed_today(db)
    if dry_run or strict:
        tried = _tried(db, plan, advance, every_line=dry_run)
        if strict and tried.refused:
            tried.added = tried.total_minor = 0
            tried.new_categories.clear()
            tried.lines = [outcome for outcome in tried.lines if outcome.outcome == REFUSED]
        if dry_run or tried.refused:
            return tried
    return _carried_out(db, plan, advance, on_kept, pause_s=_PAUSE_S)


def _is_undated(plan: Plan) -> bool:
    """Whether records get today's date, because no column gives one."""
    names = plan.mapping.shown()
    if plan.kind == "customers":
        return "opening_balance" in names
    return plan.kind != "services" and "date" not in names


def _tried(db: Database, plan: Plan, advance: Callable[[], None], *, every_line: bool) -> Report:
    """What would become of each line, found out on a copy: the shop goes on selling meanwhile."""
    with TemporaryDirectory(prefix="cleanflow-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "copy.db"
        copy_to(db, path)
        with open_database(path, clock=db.clock) as copy:
            copy.session.user_id = db.session.user_id
            report = _carried_out(copy, plan, advance, every_line=every_line)
    report.is_undone = True
    return report


def _carried_out(
    db: Database,
    plan: Plan,
    advance: Callable[[], None],
    on_kept: Callable[[int], None] = lambda _added: None,
    *,
    pause_s: float = 0,
    every_line: bool = False,
) -> Report:
    session = Session(plan.currency, plan.date_order)
    report = Report(new_categories=session.new_categories)
    outcomes = _outcomes(db, plan, session, report)
    is_more = True
    while is_more:
        written_at = None
        try:
            with bulk(db):
                is_more = _carry_out_group(outcomes, report, advance, every_line=every_line)
                written_at = _last_at(db)
        except KeyboardInterrupt:
            # It may have come after the commit had been done: then this group is kept, too.
            if written_at is not None and written_at == _last_at(db):
                on_kept(report.added)
            raise
        on_kept(report.added)
        if is_more:
            time.sleep(pause_s)
    return report


def _last_at(db: Database) -> str:
    return str(db.value("SELECT last_at FROM app_settings"))


def _carry_out_group(
    outcomes: Iterator[Outcome], report: Report, advance: Callable[[], None], *, every_line: bool
) -> bool:
    """Handle the lines of one commit; whether there may be more."""
    ends_at = time.monotonic() + _GROUP_S
    for count, outcome in enumerate(outcomes, start=1):
        if every_line or outcome.outcome == REFUSED:
            report.lines.append(outcome)
        advance()
        if count == _GROUP or time.monotonic() >= ends_at:
            return True
    return False


def _outcomes(db: Database, plan: Plan, session: Session, report: Report) -> Iterator[Outcome]:
    """Handle record after record, as far as they are asked for."""
    kind, identities = KINDS[plan.kind], _Identities(plan)
    for record in plan.file.records():
        try:
            identity, values = identities.of(record)
            known = kind.known(db, identity, values, session)
            if known is None:
                report.total_minor += kind.add(db, identity.key, values, session)
                outcome = Outcome(record.line, ADDED)
            else:
                report.known_by_content += known.by_content
                outcome = Outcome(record.line, SKIPPED, known.reason)
        except Refusal as refusal:
            outcome = Outcome(record.line, REFUSED, str(refusal))
        report.count(outcome)
        yield outcome


class _Identities:
    """By what the lines of one file are known again.

    A line without a key of its own is known by all of its cells, used or not, and by how many lines above
    say the same: two equal lines are two records, and yet importing the file once more, under another name
    or with other columns chosen, adds none.
    """

    def __init__(self, plan: Plan) -> None:
        self._kind, self._mapping = plan.kind, plan.mapping
        self._alike: Counter[bytes] = Counter()
        self._seen: dict[str, tuple[int, bytes]] = {}

    def of(self, record: Record) -> tuple[Identity, Values]:
        """A record's identity and values.

        Refuses as :meth:`ColumnMapping.values` does, and with ``key_repeated`` when a line above used the
        key for something else.
        """
        content = self._content_key(record)  # counted even where the line is refused: by any mapping
        values = self._mapping.values(record)
        given = clean_text("The key", values.get("external_key", ""), limit=200)
        if given:
            digest = _digest(values)
            line, before = self._seen.setdefault(given, (record.line, digest))
            if before != digest:
                raise Refusal("key_repeated", text=given, line=line)
        return Identity(given, content), values

    def _content_key(self, record: Record) -> str:
        names = list(self._mapping.names)
        cells = [cell.strip() for cell in record.cells[: len(names)]]
        digest = _digest([self._kind, names, cells])
        self._alike[digest] += 1
        return CONTENT_KEY + hashlib.sha256(digest + str(self._alike[digest]).encode()).hexdigest()


def _digest(content: object) -> bytes:
    # JSON in ASCII: a byte that could not be read is a lone surrogate, which UTF-8 has no place for.
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).digest()
