"""A cashier's day in a window that synchronises with a colleague's PC, in fast motion.

The clock goes on by itself from customer to customer; the network is cut and the disk fails now and then.
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

#: How much of a day passes from one customer to the next.
PACE = timedelta(seconds=30)
_NAMES = "Ann Ben Cat Dan Eva Fay Gus Hal Ida Jon Kim Lea Max Nan Ole Pia Rex Sue Tom Una".split()
#: Those of the other PC are others, so that a name says who is meant.
_COLLEAGUES = "Abe Bea Cyd Dee Eli Flo Gil Hua Ivy Jud".split()


@dataclass(frozen=True)
class Used:
    """What the program holds: resident memory in MB, open files, threads, widgets, Tk commands, images."""

    megabytes: float
    files: int
    threads: int
    widgets: int
    commands: int
    images: int


@dataclass
class Day:
    """The shop: the window's hands, the colleague, the proxy between them and the server, the disk."""

    hands: Hands
    other: ShopPc
    proxy: CuttableProxy
    disk: FaultyDisk
    clock: TestClock
    rng: random.Random
    done: Counter[str] = field(default_factory=Counter)
    not_saved: list[str] = field(default_factory=list)

    def live(self, customers: int) -> None:
        """So many customers come, one after the other."""
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
            self.disk.events.clear()  # nobody cuts the power here: the record would only fill the memory
            self.proxy.pushes.clear()
            self.done[name] += 1
            self.settle()

    def settle(self) -> None:
        """Let the window do what it has to, and the worker's thread a little."""
        for _ in range(3):
            self.hands.settle()
            time.sleep(0.002)

    # --- what happens --------------------------------------------------------------------------------

    def take_job(self) -> None:
        """A job with part payment, by keys."""
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
        """Whoever owes pays something."""
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
        """Soap."""
        self.hands.press("F7")
        self.hands.type("supplies")
        self.hands.press("Return")
        self.hands.type(str(self.rng.randrange(1, 20)))
        self.save()

    def look_around(self) -> None:
        """Through the pages, and a search."""
        for key in self.rng.sample(["F2", "F4", "F6", "F8", "F9", "F10", "Shift-F4", "Shift-F5", "Shift-F10",
                                    "Shift-F11", "Shift-F2", "F11"], 4):  # fmt: skip
            self.hands.press(key)
        self.hands.press("F6")
        self.hands.type(self.rng.choice(_NAMES)[:2].lower())

    def lock(self) -> None:
        """Locked, and signed in again."""
        self.hands.press("F12")
        self.hands.type("1234")
        self.hands.press("Return")

    def colleague(self) -> None:
        """The other PC records something and may synchronise."""
        self.other.clock.moment = self.clock.moment
        name = self.rng.choice(_COLLEAGUES)
        known = search_customers(self.other.db, name)
        who = known[0].id if known else self.other.customer(name)
        self.other.job(who, self.rng.randrange(100, 9000))
        if self.rng.random() < 0.5:
            self.other.try_sync()

    def sync(self) -> None:
        """Now, whatever the pause."""
        self.hands.window.syncing.now()

    def cut_network(self) -> None:
        """For the next requests, or until somebody plugs it in again."""
        self.proxy.is_cut = self.rng.random() < 0.4
        faults = {number: self.rng.choice(FAULTS) for number in self.rng.sample(range(12), 3)}
        self.proxy.plan({} if self.proxy.is_cut else faults)
        self.hands.window.syncing.now()

    def fail_disk(self) -> None:
        """While money is taken; it is saved by the same key when the disk works again."""
        self.disk.fail(self.rng.choice([*TROUBLES.values()]), at=self.rng.randrange(1, 6))
        self.rng.choice([self.take_money, self.take_job, self.pay_expense])()

    def save(self) -> None:
        """Ctrl+S; again, once the disk is mended, when it said NOT saved."""
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
        """The drawer is counted; the backup makes itself."""
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
        """What the program holds now, after everything that can be freed was."""
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
