"""`python3 -m tests screenshots DIR`: a picture of every screen, in both sizes, light and dark.

Of a demo shop with a few people whose names and amounts try the columns, and of an empty one. What is in
the pictures is for eyes to judge; that every screen can be drawn without an error is tested.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from PIL import ImageGrab

from cleanflow.dao.customers import add_customer
from cleanflow.dao.jobs import create_job
from cleanflow.dao.ledger import Account
from cleanflow.dao.payments import record_payment
from cleanflow.dao.remembered import remember
from cleanflow.dao.shop import set_up_shop
from cleanflow.dao.users import User, list_users
from cleanflow.db import Database, open_database
from cleanflow.demo.shop import DemoClock, fill_shop
from cleanflow.gui.screens import SCREENS
from cleanflow.gui.widgets.book_check import CheckResult
from cleanflow.gui.widgets.dialog import Dialog
from cleanflow.gui.window import Window

SIZES = ((1024, 740), (1366, 740))
THEMES = ("bootstrap-light", "bootstrap-dark")
LAST_DAY = date(2026, 3, 10)

HARD_NAMES = (
    "Maximiliana Konstantina von und zu Hohenlohe-Waldenburg-Schillingsfürst",
    "=1+1",
    "محمد <b>عبد الرحمن</b>",
    "Ольга Петровна & Сыновья",
)


def main(argv: list[str]) -> int:
    """Write the pictures into a folder."""
    parser = argparse.ArgumentParser(prog="python3 -m tests screenshots", description=__doc__)
    parser.add_argument("folder", metavar="DIR", type=Path)
    parser.add_argument("--only", default="", metavar="NAME", help="screens whose name begins so")
    parser.add_argument("--quick", action="store_true", help="the small size and light alone")
    options = parser.parse_args(argv)
    options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="cleanflow-pictures-") as work:
        for shop, path in (("full", full_shop(Path(work))), ("empty", empty_shop(Path(work)))):
            for theme in THEMES[: 1 if options.quick else 2]:
                for size in SIZES[: 1 if options.quick else 2]:
                    name = f"{shop}-{size[0]}-{theme.rpartition('-')[2]}"
                    photograph(path, theme, size, options.folder, name, options.only)
    return 0


def photograph(
    path: Path, theme: str, size: tuple[int, int], folder: Path, suffix: str, only: str = ""
) -> None:
    """One picture a screen of the shop in ``path``."""
    clock = DemoClock(datetime(2026, 3, 10, 15, 30, tzinfo=UTC))
    with open_database(path, clock=clock) as db:
        remember(db, "theme", theme)
        window = Window(db)
        window.geometry(f"{size[0]}x{size[1]}+0+0")
        try:
            window.start(is_set_up=True)
            settle(window)
            if not only:
                take(window, folder / f"sign_in-{suffix}.png")
            owner = next(user for user in list_users(db) if user.role == "OWNER")
            for name, show in scenes(window, owner):
                if name.startswith(only):
                    show()
                    settle(window)
                    take(window, folder / f"{name}-{suffix}.png")
        finally:
            window.destroy()


def scenes(window: Window, owner: User) -> Iterator[tuple[str, Callable[[], object]]]:
    """Every screen of the side bar, and the pages and dialogs that they lead to."""
    window._signed_in(owner)
    for screen in SCREENS:
        yield screen.name, lambda name=screen.name: window.show(name)  # type: ignore[misc]
    yield from customer_scenes(window)
    yield from job_scenes(window)
    yield from ledger_scenes(window)
    yield "help", lambda: (window.show("expenses"), window.help())


def customer_scenes(window: Window) -> Iterator[tuple[str, Callable[[], object]]]:
    """The customer with the longest name and the largest debt, then one with a long story, and their money."""
    db = window.db
    query = """
        SELECT customer_id FROM payments GROUP BY customer_id ORDER BY count(*) DESC, customer_id LIMIT 1
    """
    regular = db.value(query)
    longest = db.value("SELECT id FROM customers ORDER BY length(name) DESC LIMIT 1")
    if regular is None:
        return
    payment = db.value("SELECT payment_id FROM payment_allocations ORDER BY amount_minor DESC LIMIT 1")

    def page(key: str) -> None:
        window.show("customer_page", customer_id=regular)
        window.event_generate(f"<{key}>")

    yield "customers_searched", lambda: (window.show("customers"), window._current._search.insert(0, "an"),  # type: ignore[union-attr]
                                         window._current.refresh())  # type: ignore[union-attr]  # fmt: skip
    yield "customer_page_long", lambda: window.show("customer_page", customer_id=longest)
    for key, name in (("Control-y", "account"), ("Control-w", "balance"), ("Control-j", "jobs")):
        yield f"customer_page_{name}", lambda key=key: page(key)  # type: ignore[misc]
    yield "customer_page_opening", lambda: page("Control-o")
    yield (
        "take_payment_long",
        lambda: (close_dialogs(window), window.show("take_payment", customer_id=longest)),
    )
    yield "take_payment_regular", lambda: window.show("take_payment", customer_id=regular)
    yield "payment_page", lambda: window.show("payment_page", payment_id=payment)
    yield "payment_page_refund", lambda: window.event_generate("<Control-g>")
    yield "payments_day", lambda: (close_dialogs(window), window.show("payments", day="2026-03-09"))


def job_scenes(window: Window) -> Iterator[tuple[str, Callable[[], object]]]:
    """The longest job, one with a long story, their dialogs, a list that finds nothing, a regular's new job."""
    db = window.db
    longest = db.value("SELECT id FROM jobs ORDER BY amount_minor DESC LIMIT 1")
    story = db.value("""
        SELECT job_id FROM payment_allocations GROUP BY job_id
         ORDER BY count(*) + 3 * (job_id IN (SELECT job_id FROM job_adjustments)) DESC, job_id LIMIT 1
    """)
    if longest is None:
        return
    customer = db.value("SELECT customer_id FROM payment_totals ORDER BY unallocated_minor DESC LIMIT 1")

    def page(job_id: str, key: str = "") -> None:
        close_dialogs(window)
        window.show("job_page", job_id=job_id)
        if key:
            window.event_generate(f"<{key}>")

    yield "job_page", lambda: page(story)
    yield "job_page_long", lambda: page(longest)
    for key, name in (("Control-j", "adjust"), ("Control-f", "write_off"), ("Control-q", "cancel")):
        yield f"job_page_{name}", lambda key=key: page(longest, key)  # type: ignore[misc]
    yield "jobs_late", lambda: (close_dialogs(window), window.show("jobs", due="OVERDUE"))
    yield "jobs_nothing", lambda: window.show("jobs", status="READY", payment="PARTIAL", day="2020-01-01")
    yield "new_job_regular", lambda: window.show("new_job", customer_id=customer)


