"""“Check my books”: verify in the background, and show the findings in plain words."""

from __future__ import annotations

import tkinter

from ttkbootstrap import Button, Frame, Label, Scrollbar, Treeview

from cleanflow.db import open_database
from cleanflow.gui.appearance import px
from cleanflow.gui.desk import Desk
from cleanflow.gui.tasks.background import Task
from cleanflow.gui.widgets.dialog import Dialog
from cleanflow.language import _
from cleanflow.safekeeping.finding import Finding
from cleanflow.safekeeping.verify import Verdict, verify


def check_books(desk: Desk) -> None:
    """Verify everything on a connection of its own, then show the result."""
    path = desk.db.path

    def work(task: Task) -> Verdict:
        with open_database(path) as db:
            task.interrupt_with(db.interrupt)
            return verify(db, lambda stage: task.progress(_("Checking: {stage} …").format(stage=stage)))

    desk.in_background(_("Checking the books"), work, lambda verdict: CheckResult(desk, verdict))


class CheckResult(Dialog):
    """The result: one sentence, or a list of findings with advice for each."""

    def __init__(self, desk: Desk, verdict: Verdict) -> None:
        title = _("Your books are in order") if verdict.is_clean else _("Something is wrong with the books")
        super().__init__(desk.window, title, _said(verdict, str(desk.db.path.parent)))
        self._findings = verdict.findings
        close = Button(self.bar, text=_("Esc  Close"), bootstyle="primary", command=self.close)
        close.pack()
        if verdict.is_clean:
            self.appear(close)
        else:
            self.appear(self._list())

    def _list(self) -> Treeview:
        frame = Frame(self.body)
        frame.pack(fill="both", expand=True)
        height = min(10, len(self._findings))
        table = Treeview(
            frame, columns=("where", "words"), show="headings", selectmode="browse", height=height
        )
        table.heading("where", text=_("Where"), anchor="w")
        table.heading("words", text=_("What"), anchor="w")
        table.column("where", width=px(250), anchor="w")
        table.column("words", width=px(430), anchor="w")
        scrollbar = Scrollbar(frame, command=table.yview)
        table.configure(yscrollcommand=scrollbar.set)
        scrollbar.pack(side="right", fill="y")
        table.pack(side="left", fill="both", expand=True)
        for number, finding in enumerate(self._findings):
            table.insert("", tkinter.END, iid=str(number), values=(finding.where, finding.words))
        more = Label(self.body, wraplength=px(690), justify="left")
        more.pack(anchor="w", pady=px(8, 0))

        def tell(_event: object = None) -> None:
            chosen = self._findings[int(table.selection()[0])]
            more.configure(text=f"{chosen}\n{advice(chosen)}")

        table.bind("<<TreeviewSelect>>", tell)
        table.selection_set("0")
        table.focus("0")
        tell()
        return table


def _said(verdict: Verdict, folder: str) -> str:
    if verdict.is_clean:
        words = _("{count} entries checked, on {chains} PC: every number agrees with its records.")
        if verdict.chains != 1:
            words = _("{count} entries checked, of {chains} PCs: every number agrees with its records.")
        return words.format(count=f"{verdict.entries:,}", chains=verdict.chains)
    return _(
        "Findings: {count}. Nothing was changed. Before anything else copy the folder {folder} to another"
        " disk; then read what each line means, and show the list to whoever looks after your PCs."
    ).format(count=len(verdict.findings), folder=folder)


def advice(finding: Finding) -> str:
    """What the shop should do about a finding."""
    if finding.code == "file_damaged":
        return _(
            "The disk or a power cut has damaged the file. Stop working on this PC and bring back the"
            " last good backup; whatever was entered after it must be entered again."
        )
    if finding.code == "search_stale":
        return _("This concerns no money, only searching for this customer. Edit and save the customer.")
    if finding.code in ("derived_wrong", "allocation_wrong"):
        return _(
            "The entries are complete, but a stored sum does not match them. Do not correct it by"
            " hand: a backup from before the fault has the right sum."
        )
    if finding.code == "more":
        return _("The list shows only the first of them.")
    return _(
        "CleanFlow never does this: somebody or something changed the file outside the program."
        " Compare with the last backup and with printed daily reports, and find out who had access."
    )
