"""The base class of the window's screens."""

from __future__ import annotations

import tkinter
from typing import Any, ClassVar, Protocol, runtime_checkable

from ttkbootstrap import Button, Frame, Label, Treeview

from cleanflow.gui.desk import Action, Desk
from cleanflow.gui.keys import key_label
from cleanflow.gui.widgets.flow import Flow
from cleanflow.language import _


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
