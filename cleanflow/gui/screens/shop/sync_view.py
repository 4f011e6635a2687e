"""One list of the Sync screen, looked for in the background: what all of them have in common."""

from __future__ import annotations

import tkinter
from collections.abc import Callable
from typing import Generic, TypeVar

from ttkbootstrap import Frame, Label

from cleanflow.dao.paging import page_of
from cleanflow.db import Database, open_database
from cleanflow.gui.desk import Desk
from cleanflow.gui.tasks.background import Task
from cleanflow.gui.widgets.records import Column, Order, RecordList
from cleanflow.language import _

T = TypeVar("T")


class SyncView(Frame, Generic[T]):
    """A list, words about it above, and more about the chosen line below.

    What it shows is looked for in the background: in the books of years it takes a while.
    """

    #: What the view offers for a line; ``""``: nothing.
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
        """``on_open`` follows Enter on a line; ``found`` when the lines have been read anew."""
        super().__init__(parent)
        self.desk = desk
        self.lines: list[T] = []
        self._found = found
        self._is_looking = self._is_outdated = False
        Label(self, text=self.words, bootstyle="secondary", wraplength=800, justify="left").pack(
            anchor="w", pady=(0, 8)
        )
        self._more = Label(self, wraplength=800, justify="left")
        self._more.pack(side="bottom", anchor="w", pady=(8, 0))
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
        """Look again; what was found before stands there meanwhile."""
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
        """Its columns."""
        raise NotImplementedError

    def read(self, db: Database) -> list[T]:
        """Its lines; runs in a thread of its own, on its own connection."""
        raise NotImplementedError

    def key(self, line: T) -> str:
        """What a line is known by."""
        raise NotImplementedError

    def more(self, line: T) -> str:
        """What is said below of the chosen line."""
        raise NotImplementedError

    def open_lines(self) -> int:
        """How many lines ask for somebody."""
        return len(self.lines)

    def ask(self, line: T, go_on: Callable[[], object]) -> None:
        """Whether it is really wanted; by default at once."""
        go_on()

    def put_right(self, line: T) -> str:
        """Do what helps; what is told then."""
        raise NotImplementedError
