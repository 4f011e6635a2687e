"""Importing a file into the books: how it will be read, and what became of each line.

A file comes in whole or not at all: one transaction. Importing it twice adds nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from cleanflow.dao.fields import choice
from cleanflow.dao.shop import DATE_ORDERS, get_shop, shop_country
from cleanflow.dao.stamps import believed_today, today
from cleanflow.db import Database, bulk, open_database
from cleanflow.db.copying import copy_to
from cleanflow.errors import Refusal
from cleanflow.exchange.entries import KINDS, Session
from cleanflow.exchange.files import open_table
from cleanflow.exchange.formats import recognised
from cleanflow.exchange.lines import Line, Source, lines_of
from cleanflow.exchange.mapping import ColumnMapping, map_columns
from cleanflow.exchange.table import Table
from cleanflow.exchange.values import LeftOut, date_order_of
from cleanflow.money import Currency

ADDED, SKIPPED, REFUSED, JOINED, LEFT_OUT = "added", "skipped", "refused", "joined", "left out"

#: A date further ahead is probably a typing error, or read in the wrong order.
_AHEAD = timedelta(days=366)


@dataclass(frozen=True)
class Choices:
    """What a person chose of how a file is read; empty is left to the program.

    ``dates_are_right`` confirms dates more than a year ahead.
    """

    encoding: str = ""
    sheet: str = ""
    date_order: str = ""
    dates_are_right: bool = False


@dataclass(frozen=True)
class Plan:
    """A file, and how its lines will be read.

    ``program``: whose export it is, if its headings say so. ``is_order_from_file``: the dates themselves say
    their order; else it is the shop's, or chosen. ``last_date``: later dates are refused.
    """

    kind: str
    file: Table
    mapping: ColumnMapping
    currency: Currency
    date_order: str
    country: str | None = None
    program: str = ""
    is_order_from_file: bool = False
    last_date: str = ""

    @property
    def source(self) -> Source:
        """The file for :func:`~cleanflow.exchange.lines.lines_of`."""
        return Source(self.kind, self.file, self.mapping, self.currency, self.country)

    def session(self) -> Session:
        """What its lines share, afresh."""
        return Session(self.currency, self.date_order, self.last_date)


@dataclass(frozen=True)
class Outcome:
    """What became of the record that begins on ``line``; ``reason`` is empty for an added one."""

    line: int
    outcome: str
    reason: str = ""


@dataclass
class Report:
    """What became of a file's lines.

    ``joined`` lines went into the record of a line above, ``left_out`` ones are no records (drafts, unpaid).
    ``total_minor`` is the sum of the added amounts; ``known_by_content`` counts those of the skipped lines
    that nothing but equal content tells to be there; ``is_undone``: nothing of all this was written.
    """

    added: int = 0
    skipped: int = 0
    refused: int = 0
    joined: int = 0
    left_out: int = 0
    known_by_content: int = 0
    total_minor: int = 0
    new_categories: list[str] = field(default_factory=list)
    lines: list[Outcome] = field(default_factory=list)
    is_undone: bool = False

    def count(self, outcome: Outcome) -> None:
        """One more line of this outcome."""
        self.added += outcome.outcome == ADDED
        self.skipped += outcome.outcome == SKIPPED
        self.refused += outcome.outcome == REFUSED
        self.joined += outcome.outcome == JOINED
        self.left_out += outcome.outcome == LEFT_OUT


def plan_import(
    db: Database, kind: str, path: Path, assignments: Iterable[str] = (), choices: Choices | None = None
) -> Plan:
    """Open a file and find out how to read it.

    Refuses as :func:`~cleanflow.exchange.table.open_table` and :func:`map_columns`, and an empty file.
    """
    choices = choices or Choices()
    table = open_table(path, kind, encoding=choices.encoding, sheet=choices.sheet)
    if next(table.records(), None) is None:
        raise Refusal("file_empty", path=path)
    program = recognised(table.columns)
    mapping = map_columns(table, kind, assignments, program)
    shop = get_shop(db)
    order = choice(choices.date_order, DATE_ORDERS) if choices.date_order else ""
    found = order or date_order_of(_dates(table, mapping), shop.date_order)
    return Plan(
        kind,
        table,
        mapping,
        shop.currency,
        found,
        country=shop_country(db),
        program=program.name if program else "",
        is_order_from_file=not order and found != shop.date_order,
        last_date="" if choices.dates_are_right else (today(db) + _AHEAD).isoformat(),
    )


def _dates(table: Table, mapping: ColumnMapping) -> Iterator[str]:
    """The texts of all columns with dates."""
    names = [name for name in ("date", "due_date") if mapping.of(name)]
    for record in table.records() if names else ():
        for name in names:
            yield mapping.text_of(record, name)


def run_import(
    db: Database,
    plan: Plan,
    *,
    dry_run: bool = False,
    strict: bool = False,
    advance: Callable[[], None] = lambda: None,
    is_stopped: Callable[[], bool] = lambda: False,
) -> Report:
    """Add what the file has and the books have not, all in one transaction; a bad line stops no other.

    ``dry_run`` does all of it on a copy of the books; its report names every line. ``strict`` does so
    first, too, and a bad line then keeps the whole file out. ``advance`` is called once a line (of each
    pass). Nothing is added when ``is_stopped`` answers yes (refused with ``import_stopped``), when
    anything is raised, or the power fails. Raises :class:`~cleanflow.errors.NotSaved`. Refuses with
    ``clock_unsure`` as a whole when the file has no dates and this PC's clock is in doubt.
    """
    if _is_undated(plan):
        believed_today(db)
    if dry_run or strict:
        tried = _tried(db, plan, advance, is_stopped, every_line=dry_run)
        if strict and tried.refused:
            tried.added = tried.total_minor = 0
            tried.new_categories.clear()
            tried.lines = [outcome for outcome in tried.lines if outcome.outcome == REFUSED]
        if dry_run or tried.refused:
            return tried
    return _carried_out(db, plan, advance, is_stopped)


def _is_undated(plan: Plan) -> bool:
    """Whether records get today's date, because no column gives one."""
    if plan.kind == "customers":
        return plan.mapping.of("opening_balance") is not None
    return plan.kind != "services" and plan.mapping.of("date") is None


