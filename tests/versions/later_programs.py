"""The programs of later formats: copies of this checkout whose declarations say more.

Format 2 brings a customer's e-mail, which is searched, and the fact table ``garments``; format 3 a customer's
birthday, a garment's colour and ``tags``, which people edit. Their SQL is made by the real maker.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

#: What a program consists of, as far as tests start it.
_ROOMS = ("cleanflow", "server", "sql", "release")

_GARMENTS = """

GARMENTS: Final = Record(
    name="garments",
    one="garment",
    title=_l("Garment"),
    label="name",
    changed="<<JobsChanged>>",
    since=2,
    own_fields=(
        pointer("job_id", "jobs", _l("Job")),
        text("name", _l("Name"), 100, low=1),
        amount("price_minor", _l("Price"), 0),{colour}
        USER,
    ),
)
"""
_COLOUR = """
        text("colour", _l("Colour"), 50, since=3),"""
_TAGS = """

TAGS: Final = Record(
    name="tags",
    one="tag",
    title=_l("Tag"),
    label="name",
    changed="<<JobsChanged>>",
    since=3,
    own_fields=(text("name", _l("Name"), 50, low=1, editable=True), ACTIVE),
)
"""
_EMAIL = 'text("email", _l("E-mail"), 200, editable=True, searched=True, since=2),'
_BIRTHDAY = 'day("birthday", _l("Birthday"), nullable=True, editable=True, since=3),'

_ADDRESS = '        text("address", _l("Address"), editable=True, lines=True, searched=True),\n'


def copy_of_this(folder: Path) -> Path:
    """This program, as it is."""
    for room in _ROOMS:
        shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def make_program(folder: Path, latest: int, *, known_features: str = "") -> Path:
    """A program of the format ``latest``, 1 to 3, its steps made."""
    copy_of_this(folder)
    people, work, records = (
        folder / "cleanflow/records" / name for name in ("people.py", "work.py", "__init__.py")
    )
    if latest >= 2:
        fields = [_EMAIL, *([_BIRTHDAY] if latest >= 3 else [])]
        replace(people, _ADDRESS, _ADDRESS + "".join(f"        {field}\n" for field in fields))
        replace(people, "import Record, Rule,", "import day, Record, Rule,")
        replace(work, "import MAX_AMOUNT,", "import text, MAX_AMOUNT,")
        append(work, _GARMENTS.format(colour=_COLOUR if latest >= 3 else ""))
        new = ["GARMENTS"]
        if latest >= 3:
            append(work, _TAGS)
            new.append("TAGS")
        replace(records, "import JOB_ADJUSTMENTS, JOBS,", f"import {', '.join(new)}, JOB_ADJUSTMENTS, JOBS,")
        replace(
            records, "        JOB_ADJUSTMENTS,\n", f"        JOB_ADJUSTMENTS,\n        {', '.join(new)},\n"
        )
        replace(records, "FORMAT: Final = 1\n", f"FORMAT: Final = {latest}\n")
    if known_features:
        replace(records, "= frozenset()", f"= frozenset({{{known_features!r}}})")
    make_schema(folder)
    return folder


def make_schema(folder: Path) -> str:
    """Run the maker of the program in ``folder``; what it says."""
    code = "import sys; from pathlib import Path; from release import schema; sys.exit(schema.main(Path.cwd(), []))"
    done = subprocess.run(
        [sys.executable, "-s", "-c", code], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def replace(file: Path, old: str, new: str) -> None:
    """Edit a source; ``old`` is there once."""
    source = file.read_text(encoding="utf-8")
    assert source.count(old) == 1, f"{old!r} is {source.count(old)} times in {file.name}"
    file.write_text(source.replace(old, new), encoding="utf-8", newline="\n")


def append(file: Path, more: str) -> None:
    file.write_text(file.read_text(encoding="utf-8") + more, encoding="utf-8", newline="\n")
