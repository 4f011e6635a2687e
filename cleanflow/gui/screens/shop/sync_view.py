"""The base class of the Sync screen's lists, which are read in the background."""

from __future__ import annotations

import tkinter
from collections.abc import Callable
from typing import Generic, TypeVar

from ttkbootstrap import Frame, Label

from cleanflow.dao.paging import page_of
from cleanflow.db import Database, open_database
from cleanflow.gui.appearance import px
from cleanflow.gui.desk import Desk
from cleanflow.gui.tasks.background import Task
from cleanflow.gui.widgets.records import Column, Order, RecordList
from cleanflow.language import _

T = TypeVar("T")


class SyncView(Frame, Generic[T]):
    """A list with an explanation above and details of the chosen line below.

    It is read in the background, because in the books of many years that takes a while.
    """

    #: The remedy offered for a line; ``""``: none.
    remedy = ""
    name = ""
    words = ""
    empty = ""

    def __init__(
        self,
        parent: tkinter.Misc,
        desk: Desk,
        on_open: Callable[[], object],
        found: Callable[[], object],
    ) -> None:
        """``on_open`` is called for Enter on a line, ``found`` after the lines were read."""
        super().__init__(parent)
        self.desk = desk
        self.lines: list[T] = []
        self._found = found
        self._is_looking = self._is_outdated = False
        Label(self, text=self.words, bootstyle="secondary", wraplength=px(800), justify="left").pack(
            anchor="w", pady=px(0, 8)
        )
        self._more = Label(self, wraplength=px(800), justify="left")
        self._more.pack(side="bottom", anchor="w", pady=px(8, 0))
        self.list: RecordList[T] = RecordList(
            self,
            desk,
            self.name,
            self.columns(),
            lambda part: page_of(self.lines),
            identify=self.key,
            order=Order(""),
            empty=self.empty,
            on_open=lambda _line: on_open() if self.remedy else None,
            on_choose=lambda line: self._more.configure(text=self.more(line)),
        )
        self.list.count.configure(text=_("Looking …"))
        self.list.pack(fill="both", expand=True)

    def reload(self) -> None:
        """Read the lines again; the old ones stay meanwhile."""
        if self._is_looking:
            self._is_outdated = True
            return
        self._is_looking = True
        path, clock = self.desk.db.path, self.desk.db.clock

        def look(_task: Task) -> list[T]:
            with open_database(path, clock=clock) as db:
                return self.read(db)

        self.desk.background.run(look, self._came, self._failed)

    def _came(self, lines: list[T]) -> None:
        self._is_looking = False
        if not self.winfo_exists():
            return
        self.lines = lines
        self._more.configure(text="")
        self.list.reload()
        self._found()
        if self._is_outdated:
            self._is_outdated = False
            self.reload()

    def _failed(self, error: BaseException) -> None:
        self._is_looking = False
        if self.winfo_exists():
            self.list.count.configure(text=str(error))

    # --- of each list ------------------------------------------------------------------------------

    def columns(self) -> list[Column[T]]:
        """The columns of the list."""
        raise NotImplementedError

    def read(self, db: Database) -> list[T]:
        """The lines; runs in a worker on a connection of its own."""
        raise NotImplementedError

    def key(self, line: T) -> str:
        """The identity of a line."""
        raise NotImplementedError

    def more(self, line: T) -> str:
        """The details of the chosen line."""
        raise NotImplementedError

    def open_lines(self) -> int:
        """The number of lines that need a person."""
        return len(self.lines)

    def ask(self, line: T, go_on: Callable[[], object]) -> None:
        """Ask for confirmation, then call ``go_on``; by default without asking."""
        go_on()

    def put_right(self, line: T) -> str:
        """Apply the remedy and return the message for it."""
        raise NotImplementedError
