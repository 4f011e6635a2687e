"""Builds one file from the loader, its constants and the pieces.

The build is reproducible: the same source, lock file and zlib give the same bytes. A piece is a zip inside
the zip, so that the file has a handful of entries and not a thousand: Python reads them all at every start.
"""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from pathlib import Path

from cleanflow import __version__
from release import contents
from release.contents import Files
from release.targets import Target
from release.wheels import locked

_LOADER = Path(__file__).resolve().parent / "loader"
#: The earliest date that a zip entry can have.
_DATE = (1980, 1, 1, 0, 0, 0)
#: Compiled by the first start while it unpacks: the largest package that the window imports.
_COMPILED_AHEAD = ("ttkbootstrap/",)
_SHEBANG = b"#!/usr/bin/env python3\n"


def build(target: Target, wheels: Path, folder: Path) -> Path:
    """Build ``target``'s file in ``folder`` from the locked ``wheels``; returns its path."""
    names = list(locked(target))
    pieces = contents.pieces(target, wheels, names)
    entries = {f"pieces/{name}.zip": zipped(files) for name, files in pieces.items()}
    entries["licences.zip"] = zipped(contents.licences(wheels, names))
    entries["__main__.py"] = _with_facts((_LOADER / "__main__.py").read_text("utf-8"), _facts(target, pieces))
    entries["cleanflow_unpacking.py"] = (_LOADER / "cleanflow_unpacking.py").read_bytes()

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / target.file_name
    part = path.with_name(path.name + ".part")
    # Without this line the Windows launcher uses its default Python.
    shebang = _SHEBANG if target.system != "Windows" else b""
    part.write_bytes(zipped({n: (c, False) for n, c in entries.items()}, before=shebang, is_packed=True))
    part.chmod(0o755)
    os.replace(part, path)
    return path


def _facts(target: Target, pieces: dict[str, Files]) -> dict[str, object]:
    size = max(sum(len(content) for content, _ in files.values()) for files in pieces.values())
    return {
        "kind": target.kind,
        "version": __version__,
        "key": key(pieces),
        "system": target.system,
        "pieces": sorted(target.tags.values()),
        "ahead": _COMPILED_AHEAD,
        "unpacked_mb": round(size * 1.4 / 1e6) + 10,
    }


def key(pieces: dict[str, Files]) -> str:
    """Identifies the content: 64 bits (16 hex digits) of a SHA-256 over all names and contents."""
    digest = hashlib.sha256()
    for name, files in sorted(pieces.items()):
        for path, (content, is_program) in sorted(files.items()):
            digest.update(f"{name}/{path} {len(content)} {is_program}\n".encode())
            digest.update(content)
    return digest.hexdigest()[:16]


def _with_facts(loader: str, facts: dict[str, object]) -> bytes:
    before, after = loader.split("FACTS = {}\n")
    return f"{before}FACTS = {facts!r}\n{after}".encode("ascii")


def zipped(files: Files, *, before: bytes = b"", is_packed: bool = False) -> bytes:
    """A zip of ``files`` in the order of their names, after ``before``; ``is_packed``: do not compress."""
    target = io.BytesIO()
    target.write(before)
    with zipfile.ZipFile(target, "w") as file:
        for path, (content, is_program) in sorted(files.items()):
            entry = zipfile.ZipInfo(path, _DATE)
            entry.create_system = 3  # Unix, whatever system builds it
            entry.external_attr = (0o755 if is_program else 0o644) << 16
            entry.compress_type = zipfile.ZIP_STORED if is_packed else zipfile.ZIP_DEFLATED
            file.writestr(entry, content, compresslevel=9)
    return target.getvalue()
