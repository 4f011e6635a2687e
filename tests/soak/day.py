"""A cashier's day in fast motion, in a window that synchronises with a colleague's PC.

The clock advances with each customer; the network is cut and the disk fails now and then.
"""

from __future__ import annotations

import gc
import os
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from cleanflow.dao.customers import search_customers
from cleanflow.dao.drawer import move_cash
from cleanflow.errors import NotSaved
from cleanflow.safekeeping.automatic import all_backups
from tests.conftest import TestClock
from tests.disk.faults import TROUBLES, FaultyDisk
from tests.gui.conftest import Hands
from tests.sync.cuttable_proxy import FAULTS, CuttableProxy
from tests.sync.pcs import ShopPc

#: Time from one customer to the next.
PACE = timedelta(seconds=30)
_NAMES = "Ann Ben Cat Dan Eva Fay Gus Hal Ida Jon Kim Lea Max Nan Ole Pia Rex Sue Tom Una".split()
#: The other PC's customers have other names, so that a name is unambiguous.
_COLLEAGUES = "Abe Bea Cyd Dee Eli Flo Gil Hua Ivy Jud".split()


@dataclass(frozen=True)
class Used:
    """The program's resources: resident memory in MB, open files, threads, widgets, Tk commands, images."""

    megabytes: float
    files: int
    threads: int
    widgets: int
    commands: int
    images: int


@dataclass
class Day:
    """The shop: hands at the window, the colleague's PC, the proxy to the server, the disk."""

    hands: Hands
    other: ShopPc
    proxy: CuttableProxy
    disk: FaultyDisk
    clock: TestClock
    rng: random.Random
    done: Counter[str] = field(default_factory=Counter)
    not_saved: list[str] = field(default_factory=list)

    def live(self, customers: int) -> None:
        """Serve ``count`` customers, one after another."""
        stories: dict[str, tuple[int, Callable[[], object]]] = {
            "job": (10, self.take_job),
            "payment": (8, self.take_money),
            "look": (5, self.look_around),
            "expense": (2, self.pay_expense),
            "colleague": (4, self.colleague),
            "sync": (3, self.sync),
            "network": (2, self.cut_network),
            "disk": (2, self.fail_disk),
            "lock": (1, self.lock),
        }
        names = [name for name, (weight, _do) in stories.items() for _ in range(weight)]
        for _customer in range(customers):
            self.clock.moment += PACE
            name = self.rng.choice(names)
            stories[name][1]()
            self.disk.events.clear()  # no power cuts here, so the recording would only fill the memory
            self.proxy.pushes.clear()
            self.done[name] += 1
            self.settle()

    def settle(self) -> None:
        """Let the window process its events, and give the worker's thread some time."""
        for _ in range(3):
            self.hands.settle()
            time.sleep(0.002)

    # --- what happens --------------------------------------------------------------------------------

    def take_job(self) -> None:
        """Take in a job with part payment, by keyboard."""
        hands = self.hands
        hands.press("F3")
        name = self.rng.choice(_NAMES)
        hands.type(name)
        if search_customers(hands.window.db, name):
            hands.press("Return")
        else:
            hands.press("Control-n", "Return")  # no phone
        hands.press("Return")  # no service
        hands.type("suit")
        hands.press("Return")
        hands.type(str(self.rng.randrange(5, 90)))
        self.save()

    def take_money(self) -> None:
        """Take a payment from a customer who owes."""
        owing = self.hands.window.db.value(
            "SELECT name FROM customer_balances JOIN customers ON id = customer_id"
            " WHERE balance_minor > 0 AND is_active ORDER BY random() LIMIT 1"
        )
        if owing is None:
            return
        self.hands.press("F5")
        self.hands.type(owing)
        self.hands.press("Return", "Return", "Return")
        self.save()

    def pay_expense(self) -> None:
        """Pay for soap."""
        self.hands.press("F7")
        self.hands.type("supplies")
        self.hands.press("Return")
        self.hands.type(str(self.rng.randrange(1, 20)))
        self.save()

    def look_around(self) -> None:
        """Open the pages and search."""
        for key in self.rng.sample(["F2", "F4", "F6", "F8", "F9", "F10", "Shift-F4", "Shift-F5", "Shift-F10",
                                    "Shift-F11", "Shift-F2", "F11"], 4):  # fmt: skip
            self.hands.press(key)
        self.hands.press("F6")
        self.hands.type(self.rng.choice(_NAMES)[:2].lower())

    def lock(self) -> None:
        """Lock the window and sign in again."""
        self.hands.press("F12")
        self.hands.type("1234")
        self.hands.press("Return")

    def colleague(self) -> None:
        """The colleague's PC records something and perhaps synchronises."""
        self.other.clock.moment = self.clock.moment
        name = self.rng.choice(_COLLEAGUES)
        known = search_customers(self.other.db, name)
        who = known[0].id if known else self.other.customer(name)
        self.other.job(who, self.rng.randrange(100, 9000))
        if self.rng.random() < 0.5:
            self.other.try_sync()

    def sync(self) -> None:
        """Synchronise now, whatever the pause."""
        self.hands.window.syncing.now()

    def cut_network(self) -> None:
        """Cut the network for some requests, or until it is plugged in again."""
        self.proxy.is_cut = self.rng.random() < 0.4
        faults = {number: self.rng.choice(FAULTS) for number in self.rng.sample(range(12), 3)}
        self.proxy.plan({} if self.proxy.is_cut else faults)
        self.hands.window.syncing.now()

    def fail_disk(self) -> None:
        """Let the disk fail while a payment is saved; the same key saves it after the repair."""
        self.disk.fail(self.rng.choice([*TROUBLES.values()]), at=self.rng.randrange(1, 6))
        self.rng.choice([self.take_money, self.take_job, self.pay_expense])()

    def save(self) -> None:
        """Press Ctrl+S; after “NOT saved” repair the disk and press it again."""
        self.hands.press("Control-s")
        refused = [error for error in self.hands.errors if isinstance(error, NotSaved)]
        self.disk.mend()
        if refused:
            self.not_saved += [str(error) for error in refused]
            self.hands.errors[:] = [error for error in self.hands.errors if not isinstance(error, NotSaved)]
            self.hands.press("Control-s")
        self.done["to save"] += 1
        self.done["saved"] += "aved" in self.hands.window.told()

    def close_the_day(self) -> None:
        """Count the drawer and close the day, which makes a backup."""
        move_cash(self.hands.window.db, "FLOAT", 100)
        self.hands.press("F9")
        self.hands.type("2")
        self.hands.window.navigation.current._reason.insert(0, "Counted")  # type: ignore[union-attr]
        self.hands.press("Control-s")
        until = time.monotonic() + 60
        while not all_backups(self.hands.window.db) and time.monotonic() < until:
            self.settle()

    # --- what it takes -------------------------------------------------------------------------------

    def used(self) -> Used:
        """The program's resources now, after garbage collection."""
        for _ in range(3):
            gc.collect()
            self.settle()
        window = self.hands.window
        with open("/proc/self/statm", encoding="ascii") as file:
            pages = int(file.read().split()[1])
        return Used(
            megabytes=pages * os.sysconf("SC_PAGE_SIZE") / 1e6,
            files=len(os.listdir("/proc/self/fd")),
            threads=len(os.listdir("/proc/self/task")),
            widgets=_count(window),
            commands=len(window.tk.splitlist(window.tk.call("info", "commands"))),
            images=len(window.image_names()),
        )


def _count(widget: object) -> int:
    children = widget.winfo_children()  # type: ignore[attr-defined]
    return 1 + sum(_count(child) for child in children)
