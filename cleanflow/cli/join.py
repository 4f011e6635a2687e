"""Join a shop's server with its address and a one-time code."""

from __future__ import annotations

import argparse

from cleanflow.cli.console import complain, records_path
from cleanflow.dao.shop import is_set_up
from cleanflow.dao.users import first_owner
from cleanflow.db import open_database
from cleanflow.sync.enrolling import join, look
from cleanflow.sync.worker import set_by_hand


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``join``."""
    parser.add_argument("url", metavar="URL", help="the server's address, https://… as it prints it")
    parser.add_argument("code", metavar="CODE", help="the one-time code of `serve new-code`")
    parser.add_argument(
        "--pc", default="", metavar="C2", help="this PC's code; a PC with a shop keeps its code if omitted"
    )
    parser.add_argument(
        "--as-new",
        action="store_true",
        help="this PC was copied or restored from a backup: join as a new PC, with another --pc",
    )
    parser.add_argument(
        "--by-hand", action="store_true", help="synchronise only with `sync` or Ctrl+S, never by itself"
    )


def run(options: argparse.Namespace) -> int:
    """Join; the first `sync` then fetches and sends everything."""
    with open_database(records_path(options), create=True) as db:
        owner = first_owner(db) if is_set_up(db) else None
        db.session.user_id = owner.id if owner else None
        prospect = look(db, options.url)
        if prospect.is_open:
            complain(
                "With http, others on the network can read what is sent: use https outside your own network."
            )
        if not options.pc and (options.as_new or not prospect.has_shop):
            complain("A new PC needs a code of its own, like --pc C2: its jobs' numbers begin with it.")
            return 2
        joined = join(db, options.url, options.code, options.pc, as_new=options.as_new)
        if options.by_hand:
            set_by_hand(db, True)
    print(f"Joined “{joined.shop_name}”. Now run: sync")
    return 0
