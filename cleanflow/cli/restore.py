"""Bring back a backup; the present records are kept aside."""

from __future__ import annotations

import argparse
from pathlib import Path

from cleanflow.cli.console import ask, complain, database_path, is_terminal
from cleanflow.safekeeping.contents import Contents, contents_at
from cleanflow.safekeeping.instance import only_instance
from cleanflow.safekeeping.restore import Prepared, prepare


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``restore``."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the backup")
    parser.add_argument("--pc", default="", metavar="C5", help="this PC's new code; a free one if omitted")
    parser.add_argument("--look", action="store_true", help="only show what is in the backup")
    parser.add_argument("--yes", action="store_true", help="do not ask on a terminal")


def run(options: argparse.Namespace) -> int:
    """Compare the backup with the present records, and bring it back."""
    path = database_path(options)
    path.parent.mkdir(parents=True, exist_ok=True)
    with only_instance(path.parent):
        prepared = prepare(options.file, path)
        try:
            print(_compared(prepared.contents, contents_at(path)))
            for finding in prepared.findings:
                complain(f"wrong in the backup's books: {finding}")
            if options.look:
                return 0
            if not options.yes and is_terminal() and not _agreed():
                complain("Nothing was changed.")
                return 1
            aside = prepared.put_in_place(options.pc)
        finally:
            prepared.discard()
    print(_done(prepared, contents_at(path), aside))
    return 0


def _agreed() -> bool:
    answer = ask("Bring it back? The present records are kept aside. [y/N] ")
    return answer.strip().lower() in ("y", "yes")


def _compared(backup: Contents, here: Contents | None) -> str:
    """One line per fact: in the backup, and here now."""
    lines = [f"{'':<24}{'in the backup':<28}{'here now'}"]
    for label, name in _FACTS.items():
        values = (f"{_text(getattr(one, name))}" if one else "–" for one in (backup, here))
        first, second = values
        lines.append(f"{label:<24}{first:<28}{second}".rstrip())
    return "\n".join(lines)


_FACTS = {
    "shop": "shop",
    "PC": "pc_code",
    "last recorded": "last_at",
    "last day closed": "last_closed",
    "customers": "customers",
    "jobs": "jobs",
    "payments": "payments",
    "ledger entries": "ledger_entries",
    "not sent to the server": "unsent",
}


def _text(value: object) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    if hasattr(value, "strftime"):
        return f"{value:%Y-%m-%d %H:%M}"
    return "–" if value is None else str(value)


def _done(prepared: Prepared, now: Contents | None, aside: Path | None) -> str:
    code = now.pc_code if now else "?"
    words = [f"The backup is brought back. This PC goes on as {code}, so that no number is given twice."]
    if aside is not None:
        words.append(f"The former records are kept as {aside}.")
    if prepared.contents.is_joined:
        words.append("The next sync fetches what the server has and the backup lacks.")
    return "\n".join(words)
