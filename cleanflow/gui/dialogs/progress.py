"""The progress of background work: shown after a second, with a button to cancel."""

from __future__ import annotations

from ttkbootstrap import Button, Label, Progressbar

from cleanflow.gui.desk import Desk
from cleanflow.gui.tasks.background import Task
from cleanflow.gui.widgets.dialog import Dialog
from cleanflow.language import _

_APPEARS_AFTER_MS, _LOOKS_EVERY_MS = 1000, 100


class Progress(Dialog):
    """Shows the progress of a task; Esc or Cancel stops it. It never appears for short work."""

    _appears_when_locked = False

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
        """Show the progress of ``task`` until :meth:`finish`."""
        self._task = task
        self._timer = self.after(_APPEARS_AFTER_MS, self._show)

    def finish(self) -> None:
        """Close after the work has ended."""
        self._task = None
        if self.winfo_exists():
            self.close()

    def close(self) -> None:
        """Cancel the task if it still runs, and close."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
            self._desk.tell(_("Cancelled."))
        if self._timer is not None:
            self.after_cancel(self._timer)
        self._line.stop()
        super().close()

    def _show(self) -> None:
        if self._task is None:
            return
        if self._desk.is_locked and not self._appears_when_locked:
            self._timer = self.after(_APPEARS_AFTER_MS, self._show)
            return
        self._line.start(20)
        self.appear(self._cancel)
        self._look()

    def _look(self) -> None:
        if self._task is not None and self.winfo_exists():
            self._stage.configure(text=self._task.words)
            self._timer = self.after(_LOOKS_EVERY_MS, self._look)


class Goodbye(Progress):
    """The progress of the backup at the end; Esc ends the program without it."""

    _appears_when_locked = True

    def close(self) -> None:
        """Close the main window, with or without the backup."""
        window = self.master
        super().close()
        window.destroy()
