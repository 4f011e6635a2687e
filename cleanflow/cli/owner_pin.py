"""An owner's PIN for commands that tell what the shop keeps from its cashiers: ``--as-owner``."""

from __future__ import annotations

import argparse
import getpass
import sys

from cleanflow.dao.users import is_pin_right, list_users
from cleanflow.db import Database
from cleanflow.errors import Refusal


def add_owner_argument(parser: argparse.ArgumentParser) -> None:
    """Declare ``--as-owner``."""
    parser.add_argument(
        "--as-owner",
        action="store_true",
        help="ask for an owner's PIN, where the shop counts blind (without a terminal: a line of input)",
    )


def act_as_asked(db: Database, options: argparse.Namespace) -> None:
    """With ``--as-owner`` let the owner whose PIN is given act. Refuses with ``pin_not_an_owners``."""
    if not options.as_owner:
        return
    pin = _asked_pin()
    for user in list_users(db):
        if user.role == "OWNER" and is_pin_right(db, user.id, pin):
            db.session.user_id, db.session.is_command = user.id, False
            return
    raise Refusal("pin_not_an_owners")


def _asked_pin() -> str:
    try:
        if sys.stdin is not None and sys.stdin.isatty():
            return getpass.getpass("An owner's PIN: ")
        return sys.stdin.readline().strip() if sys.stdin is not None else ""
    except EOFError:
        return ""
