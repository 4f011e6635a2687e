"""The base class of the window's screens."""

from __future__ import annotations

import tkinter
from typing import Any, ClassVar, Protocol, runtime_checkable

from ttkbootstrap import Button, Frame, Label, Treeview

from cleanflow.dao.stamps import today
from cleanflow.gui.appearance import px
from cleanflow.gui.desk import Action, Desk
from cleanflow.gui.keys import key_label
from cleanflow.gui.reading import read_date
from cleanflow.gui.widgets.flow import Flow
from cleanflow.gui.widgets.scrolling import Scrolling
from cleanflow.language import _


@runtime_checkable
class Refusing(Protocol):
    """A widget that shows why something was refused."""

    def forget_refusals(self) -> None:
        """Clear the message."""
        ...


@runtime_checkable
class Discarding(Protocol):
    """A form that can be emptied without saving it."""

    def discard(self) -> None:
        """Set all fields to their defaults."""
        ...


class Screen(Frame):
    """One page of the window, made when it is first shown: title, ``body``, and its keys on buttons."""

    name: ClassVar[str]
    title: ClassVar[str]
    #: The key that opens this screen; ``""`` for a page that only other screens open.
    key: ClassVar[str] = ""
    icon: ClassVar[str] = ""
    #: What F1 says the screen is for and how it is used.
    help: ClassVar[str] = ""
    actions: ClassVar[tuple[Action, ...]] = ()
    #: The virtual events after which this screen reads its data again; see `desk.py`.
    refresh_on: ClassVar[tuple[str, ...]] = ()

    def __init__(self, parent: Frame, desk: Desk) -> None:
        super().__init__(parent, padding=px(16, 8, 16, 8))
        self.desk = desk
        self.is_stale = True
        self._heading = Label(self, text=self.title, font="HeadingFont")
        self._heading.pack(anchor="w", pady=px(0, 8))
        self._bar = Flow(self)
        self._bar.pack(side="bottom", fill="x", pady=px(8, 0))
        self.buttons: dict[str, Button] = {}
        for action in self.actions:
            if action.label:
                self.buttons[action.method] = self._button(action)
        self.page = Scrolling(self)
        self.page.pack(fill="both", expand=True)
        self.body = self.page.body
        self._bar.lift()  # the buttons come last in the Tab order
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
        """Show another heading than the title."""
        self._heading.configure(text=words)

    def offer(self, *methods: str) -> None:
        """Show only the buttons of these actions, in this order; the keys of the others do nothing."""
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
        """Called before another screen is shown."""

    def give_up(self) -> None:
        """Esc leads back to the screen before: empty what was being entered."""
        todo: list[tkinter.Misc] = [self.body]
        while todo:
            widget = todo.pop()
            if isinstance(widget, Discarding):
                widget.discard()  # with the forms inside it
            else:
                todo += widget.winfo_children()

    def forget_refusals(self) -> None:
        """Clear the messages of all fields; the person leaves the screen."""
        todo: list[tkinter.Misc] = [self.body]
        while todo:
            widget = todo.pop()
            if isinstance(widget, Refusing):
                widget.forget_refusals()
            todo += widget.winfo_children()

    def read_day(self, text: str) -> str:
        """The business date that is typed, as ``YYYY-MM-DD``. Refuses with ``date_invalid``."""
        return read_date(text, today(self.desk.db), self.desk.shop.date_order).isoformat()

    def on_changed(self, _event: tkinter.Event[tkinter.Misc]) -> None:
        """Read again after a change: now if the screen is shown, else when it next is."""
        self.is_stale = True
        if self.winfo_ismapped():
            self.refresh_now()

    def refresh_now(self) -> None:
        """Read the data again at once."""
        self.is_stale = False
        self.refresh()

    def focus_first(self) -> None:
        """Put the focus where work starts; the screen itself gets it where there is nothing to type into."""

    def focus_again(self) -> None:
        """Put the focus back into the list that led to a record, or else where work starts."""
        if self._left_in is not None and self._left_in.selection():
            self._left_in.focus_set()
        else:
            self.focus_first()

    def note_focus(self) -> None:
        """Remember which of its lists has the focus, before another screen is shown."""
        focus = str(self.tk.call("focus"))  # not focus_get, which fails on an open drop-down list
        is_here = focus.startswith(f"{self}.") and ".popdown" not in focus
        widget = self.nametowidget(focus) if is_here else None
        self._left_in = widget if isinstance(widget, Treeview) else None

    def tell_nothing_chosen(self) -> None:
        """Say that an action needs a chosen line."""
        self.desk.tell(_("Choose a line of the list first."))
