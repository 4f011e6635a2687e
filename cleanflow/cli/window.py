"""Open the window: what `cleanflow` does without a command."""

from __future__ import annotations

import argparse
import logging
import logging.handlers
import sys
from pathlib import Path

from cleanflow.cli.console import complain, database_path
from cleanflow.dao.shop import is_set_up
from cleanflow.db import open_database
from cleanflow.errors import Refusal


def run(options: argparse.Namespace) -> int:
    """Open the shop's database, or make an empty one for the first start, and show the window."""
    try:
        return _show(database_path(options))
    except Refusal as refusal:
        if not (sys.stderr and sys.stderr.isatty()):  # started by an icon
            from cleanflow.gui.window import say_refused

            say_refused(str(refusal))
        raise


def _show(first: Path) -> int:
    path: Path | None = first
    _log_beside(first)
    while path is not None:
        with open_database(path, create=True) as db:
            from cleanflow.gui.window import NoWindow, open_window

            try:
                window = open_window(db)
            except NoWindow as error:
                complain(f"The window cannot be opened: {error}. The commands work without one; see --help.")
                return 1
            window.start(is_set_up(db))
            window.mainloop()
            path = window.next_path
    return 0


def _log_beside(path: Path) -> None:
    log = logging.handlers.RotatingFileHandler(
        path.parent / "cleanflow.log", maxBytes=500_000, backupCount=1, encoding="utf-8", delay=True
    )
    log.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.getLogger().addHandler(log)
