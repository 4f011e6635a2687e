"""Bringing a backup back: its contents beside the present records, before it takes their place."""

from __future__ import annotations

import os
import tkinter
from collections.abc import Callable
from pathlib import Path

from ttkbootstrap import Button, Frame, Label
from ttkbootstrap.dialogs import Messagebox

from cleanflow.errors import Refusal
from cleanflow.gui.desk import Desk
from cleanflow.gui.dialogs.path_dialog import PathDialog
from cleanflow.gui.keys import bind_keys
from cleanflow.gui.tasks.background import Task
from cleanflow.gui.widgets.audit_words import TABLES
from cleanflow.gui.widgets.dialog import Dialog
from cleanflow.gui.widgets.form import FieldRefused, Form
from cleanflow.language import _
from cleanflow.rendering.document import shown_date, shown_moment
from cleanflow.safekeeping.contents import Contents, contents_at
from cleanflow.safekeeping.restore import PartlyRead, Prepared, prepare
from cleanflow.safekeeping.salvage import salvage

#: How many findings about the backup's books are listed.
_LISTED = 3
#: Names of tables that the audit trail does not show.
_KINDS = {
    "audit_logs": _("Audit trail"),
    "ledger_entries": _("Ledger entry"),
    "payment_allocations": _("Use of a payment"),
}


class Comparison(Frame):
    """A table of both shops, the findings, and a field for this PC's new code."""

    def __init__(
        self, parent: tkinter.Misc, prepared: Prepared, here: Contents | None, on_save: Callable[[], object]
    ) -> None:
        super().__init__(parent)
        table = Frame(self)
        table.pack(anchor="w")
        shops = {_("What was found") if prepared.is_salvaged else _("In the backup"): prepared.contents}
        if here is not None:
            shops[_("Here now")] = here
        for column, (heading, contents) in enumerate(shops.items(), start=1):
            Label(table, text=heading, font="StrongFont").grid(row=0, column=column, sticky="w", padx=(0, 24))
            for row, read in enumerate(_LINES.values(), start=1):
                Label(table, text=read(contents)).grid(
                    row=row, column=column, sticky="w", padx=(0, 24), pady=1
                )
        for row, words in enumerate(_LINES, start=1):
            Label(table, text=words, bootstyle="secondary").grid(row=row, column=0, sticky="w", padx=(0, 24))
        words = "\n".join(_warnings(prepared))
        if words:
            Label(self, text=words, bootstyle="danger", wraplength=560, justify="left").pack(
                anchor="w", pady=(8, 0)
            )
        self._form = Form(self, on_save, width=10, is_narrow=True)
        self._form.pack(anchor="w", pady=(10, 0))
        self.code = self._form.add(
            _("This PC's new code"), lambda text: text.strip(), text=prepared.free_code
        )
        self.first = self.code.widget


def _warnings(prepared: Prepared) -> list[str]:
    """What was lost and what is wrong with the books, one line each."""
    lines = [_part_words(part) for part in prepared.partly_read]
    lines += [str(finding) for finding in prepared.findings[:_LISTED]]
    more = len(prepared.findings) - _LISTED
    return (
        [*lines, _("… and {count} more findings; “Check my books” lists them.").format(count=more)]
        if more > 0
        else lines
    )


def _part_words(part: PartlyRead) -> str:
    name = _KINDS.get(part.table, TABLES.get(part.table, part.table))
    if part.written is None:
        words = _("{kind}: {read} could be read").format(kind=name, read=f"{part.read:,}")
    else:
        words = _("{kind}: {read} of {written} could be read").format(
            kind=name, read=f"{part.read:,}", written=f"{part.written:,}"
        )
    return words + (
        _(", {count} more were rebuilt from the audit trail").format(count=f"{part.rebuilt:,}")
        if part.rebuilt
        else ""
    )


def explanation(prepared: Prepared, here: Contents | None = None) -> str:
    """What bringing the backup back does with the present records ``here``."""
    words = _(
        "The present records are kept in a separate file; nothing is deleted. This PC gets a new"
        " code, so that no number is given twice."
    )
    if prepared.contents.is_joined:
        words += " " + _("What it lacks comes back from the server with the next synchronisation.")
    if here is not None and here.unsent:
        words += "\n\n" + _(
            "{count} entries on this PC were not sent to the server yet. Those missing from the"
            " backup remain only in that separate file: synchronise first if you can."
        ).format(count=here.unsent)
    return words


