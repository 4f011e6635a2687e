"""The window: side bar, the screen in use, status bar, and what happens when something breaks."""

from __future__ import annotations

import logging
import threading
import tkinter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tkinter import messagebox
from types import ModuleType, TracebackType
from typing import Any, TypeVar

from ttkbootstrap import App, Frame, Label
from ttkbootstrap.dialogs import Messagebox

from cleanflow import __version__
from cleanflow.dao.clock_doubts import doubt_now
from cleanflow.dao.remembered import LAST_USER, recall, remember
from cleanflow.dao.shop import Shop, get_shop
from cleanflow.dao.users import User, get_user
from cleanflow.db import Database
from cleanflow.db.failures import DatabaseError, is_damage, not_saved_reason, read_failure
from cleanflow.errors import NotSaved, Refusal
from cleanflow.gui import appearance
from cleanflow.gui.attempts import LOCK_AFTER_MINUTES, Attempts
from cleanflow.gui.desk import SETTINGS_CHANGED, USERS_CHANGED, Action
from cleanflow.gui.dialogs.clock_dialog import ask_clock
from cleanflow.gui.dialogs.owner_pin import ask_owner
from cleanflow.gui.entrance.fetching import Fetching, is_still_fetched
from cleanflow.gui.entrance.first_start import FirstStart, Ways
from cleanflow.gui.entrance.sign_in import SignIn
from cleanflow.gui.idle import Idle
from cleanflow.gui.keys import Keys, free_keys, sequences
from cleanflow.gui.screen import Screen
from cleanflow.gui.tasks.background import Background, Task
from cleanflow.gui.tasks.backups import Keeping
from cleanflow.gui.tasks.syncing import Syncing
from cleanflow.gui.widgets.dialog import Dialog
from cleanflow.gui.widgets.form import FieldRefused
from cleanflow.gui.widgets.help import Help
from cleanflow.gui.widgets.progress import Progress
from cleanflow.gui.widgets.side_bar import SideBar
from cleanflow.language import _

T = TypeVar("T")

_log = logging.getLogger(__name__)

#: The first frame comes first.
_READ_SCREENS_AFTER_MS, _SYNC_AFTER_MS, _CHECK_AFTER_MS = 150, 600, 2_000


class NoWindow(Exception):
    """There is no screen to open a window on."""


def open_window(db: Database) -> Window:
    """The window on ``db``, still empty. Raises :class:`NoWindow` where there is no display."""
    try:
        return Window(db)
    except tkinter.TclError as error:
        raise NoWindow(str(error)) from error


def say_refused(words: str) -> None:
    """Say in a box why no window opens, for whom there is no terminal to say it on."""
    try:
        root = tkinter.Tk()
    except tkinter.TclError:
        return
    root.withdraw()
    messagebox.showerror("CleanFlow", words, parent=root)
    root.destroy()