def _tried(
    db: Database, plan: Plan, advance: Callable[[], None], is_stopped: Callable[[], bool], *, every_line: bool
) -> Report:
    """What would become of each line, found out on a copy: the shop goes on selling meanwhile."""
    with TemporaryDirectory(prefix="cleanflow-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "copy.db"
        copy_to(db, path)
        with open_database(path, clock=db.clock) as copy:
            copy.session.user_id = db.session.user_id
            report = _carried_out(copy, plan, advance, is_stopped, every_line=every_line)
    report.is_undone = True
    return report


def _carried_out(
    db: Database,
    plan: Plan,
    advance: Callable[[], None],
    is_stopped: Callable[[], bool],
    *,
    every_line: bool = False,
) -> Report:
    session = plan.session()
    report = Report(new_categories=session.new_categories)
    last_at = None
    db.session.is_importing = True
    try:
        with bulk(db):
            for outcome in _outcomes(db, plan, session, report):
                if every_line or outcome.outcome in (REFUSED, LEFT_OUT):
                    report.lines.append(outcome)
                advance()
                if is_stopped():
                    raise Refusal("import_stopped")
            last_at = _last_at(db)
    except KeyboardInterrupt:
        if last_at is None or last_at != _last_at(db):
            raise
        # It came after the commit: the file is in, and that is what the report says.
    finally:
        db.session.is_importing = False
    return report


def _last_at(db: Database) -> str:
    return str(db.value("SELECT last_at FROM app_settings"))


def _outcomes(db: Database, plan: Plan, session: Session, report: Report) -> Iterator[Outcome]:
    """Handle line after line, as far as they are asked for."""
    for line in lines_of(plan.source):
        outcome = _outcome(db, plan, line, session, report)
        report.count(outcome)
        yield outcome


def _outcome(db: Database, plan: Plan, line: Line, session: Session, report: Report) -> Outcome:
    kind = KINDS[plan.kind]
    if line.part_of:
        return Outcome(line.number, JOINED, str(Refusal("line_joined", line=line.part_of)))
    try:
        if line.problem:
            raise line.problem
        known = kind.known(db, line.identity, line.values, session)
        if known is not None:
            report.known_by_content += known.by_content
            return Outcome(line.number, SKIPPED, known.reason)
        report.total_minor += kind.add(db, line.identity.key, line.values, session)
    except Refusal as refusal:
        return Outcome(line.number, REFUSED, str(refusal))
    except LeftOut as left_out:
        return Outcome(line.number, LEFT_OUT, left_out.reason)
    return Outcome(line.number, ADDED)
