"""The window for records that cannot be opened: the reason, and what can be done.

A window of its own, because the other one needs the records.
"""

from __future__ import annotations

import tkinter
from collections.abc import Callable
from pathlib import Path
from tkinter import filedialog

from ttkbootstrap import App, Button, Frame, Label, Progressbar

from cleanflow.errors import NotSaved, Refusal
from cleanflow.gui import appearance
from cleanflow.gui.appearance import px
from cleanflow.gui.dialogs.bring_back import Comparison, brought_back_words, explanation
from cleanflow.gui.tasks.background import Background, Task
from cleanflow.gui.widgets.form import FieldRefused
from cleanflow.gui.widgets.page import Page
from cleanflow.language import _
from cleanflow.safekeeping.automatic import backups_beside
from cleanflow.safekeeping.restore import Prepared, prepare
from cleanflow.safekeeping.retention import Kept
from cleanflow.safekeeping.salvage import salvage

#: Refusals that mean the records themselves are lost, not just out of reach.
_LOST = {"database_damaged", "database_lost", "database_empty", "database_foreign", "database_gone"}
_LOOK_EVERY_MS = 200


class TroubleWindow(App):
    """After it closes, ``again`` asks to open the records once more and show ``notice``."""

    def __init__(self, path: Path, trouble: Refusal | NotSaved) -> None:
        super().__init__(title="CleanFlow", theme="bootstrap-light")
        appearance.size_window(self)
        appearance.make_fonts(self)
        appearance.set_text_size(100)
        self.path, self.trouble = path, trouble
        self.again, self.notice, self.is_closed = False, "", False
        self.background = Background(self)
        self._page: Page | None = None
        self._task: Task | None = None
        self.ask()

    def destroy(self) -> None:
        """Close the window; an unused preparation is removed at the next start."""
        if self._task is not None:
            self._task.cancel()
        self.background.close()
        self.is_closed = True
        super().destroy()

    def _fresh(self, heading: str, words: str) -> Frame:
        if self._page is not None:
            self._page.destroy()
        self._page = Page(self, heading, words)
        self._page.pack(fill="both", expand=True)
        return self._page.body

    # --- what can be done ------------------------------------------------------------------------------

    def ask(self, refused: str = "") -> None:
        """Show the reason and the choices; ``refused`` says why the last choice failed."""
        body = self._fresh(_("The records cannot be opened"), str(self.trouble))
        ways = [*self._ways()]
        buttons: list[Button] = []
        for title, words, command in ways:
            style = "secondary-outline" if buttons else "primary"
            button = Button(body, text=title, width=34, command=command, bootstyle=style)
            button.pack(anchor="w", pady=px(8, 2))
            Label(body, text=words, bootstyle="secondary", wraplength=px(600), justify="left").pack(
                anchor="w"
            )
            buttons.append(button)
        for number, button in enumerate(buttons):
            for key, step in (("<Down>", 1), ("<Up>", -1)):
                other = buttons[(number + step) % len(buttons)]
                button.bind(key, lambda _event, other=other: other.focus_set())  # type: ignore[misc]
        Label(body, text=refused, bootstyle="danger", wraplength=px(600), justify="left").pack(
            anchor="w", pady=px(12, 0)
        )
        buttons[0].focus_set()

    def _ways(self) -> list[tuple[str, str, Callable[[], None]]]:
        code = self.trouble.code if isinstance(self.trouble, Refusal) else ""
        ways: list[tuple[str, str, Callable[[], None]]] = []
        if code in _LOST:
            good = next((kept for kept in backups_beside(self.path) if not kept.is_suspect), None)
            if good is not None:
                ways.append(
                    (_("Bring back the last backup"), _backup_words(good), lambda: self._look(good.path))
                )
            ways.append((
                _("Choose a backup …"),
                _("On a USB stick or another disk. You see what is in it first."),
                self._choose,
            ))  # fmt: skip
        if code in ("database_damaged", "database_foreign"):  # a file without its first page looks foreign
            words = _(
                "Copies everything readable into a new file and shows what it found. The damaged file"
                " is kept."
            )
            ways.append((_("Save what can be read"), words, self._salvage))
        ways.append((_("Try again"), _("When the cause is fixed."), self._try_again))
        ways.append((_("Close"), _("Nothing is changed."), self.destroy))
        return ways

    def _try_again(self) -> None:
        self.again = True
        self.destroy()

    def _choose(self) -> None:
        kinds = [(_("Backups"), "*.db"), (_("All files"), "*")]
        chosen = filedialog.askopenfilename(parent=self, title=_("Choose a backup"), filetypes=kinds)
        if chosen:
            self._look(Path(chosen))

    def _look(self, source: Path) -> None:
        self._prepare(lambda task: prepare(source, self.path, task.progress))

    def _salvage(self) -> None:
        self._prepare(lambda task: salvage(self.path, task.progress))

    # --- doing it --------------------------------------------------------------------------------------

    def _prepare(self, work: Callable[[Task], Prepared]) -> None:
        body = self._fresh(_("Reading and checking …"), _("With many records this takes a few minutes."))
        line = Progressbar(body, mode="indeterminate", length=px(560))
        line.pack(fill="x", pady=px(8, 8))
        line.start(20)
        stage = Label(body)
        stage.pack(anchor="w")
        stop = Button(body, text=_("Stop"), bootstyle="secondary-outline", command=self._stop)
        stop.pack(anchor="e", pady=px(16, 0))
        stop.focus_set()
        self._task = self.background.run(work, self._show, self._failed)
        self._tell_stage(stage)

    def _tell_stage(self, stage: Label) -> None:
        if self._task is not None and stage.winfo_exists():
            stage.configure(text=self._task.words)
            self.after(_LOOK_EVERY_MS, lambda: self._tell_stage(stage))

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self.ask()

    def _failed(self, error: BaseException) -> None:
        self._task = None
        self.ask(str(error) or type(error).__name__)

    def _show(self, prepared: Prepared) -> None:
        self._task = None
        body = self._fresh(_("Go on with these records?"), explanation(prepared))
        comparison = Comparison(body, prepared, None, lambda: self._put_in_place(prepared, comparison))
        comparison.pack(anchor="w")
        bar = Frame(body)
        bar.pack(anchor="e", pady=px(16, 0))
        Button(
            bar, text=_("Back"), bootstyle="secondary-outline", command=lambda: self._give_up(prepared)
        ).pack(side="left", padx=px(0, 8))
        go = Button(
            bar,
            text=_("Go on with them"),
            bootstyle="primary",
            command=lambda: self._put_in_place(prepared, comparison),
        )
        go.pack(side="left")
        comparison.first.focus_set()

    def _give_up(self, prepared: Prepared) -> None:
        prepared.discard()
        self.ask()

    def _put_in_place(self, prepared: Prepared, comparison: Comparison) -> None:
        try:
            aside = prepared.put_in_place(comparison.code.value())
        except FieldRefused:
            return
        except Refusal as refusal:
            comparison.code.refuse(str(refusal))
            return
        self.notice = brought_back_words(prepared, aside)
        self._try_again()


def _backup_words(kept: Kept) -> str:
    words = _("From {day}, {size} MB, checked when it was made. Later records are not in it.")
    return words.format(day=kept.day, size=f"{kept.bytes / 1_000_000:,.1f}")


def ask_about(path: Path, trouble: Refusal | NotSaved) -> TroubleWindow | None:
    """Show the window until it closes; None where there is no display."""
    try:
        window = TroubleWindow(path, trouble)
    except tkinter.TclError:
        return None
    window.mainloop()
    return window
