"""Saving a document as a file: its name, the check of the path, the writing in a worker."""

from __future__ import annotations

from pathlib import Path

from cleanflow.dao.remembered import recall, remember
from cleanflow.errors import Refusal
from cleanflow.gui.desk import Desk
from cleanflow.gui.reading import read_path
from cleanflow.gui.tasks.background import Task
from cleanflow.language import _
from cleanflow.rendering.document import Document

_FOLDER = "reports.folder"


def proposed_path(desk: Desk, title: str, subtitle: str) -> Path:
    """``Daily report 10-03-2026`` in the folder of last time, without characters that a name cannot have."""
    name = f"{title} {subtitle}".replace("/", "-")
    plain = "".join(char for char in name if char.isprintable() and char not in '\\:*?"<>|')
    return Path(recall(desk.db, _FOLDER, str(Path.home()))) / plain[:80].strip(" .")


def remember_folder(desk: Desk, path: Path) -> None:
    """Propose this file's folder the next time."""
    remember(desk.db, _FOLDER, str(path.parent))


def read_file_path(text: str) -> Path:
    """The path of a file to write. Refuses with ``text_missing`` or ``folder_missing``."""
    path = read_path(text)
    if not text.strip() or not path.name:
        raise Refusal("text_missing", field=_("The file"))
    if not path.parent.is_dir():
        raise Refusal("folder_missing", path=path.parent)
    return path


def write_document(task: Task, document: Document, path: Path) -> None:
    """Write in a worker, as a workbook or as a PDF by the name's ending."""
    task.progress(path.name)
    if path.suffix.lower() == ".xlsx":
        from cleanflow.rendering.xlsx import save_xlsx

        save_xlsx(document, path)
    else:
        from cleanflow.rendering.pdf import save_pdf

        save_pdf(document, path)
