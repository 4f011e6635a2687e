"""Leave the shop's server: nothing is sent any more, all records stay."""

from __future__ import annotations

import argparse

from cleanflow.cli.console import complain, open_shop
from cleanflow.sync.joining import leave
from cleanflow.sync.state import joined_state


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """There are none."""


def run(options: argparse.Namespace) -> int:
    """Leave."""
    with open_shop(options) as db:
        server = joined_state(db).server_url
        leave(db)
    complain(f"Left {server}. All records stay on this PC.")
    return 0
