"""The window: side bar, the screen in use, status bar, and what happens when something breaks."""

from __future__ import annotations

import logging
import tkinter
from types import TracebackType

from ttkbootstrap import App, Button, Frame, Label
from ttkbootstrap.dialogs import Messagebox

from cleanflow.dao.shop import Shop, get_shop
from cleanflow.dao.users import User
from cleanflow.db import Database
from cleanflow.errors import NotSaved, Refusal
from cleanflow.gui.background import Background
from cleanflow.gui.screen import Screen
from cleanflow.gui.screens import SCREENS
from cleanflow.gui.screens.first_start import FirstStart
from cleanflow.gui.screens.sign_in import SignIn
from cleanflow.i18n import _

_log = logging.getLogger(__name__)


class NoWindow(Exception):
    """There is no screen to open a window on."""


def open_window(db: Database) -> Window:
    """The window on ``db``, still empty. Raises :class:`NoWindow` where there is no display."""
    try:
        return Window(db)
    except tkinter.TclError as error:
        raise NoWindow(str(error)) from error


class Window(App):
    """CleanFlow's window on one database; ``db`` belongs to the main thread, as Tk does."""

    def __init__(self, db: Database, theme: str = "bootstrap-light") -> None:
        super().__init__(title="CleanFlow", theme=theme, size=(1024, 740), minsize=(900, 600))
        self.db = db
        self.background = Background(self)
        self.shop: Shop
        self.user: User
        self._page: Frame | None = None
        self._screens: dict[str, Screen] = {}
        self._current: Screen | None = None
        self._status: Label | None = None

    # --- the three stages: set up, sign in, work ---------------------------------------------------

    def start(self, is_set_up: bool) -> None:
        """Show the assistant of the first start, or ask who is there."""
        if is_set_up:
            self.ask_who()
        else:
            self._replace_page(FirstStart(self, self.db, self._work))

    def ask_who(self) -> None:
        """Ask for a person's PIN; nothing of the shop is shown before it is right."""
        self._screens.clear()
        self._current = None
        self.db.user_id = None
        for key in (*(screen.key for screen in SCREENS), "F12"):
            self.unbind(f"<{key}>")
        self._replace_page(SignIn(self, self.db, self._work))

    def _work(self, user: User) -> None:
        self.user = user
        self.db.user_id = user.id
        self.shop = get_shop(self.db)
        self.title(f"{self.shop.name} – CleanFlow")
        page = Frame(self)
        self._replace_page(page)
        side = Frame(page, padding=8)
        side.pack(side="left", fill="y")
        self._content = Frame(page)
        self._status = Label(page, anchor="w", padding=(12, 4))
        self._status.pack(side="bottom", fill="x")
        self._content.pack(side="left", fill="both", expand=True)
        self._add_buttons(side)
        self.show(SCREENS[0].name)
        self.tell(_("Signed in: {name}").format(name=user.name))

    def _add_buttons(self, side: Frame) -> None:
        for screen in SCREENS:
            button = Button(
                side,
                text=f"{screen.key}  {screen.title}",
                icon=screen.icon,
                width=16,
                command=lambda name=screen.name: self.show(name),
            )
            button.pack(fill="x", pady=2)
            self.bind(f"<{screen.key}>", lambda _event, name=screen.name: self.show(name))  # type: ignore[misc]
        switch = Button(side, text=_("F12  Switch user"), width=16, command=self.ask_who)
        switch.pack(side="bottom", fill="x")
        self.bind("<F12>", lambda _event: self.ask_who())

    # --- what screens ask for ----------------------------------------------------------------------

    def show(self, screen_name: str) -> None:
        """Go to another screen."""
        screen = self._screens.get(screen_name)
        if screen is None:
            screen = next(known for known in SCREENS if known.name == screen_name)(self._content, self)
            self._screens[screen_name] = screen
            for event in screen.refresh_on:
                screen.bind(event, screen.on_changed)
        if self._current is not None:
            self._current.pack_forget()
        self._current = screen
        screen.pack(fill="both", expand=True)
        screen.refresh()
        screen.focus_first()

    def tell(self, message: str) -> None:
        """A short confirmation in the status bar."""
        if self._status is not None:
            self._status.configure(text=message)

    def changed(self, event: str) -> None:
        """Tell every screen what a write has changed."""
        for screen in self._screens.values():
            screen.event_generate(event)

    # --- what goes wrong ---------------------------------------------------------------------------

    def report_callback_exception(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        """Tk hands every exception of a callback here; the program goes on."""
        if isinstance(error, Refusal):
            self.tell(str(error))
        elif isinstance(error, NotSaved):
            Messagebox.show_error(str(error), title=_("NOT saved"), parent=self)
        else:
            _log.error("a callback failed", exc_info=(kind, error, trace))
            words = _(
                "Something in the program failed. What was confirmed before is kept; the log has details."
            )
            Messagebox.show_error(f"{words}\n\n{kind.__name__}: {error}", title="CleanFlow", parent=self)

    def _replace_page(self, page: Frame) -> None:
        if self._page is not None:
            self._page.destroy()
        self._page = page
        self._status = None
        page.pack(fill="both", expand=True)
