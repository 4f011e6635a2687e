"""Saving a list of records as a file: for Excel or as PDF, all records of its filter and not one page."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from cleanflow.db import open_database
from cleanflow.gui.desk import Desk
from cleanflow.gui.reading import read_choice
from cleanflow.gui.tasks.background import Task
from cleanflow.gui.tasks.document_files import proposed_path, read_file_path, remember_folder, write_document
from cleanflow.gui.widgets.dialog import FormDialog
from cleanflow.language import _
from cleanflow.reports.record_lists import MOST_RECORDS, RecordsWanted, records_document

T = TypeVar("T")


def ask_list_file(desk: Desk, wanted: RecordsWanted[T]) -> None:
    """Ask for format and file, then read and write in the background."""
    formats = {_("Excel"): "xlsx", _("PDF"): "pdf"}
    dialog = FormDialog(
        desk,
        _("Save the list: {title}").format(title=wanted.title),
        _("All records of this list, not only the page on the screen: {filter}").format(
            filter=wanted.filter_words
        ),
    )
    names = [*formats]
    chosen = dialog.form.add(_("As"), lambda text: read_choice(text, formats), text=names[0], choices=names)
    path = dialog.form.add(
        _("File"), read_file_path, text=str(proposed_path(desk, wanted.title, wanted.filter_words))
    )

    def target() -> Path:
        ending, file = f".{chosen.value()}", path.value()
        return file if file.suffix.lower() == ending else file.with_name(f"{file.name}{ending}")

    def save(file: Path) -> None:
        remember_folder(desk, file)
        place, clock, user_id = desk.db.path, desk.db.clock, desk.db.session.user_id

        def write(task: Task) -> None:
            with open_database(place, clock=clock) as db:
                db.in_background = True
                db.session.user_id = user_id  # what is a secret from this person stays one
                document = records_document(
                    db,
                    wanted,
                    MOST_RECORDS[file.suffix[1:].lower()],
                    lambda count: task.progress(_("{count} records").format(count=f"{count:,}")),
                )
            write_document(task, document, file)

        desk.in_background(
            _("Saving the list …"),
            write,
            lambda _nothing: desk.tell(_("Saved: {path}").format(path=file)),
        )

    dialog.ask(target, save)
    path.widget.configure(width=58)
