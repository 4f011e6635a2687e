"""Reading CSV as shops have it: whatever delimiter and encoding, with the lines that are broken."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from cleanflow.errors import Refusal
from cleanflow.exchange.decoding import Encoding, decoded, encoding_of
from cleanflow.exchange.table import Record, Table, column_names, unwrapped

# The comma last: it is also common inside amounts and addresses.
_DELIMITERS = ";\t|,"
_SAMPLE_LINES = 100
_SAMPLE_CHARACTERS = 100_000


def open_text(path: Path, data: bytes, encoding_name: str = "") -> Table:
    """Find out how a text file is written; ``encoding_name`` is what a person chose.

    Refuses with ``file_empty``, ``file_not_table`` or ``encoding_unknown``.
    """
    encoding = encoding_of(data, encoding_name)
    with decoded(data, encoding) as stream:
        delimiter = _delimiter(stream)

    def rows() -> Iterator[Record]:
        records = text_records(data, encoding, delimiter)
        next(records)
        return records

    heading = next(text_records(data, encoding, delimiter), None)
    if heading is None:
        raise Refusal("file_empty", path=path)
    if heading.problem:
        raise Refusal("file_not_table", path=path, reason=heading.problem)
    columns = column_names(path, heading.cells)
    return Table(path, "CSV", columns, rows, encoding.name, delimiter)


_SEPARATOR_LINE = re.compile(r"\"?sep=(.)\"?\s*", re.IGNORECASE)


def _delimiter(stream: TextIO) -> str:
    """What Excel's ``sep=`` line says, else what divides most lines into as many cells as the heading."""
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


def text_records(data: bytes, encoding: Encoding, delimiter: str) -> Iterator[Record]:
    """All records of a text, the heading included, without blank lines."""
    stream = decoded(data, encoding)
    # `strict`: a quotation mark in the wrong place spoils its own line, not the rest of the file.
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
            yield Record(line, [unwrapped(cell) for cell in cells])


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
