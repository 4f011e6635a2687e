"""A shop of two PCs on a real server that did things twice while offline, as seen on the first PC."""

from __future__ import annotations

import json
import subprocess
from datetime import timedelta
from pathlib import Path

from cleanflow.dao.adjustments import cancel_job
from cleanflow.dao.customers import edit_customer
from cleanflow.dao.expenses import list_categories, record_expense
from cleanflow.dao.remembered import remember
from cleanflow.dao.shop import set_up_shop
from cleanflow.db import Database, with_transaction
from cleanflow.sync.state import note
from cleanflow.sync.worker import AT_START, EVERY_MINUTES
from tests.screenshots.shops import HARD_NAMES
from tests.server.live import Serving, serve_command, serving
from tests.sync.pcs import ShopPc

#: An address where no server answers.
_NOWHERE = "https://books.sparkle-cleaners.example"


def joined_shop(folder: Path) -> Path:
    """The first PC's database: up to date except for one refused record and two that wait.

    Its clock is right, and its server is unreachable.
    """
    first, second = ShopPc(folder / "first", "C1"), ShopPc(folder / "second", "C2")
    owner = "Olga (owner)"
    set_up_shop(first.db, name="Sparkle Cleaners", currency="PKR", pc_code="C1", owner=owner, pin="1234")
    with serving(folder / "server") as server:
        first.join(server.url, _code(server, folder / "server"))
        first.sync()
        second.join(server.url, _code(server, folder / "server"))
        second.sync()
        _work_apart(first, second)
        for pc in (first, second, first, second, first):
            pc.clock.moment += timedelta(minutes=5)
            pc.sync()
    category = list_categories(first.db)[0].id
    record_expense(first.db, category_id=category, amount_minor=12_500, method="CASH", description="Soap")
    _refuse_one(first.db)
    first.try_sync()
    note(first.db, server_url=_NOWHERE, shop_name="Sparkle Cleaners", clock_ahead_s=0)
    remember(first.db, AT_START, False)
    remember(first.db, EVERY_MINUTES, 0)
    for pc in (first, second):
        pc.db.close()
    return first.path


def coming_shop(folder: Path) -> Path:
    """A PC that has joined but not fetched its shop, and whose server is unreachable."""
    joined = ShopPc(folder / "third", "C3")
    with serving(folder / "server") as server:
        joined.join(server.url, _code(server, folder / "server"))
    note(joined.db, server_url="http://127.0.0.1:9", shop_name="Sparkle Cleaners")
    joined.db.close()
    return joined.path


def _code(server: Serving, data: Path) -> str:
    command = serve_command(data, "new-code", str(server.told["shop"]), "--json")
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return str(json.loads(done.stdout)["join_code"])


def _work_apart(first: ShopPc, second: ShopPc) -> None:
    people = [first.customer(name, phone=f"0300 {number}1234567") for number, name in enumerate(HARD_NAMES)]
    paid, twice, cancelled = (first.job(person, 450_000, description="Suit") for person in people[:3])
    first.sync()
    second.sync()
    for number, pc in enumerate((first, second)):
        edit_customer(pc.db, people[0], phone=f"042 35{number}", notes=f"Collects on day {number + 1}")
        pc.pay(people[0], 450_000, jobs={paid: 450_000})
        pc.pay(people[1], 300_000, jobs={twice: 300_000})
        cancel_job(pc.db, cancelled, reason="Not wanted any more")
        bilal = pc.customer(f"Bilal {'Ahmed' if number else 'Ahmad'}", phone="0301 555 77 99")
        pc.job(bilal, 90_000)
    second.clock.moment += timedelta(minutes=1)
    edit_customer(second.db, people[1], address="12 Mall Road\nLahore")


@with_transaction
def _refuse_one(db: Database) -> None:
    db.execute("UPDATE expenses SET sync_status = 'FAILED', sync_error = 'amount_out_of_range'")
