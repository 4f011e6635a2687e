"""The page of a PC that has just joined a shop and fetches its records before anybody can sign in.

The window may be closed meanwhile: the next start continues where this one stopped.
"""

from __future__ import annotations

import tkinter
from collections.abc import Callable
from typing import TYPE_CHECKING

from ttkbootstrap import Button, Frame, Label, Progressbar

from cleanflow.dao.remembered import recall, remember
from cleanflow.dao.users import list_users
from cleanflow.db import Database
from cleanflow.gui.appearance import px, warning_style
from cleanflow.gui.tasks.syncing import Syncing
from cleanflow.gui.widgets.page import Page
from cleanflow.language import _

if TYPE_CHECKING:
    from cleanflow.sync.client import Summary

#: Remembered on this PC until the first fetch is complete.
STILL_COMING = "is_shop_still_coming"
_LOOK_EVERY_MS = 300

_STAGES = {
    "connect": _("Asking the server …"),
    "fetch": _("Fetching the shop's records …"),
    "pull": _("Fetching the shop's records …"),
    "merge": _("Entering the records …"),
    "push": _("Registering this PC …"),
}


def is_still_fetched(db: Database) -> bool:
    """Whether this PC has joined a shop and not yet fetched all its records."""
    if not list_users(db):
        return True
    if not recall(db, STILL_COMING, False):
        return False
    from cleanflow.sync.state import get_state

    return get_state(db).is_joined  # a PC that has left works with what it has


class Fetching(Page):
    """Shows the stage and the number of rows; calls ``done`` when the shop is complete."""

    def __init__(
        self,
        parent: tkinter.Misc,
        db: Database,
        syncing: Syncing,
        done: Callable[[], object],
        stop: Callable[[], object],
        left: Callable[[], object],
    ) -> None:
        """``done`` shows the sign-in page, ``stop`` closes the window, ``left`` starts over."""
        from cleanflow.sync.state import get_state

        shop = get_state(db).shop_name or ""
        words = _(
            "The shop's records are coming from its server. You may close the window: the next start"
            " continues where this one stopped."
        )
        super().__init__(parent, _("Welcome to {shop}").format(shop=shop), words)
        self._db, self._syncing, self._done, self._left = db, syncing, done, left
        self._stage = Label(self.body, font="StrongFont")
        self._stage.pack(anchor="w")
        self._line = Progressbar(self.body, length=px(560))
        self._line.pack(fill="x", pady=px(8, 8))
        self._move(True)
        self._said = Label(self.body, wraplength=px(560), justify="left")
        self._said.pack(anchor="w")
        buttons = Frame(self.body)
        buttons.pack(anchor="e", pady=px(16, 0))
        self._again = Button(buttons, text=_("Try again"), bootstyle="primary", command=self._try_again)
        self._other = Button(
            buttons, text=_("Join another shop"), bootstyle="secondary-outline", command=self._leave
        )
        self._stop = Button(buttons, text=_("Close for now"), bootstyle="secondary-outline", command=stop)
        self._stop.pack(side="right")
        if not recall(db, STILL_COMING, False):
            remember(db, STILL_COMING, True)
        self._stop.focus_set()
        self._is_settled = False
        syncing.begin()
        self._timer = self.after(0, self._try_again)

    def destroy(self) -> None:
        """Leave the page; fetching goes on in the worker, or at the next start."""
        self.after_cancel(self._timer)
        self._line.stop()
        super().destroy()

    def _try_again(self) -> None:
        self._ended = self._last()
        self._syncing.now()
        self._show_running()
        self._look()

    def _show_running(self) -> None:
        if self._again.winfo_ismapped():
            self._again.pack_forget()
            self._other.pack_forget()
            self._said.configure(text="", bootstyle="default")
            self._move(True)

    def _move(self, is_running: bool) -> None:
        """Animate the progress bar, or show it empty while nothing runs."""
        self._line.stop()
        self._line.configure(mode="indeterminate" if is_running else "determinate", value=0)
        if is_running:
            self._line.start(20)

    def _last(self) -> object:
        progress = self._syncing.progress
        return None if progress is None else progress.last

    def _look(self) -> None:
        progress = self._syncing.progress
        if progress is not None and not progress.is_running and progress.last is not None:
            if self._is_complete():
                remember(self._db, STILL_COMING, False)
                self._done()
                return
            if progress.last is not self._ended:
                self._say_why_not(progress.last)
        elif progress is not None:
            rows = _("{rows} records so far").format(rows=f"{progress.rows:,}") if progress.rows else ""
            self._stage.configure(text=_STAGES.get(progress.stage, _("Beginning …")))
            if progress.is_running:
                self._show_running()
                self._said.configure(text=rows)
        self._timer = self.after(_LOOK_EVERY_MS, self._look)

    def _is_complete(self) -> bool:
        from cleanflow.sync.state import get_state

        return get_state(self._db).fetching is None and bool(list_users(self._db))

    def _say_why_not(self, ended: Summary) -> None:
        from cleanflow.sync.client import MOVED
        from cleanflow.sync.repair.identity import settle_here
        from cleanflow.sync.worker import is_by_hand

        words = ended.words
        if (
            ended.code == MOVED and not self._is_settled
        ):  # nothing was recorded here that a copy could contradict
            self._is_settled = True
            settle_here(self._db)
            self._ended = ended
            self._syncing.now()
            return
        if self._again.winfo_ismapped():
            return
        self._move(False)
        self._stage.configure(text=_("Not all records are here yet"))
        if words:
            words = words[:1].upper() + words[1:]
            if not is_by_hand(self._db):
                words = _("{reason}\nCleanFlow tries again by itself.").format(reason=words)
        else:
            words = _(
                "The server has no users yet. First join with the PC that has the shop's records,"
                " then try again here."
            )
        self._said.configure(text=words, bootstyle=warning_style())
        self._again.pack(side="left", padx=px(0, 8))
        if not list_users(self._db):
            self._other.pack(side="left", padx=px(0, 8))
        self._again.focus_set()

    def _leave(self) -> None:
        """Leave the shop; no record has arrived, so this PC is as empty as before."""
        from cleanflow.sync.enrolling import leave

        self._syncing.pause()
        leave(self._db)
        remember(self._db, STILL_COMING, False)
        self._left()