def ledger_scenes(window: Window) -> Iterator[tuple[str, Callable[[], object]]]:
    """The accounts with most entries and with the largest amount, the trial balance, the check, a change."""

    def check() -> None:
        window.show("ledger")
        window.event_generate("<Control-o>")
        until = time.monotonic() + 20
        while not any(isinstance(widget, CheckResult) for widget in window.winfo_children()):
            assert time.monotonic() < until
            window.update()

    def change(table: str) -> None:
        close_dialogs(window)
        query = "SELECT record_id FROM audit_logs WHERE table_name = :table ORDER BY action DESC, rowid DESC"
        window.show("audit", record_id=window.db.value(query, {"table": table}) or "")

    close_dialogs(window)
    for account in (Account.CASH, Account.RECEIVABLE):
        yield (
            f"ledger_{account.name.lower()}",
            lambda account=account: window.show("ledger", account_id=str(account), first="2026-03-01"),
        )
    yield "ledger_trial", lambda: (window.show("ledger"), window.event_generate("<Control-l>"))
    yield "ledger_check", check
    yield "audit_job", lambda: change("jobs")
    yield "audit_new", lambda: change("payments")


def close_dialogs(window: Window) -> None:
    """Take away what stands over the window."""
    for widget in window.winfo_children():
        if isinstance(widget, Dialog):
            widget.close()


def settle(window: Window) -> None:
    """Let everything be drawn."""
    until = time.monotonic() + 0.25
    while time.monotonic() < until:
        window.update()


def take(window: Window, path: Path) -> None:
    """Write what the display shows where the window is."""
    x, y = window.winfo_rootx(), window.winfo_rooty()
    box = (x, y, x + window.winfo_width(), y + window.winfo_height())
    ImageGrab.grab(box, xdisplay=os.environ.get("DISPLAY")).save(path)


def full_shop(folder: Path) -> Path:
    """Three busy months, and people whose names and amounts do not fit easily."""
    path = folder / "full.db"
    clock = DemoClock(datetime(2025, 12, 11, 7, 0, tzinfo=UTC))
    with open_database(path, clock=clock, create=True) as db:
        _set_up(db, "Sparkle Cleaners")
        fill_shop(db, clock, jobs=900, last_day=LAST_DAY, days=90, seed=1)
        for number, name in enumerate(HARD_NAMES):
            customer = add_customer(db, name=name, phone=f"+92 300 {number}123456", address="Main Road\n12")
            job = create_job(
                db,
                customer_id=customer.id,
                amount_minor=999_999_999_999 if number == 0 else 123_450,
                description="Leather jacket, <b>white</b>, very long words about a stain on the left sleeve",
                due_date=LAST_DAY,
                on=LAST_DAY,
            )
            if number:
                record_payment(db, customer_id=customer.id, amount_minor=job.total_minor // 2, method="CASH")
    return path


def empty_shop(folder: Path) -> Path:
    """A shop that was set up a minute ago."""
    path = folder / "empty.db"
    with open_database(path, clock=DemoClock(datetime(2026, 3, 10, 7, 0, tzinfo=UTC)), create=True) as db:
        _set_up(db, "Sparkle Cleaners")
    return path


def _set_up(db: Database, name: str) -> None:
    set_up_shop(
        db, name=name, currency="PKR", pc_code="C1", owner="Olga (owner)", pin="1234", address="12 Mall Road"
    )