class BringBackDialog(Dialog):
    """Asks whether the backup should replace the present records; ``agreed`` gets the PC's new code."""

    def __init__(
        self, desk: Desk, prepared: Prepared, here: Contents | None, agreed: Callable[[str], object]
    ) -> None:
        is_salvaged = prepared.is_salvaged
        title = _("Go on with what could be read?") if is_salvaged else _("Bring this backup back?")
        super().__init__(desk.window, title, explanation(prepared, here))
        self._prepared, self._agreed = prepared, agreed
        self._is_agreed = False
        self._comparison = Comparison(self.body, prepared, here, self.save)
        self._comparison.pack(anchor="w")
        Button(self.bar, text=_("Esc  Back"), bootstyle="secondary-outline", command=self.close).pack(
            side="left", padx=(0, 8)
        )
        words = _("Go on with it") if is_salvaged else _("Bring it back")
        Button(self.bar, text=f"Ctrl+S  {words}", bootstyle="primary", command=self.save).pack(side="left")
        bind_keys(self, {"Control-s": self.save})
        self.appear(self._comparison.first)

    def save(self) -> None:
        """Agree and close."""
        try:
            code = self._comparison.code.value()
        except FieldRefused:
            return
        self._is_agreed = True
        self.close()
        self._agreed(code)

    def close(self) -> None:
        """Close; without agreement the preparation is removed."""
        if not self._is_agreed:
            self._prepared.discard()
        super().close()


def bring_back_from_file(desk: Desk, check: Callable[[], object]) -> None:
    """Ask for a backup file and look into it; ``check`` raises a Refusal for those who may not."""
    words = _(
        "Choose a backup, or “cleanflow.db” in a copied folder. You see what is in it before anything"
        " changes."
    )
    dialog = PathDialog(desk, _("Bring back from a file"), words, "file", save=_("Look into it"))

    def path_of(typed: str) -> Path:
        check()
        path = Path(typed).expanduser()
        if os.path.isdir(path):  # unlike Path's methods these never raise, whatever was typed
            raise Refusal("file_unreadable", path=typed, reason=_("it is a folder: choose a file in it."))
        if not os.path.isfile(path):
            raise Refusal("file_unreadable", path=typed, reason=_("there is no such file."))
        return path

    dialog.ask_path(path_of, lambda source: look_into(desk, source))


def look_into(desk: Desk, source: Path) -> None:
    """Verify a backup in the background, then ask whether it should replace the present records."""
    path = desk.db.path
    _prepare(desk, lambda task: prepare(source, path, task.progress), _("Looking into the backup"))


def save_readable(desk: Desk) -> None:
    """Salvage the damaged present file in the background, then ask as :func:`look_into` does."""
    path = desk.db.path
    _prepare(desk, lambda task: salvage(path, task.progress), _("Reading what can be read"))


def _prepare(desk: Desk, work: Callable[[Task], Prepared], words: str) -> None:
    path = desk.db.path

    def look(task: Task) -> tuple[Prepared | str, Contents | None]:
        try:
            return work(task), contents_at(path)
        except Refusal as refusal:
            return str(refusal), None

    def ask(found: tuple[Prepared | str, Contents | None]) -> None:
        prepared, here = found
        if isinstance(prepared, str):
            Messagebox.show_error(prepared, title=_("Not brought back"), parent=desk.window)
        else:
            BringBackDialog(desk, prepared, here, lambda code: agreed(prepared, code))

    def agreed(prepared: Prepared, code: str) -> None:
        desk.reopen(lambda: brought_back_words(prepared, prepared.put_in_place(code)))

    desk.in_background(words, look, ask)


def brought_back_words(prepared: Prepared, aside: Path | None) -> str:
    """The message after the records were replaced."""
    now = contents_at(prepared.path)
    said = (
        _("What could be read is in place; this PC goes on as {code}.")
        if prepared.is_salvaged
        else _("The backup has been brought back; this PC goes on as {code}.")
    )
    words = said.format(code=now.pc_code if now else "?")
    if aside is not None:
        words += " " + _("What was here before is kept as {name}.").format(name=aside.name)
    lost = [finding.words for finding in prepared.findings if finding.code == "pin_lost"]
    return " ".join([words, *lost])


_LINES: dict[str, Callable[[Contents], str]] = {
    _("Shop"): lambda one: one.shop,
    _("PC"): lambda one: one.pc_code,
    _("Last recorded"): lambda one: shown_moment(one.last_at, one.date_order) if one.last_at else "–",
    _("Last day closed"): lambda one: shown_date(one.last_closed, one.date_order) if one.last_closed else "–",
    _("Customers"): lambda one: f"{one.customers:,}",
    _("Jobs"): lambda one: f"{one.jobs:,}",
    _("Payments"): lambda one: f"{one.payments:,}",
    _("Ledger entries"): lambda one: f"{one.ledger_entries:,}",
}
