"""The window: what screens ask of it, and what happens when something breaks.

What fills it is `entrance/stages.py`'s, which screen is shown `navigation.py`'s.
"""

from __future__ import annotations

import logging
import time
import tkinter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tkinter import messagebox
from types import TracebackType
from typing import Any, TypeVar

from ttkbootstrap import App, Frame
from ttkbootstrap.dialogs import Messagebox

from cleanflow import __version__
from cleanflow.dao.shop import Shop, get_shop
from cleanflow.dao.users import User, get_user
from cleanflow.db import Database
from cleanflow.db.failures import DatabaseError, is_damage, not_saved_reason, read_failure
from cleanflow.errors import NotSaved, Refusal
from cleanflow.gui import appearance
from cleanflow.gui.attempts import Attempts
from cleanflow.gui.desk import SETTINGS_CHANGED, SYNC_CHANGED, USERS_CHANGED
from cleanflow.gui.dialogs.clock_dialog import ask_clock
from cleanflow.gui.dialogs.help import Help
from cleanflow.gui.dialogs.owner_pin import ask_owner
from cleanflow.gui.dialogs.progress import Progress
from cleanflow.gui.entrance.stages import Stages
from cleanflow.gui.focus import focus_at_once
from cleanflow.gui.keys import Keys
from cleanflow.gui.navigation import Navigation, side_bar_screens
from cleanflow.gui.tasks.background import Background, Task
from cleanflow.gui.tasks.backups import Keeping
from cleanflow.gui.tasks.syncing import Syncing
from cleanflow.gui.widgets.choices import keep_from_wheel
from cleanflow.gui.widgets.dialog import FOCUS_LOST
from cleanflow.gui.widgets.form import FieldRefused
from cleanflow.gui.widgets.scrolling import scroll_pages
from cleanflow.gui.widgets.side_bar import SideBar
from cleanflow.gui.widgets.status_bar import StatusBar
from cleanflow.language import _

T = TypeVar("T")

_log = logging.getLogger(__name__)

#: Seconds within which a second wish to close the window is the first one.
_SAME_WISH_S = 0.5


class NoWindow(Exception):
    """There is no display to open a window on."""


def open_window(db: Database) -> Window:
    """An empty window on ``db``. Raises :class:`NoWindow` where there is no display."""
    try:
        return Window(db)
    except tkinter.TclError as error:
        raise NoWindow(str(error)) from error


def say_refused(words: str) -> None:
    """Show in a message box why no window opens, for programs started without a terminal."""
    try:
        root = tkinter.Tk()
    except tkinter.TclError:
        return
    root.withdraw()
    messagebox.showerror("CleanFlow", words, parent=root)
    root.destroy()


