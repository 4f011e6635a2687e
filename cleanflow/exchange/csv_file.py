"""Reading CSV as shops have it: whatever delimiter and encoding, with the lines that are broken.

Says what stands where; what a column means is left to :mod:`cleanflow.exchange.mapping`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TextIO

from cleanflow.errors import Refusal
from cleanflow.exchange.decoding import Encoding, decoded, encoding_of

#: A shop's list of a million customers fits; what is larger is not one.
LARGEST_BYTES: Final = 100_000_000

# The comma last: it is the one that stands inside of amounts and addresses, too.
_DELIMITERS = ";\t|,"
_SAMPLE_LINES = 100
_SAMPLE_CHARACTERS = 100_000
_LONGEST_NAME = 60
#: No program exports more; reading a million would take for ever.
_MOST_COLUMNS = 1_000


@dataclass(frozen=True)
class Record:
    """One record: the file's line on which it begins (from 1) and its cells, or why it is unreadable."""

    line: int
    cells: list[str]
    problem: Refusal | None = None


@dataclass(frozen=True)
class CsvFile:
    """An opened file; ``columns`` are the heading's names, each different, none empty."""

    path: Path
    encoding: str
    delimiter: str
    columns: list[str]
    _data: bytes
    _encoding: Encoding

    def records(self) -> Iterator[Record]:
        """The records below the heading, without blank lines, one by one. May be asked for again."""
        records = _records(decoded(self._data, self._encoding), self.delimiter)
        next(records)
        for record in records:
            yield self._checked(record)

    def _checked(self, record: Record) -> Record:
        if not any(record.cells[len(self.columns) :]):
            return record
        found, expected = len(record.cells), len(self.columns)
        return Record(record.line, [], Refusal("line_too_long", found=found, expected=expected))


def open_csv(path: Path) -> CsvFile:
    """Read a file and find out how it is written.

    Refuses with ``file_unreadable``, ``file_too_large``, ``file_empty`` or ``file_not_csv``.
    """
    data = _read(path)
    encoding = encoding_of(data)
    with decoded(data, encoding) as stream:
        delimiter = _delimiter(stream)
    heading = next(_records(decoded(data, encoding), delimiter), None)
    if heading is None:
        raise Refusal("file_empty", path=path)
    if heading.problem:
        raise Refusal("file_not_csv", path=path, reason=heading.problem)
    if len(heading.cells) > _MOST_COLUMNS:
        reason = f"it has {len(heading.cells):,} columns, at most {_MOST_COLUMNS:,} are read."
        raise Refusal("file_not_csv", path=path, reason=reason)
    return CsvFile(path, encoding.name, delimiter, _names(heading.cells), data, encoding)


def _read(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():  # a pipe would be waited for, without end
            raise Refusal("file_unreadable", path=path, reason="it is no ordinary file.")
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise Refusal("file_unreadable", path=path, reason=error.strerror or error) from error
    except ValueError as error:  # a NUL, or half a character
        raise Refusal("file_unreadable", path=path, reason="no file can have this name.") from error
    if len(data) > LARGEST_BYTES:
        raise Refusal("file_too_large", path=path, limit=f"{LARGEST_BYTES // 1_000_000} MB")
    return data


_SEPARATOR_LINE = re.compile(r"\"?sep=(.)\"?\s*", re.IGNORECASE)


def _delimiter(stream: TextIO) -> str:
    """What Excel's own ``sep=`` line says, else what divides most lines into as many cells as the heading."""
    sample: list[str] = []
    while len(sample) < _SAMPLE_LINES and (line := stream.readline(_SAMPLE_CHARACTERS)):
        if line.strip():
            sample.append(line)
    told = _SEPARATOR_LINE.fullmatch(sample[0]) if sample else None
    if told and told[1] in _DELIMITERS + ":^~":
        return told[1]
    return max(_DELIMITERS, key=lambda delimiter: _fitness(sample, delimiter)) if sample else ","


def _fitness(sample: list[str], delimiter: str) -> tuple[float, int]:
    try:
        widths = [len(row) for row in csv.reader(sample, delimiter=delimiter, skipinitialspace=True) if row]
    except csv.Error:
        return (0, 0)
    if not widths or widths[0] < 2:
        # One column: the comma is as good as any.
        return (0, int(delimiter == ","))
    return (widths.count(widths[0]) / len(widths), widths[0])


def _records(stream: TextIO, delimiter: str) -> Iterator[Record]:
    """All records, the heading included."""
    # `strict`: a quotation mark in the wrong place spoils its line, not silently the rest of the file.
    reader = csv.reader(stream, delimiter=delimiter, skipinitialspace=True, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Record(line, [], Refusal("line_broken", reason=_reason(error, line, reader)))
            continue
        is_separator_line = line == 1 and _SEPARATOR_LINE.fullmatch(delimiter.join(cells))
        if not is_separator_line and any(cell.strip() for cell in cells):
            yield Record(line, cells)


def _reason(error: csv.Error, line: int, reader: Any) -> str:
    text, last = str(error), reader.line_num
    if "field larger" in text:
        reason = f"a cell has more than {csv.field_size_limit():,} characters; is a quotation mark missing?"
    elif "unexpected end" in text:
        reason = "a quotation mark opens and none closes it."
    elif "expected after" in text:
        reason = "there is text behind a closing quotation mark."
    else:
        reason = f"{text}."
    return reason if last <= line else f"{reason} It reaches to line {last}."


def _names(cells: list[str]) -> list[str]:
    """The heading's cells as names to show and to choose by: “Phone”, “Phone (2)”, “Column 3”."""
    while cells and not cells[-1].strip():
        cells = cells[:-1]
    names: list[str] = []
    for number, cell in enumerate(cells, start=1):
        shown = "".join(char if char.isprintable() else " " for char in cell).strip()
        name = unique = shown[:_LONGEST_NAME] or f"Column {number}"
        taken, count = set(names), 1
        while unique in taken:
            count += 1
            unique = f"{name} ({count})"
        names.append(unique)
    return names
