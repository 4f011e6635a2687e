"""Reading an Excel workbook (.xlsx): one sheet, with numbers, dates and texts as what they are."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from cleanflow.errors import Refusal
from cleanflow.exchange.table import Number, Record, Table, column_names, filled_up, unwrapped

#: More than any list of a shop; a small file can be packed to unpack into terabytes.
LARGEST_UNPACKED_BYTES: Final = 300_000_000
MOST_ROWS: Final = 250_000
_MOST_PARTS = 5_000
#: Reports have lines of a title above the heading.
_TITLE_ROWS = 20

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def is_workbook(data: bytes) -> bool:
    """Whether it is a workbook of Excel, also one that is too old to be read."""
    return data.startswith((_ZIP, _OLE))


def open_workbook(path: Path, data: bytes, sheet: str = "") -> Table:
    """The sheet of that name, else the first one. A formula counts as the value that was stored with it.

    Refuses with ``file_not_table``, ``file_too_large``, ``file_empty`` or ``sheet_unknown``.
    """
    if data.startswith(_OLE):
        raise Refusal("file_not_table", path=path, reason="it is an old Excel file; save it as .xlsx.")
    _check_size(path, data)
    rows = _rows(path, data, sheet)
    heading = _heading(rows)
    if heading is None:
        raise Refusal("file_empty", path=path)
    columns = column_names(path, rows[heading].cells)
    below = [filled_up(row, len(columns)) for row in rows[heading + 1 :]]
    return Table(path, "Excel", columns, lambda: iter(below))


def _check_size(path: Path, data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            names = {part.filename for part in parts}
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
        raise Refusal("file_not_table", path=path, reason="it is damaged.") from error
    if "xl/workbook.xml" not in names:
        reason = "it is no Excel workbook; save it as .xlsx or .csv."
        raise Refusal("file_not_table", path=path, reason=reason)
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED_BYTES:
        raise Refusal("file_too_large", path=path, limit=f"{LARGEST_UNPACKED_BYTES // 1_000_000} MB unpacked")


def _rows(path: Path, data: bytes, sheet: str) -> list[Record]:
    """All rows with content; where a formula has no stored value, its text stands for it."""
    try:
        values = _cells(path, data, sheet, with_formulas=False)
        if not _has_formulas(data):
            return list(_records(path, values))
        formulas = _cells(path, data, sheet, with_formulas=True)
        both = zip(values, formulas, strict=False)
        return list(_records(path, (_with_texts(row, texts) for row, texts in both)))
    except Refusal:
        raise
    except Exception as error:  # whatever a damaged workbook makes of openpyxl
        raise Refusal("file_not_table", path=path, reason="it is damaged.") from error


def _has_formulas(data: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for part in archive.infolist():
            if part.filename.startswith("xl/worksheets/"):
                with archive.open(part) as stream:
                    before = b""
                    while block := stream.read(1 << 20):
                        if b"<f>" in before + block or b"<f " in before + block:
                            return True
                        before = block[-2:]
    return False


def _cells(path: Path, data: bytes, sheet: str, *, with_formulas: bool) -> Iterator[tuple[Any, ...]]:
    import openpyxl  # heavy, and seldom needed

    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=not with_formulas)
    names = {one.title.casefold(): one for one in book.worksheets}
    chosen = names.get(sheet.strip().casefold()) if sheet else next(iter(book.worksheets), None)
    if chosen is None:
        raise Refusal("sheet_unknown", path=path, text=sheet, sheets=", ".join(book.sheetnames))
    chosen.reset_dimensions()  # the file may claim a million columns
    yield from chosen.iter_rows(values_only=True)


def _with_texts(values: tuple[Any, ...], formulas: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(
        formula if value is None and isinstance(formula, str) else value
        for value, formula in zip(values, formulas, strict=False)
    )


def _records(path: Path, rows: Iterator[tuple[Any, ...]]) -> Iterator[Record]:
    count = 0
    for line, row in enumerate(rows, start=1):
        if any(value not in (None, "") for value in row):
            count += 1
            yield Record(line, [_text(value) for value in row])
        if count > MOST_ROWS or line > 2_000_000:
            raise Refusal("file_too_large", path=path, limit=f"{MOST_ROWS:,} rows")


def _text(value: Any) -> str:
    """A cell as text: ISO dates, numbers in plain digits; both can be read in one way only."""
    if value is None:
        return ""
    if isinstance(value, str):
        return unwrapped(value.strip())
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return Number(_plain(value))
    if isinstance(value, int):
        return Number(value)
    if isinstance(value, datetime):
        at_midnight = (value.hour, value.minute, value.second, value.microsecond) == (0, 0, 0, 0)
        return value.date().isoformat() if at_midnight else value.isoformat(" ", "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def _plain(value: float) -> str:
    """Excel computes with 15 digits: 0.1 + 0.2 is shown as 0.3 there, and so it is read."""
    if value != value or value in (float("inf"), float("-inf")):
        return str(value)
    return format(Decimal(f"{value:.15g}"), "f")


def _heading(rows: list[Record]) -> int | None:
    """The number of the heading's row: the first, or the first with several cells below a title."""
    if not rows:
        return None
    filled = [sum(1 for cell in row.cells if cell.strip()) for row in rows[:_TITLE_ROWS]]
    wide = next((number for number, count in enumerate(filled) if count > 1), 0)
    return wide if sum(count > 1 for count in filled) * 2 >= len(filled) - wide else 0
