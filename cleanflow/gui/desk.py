"""What screens and dialogs may ask of the window, and the events by which they hear of changes."""

from __future__ import annotations

import tkinter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from cleanflow.dao.shop import Shop
from cleanflow.dao.users import User
from cleanflow.db import Database
from cleanflow.gui.attempts import Attempts
from cleanflow.gui.tasks.background import Background, Task

if TYPE_CHECKING:
    from cleanflow.sync.worker import Progress

T = TypeVar("T")

#: Virtual events that follow a write; a screen names in `refresh_on` those after which it reads again.
CUSTOMERS_CHANGED = "<<CustomersChanged>>"
JOBS_CHANGED = "<<JobsChanged>>"
PAYMENTS_CHANGED = "<<PaymentsChanged>>"
EXPENSES_CHANGED = "<<ExpensesChanged>>"
DRAWER_CHANGED = "<<DrawerChanged>>"
SETTINGS_CHANGED = "<<SettingsChanged>>"
USERS_CHANGED = "<<UsersChanged>>"
#: A synchronisation has ended, or this PC joined or left a server.
SYNC_CHANGED = "<<SyncChanged>>"
#: A backup was made, or the folder for backups was changed.
SAFETY_CHANGED = "<<SafetyChanged>>"
#: Every event that moves money, for screens that show balances.
MONEY_CHANGED = (CUSTOMERS_CHANGED, JOBS_CHANGED, PAYMENTS_CHANGED, EXPENSES_CHANGED, DRAWER_CHANGED)


@dataclass(frozen=True)
class Action:
    """A key of a screen, shown on a button at its foot and in the help.

    ``key`` is Tk's name, like ``Control-n``; ``method`` names a method of the screen. An action without
    ``label`` is only in the help, in its ``words``.
    """

    key: str
    label: str
    method: str
    words: str = ""
    is_primary: bool = False


class SyncControl(Protocol):
    """Synchronising, as far as screens see and steer it."""

    #: Whether the change being announced arrived from another PC.
    is_telling: bool

    @property
    def progress(self) -> Progress | None:
        """What the worker is doing; None where there is none."""
        ...

    def now(self) -> None:
        """Synchronise as soon as possible."""
        ...

    def read_settings(self) -> None:
        """Wait by the settings of this PC as they are now."""
        ...

    def settle(self) -> None:
        """Start anew after this PC has joined, left, or become another one."""
        ...


class BackupControl(Protocol):
    """Backups and the check of the file, as far as screens see and steer them."""

    #: What the check at the start found wrong with the file; '' while nothing is known.
    damage: str

    def back_up(self) -> None:
        """Make the day's backup in the background."""
        ...


class Desk(Protocol):
    """The window as screens and dialogs see it."""

    db: Database
    shop: Shop
    user: User
    attempts: Attempts
    background: Background

    @property
    def window(self) -> tkinter.Misc:
        """The widget that dialogs stand over and timers run on."""
        ...

    @property
    def is_locked(self) -> bool:
        """Whether somebody's work waits behind the sign-in page; no dialog of that work may appear then."""
        ...

    @property
    def syncing(self) -> SyncControl:
        """Synchronising with the shop's server."""
        ...

    @property
    def keeping(self) -> BackupControl:
        """Backups and the check of the file."""
        ...

    def show(self, screen_name: str, **what: Any) -> None:
        """Go to another screen; ``what`` is for its ``open``."""
        ...

    def back(self) -> None:
        """Go to the screen that was shown before."""
        ...

    def tell(self, message: str) -> None:
        """Show a short message in the status bar."""
        ...

    def told(self) -> str:
        """The message in the status bar."""
        ...

    def changed(self, *events: str) -> None:
        """Tell every screen what a write has changed, like ``<<CustomersChanged>>``."""
        ...

    def do(
        self,
        work: Callable[[], T],
        done: Callable[[T], object],
        refused: Callable[[str], object] | None = None,
    ) -> None:
        """Run a write at once, then ``done`` with its result.

        What only an owner may do asks for an owner's PIN on the spot; ``work`` alone then runs in the
        owner's name. While this PC's clock is in doubt, the person is asked which day it is.
        A refusal goes to ``refused``, or to the status bar; one already shown beside its field goes nowhere.
        """
        ...

    def reopen(self, step: Callable[[], str]) -> None:
        """Close the records, do ``step``, and open the window anew with the message that it returns."""
        ...

    def in_background(self, words: str, work: Callable[[Task], T], done: Callable[[T], object]) -> None:
        """Run ``work`` in a thread, under a dialog with progress and Cancel; then ``done`` on Tk's loop.

        ``work`` opens its own connection and never touches a widget.
        """
        ...
