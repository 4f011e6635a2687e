"""Asks for a file or a folder, typed or chosen in the system's dialog."""

from __future__ import annotations

from collections.abc import Callable
from tkinter import filedialog
from typing import Literal, TypeVar

from ttkbootstrap import Button

from cleanflow.dao.fields import clean_text
from cleanflow.gui.desk import Desk
from cleanflow.gui.keys import bind_keys
from cleanflow.gui.widgets.dialog import FormDialog
from cleanflow.language import _

T = TypeVar("T")


class PathDialog(FormDialog):
    """One field for a path, and Ctrl+B to browse."""

    def __init__(
        self,
        desk: Desk,
        title: str,
        words: str,
        kind: Literal["file", "folder"],
        *,
        text: str = "",
        save: str,
    ) -> None:
        super().__init__(desk, title, words, save=save)
        self._kind, self._title = kind, title
        label = _("Folder") if kind == "folder" else _("File")
        self.path = self.form.add(label, lambda typed: clean_text(label, typed, limit=1000), text=text)
        self.path.widget.configure(width=52)
        save_button = self.bar.winfo_children()[-1]
        look = Button(
            self.bar, text=_("Ctrl+B  Look for it …"), bootstyle="secondary-outline", command=self.browse
        )
        look.pack(side="left", padx=(0, 8), before=save_button)
        bind_keys(self, {"Control-b": self.browse})

    def browse(self) -> None:
        """Choose the path in the system's dialog."""
        if self._kind == "folder":
            chosen = filedialog.askdirectory(parent=self, title=self._title, mustexist=True)
        else:
            kinds = [(_("Backups"), "*.db"), (_("All files"), "*")]
            chosen = filedialog.askopenfilename(parent=self, title=self._title, filetypes=kinds)
        if chosen:
            self.path.set(str(chosen))
        self.path.widget.focus_set()

    def ask_path(self, work: Callable[[str], T], done: Callable[[T], object]) -> None:
        """Run ``work`` with the typed path, then ``done``; a refusal is shown in the dialog."""
        self.ask(lambda: work(self.path.value()), done)
