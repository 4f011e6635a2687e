"""Asks about a ready date that is probably a slip of the finger, before it is promised."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from ttkbootstrap import Button

from cleanflow.dao.stamps import today
from cleanflow.gui.desk import Desk
from cleanflow.gui.keys import bind_keys
from cleanflow.gui.widgets.dialog import Dialog
from cleanflow.gui.widgets.labels import short_date
from cleanflow.language import _

#: A ready date further ahead is asked about.
_LONGEST_AHEAD = timedelta(days=366)


def ask_ready_date(desk: Desk, day: str | None, done: Callable[[], object]) -> None:
    """Call ``done``; first ask about a ``day`` (``YYYY-MM-DD``) in the past or more than a year ahead."""
    question = _question(desk, day) if day is not None else ""
    if not question:
        done()
        return
    dialog = Dialog(desk.window, _("Is the ready date right?"), question)

    def confirm() -> None:
        dialog.close()
        done()

    change = Button(
        dialog.bar, text=_("Esc  No, change it"), bootstyle="secondary-outline", command=dialog.close
    )
    change.pack(side="left", padx=(0, 8))
    Button(dialog.bar, text=_("Ctrl+R  It is right"), bootstyle="primary", command=confirm).pack(side="left")
    bind_keys(dialog, {"Control-r": confirm})
    dialog.appear(change)  # Enter once too often confirms nothing


def _question(desk: Desk, day: str) -> str:
    present, ready = today(desk.db), date.fromisoformat(day)
    shown = short_date(day, desk.shop.date_order)
    if ready < present:
        return _("{date} is in the past. Is that right?").format(date=shown)
    if ready > present + _LONGEST_AHEAD:
        return _("{date}: is {year} right?").format(date=shown, year=ready.year)
    return ""
