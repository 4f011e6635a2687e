"""What fills the window: the first start, a shop being fetched, the sign-in page, or somebody's work."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from ttkbootstrap import Frame

from cleanflow.dao.clock_doubts import doubt_now
from cleanflow.dao.remembered import LAST_USER, recall, remember
from cleanflow.dao.users import User
from cleanflow.gui.attempts import LOCK_AFTER_MINUTES
from cleanflow.gui.desk import Desk
from cleanflow.gui.dialogs.clock_dialog import ClockDialog, ask_clock
from cleanflow.gui.dialogs.owner_back import tell_owner_back
from cleanflow.gui.entrance.covered import Covered
from cleanflow.gui.entrance.fetching import Fetching, is_still_fetched
from cleanflow.gui.entrance.first_start import FirstStart, Ways
from cleanflow.gui.entrance.sign_in import SignIn
from cleanflow.gui.focus import map_now
from cleanflow.gui.idle import Idle
from cleanflow.gui.keys import Keys
from cleanflow.gui.navigation import Navigation, side_bar_screens
from cleanflow.gui.tasks.backups import Keeping
from cleanflow.gui.tasks.syncing import Syncing

#: Milliseconds after the first frame, or of synchronising, after the first sign-in.
_READ_SCREENS_AFTER_MS, _SYNC_AFTER_MS, _CHECK_AFTER_MS = 150, 600, 2_000


class Host(Desk, Protocol):
    """The window, as its stages need it."""

    @property
    def syncing(self) -> Syncing:
        """Synchronising, to be started."""
        ...

    @property
    def keeping(self) -> Keeping:
        """Safekeeping, to be started."""
        ...

    @property
    def navigation(self) -> Navigation:
        """The screens of the person at work."""
        ...

    def begin_work(self, page: Frame, user: User) -> None:
        """Fill ``page`` with what ``user``, who has just signed in, works with."""
        ...

    def resume_work(self, user: User) -> None:
        """Go on with the work that ``user`` had locked."""
        ...

    def open_file(self, path: Path) -> None:
        """Close the window; the shop of another file is shown in its place."""
        ...


class Stages:
    """One page at a time.

    Locked work waits behind the sign-in page as it is; when somebody else signs in it is discarded.
    """

    def __init__(self, host: Host, keys: Keys) -> None:
        self._host, self._keys = host, keys
        self._window, self._db = host.window, host.db
        self.page: Frame | None = None
        self._locked: Frame | None = None
        self._covered: Covered | None = None
        self._postponed: list[Callable[[], object]] = []
        self._reading = ""
        self.idle = Idle(self._window, self._minutes_until_locked, self._lock_work)
        self._window.bind("<<Lock>>", lambda _event: self._lock_work())  # F12 in a dialog

    def close(self) -> None:
        """Stop what waits, before the window goes."""
        self.idle.close()
        if self._reading:
            self._window.after_cancel(self._reading)

    def start(self, is_set_up: bool, notice: str) -> None:
        """Show the first page, and read the screens' code meanwhile; ``notice`` is told to who signs in."""
        read = threading.Thread(target=side_bar_screens, name="screens", daemon=True)
        self._reading = self._window.after(_READ_SCREENS_AFTER_MS, read.start)
        if not is_set_up:
            self._begin()
        elif is_still_fetched(self._db):
            self._fetch_shop()
        else:
            self._host.keeping.check_after(_CHECK_AFTER_MS)
            self.lock(notice)

    def refresh(self) -> None:
        """Show the users as they are now to whoever signs in."""
        if isinstance(self.page, SignIn):
            self.page.refresh()

    # --- a PC without a shop -----------------------------------------------------------------------

    def _begin(self) -> None:
        """Ask for a new shop, one that exists, a backup, or the demo."""
        ways = Ways(self.work, self._fetch_shop, self._bring_back, self._host.open_file)
        page = FirstStart(self._window, self._db, self._host.background, ways)
        self._replace(page)
        self._keys.set_general({"F1": page.help})

    def _bring_back(self) -> None:
        from cleanflow.gui.dialogs.bring_back import bring_back_from_file

        bring_back_from_file(self._host, lambda: None)

    def _fetch_shop(self) -> None:
        """Show how the records of a shop arrive that this PC has joined, just now or before a restart."""
        page = Fetching(
            self._window, self._db, self._host.syncing, self._fetched, self._window.destroy, self._begin
        )
        self._replace(page)
        self._keys.clear()

    def _fetched(self) -> None:
        self._replace(None)
        self.lock()

    # --- signing in and locking --------------------------------------------------------------------

    def lock(self, notice: str = "") -> None:
        """Ask for a person's PIN; nothing of the shop is shown before it is right."""
        if self._locked is not None or isinstance(self.page, SignIn):
            return
        self._db.session.user_id = None
        self._keys.clear()
        if self.page is not None:
            self._covered = Covered(self._window)
        self._locked, self.page = self.page, None
        if self._locked is not None:
            self._locked.pack_forget()
        last = self._host.user.id if self._locked is not None else recall(self._db, LAST_USER, "")
        self._replace(SignIn(self._window, self._db, self._host.attempts, self.signed_in, last, notice))

    @property
    def is_locked(self) -> bool:
        """Whether somebody's work waits behind the sign-in page."""
        return self._locked is not None

    def when_unlocked(self, step: Callable[[], object]) -> None:
        """Do ``step`` of the person at work now; locked, when the same person is back (never for another)."""
        if self.is_locked:
            self._postponed.append(step)
        else:
            step()

    def _minutes_until_locked(self) -> float:
        return recall(self._db, "lock_after_minutes", LOCK_AFTER_MINUTES)  # type: ignore[no-any-return]

    def _lock_work(self) -> None:
        """Lock after a while without a key, when somebody is at work."""
        if self._db.session.user_id is not None:
            self.lock()

    def signed_in(self, user: User) -> None:
        """Go on with the locked work of the same person, or begin afresh with another's."""
        locked, self._locked = self._locked, None
        covered, self._covered = self._covered, None
        postponed, self._postponed = self._postponed, []
        if locked is not None and user.id == self._host.user.id:
            self._replace(locked)
            self._db.session.user_id = user.id
            self._host.resume_work(user)
            if covered is None or not covered.put_back():
                self._host.navigation.focus_first()
            for step in postponed:
                step()
        else:
            if covered is not None:
                covered.close()
            if locked is not None:
                locked.destroy()
            self.work(user)
        is_asked = any(isinstance(widget, ClockDialog) for widget in self._window.winfo_children())
        if (
            not is_asked and doubt_now(self._db) is not None
        ):  # before anybody believes the “Today” that is shown
            ask_clock(self._window, self._db, self._host.navigation.refresh)

    def work(self, user: User) -> None:
        """Show the desk of a person who has signed in."""
        self._db.session.user_id = user.id
        page = Frame(self._window)
        self._replace(page)
        # Before the first screen is read, which damaged records or a full disk may prevent.
        self._window.after_idle(self._host.keeping.tell_damage)
        self._window.after_idle(self._remember_user, user.id)
        self._window.after_idle(tell_owner_back, self._host)
        self._host.begin_work(page, user)
        self._host.syncing.begin_after(_SYNC_AFTER_MS)  # never before somebody has signed in on this PC

    def _remember_user(self, user_id: str) -> None:
        if recall(self._db, LAST_USER, "") != user_id:
            remember(self._db, LAST_USER, user_id)

    def _replace(self, page: Frame | None) -> None:
        if self.page is not None:
            self.page.destroy()
        self.page = page
        if page is not None:
            page.pack(fill="both", expand=True)
            map_now(page)
