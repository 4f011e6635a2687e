"""What commands share: opening the shop, printing JSON, messages and progress."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cleanflow.clock import Clock
from cleanflow.dao.clock_doubts import confirm_clock
from cleanflow.dao.users import first_owner
from cleanflow.db import Database, open_database
from cleanflow.errors import Refusal, harmless
from cleanflow.paths import DATABASE_NAME, default_data_folder, is_too_long


def database_path(options: argparse.Namespace) -> Path:
    """The database file in ``--data`` or in the default data folder. Refuses with ``name_too_long``."""
    folder: Path = options.data or default_data_folder()
    if is_too_long(folder.absolute() / f"{DATABASE_NAME}-journal"):
        raise Refusal("name_too_long", path=folder)
    return folder / DATABASE_NAME


def records_path(options: argparse.Namespace) -> Path:
    """The same, after completing a restore that a power cut interrupted: until then the file may have
    another name."""
    from cleanflow.safekeeping.restore import finish_begun

    path = database_path(options)
    finish_begun(path)
    return path


def open_shop(options: argparse.Namespace, *, clock: Clock | None = None) -> Database:
    """The shop's database, with the owner signed in: commands belong to the administrator.

    Refuses with ``database_missing`` or ``not_set_up``. ``--clock-is-right`` confirms the clock.
    """
    db = open_database(records_path(options), clock=clock)
    owner = first_owner(db)
    if owner is None:
        db.close()
        raise Refusal("not_set_up")
    db.session.user_id, db.session.is_command = owner.id, True
    if options.clock_is_right:
        confirm_clock(db)
    return db


def print_json(value: Mapping[str, Any]) -> None:
    """One JSON object on standard output."""
    print(json.dumps(value, ensure_ascii=False, indent=2), flush=True)  # `serve` keeps running after it


def complain(message: str) -> None:
    """Print a message on standard error."""
    if sys.stderr is not None:  # closed by the parent process
        print(f"cleanflow: {harmless(message)}", file=sys.stderr)


def is_terminal() -> bool:
    """Whether standard input looks like a person at a terminal; so does NUL on Windows: see :func:`ask`."""
    return sys.stdin is not None and not sys.stdin.closed and sys.stdin.isatty()


def ask(question: str, read: Callable[[str], str] = input) -> str:
    """What a person answers; "" when the input has ended, as that of NUL on Windows has at once."""
    try:
        return read(question)
    except EOFError:
        print(file=sys.stderr)
        return ""


class ProgressLine:
    """A line on standard error with the progress of a long command; none without standard error.

    On a terminal it is redrawn at most five times a second; elsewhere a line is printed every ten seconds.
    """

    def __init__(self, what: str, total: int | None = None) -> None:
        self._what, self._total = what, total
        self._is_terminal = sys.stderr is not None and sys.stderr.isatty()
        self._shown_at = time.monotonic()
        self._done = 0

    def advance(self, steps: int = 1) -> None:
        """``steps`` more are done."""
        self._done += steps
        pause_s = 0.2 if self._is_terminal else 10.0
        if time.monotonic() - self._shown_at >= pause_s:
            self._show("\r" if self._is_terminal else "", "" if self._is_terminal else "\n")

    def finish(self) -> None:
        """Show the final count."""
        self._show("\r" if self._is_terminal else "", "\n")

    def _show(self, start: str, end: str) -> None:
        self._shown_at = time.monotonic()
        if sys.stderr is None:
            return
        total = f" of {self._total:,}" if self._total else ""
        print(f"{start}{self._what}: {self._done:,}{total}", end=end, file=sys.stderr, flush=True)
