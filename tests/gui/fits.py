"""What does not fit on the screens: run as a program on a display of its own, it prints one line a finding.

``python -m tests.gui.fits TEXT_PERCENT FOLDER [PICTURES]`` on the display that the environment names.
"""

from __future__ import annotations

import sys
import time
import tkinter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from tkinter import ttk

from cleanflow.dao.customers import add_customer
from cleanflow.dao.intake import take_in_job
from cleanflow.dao.payments import record_payment
from cleanflow.dao.remembered import remember
from cleanflow.dao.services import add_service
from cleanflow.dao.shop import set_up_shop
from cleanflow.dao.users import list_users
from cleanflow.db import open_database
from cleanflow.demo.shop import DemoClock
from cleanflow.gui.screens import SCREENS
from cleanflow.gui.widgets.dialog import Dialog
from cleanflow.gui.widgets.scrolling import Scrolling
from cleanflow.gui.window import Window
from cleanflow.reports.catalogue import catalogue

#: Pixels by which rounding may make a widget smaller than it asked to be.
_ROUNDING = 2
_TEXTS = (ttk.Label, ttk.Button, ttk.Combobox, ttk.Entry)

Scene = tuple[str, Callable[[], object]]


def main(text_percent: str, folder: str, pictures: str = "") -> int:
    """Print what is cut on any screen; the exit status is 0 in any case."""
    with open_database(
        Path(folder) / "fits.db", clock=DemoClock(datetime(2026, 3, 10, 15, 30, tzinfo=UTC)), create=True
    ) as db:
        set_up_shop(db, name="Sparkle Dry Cleaning & Laundry", currency="USD", pc_code="C1",
                    owner="Olga", pin="1234")  # fmt: skip
        remember(db, "text_size", int(text_percent))
        ann = add_customer(
            db,
            name="Alexandra Konstantinopoulou-Featherstonehaugh",
            phone="+44 20 7946 0958",
            address="Flat 17, 221b Baker Street, London NW1 6XE",
        ).id
        add_service(db, name="Wedding dress, hand-finished", price_minor=123_456_00)
        record_payment(db, customer_id=ann, amount_minor=50_00, method="CASH", jobs={})
        for number in range(40):
            take_in_job(db, customer_id=ann, amount_minor=1_234_567_89 + number, paid_minor=100,
                        description="Two-piece suit, grey, one button missing", notes="Hang, do not fold")  # fmt: skip
        window = Window(db)
        window.start(True)
        _settle(window)
        window.stages.signed_in(list_users(db)[0])
        for name, show in _scenes(window, ann):
            show()
            _settle(window)
            for finding in cut(window):
                print(f"{name}: {finding}")
            if pictures:
                _take(window, Path(pictures) / f"{name}.png")
            for dialog in [child for child in window.winfo_children() if isinstance(child, Dialog)]:
                dialog.close()
        window.destroy()
    return 0


def _scenes(window: Window, customer_id: str) -> Iterator[Scene]:
    db = window.db
    job = db.value("SELECT id FROM jobs LIMIT 1")
    payment = db.value("SELECT id FROM payments LIMIT 1")
    for screen in SCREENS:
        yield screen.name, lambda name=screen.name: window.show(name)  # type: ignore[misc]
    yield "services-categories", lambda: (window.show("services"), _key(window, "Control-w"))
    yield "take_payment-taken", lambda: window.show("take_payment", customer_id=customer_id)
    yield "new_job-taken", lambda: window.show("new_job", customer_id=customer_id)
    yield "customers-edit", lambda: window.show("customers", customer_id=customer_id)
    for key in ("y", "w", "j"):
        show = lambda: window.show("customer_page", customer_id=customer_id)  # noqa: E731
        yield f"customer_page-{key}", lambda key=key, show=show: (show(), _key(window, f"Control-{key}"))  # type: ignore[misc]
    yield "payment_page", lambda: window.show("payment_page", payment_id=payment)
    show_job = lambda: window.show("job_page", job_id=job)  # noqa: E731
    yield "job_page", show_job
    for key in ("j", "i", "f", "q", "d", "n", "g"):
        yield f"job_page-{key}", lambda key=key: (show_job(), _key(window, f"Control-{key}"))  # type: ignore[misc]
    for kind in catalogue():
        if not kind.of_customer:
            yield f"report-{kind.name}", lambda name=kind.name: window.show("reports", report=name)  # type: ignore[misc]
    yield "help", lambda: (window.show("customer_page", customer_id=customer_id), window.help())


def _key(window: Window, key: str) -> None:
    _settle(window)
    window.tk.call("event", "generate", window.tk.call("focus") or window, f"<{key}>")


def _settle(window: Window) -> None:
    until = time.monotonic() + 0.15
    while time.monotonic() < until:
        window.update()


def cut(window: tkinter.Misc) -> Iterator[str]:
    """Every text that has less room than it asks for, or lies outside the window and cannot be scrolled to."""
    todo: list[tkinter.Misc] = [window]
    while todo:
        widget = todo.pop()
        for child in widget.winfo_children():
            if child.winfo_viewable():
                todo.append(child)
            elif child.winfo_manager() in ("pack", "grid", "place"):
                yield f"{child} is not shown"
        if not isinstance(widget, _TEXTS) or not _shows(widget):
            continue
        lacks = (
            widget.winfo_reqwidth() - widget.winfo_width(),
            widget.winfo_reqheight() - widget.winfo_height(),
        )
        if max(lacks) > _ROUNDING and not _shrinks(widget):
            yield f"{_called(widget)} lacks {max(0, lacks[0])} x {max(0, lacks[1])} pixels"
        right, bottom = _outside(widget)
        if right > _ROUNDING or bottom > _ROUNDING:
            yield f"{_called(widget)} is {max(0, right)} x {max(0, bottom)} pixels outside"


def _shows(widget: tkinter.Misc) -> bool:
    return isinstance(widget, ttk.Entry) or bool(str(widget.cget("text")))


def _shrinks(widget: tkinter.Misc) -> bool:
    """Whether the widget takes what room there is on purpose: a search field, whose text scrolls."""
    return isinstance(widget, ttk.Entry) and widget.winfo_manager() == "pack"


def _outside(widget: tkinter.Misc) -> tuple[int, int]:
    """By how many pixels a widget lies outside of what is shown of its parents, where nothing scrolls."""
    right, bottom = widget.winfo_rootx() + widget.winfo_width(), widget.winfo_rooty() + widget.winfo_height()
    over = (0, 0)
    parent = widget.master
    while parent is not None:
        if isinstance(parent.master, Scrolling):
            bottom = parent.winfo_rooty()  # what is further down can be scrolled to
        over = _more(over, right, bottom, parent)
        parent = None if parent.winfo_toplevel() is parent else parent.master
    return over


def _more(over: tuple[int, int], right: int, bottom: int, parent: tkinter.Misc) -> tuple[int, int]:
    return (
        max(over[0], right - parent.winfo_rootx() - parent.winfo_width()),
        max(over[1], bottom - parent.winfo_rooty() - parent.winfo_height()),
    )


def _called(widget: tkinter.Misc) -> str:
    text = widget.get() if isinstance(widget, ttk.Entry) else widget.cget("text")
    return f"{type(widget).__name__} “{' '.join(str(text).split())[:50]}” ({widget})"


def _take(window: Window, path: Path) -> None:
    import os

    from PIL import ImageGrab

    path.parent.mkdir(parents=True, exist_ok=True)
    ImageGrab.grab(xdisplay=os.environ["DISPLAY"]).save(path)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
