"""Leave the shop's server: nothing is sent any more; all records stay."""

from __future__ import annotations

import argparse

from cleanflow.cli.console import database_path
from cleanflow.dao.users import first_owner
from cleanflow.db import open_database
from cleanflow.sync.enrolling import leave
from cleanflow.sync.state import joined_state


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """There are none."""


def run(options: argparse.Namespace) -> int:
    """Leave."""
    with open_database(database_path(options)) as db:
        server = joined_state(db).server_url
        owner = first_owner(db)
        db.session.user_id = owner.id if owner else None
        leave(db)
    print(f"Left {server}. All records stay on this PC.")
    return 0
