"""Asks whether this PC's clock is right when it is in doubt, before a record gets its date from it."""

from __future__ import annotations

import time
import tkinter
from collections.abc import Callable
from datetime import date

from ttkbootstrap import Button, Label

from cleanflow.dao.clock_doubts import Doubt, Reason, confirm_clock, doubt_now, offset_text
from cleanflow.db import Database
from cleanflow.errors import NotSaved
from cleanflow.gui.keys import bind_keys
from cleanflow.gui.widgets.dialog import Dialog
from cleanflow.language import _
from cleanflow.reports.words import month_word, weekday_word


class ClockDialog(Dialog):
    """Shows the clock's time and the reason to doubt it.

    Calls ``done`` once a person has confirmed or corrected the clock, ``cancelled`` otherwise.
    """

    def __init__(
        self,
        window: tkinter.Misc,
        db: Database,
        doubt: Doubt,
        done: Callable[[], object],
        cancelled: Callable[[], object] = lambda: None,
    ) -> None:
        super().__init__(window, _("Is this PC's clock right?"))
        self._db = db
        self._done, self._cancelled = done, cancelled
        Label(self.body, text=_("This PC's clock says")).pack(anchor="w")
        self._now = Label(self.body, font="HeadingFont")
        self._now.pack(anchor="w", pady=(2, 8))
        self._why = Label(self.body, wraplength=480, justify="left")
        self._why.pack(anchor="w", pady=(0, 8))
        words = _(
            "What you record now gets this date. If it is wrong, please set the PC's date, time and"
            " time zone first; otherwise the records appear under the wrong day."
        )
        Label(self.body, text=words, wraplength=480, justify="left", bootstyle="secondary").pack(anchor="w")
        Button(self.bar, text=_("Esc  Cancel"), bootstyle="secondary-outline", command=self.cancel).pack(
            side="left", padx=(0, 8)
        )
        right = _("Ctrl+R  The clock is right")
        Button(self.bar, text=right, bootstyle="secondary-outline", command=self.confirm).pack(
            side="left", padx=(0, 8)
        )
        again = Button(
            self.bar, text=_("Enter  I have corrected it"), bootstyle="primary", command=self.look_again
        )
        again.pack(side="left")
        self.bind("<Escape>", lambda _event: self.cancel())
        bind_keys(self, {"Control-r": self.confirm})
        self.protocol("WM_DELETE_WINDOW", self.cancel)
        self._show(doubt)
        self.appear(again)

    def confirm(self) -> None:
        """Record for this day that the clock is right, and go on."""
        try:
            confirm_clock(self._db)
        except NotSaved as error:
            self.refuse(str(error))
            return
        self.close()
        self._done()

    def look_again(self) -> None:
        """Go on if the corrected clock is no longer in doubt, else show its time again."""
        if hasattr(time, "tzset"):
            time.tzset()
        doubt = doubt_now(self._db)
        if doubt is None:
            self.close()
            self._done()
            return
        self._show(doubt)
        self.refuse(_("The clock still says this."))

    def cancel(self) -> None:
        """Close; nothing is recorded."""
        self.close()
        self._cancelled()

    def _show(self, doubt: Doubt) -> None:
        words = _("{day}, {time}").format(day=written_day(doubt.now.date()), time=f"{doubt.now:%H:%M}")
        self._now.configure(text=words)
        self._why.configure(text=_why(doubt))


def ask_clock(
    window: tkinter.Misc,
    db: Database,
    done: Callable[[], object],
    cancelled: Callable[[], object] = lambda: None,
) -> None:
    """Ask about the clock, then call ``done``; without asking when the clock is no longer in doubt."""
    doubt = doubt_now(db)
    if doubt is None:
        done()
    else:
        ClockDialog(window, db, doubt, done, cancelled)


def written_day(day: date) -> str:
    """``Thursday, 1 January 2015``, in the language in use."""
    return _("{weekday}, {day} {month}").format(
        weekday=weekday_word(day.weekday()), day=day.day, month=month_word(f"{day:%Y-%m}")
    )


def _why(doubt: Doubt) -> str:
    if doubt.reason == Reason.ZONE:
        return _("Its time zone was {before} until now and is {now}. Was it changed on purpose?").format(
            before=offset_text(doubt.offset_before_minutes), now=offset_text(doubt.offset_minutes)
        )
    if doubt.reason == Reason.SERVER:
        ahead = doubt.ahead_s > 0
        words = _("It is {much} ahead of the server's.") if ahead else _("It is {much} behind the server's.")
        return words.format(much=_much(abs(doubt.ahead_s)))
    if doubt.last is None:
        return _("CleanFlow did not exist then: the PC's battery may be empty.")
    words = _("The last record is of {day}.").format(day=written_day(doubt.last))
    return words if doubt.reason == Reason.BACK else f"{words} {_('That is more than a week ago.')}"


def _much(seconds: int) -> str:
    hours = round(seconds / 3600)
    return _("{hours} hours").format(hours=hours) if hours < 48 else _("{days} days").format(days=hours // 24)