class Window(App):
    """CleanFlow's window on one database; ``db`` belongs to the main thread, as Tk does."""

    def __init__(self, db: Database) -> None:
        super().__init__(
            title="CleanFlow",
            theme=appearance.remembered_theme(db),
            minsize=(800, 560),
        )
        # A PC of 1024x768 has its task bar on it, too.
        width, height = min(1024, self.winfo_screenwidth()), min(740, self.winfo_screenheight() - 60)
        self.geometry(f"{width}x{height}")
        appearance.make_fonts(self)
        appearance.set_text_size(min(appearance.remembered_text_size(db), appearance.largest_text_size(self)))
        self.db = db
        self.attempts = Attempts(db)
        self.background = Background(self)
        self.syncing = Syncing(self)
        self.keeping = Keeping(self)
        self._keys = Keys(self)
        self.next_path: Path | None = None
        #: What is done between this window and the next one, while nothing has the records open.
        self.step: Callable[[], str] | None = None
        self._reading = ""
        self.shop: Shop
        self.user: User
        self._page: Frame | None = None
        self._locked: Frame | None = None
        self._clear_work()
        self.idle = Idle(self, self._minutes_until_locked, self._lock_work)

    def destroy(self) -> None:
        """Close the window and what waits in it."""
        self.idle.close()
        if self._reading:
            self.after_cancel(self._reading)
        self.keeping.close()
        self.syncing.close()  # first: its thread must not collect what Tk's loop has to
        self.background.close()
        super().destroy()

    def _screen_kinds(self) -> ModuleType:
        """The module of all screens. Reading their code takes longer than showing who is asked for a PIN,
        so it is read meanwhile; see :meth:`start`."""
        from cleanflow.gui import screens

        return screens

    def _clear_work(self) -> None:
        self._screens: dict[str, Screen] = {}
        self._current: Screen | None = None
        self._before: list[str] = []
        self._status: Label | None = None
        self._side: SideBar | None = None

    @property
    def window(self) -> tkinter.Misc:
        """This window, for dialogs and timers; see :class:`cleanflow.gui.desk.Desk`."""
        return self

    # --- the three stages: set up, sign in, work ---------------------------------------------------

    def start(self, is_set_up: bool, notice: str = "") -> None:
        """Show the assistant of the first start, or ask who is there; meanwhile read the screens' code.

        ``notice`` is told to who comes first.
        """
        self.protocol("WM_DELETE_WINDOW", self.keeping.say_goodbye)
        read = threading.Thread(target=self._screen_kinds, name="screens", daemon=True)
        self._reading = self.after(_READ_SCREENS_AFTER_MS, read.start)
        if not is_set_up:
            self._begin()
        elif is_still_fetched(self.db):
            self._fetch_shop()
        else:
            self.syncing.begin_after(_SYNC_AFTER_MS)
            self.keeping.check_after(_CHECK_AFTER_MS)
            self.lock(notice)

    def _begin(self) -> None:
        """Ask what is wanted on a PC without a shop."""
        ways = Ways(self._work, self._fetch_shop, self._bring_back, self.open_file)
        page = FirstStart(self, self.db, self.background, ways)
        self._replace_page(page)
        self._keys.set_general({"<F1>": page.help})

    def _bring_back(self) -> None:
        """A PC without a shop goes on with a backup."""
        from cleanflow.gui.dialogs.bring_back import bring_back_from_file

        bring_back_from_file(self, lambda: None)

    def _fetch_shop(self) -> None:
        """This PC has just joined a shop, or did so before it was closed: show how its records come."""
        page = Fetching(self, self.db, self.syncing, self._fetched, self.destroy, self._begin)
        self._replace_page(page)
        self._keys.clear()

    def _fetched(self) -> None:
        """The shop has come: whoever works there may sign in."""
        assert self._page is not None
        self._page.destroy()
        self._page = None
        self.lock()

    def open_file(self, path: Path) -> None:
        """Close this window; whoever opened it shows the shop of another file in its place."""
        self.next_path = path
        self.destroy()

    def reopen(self, step: Callable[[], str]) -> None:
        """Close this window; whoever opened it does ``step`` and shows the same file's shop anew."""
        self.step = step
        self.open_file(self.db.path)

    def lock(self, notice: str = "") -> None:
        """Ask for a person's PIN; nothing of the shop is shown before it is right.

        What that person was doing waits behind it; for somebody else it is put away.
        """
        if self._locked is not None or isinstance(self._page, SignIn):
            return
        for widget in self.winfo_children():
            if isinstance(widget, Dialog):
                widget.close()
        self.db.session.user_id = None
        self._keys.clear()
        self._locked, self._page = self._page, None
        if self._locked is not None:
            self._locked.pack_forget()
        last = self.user.id if self._locked is not None else recall(self.db, LAST_USER, "")
        self._replace_page(SignIn(self, self.db, self.attempts, self._signed_in, last, notice))

    def _minutes_until_locked(self) -> float:
        return recall(self.db, "lock_after_minutes", LOCK_AFTER_MINUTES)  # type: ignore[no-any-return]

    def _lock_work(self) -> None:
        """Lock when somebody was at work."""
        if self._side is not None:
            self.lock()

    def _signed_in(self, user: User) -> None:
        locked, self._locked = self._locked, None
        if locked is None:
            self._work(user)
        elif user.id == self.user.id:
            assert self._page is not None
            self._page.destroy()
            self._page = locked
            locked.pack(fill="both", expand=True)
            self.user, self.db.session.user_id = user, user.id
            self._bind_keys()
            if self._current is not None:
                self._bind_actions(self._current)
                self._current.refresh_now()
                self._current.focus_first()
        else:
            locked.destroy()
            self._work(user)
        if doubt_now(self.db) is not None:  # before anybody believes the “Today” that is shown
            ask_clock(self, self.db, self._refresh)

    def _refresh(self) -> None:
        if self._current is not None:
            self._current.refresh_now()

    def _work(self, user: User) -> None:
        self._clear_work()
        self.user = user
        self.db.session.user_id = user.id
        page = Frame(self)
        self._replace_page(page)
        self._side = SideBar(page, self._screen_kinds().SCREENS, self.show, self.lock, self.help)
        self._side.pack(side="left", fill="y")
        foot = Frame(page)
        foot.pack(side="bottom", fill="x")
        self._who = Label(foot, anchor="e", padding=(12, 4), bootstyle="secondary")
        self._who.pack(side="right")
        sync = Label(foot, anchor="e", padding=(12, 4), bootstyle="secondary")
        sync.pack(side="right")
        sync.bind("<Button-1>", lambda _event: self.show("sync"))
        self._status = Label(foot, anchor="w", padding=(16, 4))
        self._status.pack(side="left", fill="x", expand=True)
        self._content = Frame(page)
        self._content.pack(side="left", fill="both", expand=True)
        self._read_shop()
        self.syncing.show_on(sync)
        self._bind_keys()
        self.after_idle(self.keeping.tell_damage)
        self.show(self._screen_kinds().SCREENS[0].name)
        self.tell(_("Signed in: {name}").format(name=user.name))
        self.after_idle(self._remember_user, user.id)  # a full disk may refuse it, and keeps nobody out

    def _remember_user(self, user_id: str) -> None:
        if recall(self.db, LAST_USER, "") != user_id:
            remember(self.db, LAST_USER, user_id)

    def _read_shop(self) -> None:
        """The shop's settings; screens that were made for another currency or date order are made anew."""
        before, self.shop = getattr(self, "shop", None), get_shop(self.db)
        if before and (before.currency, before.date_order) != (self.shop.currency, self.shop.date_order):
            for name, screen in [*self._screens.items()]:
                if screen is not self._current:
                    self._screens.pop(name).destroy()
        self.user = get_user(self.db, self.user.id)
        self.title(f"{self.shop.name} – CleanFlow {__version__}")
        self._who.configure(text=f"{self.user.name} · {self.shop.pc_code}")

    # --- keys --------------------------------------------------------------------------------------

    def _bind_keys(self) -> None:
        screens = self._screen_kinds().SCREENS
        commands: dict[str, Callable[[], object]] = {
            f"<{screen.key}>": partial(self.show, screen.name) for screen in screens
        }
        self._keys.set_general(commands | {"<F1>": self.help, "<F12>": self.lock, "<Escape>": self.back})

    def _bind_actions(self, screen: Screen) -> None:
        self._keys.set_screen({
            sequence: partial(self._act, screen, action)
            for action in screen.actions
            if action.method
            for sequence in sequences(action.key)
        })  # fmt: skip

    def _act(self, screen: Screen, action: Action) -> None:
        button = screen.buttons.get(action.method)
        if button is None or not button.instate(["disabled"]):
            getattr(screen, action.method)()

    # --- what screens ask for ----------------------------------------------------------------------

    def show(self, screen_name: str, **what: Any) -> None:
        """Go to another screen; ``what`` is for its ``open``."""
        if self._current is not None and self._current.name != screen_name:
            self._before = [*self._before[-20:], self._current.name]
        self._bring(screen_name, what)

    def back(self) -> None:
        """Go to the screen that was shown before, or to the first one."""
        if self._current is not None:
            self._current.give_up()
        before = self._before.pop() if self._before else self._screen_kinds().SCREENS[0].name
        self._bring(before, {}, is_back=True)

    def _bring(self, screen_name: str, what: dict[str, Any], is_back: bool = False) -> None:
        screen = self._screens.get(screen_name) or self._make(screen_name)
        if self._current is not None:
            self._current.note_focus()
            self._current.leave()
            self._current.forget_refusals()
            self._keys.set_screen({})
            self._current.pack_forget()
        self._current = screen
        if self._side is not None:
            self._side.mark(screen.name)
        self.tell("")
        if what:
            screen.open(**what)
        screen.refresh_now()
        screen.pack(fill="both", expand=True)
        self._bind_actions(screen)
        if is_back:
            screen.focus_again()
        else:
            screen.focus_first()

    def _make(self, screen_name: str) -> Screen:
        kinds = self._screen_kinds()
        kind: type[Screen] = next(
            known for known in (*kinds.SCREENS, *kinds.PAGES) if known.name == screen_name
        )
        screen = self._screens[screen_name] = kind(self._content, self)
        free_keys(self, (action.key for action in screen.actions))
        for event in screen.refresh_on:
            screen.bind(event, screen.on_changed)
        return screen

    def tell(self, message: str) -> None:
        """A short confirmation in the status bar."""
        if self._status is not None:
            self._status.configure(text=message)

    def told(self) -> str:
        """What stands in the status bar."""
        return "" if self._status is None else str(self._status.cget("text"))

    def changed(self, *events: str) -> None:
        """Tell every screen what a write has changed."""
        if self._side is not None and {SETTINGS_CHANGED, USERS_CHANGED} & {*events}:
            self._read_shop()
            if not self.user.is_active:  # taken out of use, perhaps on another PC
                self.lock()
        if isinstance(self._page, SignIn):
            self._page.refresh()
        for screen in self._screens.values():
            event = next((event for event in events if event in screen.refresh_on), None)
            if event is not None:  # one will do: it reads everything again
                screen.event_generate(event)

    def do(
        self,
        work: Callable[[], T],
        done: Callable[[T], object],
        refused: Callable[[str], object] | None = None,
    ) -> None:
        """Run a write at once, then ``done``; see :class:`cleanflow.gui.desk.Desk`."""
        say = refused or self.tell
        try:
            result = work()
        except FieldRefused:
            return  # the field has said it
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
        """``work`` alone runs in the owner's name; what follows it is the signed-in user's again."""

        def approved() -> T:
            with self.db.session.acting_as(owner.id):
                return work()

        return approved

    def in_background(self, words: str, work: Callable[[Task], T], done: Callable[[T], object]) -> None:
        """Run ``work`` in a thread under a dialog with progress and Cancel; ``done`` follows on Tk's loop."""
        progress = Progress(self, words)

        def finish(result: T) -> None:
            progress.finish()
            done(result)

        def fail(error: BaseException) -> None:
            progress.finish()
            self.report_callback_exception(type(error), error, error.__traceback__)

        progress.watch(self.background.run(work, finish, fail))

    def help(self) -> None:
        """F1: the keys, and what the screen in use is for."""
        if self._current is not None:
            Help(self, self._current, self._screen_kinds().SCREENS)

    # --- what goes wrong ---------------------------------------------------------------------------

    def report_callback_exception(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        """Tk hands every exception of a callback here; the program goes on."""
        if isinstance(error, FieldRefused):
            return  # the field has said it
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
                "Something in the program failed. What was confirmed before is kept, and you can go on.\n"
                "Details for support are in {log}"
            ).format(log=self.db.path.parent / "cleanflow.log")
            Messagebox.show_error(f"{words}\n\n{kind.__name__}: {error}", title="CleanFlow", parent=self)

    def _replace_page(self, page: Frame) -> None:
        if self._page is not None:
            self._page.destroy()
        self._page = page
        page.pack(fill="both", expand=True)
