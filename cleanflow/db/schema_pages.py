"""Replaces the damaged schema pages (``sqlite_master``) of a database by those of a newly created one.

Every shop's file was created by the same statements, so its schema lies on the same pages with the same
content as in a new file. (A file migrated from an older format may differ; then little can be recovered.)
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final

#: SQLite's default page size, which no pragma of ours changes.
PAGE_BYTES: Final = 4096
_HEADER_BYTES: Final = 100
_INTERIOR: Final = 5


def lend_schema_pages(new: Path, damaged: Path) -> None:
    """Overwrite the first page and the schema pages of ``damaged`` with those of ``new``. Raises OSError."""
    content = new.read_bytes()
    with open(damaged, "r+b") as file:
        pages = os.fstat(file.fileno()).st_size // PAGE_BYTES
        for number in schema_pages(content):
            if number <= pages:
                file.seek((number - 1) * PAGE_BYTES)
                file.write(_page(content, number))
        file.seek(28)  # the header's page count
        file.write(struct.pack(">I", pages))
        file.flush()
        os.fsync(file.fileno())


def schema_pages(content: bytes) -> list[int]:
    """Numbers, from 1, of the pages of a sound file's ``sqlite_master``, which needs no overflow pages."""
    return [1, *_below(content, 1)]


def _below(content: bytes, number: int) -> Iterator[int]:
    page = _page(content, number)
    begin = _HEADER_BYTES if number == 1 else 0
    kind, _free, cells = struct.unpack_from(">BHH", page, begin)
    if kind != _INTERIOR:
        return
    places = struct.unpack_from(f">{cells}H", page, begin + 12)
    last = struct.unpack_from(">I", page, begin + 8)
    for child in (*(struct.unpack_from(">I", page, place)[0] for place in places), *last):
        yield child
        yield from _below(content, child)


def _page(content: bytes, number: int) -> bytes:
    return content[(number - 1) * PAGE_BYTES : number * PAGE_BYTES]
