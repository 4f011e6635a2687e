"""Backups: when and where the last was made, making one now, bringing one back."""

from __future__ import annotations

from pathlib import Path

from ttkbootstrap import Label

from cleanflow.clock import Clock
from cleanflow.dao.paging import Page, Slice, page_of
from cleanflow.dao.stamps import today
from cleanflow.dao.users import require_owner
from cleanflow.db import open_database
from cleanflow.db.failures import DatabaseError, read_failure
from cleanflow.gui.appearance import px
from cleanflow.gui.desk import SAFETY_CHANGED, SETTINGS_CHANGED, Action
from cleanflow.gui.dialogs.book_check import check_books
from cleanflow.gui.dialogs.bring_back import bring_back_from_file, look_into, save_readable
from cleanflow.gui.dialogs.path_dialog import PathDialog
from cleanflow.gui.reading import read_path
from cleanflow.gui.screen import Screen
from cleanflow.gui.tasks.background import Task
from cleanflow.gui.widgets.dialog import FormDialog
from cleanflow.gui.widgets.facts import Facts
from cleanflow.gui.widgets.labels import short_date
from cleanflow.gui.widgets.records import Column, Order, RecordList
from cleanflow.language import _
from cleanflow.rendering.document import shown_moment
from cleanflow.reports.day_state import last_backup_at
from cleanflow.safekeeping.automatic import (
    BackupResult,
    all_backups,
    back_up_today,
    choose_folder,
    chosen_folder,
    is_due,
    last_trouble,
)
from cleanflow.safekeeping.retention import DAYS_KEPT, MONTHS_KEPT, Kept


