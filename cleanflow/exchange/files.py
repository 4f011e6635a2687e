"""Opens a file of any format as a table: the only module that knows which formats there are."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from cleanflow.errors import Refusal
from cleanflow.exchange import csv_file, iif_file, vcf_file, xlsx_file
from cleanflow.exchange.table import Table

#: A shop's list of a million customers fits.
LARGEST_BYTES: Final = 100_000_000


def open_table(path: Path, kind: str = "customers", *, encoding: str = "", sheet: str = "") -> Table:
    """Open a file of any format: CSV or text, Excel (.xlsx), vCard (.vcf) or QuickBooks (.iif).

    The format is known by the content, not by the name. ``kind`` chooses a list where a file has several;
    ``encoding`` and ``sheet`` are what a person chose, else they are found. Refuses with
    ``file_unreadable``, ``file_too_large``, ``file_empty``, ``file_not_table``, ``encoding_unknown`` or
    ``sheet_unknown``.
    """
    data = read_bytes(path)
    if xlsx_file.is_workbook(data):
        return xlsx_file.open_workbook(path, data, sheet)
    if sheet:
        raise Refusal("sheet_unknown", path=path, text=sheet, sheets="–")
    if vcf_file.is_vcard(data):
        return vcf_file.open_vcards(path, data, encoding)
    if iif_file.is_iif(data):
        return iif_file.open_iif(path, data, kind, encoding)
    return csv_file.open_text(path, data, encoding)


def read_bytes(path: Path) -> bytes:
    """The whole file. Refuses with ``file_unreadable`` or ``file_too_large``."""
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
