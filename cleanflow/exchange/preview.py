"""What a file is understood as, before anything is imported: for the command and for the window."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cleanflow.db import Database
from cleanflow.errors import Refusal
from cleanflow.exchange.importing import Choices, Plan, plan_import
from cleanflow.exchange.lines import Line, lines_of
from cleanflow.exchange.values import LeftOut

#: So many lines are shown as understood, and so many lines of each problem are named.
_ROWS = 5
_LINES = 20
#: More different problems are no list that a person reads.
_PROBLEMS = 200


@dataclass(frozen=True)
class Problem:
    """Something about some lines, in a sentence; ``field`` is empty where it is about the line as a whole.

    ``lines`` are the numbers of the first ones, ``count`` is how many there are.
    """

    field: str
    text: str
    lines: tuple[int, ...]
    count: int


@dataclass(frozen=True)
class UnderstoodRow:
    """A line as it would be imported: field -> text, with amounts, dates and words as they are understood."""

    line: int
    values: dict[str, str]


@dataclass(frozen=True)
class Preview:
    """What a file is understood as.

    ``fields``: field -> names of its columns. ``left_out``: columns with content that give nothing.
    ``sample``: a line that shows whether the encoding is right, empty where all is ASCII.
    ``problems``: lines that will be refused; what only the books can say (an unknown customer) is not among
    them. ``warnings``: lines that come in with something changed. ``not_records``: lines that are left out.
    """

    plan: Plan
    fields: dict[str, list[str]]
    left_out: list[str]
    sample: str
    rows: list[UnderstoodRow]
    problems: list[Problem]
    warnings: list[Problem]
    not_records: list[Problem]
    line_count: int
    joined_count: int
    has_dates: bool


def read_file(
    db: Database, kind: str, path: Path, assignments: Iterable[str] = (), choices: Choices | None = None
) -> Preview:
    """Open a file and read it through; nothing is written.

    ``assignments`` (``COLUMN=FIELD``) and ``choices`` are the person's corrections. Give ``preview.plan`` to
    :func:`~cleanflow.exchange.importing.run_import`. Refuses as :func:`plan_import`.
    """
    return preview_of(plan_import(db, kind, path, assignments, choices))


def preview_of(plan: Plan) -> Preview:
    """Read a planned file through."""
    session = plan.session()
    problems, warnings, not_records = _Gathered(), _Gathered(), _Gathered()
    rows: list[UnderstoodRow] = []
    count = joined = 0
    for line in lines_of(plan.source):
        count += 1
        joined += bool(line.part_of)
        if line.part_of:
            continue
        for text in line.warnings:
            warnings.add(line.number, "", text)
        if line.problem:
            problems.add(line.number, "", str(line.problem))
            continue
        understood: dict[str, str] = {}
        for name, text in line.values.items():
            try:
                understood[name] = session.understood(name, text)
            except Refusal as refusal:
                problems.add(line.number, name, str(refusal))
                understood[name] = text
            except LeftOut as left_out:
                not_records.add(line.number, name, left_out.reason)
        if len(rows) < _ROWS:
            rows.append(UnderstoodRow(line.number, _shown(understood, line)))
    return Preview(
        plan,
        plan.mapping.shown(),
        _left_out(plan),
        plan.file.sample(),
        rows,
        problems.listed(),
        warnings.listed(),
        not_records.listed(),
        count,
        joined,
        any(plan.mapping.of(name) for name in ("date", "due_date")),
    )


def _shown(understood: dict[str, str], line: Line) -> dict[str, str]:
    return {name: text for name, text in understood.items() if name in line.values and name != "customer_2"}


class _Gathered:
    """Sentences about lines, each once, in the order in which they came."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], list[int]] = {}
        self._counts: dict[tuple[str, str], int] = {}

    def add(self, line: int, field: str, text: str) -> None:
        """One more line of which this is to be said."""
        key = (field, text)
        if key not in self._found and len(self._found) == _PROBLEMS:
            return
        lines = self._found.setdefault(key, [])
        if len(lines) < _LINES:
            lines.append(line)
        self._counts[key] = self._counts.get(key, 0) + 1

    def listed(self) -> list[Problem]:
        """All of them."""
        return [
            Problem(field, text, tuple(lines), self._counts[field, text])
            for (field, text), lines in self._found.items()
        ]


def _left_out(plan: Plan) -> list[str]:
    """The columns that give nothing, though at least one of their cells says something."""
    empty = set(plan.mapping.ignored())
    filled: set[int] = set()
    for record in plan.file.records() if empty else ():
        filled |= {
            number for number in empty if record.cells[number : number + 1] and record.cells[number].strip()
        }
        empty -= filled
        if not empty:
            break
    return [plan.file.columns[number] for number in sorted(filled)]
