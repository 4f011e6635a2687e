"""Set up a new shop on this PC."""

from __future__ import annotations

import argparse
import getpass

from cleanflow.cli.console import ask, complain, is_terminal, records_path
from cleanflow.dao.clock_doubts import confirm_clock
from cleanflow.dao.shop import DATE_ORDERS, set_up_shop
from cleanflow.db import open_database


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``init``."""
    parser.add_argument("--shop", required=True, metavar="NAME", help="the shop's name, as printed on paper")
    parser.add_argument("--currency", required=True, metavar="CODE", help="ISO 4217, like PKR")
    parser.add_argument("--pc", default="C1", metavar="CODE", help="this PC's code in references (C1)")
    parser.add_argument("--owner", required=True, metavar="NAME", help="the owner's name")
    parser.add_argument("--pin", help="the owner's PIN; asked for if omitted")
    parser.add_argument("--address", default="", help="for printed paper")
    parser.add_argument("--phone", default="", help="for printed paper")
    parser.add_argument(
        "--day-starts-at",
        type=int,
        default=0,
        metavar="HOUR",
        help="the hour at which the business day begins (0)",
    )
    parser.add_argument("--date-order", choices=DATE_ORDERS, default="DMY", help="how the shop writes dates")


def run(options: argparse.Namespace) -> int:
    """Create the database and the shop in it."""
    pin = options.pin or (ask("The owner's PIN: ", getpass.getpass) if is_terminal() else "")
    path = records_path(options)
    with open_database(path, create=True) as db:
        if options.clock_is_right:
            confirm_clock(db)
        set_up_shop(
            db,
            name=options.shop,
            currency=options.currency,
            pc_code=options.pc,
            owner=options.owner,
            pin=pin,
            address=options.address,
            phone=options.phone,
            day_starts_at=options.day_starts_at,
            date_order=options.date_order,
        )
    complain(f"The shop is ready; its records are in {path}.")
    return 0
