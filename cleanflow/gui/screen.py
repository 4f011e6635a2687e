"""What a screen of the window is, and what it may ask of the window."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar, runtime_checkable

from ttkbootstrap import Button, Frame, Label, Treeview

from cleanflow.dao.shop import Shop
from cleanflow.dao.users import User
from cleanflow.db import Database
from cleanflow.gui.attempts import Attempts
from cleanflow.gui.tasks.background import Background, Task
from cleanflow.gui.widgets.flow import Flow
from cleanflow.language import _

if TYPE_CHECKING:
    from cleanflow.gui.tasks.backups import Keeping
    from cleanflow.gui.tasks.syncing import Syncing

T = TypeVar("T")

#: What a write has changed; screens name in `refresh_on` those that concern them.
CUSTOMERS_CHANGED = "<<CustomersChanged>>"
JOBS_CHANGED = "<<JobsChanged>>"
PAYMENTS_CHANGED = "<<PaymentsChanged>>"
EXPENSES_CHANGED = "<<ExpensesChanged>>"
DRAWER_CHANGED = "<<DrawerChanged>>"
SETTINGS_CHANGED = "<<SettingsChanged>>"
USERS_CHANGED = "<<UsersChanged>>"
#: How synchronising stands: an attempt has ended, this PC joined or left.
SYNC_CHANGED = "<<SyncChanged>>"
#: A backup was made, or where backups go was changed.
SAFETY_CHANGED = "<<SafetyChanged>>"
#: All that moves money, for screens that show balances.
MONEY_CHANGED = (CUSTOMERS_CHANGED, JOBS_CHANGED, PAYMENTS_CHANGED, EXPENSES_CHANGED, DRAWER_CHANGED)


class Desk(Protocol):
    """The window as a screen sees it."""

    db: Database
    shop: Shop
    user: User
    attempts: Attempts
    background: Background
    syncing: Syncing
    keeping: Keeping

    def show(self, screen_name: str, **what: Any) -> None:
        """Go to another screen; ``what`` is for its ``open``."""
        ...

    def back(self) -> None:
        """Go to the screen that was shown before."""
        ...

    def tell(self, message: str) -> None:
        """A short confirmation in the status bar."""
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

        What only an owner may do asks an owner's PIN on the spot and is then done in the owner's name; when
        this PC's clock is in doubt it is asked which day it is.
        A refusal goes to ``refused``, or to the status bar; what a field has said itself goes nowhere.
        """
        ...

    def reopen(self, step: Callable[[], str]) -> None:
        """Close the records, do ``step``, and open the window anew with what it says."""
        ...

    def in_background(self, words: str, work: Callable[[Task], T], done: Callable[[T], object]) -> None:
        """Run ``work`` in a thread, under a dialog with progress and Cancel; then ``done`` on Tk's loop.

        ``work`` opens its own connection and never touches a widget.
        """
        ...


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


def key_label(key: str) -> str:
    """What people call a key: ``Ctrl+N``, ``Shift+F5``, ``Esc``."""
    parts = key.split("-")
    names = {"Control": "Ctrl", "Escape": "Esc", "Prior": "PgUp", "Next": "PgDn", "Return": "Enter"}
    return "+".join(names.get(part, part.upper() if len(part) == 1 else part) for part in parts)


def sequences(key: str) -> list[str]:
    """What Tk is to be told for a key: ``Control-s`` is another event while Caps Lock is on."""
    modifier, _dash, letter = key.rpartition("-")
    if modifier == "Control" and len(letter) == 1:
        return [f"<{key}>", f"<Control-Lock-Key-{letter.upper()}>"]
    return [f"<{key}>"]


def free_keys(root: tkinter.Misc, keys: Iterable[str]) -> None:
    """Take from Tk's own fields the keys that are actions.

    On X11 they know Emacs's: Ctrl+Y would paste into the amount while it makes it a deposit, Ctrl+W cut.
    """
    for sequence in {sequence for key in keys for sequence in sequences(key) if key.startswith("Control-")}:
        for virtual in root.event_info():
            root.event_delete(virtual, sequence)
        for kind in ("TEntry", "TCombobox", "Text"):
            root.unbind_class(kind, sequence)


