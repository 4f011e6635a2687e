"""The window's side of safekeeping: the check after the start, automatic backups, and the one at the end.

All of it runs in threads with their own connections. Only the backup at the end makes a person wait, and Esc
skips it.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

from ttkbootstrap.dialogs import Messagebox

from cleanflow.db import open_database
from cleanflow.db.copying import quick_check
from cleanflow.db.failures import DatabaseError, is_damage, read_failure
from cleanflow.errors import NotSaved, Refusal
from cleanflow.gui.desk import SAFETY_CHANGED, Desk
from cleanflow.gui.dialogs.damaged import Damaged
from cleanflow.gui.dialogs.progress import Goodbye
from cleanflow.gui.tasks.background import Task
from cleanflow.language import _

if TYPE_CHECKING:
    from cleanflow.safekeeping.automatic import BackupResult


_log = logging.getLogger(__name__)


def _in_words(found: str | None) -> str:
    """The finding in words for people; SQLite's own text goes into the log."""
    if not found:
        return ""
    _log.error("the check after the start: %s", found)
    return _("its parts contradict each other.")


class Keeping:
    """Starts the check and the backups of one window; belongs to Tk's thread."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._window = desk.window
        self._timer = ""
        self._running: Task | None = None
        self._goodbye: Goodbye | None = None
        self._dialog: Damaged | None = None
        #: What the check after the start found wrong with the file; '' while nothing is known.
        self.damage = ""

    def close(self) -> None:
        """Stop the timer and the check; the window closes."""
        if self._timer:
            self._window.after_cancel(self._timer)
            self._timer = ""
        if self._running is not None:
            self._running.cancel()

    # --- the check after the start -------------------------------------------------------------------

    def check_after(self, pause_ms: int) -> None:
        """Check the file after ``pause_ms``, so that the first frame is not delayed."""
        self._timer = self._window.after(pause_ms, self._check)

    def _check(self) -> None:
        self._timer = ""
        path, clock = self._desk.db.path, self._desk.db.clock

        def work(task: Task) -> str:
            try:
                with open_database(path, clock=clock) as db:
                    task.interrupt_with(db.interrupt)
                    db.in_background = True
                    return _in_words(quick_check(db))
            except DatabaseError as error:
                return read_failure(error) if is_damage(error) else ""
            except (Refusal, NotSaved):  # the disk is gone: the next write says so
                return ""

        self._running = self._desk.background.run(work, self._checked, lambda error: None)

    def _checked(self, damage: str) -> None:
        self._running = None
        if damage:
            self.found(damage)

    def found(self, damage: str) -> None:
        """Remember and report damage of the file."""
        self.damage = damage
        self.tell_damage()

    def tell_damage(self) -> None:
        """Show the damage to the signed-in person; called again at each sign-in."""
        is_shown = self._dialog is not None and self._dialog.winfo_exists()
        if self.damage and self._desk.db.session.user_id and not is_shown:
            self._dialog = Damaged(self._desk, self.damage)

    # --- backups -------------------------------------------------------------------------------------

    def back_up(self) -> None:
        """Make the day's backup in the background; the status bar confirms it."""
        self._desk.background.run(partial(self._work, False), self._backed_up, lambda error: None)

    def _backed_up(self, outcome: BackupResult) -> None:
        desk = self._desk
        desk.changed(SAFETY_CHANGED)
        if outcome.is_news:
            Messagebox.show_warning(outcome.trouble, title=_("Backup"), parent=self._window)
        elif outcome.made is not None and outcome.made.is_good:
            desk.tell(f"{desk.told()} {_('The backup is made and checked.')}".strip())

    def _work(self, only_if_due: bool, task: Task) -> BackupResult:
        from cleanflow.safekeeping.automatic import BackupResult, back_up_today

        try:
            with open_database(self._desk.db.path, clock=self._desk.db.clock) as db:
                db.in_background = True
                return back_up_today(db, task.progress, only_if_due=only_if_due)
        except DatabaseError as error:
            return BackupResult(None, read_failure(error), is_news=True)
        except (Refusal, NotSaved) as error:
            return BackupResult(None, str(error), is_news=True)

    # --- the end of the program ------------------------------------------------------------------------

    def say_goodbye(self) -> None:
        """Make a backup if something was recorded since the last one, then close the window."""
        if self._goodbye is not None or not self._is_due():
            self._window.destroy()
            return
        self._goodbye = Goodbye(self._desk, _("Making the backup of today"))
        task = self._desk.background.run(partial(self._work, True), self._done, lambda error: self._end())
        self._goodbye.watch(task)

    def _is_due(self) -> bool:
        from cleanflow.safekeeping.automatic import is_due

        try:
            return is_due(self._desk.db)
        except DatabaseError:  # the disk is gone: the window must still close
            return False

    def _done(self, outcome: BackupResult) -> None:
        if outcome.is_news:
            Messagebox.show_warning(outcome.trouble, title=_("Backup"), parent=self._window)
        self._end()

    def _end(self) -> None:
        assert self._goodbye is not None
        self._goodbye.finish()
