"""The pages in which a database file keeps its list of tables, and lending them to a file that lost its own.

Every shop's file was made by the same statements, so its list of tables lies on the same pages, word for
word, as in a file that is made now. (One that came from an older format may differ; then little is found.)
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final

#: What SQLite takes unless told otherwise, and nobody told it.
PAGE_BYTES: Final = 4096
_HEADER_BYTES: Final = 100
_INTERIOR: Final = 5


def lend_schema_pages(new: Path, damaged: Path) -> None:
    """Put the first page and those of the list of tables of ``new`` in the place of ``damaged``'s.

    Raises OSError.
    """
    content = new.read_bytes()
    with open(damaged, "r+b") as file:
        pages = os.fstat(file.fileno()).st_size // PAGE_BYTES
        for number in schema_pages(content):
            if number <= pages:
                file.seek((number - 1) * PAGE_BYTES)
                file.write(_page(content, number))
        file.seek(28)  # where the header says how many pages there are
        file.write(struct.pack(">I", pages))
        file.flush()
        os.fsync(file.fileno())


def schema_pages(content: bytes) -> list[int]:
    """The numbers, from 1, of the pages of a sound file's list of tables; its rows are shorter than one."""
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