@runtime_checkable
class Refusing(Protocol):
    """A part of a page that says why something could not be done."""

    def forget_refusals(self) -> None:
        """Say it no more."""
        ...


class Screen(Frame):
    """One page of the window, made when it is first shown: title, ``body``, and its keys on buttons."""

    name: ClassVar[str]
    title: ClassVar[str]
    #: The key that leads here; ``""`` for a page that others lead to.
    key: ClassVar[str] = ""
    icon: ClassVar[str] = ""
    #: What the screen is for and how it is used, for F1.
    help: ClassVar[str] = ""
    actions: ClassVar[tuple[Action, ...]] = ()
    #: The virtual events after which this screen reads its data again.
    refresh_on: ClassVar[tuple[str, ...]] = ()

    def __init__(self, parent: Frame, desk: Desk) -> None:
        super().__init__(parent, padding=(16, 8, 16, 8))
        self.desk = desk
        self.is_stale = True
        self._heading = Label(self, text=self.title, font="HeadingFont")
        self._heading.pack(anchor="w", pady=(0, 8))
        self._bar = Flow(self)
        self._bar.pack(side="bottom", fill="x", pady=(8, 0))
        self.buttons: dict[str, Button] = {}
        for action in self.actions:
            if action.label:
                self.buttons[action.method] = self._button(action)
        self.body = Frame(self)
        self.body.pack(fill="both", expand=True)
        self._bar.lift()  # Tab comes to the buttons last
        self._left_in: Treeview | None = None
        self.build()

    def _button(self, action: Action) -> Button:
        return Button(
            self._bar,
            text=f"{key_label(action.key)}  {action.label}",
            bootstyle="primary" if action.is_primary else "secondary-outline",
            command=getattr(self, action.method),
        )

    def head(self, words: str) -> None:
        """Another heading than the title."""
        self._heading.configure(text=words)

    def offer(self, *methods: str) -> None:
        """Of the actions with a button only these are there now, in this order; the other keys do nothing."""
        for method, button in self.buttons.items():
            button.configure(state="normal" if method in methods else "disabled")
        self._bar.show(*(self.buttons[method] for method in methods))

    def build(self) -> None:
        """Make the widgets inside ``self.body``."""
        raise NotImplementedError

    def open(self, *_args: Any, **what: Any) -> None:
        """Show what the caller of :meth:`Desk.show` asked for; screens name what they understand."""

    def refresh(self) -> None:
        """Read the data again; called when the screen is shown and after ``refresh_on``."""

    def leave(self) -> None:
        """The screen is about to give way to another."""

    def give_up(self) -> None:
        """Esc was pressed: the screen is about to give way to the one before."""

    def forget_refusals(self) -> None:
        """What was wrong with a field is old news when somebody comes back."""
        todo: list[tkinter.Misc] = [self.body]
        while todo:
            widget = todo.pop()
            if isinstance(widget, Refusing):
                widget.forget_refusals()
            todo += widget.winfo_children()

    def on_changed(self, _event: tkinter.Event[tkinter.Misc]) -> None:
        """A write has changed what this screen shows: read again now, or when next shown."""
        self.is_stale = True
        if self.winfo_ismapped():
            self.refresh_now()

    def refresh_now(self) -> None:
        """Read again what is shown."""
        self.is_stale = False
        self.refresh()

    def focus_first(self) -> None:
        """Put the focus where work starts."""

    def focus_again(self) -> None:
        """Back from a record: to the list that led there, or else where work starts."""
        if self._left_in is not None and self._left_in.selection():
            self._left_in.focus_set()
        else:
            self.focus_first()

    def note_focus(self) -> None:
        """The screen is about to give way: keep in mind in which of its lists the focus is."""
        focus = str(self.tk.call("focus"))  # not focus_get, which fails on the open list of a Combobox
        is_here = focus.startswith(f"{self}.") and ".popdown" not in focus
        widget = self.nametowidget(focus) if is_here else None
        self._left_in = widget if isinstance(widget, Treeview) else None

    def tell_nothing_chosen(self) -> None:
        """For actions on the chosen row when there is none."""
        self.desk.tell(_("Choose a line of the list first."))
