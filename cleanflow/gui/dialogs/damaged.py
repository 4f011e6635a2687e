"""Tells that the check after the start found the file damaged, and what helps."""

from __future__ import annotations

from ttkbootstrap import Button

from cleanflow.gui.appearance import px
from cleanflow.gui.desk import Desk
from cleanflow.gui.widgets.dialog import Dialog
from cleanflow.language import _


class Damaged(Dialog):
    """Shows the finding and leads to the screen where a backup can be brought back or the file salvaged."""

    def __init__(self, desk: Desk, found: str) -> None:
        words = _(
            "The disk or a power cut has damaged the file with the records. Please record nothing"
            " more on this PC until you have brought back the last good backup or saved what can be"
            " read into a new file. Both are on the page “Safekeeping” (Shift+F2), and both keep the"
            " damaged file.\n"
            "\n"
            "Found: {found}"
        ).format(found=found)
        super().__init__(desk.window, _("The records are damaged"), words)
        self._desk = desk
        Button(self.bar, text=_("Esc  Later"), bootstyle="secondary-outline", command=self.close).pack(
            side="left", padx=px(0, 8)
        )
        go = Button(self.bar, text=_("Enter  To safekeeping"), bootstyle="primary", command=self._go)
        go.pack(side="left")
        self.appear(go)

    def _go(self) -> None:
        self.close()
        self._desk.show("safekeeping")
