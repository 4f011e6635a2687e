"""What a screen of the window is, and what it may ask of the window."""

from __future__ import annotations

import tkinter
from typing import ClassVar, Protocol

from ttkbootstrap import Frame

from cleanflow.dao.shop import Shop
from cleanflow.dao.users import User
from cleanflow.db import Database


class Desk(Protocol):
    """The window as a screen sees it."""

    db: Database
    shop: Shop
    user: User

    def show(self, screen_name: str) -> None:
        """Go to another screen."""
        ...

    def tell(self, message: str) -> None:
        """A short confirmation in the status bar."""
        ...

    def changed(self, event: str) -> None:
        """Tell every screen what a write has changed, like ``<<CustomersChanged>>``."""
        ...


class Screen(Frame):
    """One page of the window; made when it is first shown."""

    name: ClassVar[str]
    title: ClassVar[str]
    key: ClassVar[str]
    icon: ClassVar[str]
    #: The virtual events after which this screen reads its data again.
    refresh_on: ClassVar[tuple[str, ...]] = ()

    def __init__(self, parent: Frame, desk: Desk) -> None:
        super().__init__(parent, padding=(16, 12))
        self.desk = desk
        self.build()

    def build(self) -> None:
        """Make the widgets."""
        raise NotImplementedError

    def refresh(self) -> None:
        """Read the data again; called when the screen is shown and after ``refresh_on``."""

    def on_changed(self, _event: tkinter.Event[tkinter.Misc]) -> None:
        """A write has changed what this screen shows."""
        self.refresh()

    def focus_first(self) -> None:
        """Put the focus where work starts."""
