"""The scenes to photograph: every screen, and the pages and dialogs that it leads to."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from cleanflow.dao.clock_doubts import confirm_clock
from cleanflow.dao.users import User
from cleanflow.demo.shop import DemoClock
from cleanflow.errors import Refusal
from cleanflow.gui.dialogs.book_check import CheckResult
from cleanflow.gui.dialogs.bring_back import BringBackDialog
from cleanflow.gui.dialogs.clock_dialog import ask_clock
from cleanflow.gui.dialogs.damaged import Damaged
from cleanflow.gui.screens import SCREENS
from cleanflow.gui.widgets.dialog import Dialog
from cleanflow.gui.window import Window
from cleanflow.printing.choices import PrintChoice
from cleanflow.printing.spool import FOLDER_NAME, Spool
from cleanflow.records.chart import Account
from cleanflow.reports.catalogue import catalogue
from cleanflow.safekeeping.automatic import back_up_today
from cleanflow.safekeeping.contents import contents_of
from cleanflow.safekeeping.restore import prepare

Scenes = Iterator[tuple[str, Callable[[], object]]]


def scenes(window: Window, owner: User | None) -> Scenes:
    """Every screen of the side bar, and the pages and dialogs that it leads to."""
    assert owner is not None
    window.stages.signed_in(owner)
    for screen in SCREENS:
        yield screen.name, lambda name=screen.name: window.show(name)  # type: ignore[misc]
    yield from customer_scenes(window)
    yield from job_scenes(window)
    yield from ledger_scenes(window)
    yield from report_scenes(window)
    yield "sync_join", lambda: (window.show("sync"), window.event_generate("<Control-o>"))
    yield from safety_scenes(window)
    yield "help", lambda: (close_dialogs(window), window.show("expenses"), window.help())
    yield from clock_scenes(window)


def clock_scenes(window: Window) -> Scenes:
    """An empty battery, a clock that is weeks ahead, and a changed time zone."""
    right = window.db.clock

    def ask(moment: datetime, zone: tzinfo = UTC) -> None:
        close_dialogs(window)
        clock = DemoClock(moment)
        clock.is_certain, clock.zone, window.db.session.trusted_day = False, zone, None
        window.db.clock = clock
        window.show("today")
        ask_clock(window, window.db, lambda: None)

    confirm_clock(window.db)
    yield "clock_back", lambda: ask(datetime(2015, 1, 1, 8, 12, tzinfo=UTC))
    yield "clock_ahead", lambda: ask(datetime(2027, 9, 22, 23, 55, tzinfo=UTC))
    yield "clock_zone", lambda: ask(datetime(2026, 3, 10, 12, tzinfo=UTC), timezone(timedelta(hours=-8)))
    yield "clock_still", lambda: window.focus_get().event_generate("<Return>")  # type: ignore[union-attr]
    close_dialogs(window)
    window.db.clock = right


def readme_scenes(window: Window, owner: User | None) -> Scenes:
    """The pages shown in the README."""
    assert owner is not None
    window.stages.signed_in(owner)
    query = """
        SELECT name FROM customer_balances JOIN customers ON id = customer_id
         WHERE name NOT GLOB '*[^ -~]*' ORDER BY balance_minor DESC LIMIT 1 OFFSET 3
    """
    name = window.db.value(query)

    def take_money() -> None:
        window.show("take_payment")
        window.update()
        for key in (*name, "Return"):
            target = window.focus_get()
            if target is not None and key == "Return":
                target.event_generate("<Return>")
            elif target is not None:
                target.insert("end", key)  # type: ignore[attr-defined]
                target.event_generate("<KeyRelease>", keysym="a")
            window.update()

    yield "today", lambda: window.show("today")
    yield "take_money", take_money


def safety_scenes(window: Window) -> Scenes:
    """Backups: the list with one, the folders, one inspected, and the message about a damaged file."""
    backup = back_up_today(window.db).made
    assert backup is not None

    def look() -> None:
        close_dialogs(window)
        prepared = prepare(backup.path, window.db.path)
        BringBackDialog(window, prepared, contents_of(window.db), lambda code: None)

    yield "safekeeping_one", lambda: window.show("safekeeping")
    yield "safekeeping_where", lambda: window.event_generate("<Control-w>")
    yield "safekeeping_look", look
    yield "safekeeping_damaged", lambda: (close_dialogs(window), Damaged(window, "page 17 is never used"))
    yield "safekeeping_support", lambda: (close_dialogs(window), window.event_generate("<Control-p>"))


def customer_scenes(window: Window) -> Scenes:
    """The customer with the longest name and largest debt, then one with a long history and a balance."""
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

    yield "customers_searched", lambda: (window.show("customers"), window.navigation.current._search.insert(0, "an"),  # type: ignore[union-attr]
                                         window.navigation.current.refresh())  # type: ignore[union-attr]  # fmt: skip
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


def job_scenes(window: Window) -> Scenes:
    """The longest job, one with a long history, dialogs, an empty search, a regular customer's new job."""
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


