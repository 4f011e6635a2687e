"""Open the window: what `cleanflow` does without a command."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from cleanflow.cli.console import complain, database_path
from cleanflow.dao.remembered import LAST_USER, recall
from cleanflow.dao.shop import get_shop, is_set_up
from cleanflow.dao.users import get_user, list_users
from cleanflow.db import Database, open_database
from cleanflow.db.failures import DatabaseError, is_damage, read_failure, translated
from cleanflow.errors import NotSaved, Refusal
from cleanflow.safekeeping.automatic import backups_beside
from cleanflow.safekeeping.instance import only_instance
from cleanflow.safekeeping.log import log_beside
from cleanflow.safekeeping.restore import finish


def run(options: argparse.Namespace) -> int:
    """Open the shop's database, or an empty one for the first start, and show the window."""
    path = database_path(options)
    try:
        with only_instance(path.parent):
            return _show(path)
    except (Refusal, DatabaseError) as error:
        if not (sys.stderr and sys.stderr.isatty()):  # started by an icon
            from cleanflow.gui.window import say_refused

            say_refused(read_failure(error) if isinstance(error, DatabaseError) else str(error))
        raise


def _show(first: Path) -> int:
    """Show one window after another: the next one is that of the demo shop, or of a restored backup."""
    path: Path | None = first
    notice = ""
    log_beside(first)
    while path is not None:
        try:
            db = _opened(path)
        except (Refusal, NotSaved) as trouble:
            said = _ask_about(path, trouble)
            if said is None:
                return 1
            notice = said
            continue
        with db:
            from cleanflow.gui.window import NoWindow, open_window

            try:
                window = open_window(db)
            except NoWindow as error:
                complain(f"The window cannot be opened: {error}. The commands work without one; see --help.")
                return 1
            window.start(is_set_up(db), notice)
            window.mainloop()
            path, step = window.next_path, window.step
        notice = _done(step) if step is not None else ""
    return 0


def _opened(path: Path) -> Database:
    """The shop's records, after completing a restore that a power cut interrupted; an empty shop at the
    first start."""
    finish(path)
    if not os.path.exists(path) and backups_beside(path):  # raises nothing without permission to look
        raise Refusal("database_gone", path=path)
    db = open_database(path, create=True)
    try:
        _look_in(db)
    except DatabaseError as error:
        db.close()
        raise (Refusal("database_damaged", path=path) if is_damage(error) else translated(error)) from error
    except Refusal as error:  # a setting is missing or invalid
        db.close()
        raise Refusal("database_damaged", path=path) from error
    return db


def _look_in(db: Database) -> None:
    """Read what the window needs until somebody has signed in, who can then be told of damage; if that is
    broken, the window could not open or nobody could sign in."""
    recall(db, LAST_USER, "")
    users = list_users(db) if is_set_up(db) else []
    if users:  # none yet: the shop is still being fetched
        get_shop(db)
    for user in users:
        get_user(db, user.id)


def _ask_about(path: Path, trouble: Refusal | NotSaved) -> str | None:
    """The message for the next try; None if nobody wants to try again."""
    from cleanflow.gui.entrance.trouble import ask_about

    window = ask_about(path, trouble)
    if window is None:  # no display
        raise trouble
    if window.again:
        return window.notice
    complain(str(trouble))
    return None


def _done(step: Callable[[], str]) -> str:
    """Do the work between two windows; its message, or the reason that it failed."""
    try:
        return step()
    except (Refusal, NotSaved) as error:
        return str(error)