class Safekeeping(Screen):
    """Facts above, the backups below."""

    name = "safekeeping"
    title = _("Safekeeping")
    key = "Shift-F2"
    icon = "shield-check"
    help = _(
        "A backup is one file with everything. CleanFlow makes one when a day is closed and when the"
        " program ends, and checks every entry in it. Backups go beside the records or into a folder"
        " of your choice: best on a USB stick that goes home with you. Bringing one back shows first"
        " what is in it and keeps the present records."
    )
    actions = (
        Action("Control-s", _("Back up now"), "back_up", is_primary=True),
        Action("Control-o", _("Bring it back …"), "bring_back"),
        Action("Control-g", _("From a file …"), "from_file"),
        Action("Control-w", _("Where to …"), "ask_folder"),
        Action("Control-k", _("Check my books"), "check"),
        Action("Control-l", _("Save what can be read"), "save_readable"),
        Action("Control-p", _("For support …"), "pack_for_support"),
        Action("Control-j", "", "focus_backups", _("To the backups")),
    )
    refresh_on = (SAFETY_CHANGED, SETTINGS_CHANGED)

    def build(self) -> None:
        """Build the facts and the list."""
        self._facts = Facts(self.body, columns=1, wrap=640)
        self._facts.pack(anchor="w", pady=px(0, 8))
        self._trouble = Label(self.body, wraplength=px(760), justify="left", bootstyle="danger")
        self._trouble.pack(anchor="w")
        columns: list[Column[Kept]] = [
            Column("day", _("Backup of"), 120, lambda kept: short_date(kept.day, self.desk.shop.date_order)),
            Column("pc", _("PC"), 70, lambda kept: kept.pc_code),
            Column("size", _("Size"), 90, lambda kept: f"{kept.bytes / 1_000_000:,.1f} MB", is_right=True),
            Column("state", _("Checked"), 170, _state),
            Column("folder", _("Where"), 300, lambda kept: str(kept.path.parent), stretches=True),
        ]
        self._list = RecordList(
            self.body,
            self.desk,
            self.name,
            columns,
            self._read,
            identify=lambda kept: str(kept.path),
            order=Order("day", descending=True),
            empty=_("No backup yet. Ctrl+S makes the first one."),
            on_open=lambda _kept: self.bring_back(),
        )
        self._list.pack(fill="both", expand=True, pady=px(8, 0))

    def _read(self, _part: Slice) -> Page[Kept]:
        return page_of(all_backups(self.desk.db))

    def refresh(self) -> None:
        """Read the facts and the backups again."""
        db = self.desk.db
        try:
            last_words = self._last_backup()
        except DatabaseError as error:  # this screen must work even with a damaged file
            last_words = read_failure(error)
        kept = _("one a day for {days} days, one a month for {months} months")
        self._facts.show(
            (_("Last good backup"), last_words),
            (_("Goes to"), str(chosen_folder(db))),
            (_("Kept"), kept.format(days=DAYS_KEPT, months=MONTHS_KEPT)),
            (_("Records lie in"), str(db.path)),
        )
        damage = self.desk.keeping.damage
        words = _("The file with the records is damaged: {found}").format(found=damage) if damage else ""
        self._trouble.configure(text=words or last_trouble(db))
        everything = [action.method for action in self.actions if action.label]
        self.offer(*(one for one in everything if damage or one != "save_readable"))
        self._list.reload()

    def _last_backup(self) -> str:
        db, order = self.desk.db, self.desk.shop.date_order
        last = last_backup_at(db)
        words = shown_moment(last, order) if last else _("none yet")
        return f"{words} · {_('nothing was recorded since')}" if last and not is_due(db) else words

    def focus_first(self) -> None:
        """Focus the list, or the button that makes the first backup."""
        if self._list.records():
            self._list.focus_list()
        else:
            self.buttons["back_up"].focus_set()

    def focus_backups(self) -> None:
        """Focus the list of backups."""
        self._list.focus_list()

    # --- making one ----------------------------------------------------------------------------------

    def back_up(self) -> None:
        """Make today's backup, under a dialog with its progress."""
        path, clock = self.desk.db.path, self.desk.db.clock
        self.desk.in_background(_("Making a backup"), lambda task: _back_up(path, clock, task), self._made)

    def _made(self, outcome: BackupResult) -> None:
        self.desk.changed(SAFETY_CHANGED)
        if outcome.made is not None and outcome.made.is_good:
            words = _("The backup is made and checked: {name}").format(name=outcome.made.path.name)
        else:
            words = outcome.trouble
        self.desk.tell(words)

    def ask_folder(self) -> None:
        """Ask for the folder of the backups; only an owner may change it."""
        db = self.desk.db
        words = _(
            "A folder on another disk, best a USB stick. Empty: the folder “backups” beside the records. When"
            " the stick is not there, the backup goes beside the records."
        )
        dialog = PathDialog(
            self.desk, _("Where backups go"), words, "folder", text=str(chosen_folder(db)), save=_("Keep")
        )
        dialog.ask_path(lambda folder: choose_folder(db, folder), self._chosen)

    def _chosen(self, _nothing: object) -> None:
        self.desk.changed(SAFETY_CHANGED)
        words = _("Backups go to {folder}. Ctrl+S makes one now.")
        self.desk.tell(words.format(folder=chosen_folder(self.desk.db)))

    # --- bringing one back -----------------------------------------------------------------------------

    def bring_back(self) -> None:
        """Look into the chosen backup."""
        kept = self._list.chosen()
        if kept is None:
            self.tell_nothing_chosen()
            return
        self.desk.do(lambda: require_owner(self.desk.db), lambda _nothing: look_into(self.desk, kept.path))

    def from_file(self) -> None:
        """Look into another file."""
        bring_back_from_file(self.desk, lambda: require_owner(self.desk.db))

    def save_readable(self) -> None:
        """Salvage the damaged file into a new one."""
        self.desk.do(lambda: require_owner(self.desk.db), lambda _nothing: save_readable(self.desk))

    # --- books and support -----------------------------------------------------------------------------

    def check(self) -> None:
        """Verify the books, as on the ledger's screen."""
        check_books(self.desk)

    def pack_for_support(self) -> None:
        """Pack a file for support, without names or amounts."""
        from cleanflow.safekeeping.support import pack_support

        words = _(
            "Packs the program's log and facts about the database into one file, without names,"
            " amounts or passwords. Look at it before you send it."
        )
        proposed = Path.home() / f"cleanflow-support-{today(self.desk.db).isoformat()}.zip"
        dialog = FormDialog(self.desk, _("A file for support"), words, save=_("Pack"))
        target = dialog.form.add(_("File"), str, text=str(proposed))
        target.widget.configure(width=52)
        path, seen = self.desk.db.path, f"{self.winfo_screenwidth()}x{self.winfo_screenheight()}"
        dialog.ask(
            lambda: read_path(target.value().strip() or str(proposed)),
            lambda file: self.desk.in_background(
                _("Packing for support"), lambda _task: pack_support(path, file, screen=seen), self._packed
            ),
        )

    def _packed(self, file: Path) -> None:
        self.desk.tell(_("Packed: {path}").format(path=file))


def _back_up(path: Path, clock: Clock, task: Task) -> BackupResult:
    with open_database(path, clock=clock) as db:
        db.in_background = True
        return back_up_today(db, task.progress)


def _state(kept: Kept) -> str:
    return _("something is wrong") if kept.is_suspect else _("every number agrees")
