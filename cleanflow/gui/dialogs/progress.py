"""What is going on in the background: said after a second, with a button that stops it."""

from __future__ import annotations

from ttkbootstrap import Button, Label, Progressbar

from cleanflow.gui.desk import Desk
from cleanflow.gui.tasks.background import Task
from cleanflow.gui.widgets.dialog import Dialog
from cleanflow.language import _

_APPEARS_AFTER_MS, _LOOKS_EVERY_MS = 1000, 100


class Progress(Dialog):
    """Shows what a task says of itself; Esc or Cancel stops it. Short work never shows it."""

    def __init__(self, desk: Desk, words: str) -> None:
        super().__init__(desk.window, words)
        self._desk = desk
        self._task: Task | None = None
        self._timer: str | None = None
        self._stage = Label(self.body, width=50)
        self._stage.pack(anchor="w", pady=(0, 8))
        self._line = Progressbar(self.body, mode="indeterminate", length=400)
        self._line.pack(fill="x")
        self._cancel = Button(self.bar, text=_("Esc  Cancel"), bootstyle="secondary", command=self.close)
        self._cancel.pack()

    def watch(self, task: Task) -> None:
        """Follow ``task`` until :meth:`finish`."""
        self._task = task
        self._timer = self.after(_APPEARS_AFTER_MS, self._show)

    def finish(self) -> None:
        """The work is over: there is nothing left to cancel."""
        self._task = None
        if self.winfo_exists():
            self.close()

    def close(self) -> None:
        """Cancel what still runs, and go away."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
            self._desk.tell(_("Cancelled."))
        if self._timer is not None:
            self.after_cancel(self._timer)
        self._line.stop()
        super().close()

    def _show(self) -> None:
        if self._task is not None:
            self._line.start(20)
            self.appear(self._cancel)
            self._look()

    def _look(self) -> None:
        if self._task is not None and self.winfo_exists():
            self._stage.configure(text=self._task.words)
            self._timer = self.after(_LOOKS_EVERY_MS, self._look)


class Goodbye(Progress):
    """The backup at the end; whoever presses Esc ends the program without it."""

    def close(self) -> None:
        """The window goes, with or without the backup."""
        window = self.master
        super().close()
        window.destroy()