def ledger_scenes(window: Window) -> Scenes:
    """The accounts with most entries and the largest amount, the trial balance, the check, an audit row."""

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


def report_scenes(window: Window) -> Scenes:
    """Each report, the print dialog, and the prints that wait."""
    customer = window.db.value(
        "SELECT customer_id FROM payments GROUP BY customer_id ORDER BY count(*) DESC, customer_id LIMIT 1"
    )
    for kind in catalogue():
        if customer is not None or not kind.of_customer:
            what = {"report": kind.name, "customer_id": customer if kind.of_customer else ""}
            yield (
                f"reports_{kind.name}",
                lambda what=what: (close_dialogs(window), window.show("reports", **what)),  # type: ignore[misc]
            )
    yield (
        "print_report",
        lambda: (window.show("reports", report="daily"), window.event_generate("<Control-p>")),
    )
    job = window.db.value("SELECT id FROM jobs ORDER BY rowid DESC LIMIT 1")
    if job is not None:
        yield (
            "print_ticket",
            lambda: (window.show("job_page", job_id=job), window.event_generate("<Control-p>")),
        )
    yield "waiting_prints_none", lambda: window.show("waiting_prints")
    yield "waiting_prints", lambda: (_fail_to_print(window), window.show("waiting_prints"))
    yield "services_categories", lambda: (window.show("services"), window.event_generate("<Control-w>"))


def _fail_to_print(window: Window) -> None:
    """Print on a printer that does not exist."""
    spool = Spool(window.db.path.parent / FOLDER_NAME)
    try:
        spool.print_pdf(
            b"%PDF-1.4", PrintChoice(printer="Epson TM-T20 at the counter"), "Job ticket C1-000903"
        )
    except Refusal:  # expected, whatever this PC's printing system says
        return


def first_start_scenes(window: Window, _nobody: User | None) -> Scenes:
    """The first question, the form of a new shop, and the form for joining, with an unreachable server."""
    yield "first_start", lambda: None
    yield "first_start_form", lambda: window.stages.page._ask_for_shop()  # type: ignore[union-attr]
    yield "first_start_join", lambda: window.stages.page._ask_for_server()  # type: ignore[union-attr]


def coming_scenes(window: Window, _nobody: User | None) -> Scenes:
    """A shop that is being fetched, and a server that does not answer."""
    yield "fetching", lambda: None

    def wait() -> None:
        until = time.monotonic() + 5
        while time.monotonic() < until and not window.stages.page._again.winfo_ismapped():  # type: ignore[union-attr]
            window.update()

    yield "fetching_later", wait


def close_dialogs(window: Window) -> None:
    """Close all dialogs over the window."""
    for widget in window.winfo_children():
        if isinstance(widget, Dialog):
            widget.close()
