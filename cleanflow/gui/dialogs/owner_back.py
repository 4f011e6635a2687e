"""Tells that a synchronisation has activated an owner, because the shop had none left."""

from __future__ import annotations

from ttkbootstrap import Button

from cleanflow.dao.remembered import OWNER_BACK, recall, remember
from cleanflow.gui.desk import Desk
from cleanflow.gui.widgets.dialog import Dialog
from cleanflow.language import _


class OwnerBack(Dialog):
    """Shown to everybody who signs in until an owner has closed it."""

    def __init__(self, desk: Desk, name: str) -> None:
        words = _(
            "The last owners of the shop were taken out of use on different PCs, so none was left. {name} is"
            " an owner in use again, with the PIN of before. If that is not wanted: make somebody else an"
            " owner on the page “Users” (Shift+F9) first. The audit trail shows this as an act of the PC."
        )
        super().__init__(
            desk.window, _("{name} is an owner again").format(name=name), words.format(name=name)
        )
        self._desk = desk
        close = Button(self.bar, text=_("Esc  Close"), bootstyle="primary", command=self.close)
        close.pack()
        self.appear(close)

    def close(self) -> None:
        """Close; an owner is not told again."""
        if self._desk.db.session.user_id is not None and self._desk.user.role == "OWNER":
            remember(self._desk.db, OWNER_BACK, "")
        super().close()


def tell_owner_back(desk: Desk) -> None:
    """Show it to the signed-in person, if there is something to tell and it is not shown yet."""
    name = recall(desk.db, OWNER_BACK, "")
    is_shown = any(isinstance(widget, OwnerBack) for widget in desk.window.winfo_children())
    if name and desk.db.session.user_id is not None and not is_shown:
        OwnerBack(desk, name)
