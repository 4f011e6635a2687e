"""Reading lists of QuickBooks (.iif): tab-delimited sections, each with its own heading ``!CUST …``."""

from __future__ import annotations

import re
from pathlib import Path

from cleanflow.errors import Refusal
from cleanflow.exchange.csv_file import text_records
from cleanflow.exchange.decoding import encoding_of
from cleanflow.exchange.table import Record, Table, column_names, filled_up

#: Kind of record -> the section of the file that lists it.
_SECTIONS = {"customers": "CUST", "services": "INVITEM"}

_IIF = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*\"?!(?:HDR|CUST|CUSTNAMEDICT|INVITEM|ACCNT|VEND|TRNS|EMP|CLASS)\"?\t"
)


def is_iif(data: bytes) -> bool:
    """Whether it begins as a list of QuickBooks."""
    return _IIF.match(data[:100]) is not None


def open_iif(path: Path, data: bytes, kind: str, encoding_name: str = "") -> Table:
    """The section of the file that lists ``kind``. Refuses with ``file_not_table``."""
    encoding = encoding_of(data, encoding_name)
    section = _SECTIONS.get(kind)
    heading: list[str] | None = None
    records: list[Record] = []
    for record in text_records(data, encoding, "\t"):
        word, cells = (record.cells or [""])[0].strip().upper(), record.cells[1:]
        if word == f"!{section}" and heading is None:
            heading = cells
        elif word == section or record.problem:
            records.append(Record(record.line, cells, record.problem))
    if section is None or heading is None:
        wanted = section or " or ".join(_SECTIONS.values())
        raise Refusal("file_not_table", path=path, reason=f"it has no section !{wanted} for {kind}.")
    columns = column_names(path, heading)
    below = [filled_up(record, len(columns)) for record in records]
    return Table(path, "QuickBooks IIF", columns, lambda: iter(below), encoding.name, "\t")