class Window(App):
    """CleanFlow's window on one database; ``db`` belongs to the main thread, as Tk does.

    It is the :class:`~cleanflow.gui.desk.Desk` of its screens and the host of its stages.
    """

    def __init__(self, db: Database) -> None:
        super().__init__(
            title="CleanFlow",
            theme=appearance.remembered_theme(db),
        )
        appearance.size_window(self)
        appearance.make_fonts(self)
        appearance.set_text_size(min(appearance.remembered_text_size(db), appearance.largest_text_size(self)))
        self.db = db
        self.shop: Shop
        self.user: User
        #: The file whose shop is shown after this window; None: the program ends.
        self.next_path: Path | None = None
        #: What is done between this window and the next one, while no connection is open.
        self.step: Callable[[], str] | None = None
        self.attempts = Attempts(db)
        self.background = Background(self)
        self.syncing = Syncing(self)
        self.keeping = Keeping(self)
        self._asked_at = -_SAME_WISH_S
        focus_at_once(self)
        keep_from_wheel(self)
        scroll_pages(self)
        self._keys = Keys(self)
        self.navigation = Navigation(self, self._keys)
        self.stages = Stages(self, self._keys)
        self._status: StatusBar | None = None
        self.bind(FOCUS_LOST, lambda _event: self.navigation.focus_again())

    @property
    def window(self) -> tkinter.Misc:
        """This window, for dialogs and timers."""
        return self

    @property
    def is_locked(self) -> bool:
        """Whether somebody's work waits behind the sign-in page."""
        return self.stages.is_locked

    def start(self, is_set_up: bool, notice: str = "") -> None:
        """Show the first page; ``notice`` is told to who signs in first."""
        self.protocol("WM_DELETE_WINDOW", self._asked_to_close)
        self.stages.start(is_set_up, notice)

    def _asked_to_close(self) -> None:
        """Close; Windows may report one Alt+F4 both as a key and as a wish to close."""
        is_same = time.monotonic() - self._asked_at < _SAME_WISH_S
        self._asked_at = time.monotonic()
        if not is_same:
            self.keeping.say_goodbye()

    def destroy(self) -> None:
        """Close the window and stop its timers and threads."""
        self.stages.close()
        self.keeping.close()
        self.syncing.close()  # before the background, after which any thread may collect garbage
        self.background.close()
        super().destroy()

    def open_file(self, path: Path) -> None:
        """Close this window; whoever opened it shows the shop of another file in its place."""
        self.next_path = path
        self.destroy()

    def reopen(self, step: Callable[[], str]) -> None:
        """Close this window; whoever opened it does ``step`` and shows the same file's shop anew."""
        self.step = step
        self.open_file(self.db.path)

    # --- the work of one person --------------------------------------------------------------------

    def begin_work(self, page: Frame, user: User) -> None:
        """Fill ``page`` with side bar, screen and status bar for ``user``, who has just signed in."""
        self.user = user
        side = SideBar(page, side_bar_screens(), self.show, self.lock, self.help)
        side.pack(side="left", fill="y")
        self._status = StatusBar(page, lambda: self.show("sync"))
        self._status.pack(side="bottom", fill="x")
        content = Frame(page)
        content.pack(side="left", fill="both", expand=True)
        self.navigation.begin(content, side.mark)
        self._read_shop()
        self.syncing.show_on(self._status.sync)
        self._bind_keys()
        self.show(side_bar_screens()[0].name)
        self.tell(_("Signed in: {name}").format(name=user.name))

    def resume_work(self, user: User) -> None:
        """Go on with the work that ``user`` had locked."""
        self.user = user
        self._bind_keys()
        self.navigation.resume()

    def _bind_keys(self) -> None:
        to_screens: dict[str, Callable[[], object]] = {
            screen.key: partial(self.show, screen.name) for screen in side_bar_screens()
        }
        self._keys.set_general(to_screens | {"F1": self.help, "F12": self.lock, "Escape": self.back})

    def _read_shop(self) -> None:
        """Read the shop's settings; screens made for another currency or date order are made anew."""
        before, self.shop = getattr(self, "shop", None), get_shop(self.db)
        if before and (before.currency, before.date_order) != (self.shop.currency, self.shop.date_order):
            self.navigation.forget_hidden()
        self.user = get_user(self.db, self.user.id)
        self.title(f"{self.shop.name} – CleanFlow {__version__}")
        if self._status is not None:
            self._status.show_who(f"{self.user.name} · {self.shop.pc_code}")

    def lock(self) -> None:
        """Ask for a PIN; the work goes on for the same person alone."""
        self.stages.lock()

    def help(self) -> None:
        """F1: the keys, and what the screen in use is for."""
        if self.navigation.current is not None:
            Help(self, self.navigation.current, side_bar_screens())

    # --- what screens ask for, as :class:`cleanflow.gui.desk.Desk` describes it ----------------------

    def show(self, screen_name: str, **what: Any) -> None:
        """Go to another screen; ``what`` is for its ``open``."""
        self.navigation.show(screen_name, **what)

    def back(self) -> None:
        """Go to the screen that was shown before."""
        self.navigation.back()

    def tell(self, message: str) -> None:
        """Show a short message in the status bar."""
        if self._status is not None:
            self._status.tell(message)

    def told(self) -> str:
        """The message in the status bar."""
        return "" if self._status is None else self._status.told()

    def changed(self, *events: str) -> None:
        """Tell every screen what a write has changed."""
        if self._status is not None and {SETTINGS_CHANGED, USERS_CHANGED} & {*events}:
            self._read_shop()
            if not self.user.is_active:  # taken out of use, perhaps on another PC
                self.lock()
        if (
            SYNC_CHANGED in events and not self.syncing.is_telling
        ):  # joined, or left: lists have other columns
            self.navigation.forget_hidden()
        self.stages.refresh()
        self.navigation.changed(events)

    def do(
        self,
        work: Callable[[], T],
        done: Callable[[T], object],
        refused: Callable[[str], object] | None = None,
    ) -> None:
        """Run a write at once, then ``done``."""
        say = refused or self.tell
        try:
            result = work()
        except FieldRefused:
            return  # shown beside its field
        except Refusal as refusal:
            if refusal.code == "owner_needed":
                ask_owner(self, lambda owner: self.do(self._in_name_of(owner, work), done, refused))
            elif refusal.code == "clock_unsure":
                ask_clock(
                    self,
                    self.db,
                    lambda: self.do(work, done, refused),
                    lambda: say(_("Not recorded: it is not clear which day it is.")),
                )
            else:
                say(str(refusal))
            return
        done(result)

    def _in_name_of(self, owner: User, work: Callable[[], T]) -> Callable[[], T]:
        """Wrap ``work`` so that it alone runs in the owner's name."""

        def approved() -> T:
            with self.db.session.acting_as(owner.id):
                return work()

        return approved

    def in_background(self, words: str, work: Callable[[Task], T], done: Callable[[T], object]) -> None:
        """Run ``work`` in a thread under a dialog with progress and Cancel; ``done`` follows on Tk's loop."""
        progress = Progress(self, words)

        def finish(result: T) -> None:
            progress.finish()
            self.stages.when_unlocked(lambda: done(result))

        def fail(error: BaseException) -> None:
            progress.finish()
            self.stages.when_unlocked(
                lambda: self.report_callback_exception(type(error), error, error.__traceback__)
            )

        progress.watch(self.background.run(work, finish, fail))

    # --- what goes wrong ---------------------------------------------------------------------------

    def report_callback_exception(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        """Report an exception of a Tk callback; the program goes on."""
        if isinstance(error, FieldRefused):
            return  # shown beside its field
        if isinstance(error, Refusal):
            self.tell(str(error))
        elif isinstance(error, NotSaved):
            Messagebox.show_error(str(error), title=_("NOT saved"), parent=self)
        elif isinstance(error, DatabaseError) and not_saved_reason(error):
            if is_damage(error):
                self.keeping.found(read_failure(error))
            else:
                Messagebox.show_error(read_failure(error), title="CleanFlow", parent=self)
        else:
            _log.error("a callback failed", exc_info=(kind, error, trace))
            words = _(
                "Something in the program failed. Everything confirmed before is saved, and you can"
                " go on.\n"
                "Details for support are in {log}"
            ).format(log=self.db.path.parent / "cleanflow.log")
            Messagebox.show_error(f"{words}\n\n{kind.__name__}: {error}", title="CleanFlow", parent=self)
