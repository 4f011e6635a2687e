"""Asks for an owner's PIN when a cashier does what only an owner may do."""

from __future__ import annotations

from collections.abc import Callable

from cleanflow.dao.users import User, list_users
from cleanflow.errors import Refusal
from cleanflow.gui.desk import Desk
from cleanflow.gui.people import read_person, told_apart
from cleanflow.gui.widgets.dialog import FormDialog
from cleanflow.language import _

#: Characters; a longer label makes the field wider.
_WIDTH = 30


def ask_owner(desk: Desk, done: Callable[[User], object]) -> None:
    """Ask for an owner's PIN; ``done`` gets that owner."""
    owners = told_apart((user for user in list_users(desk.db) if user.role == "OWNER"), desk.shop.date_order)
    dialog = FormDialog(
        desk,
        _("An owner's PIN, please"),
        _("Only an owner may do this. It is recorded in the owner's name."),
        save=_("Allow"),
    )
    labels = [*owners]
    who = dialog.form.add(_("Owner"), lambda text: read_person(text, owners), text=labels[0], choices=labels)
    who.widget.configure(width=max(_WIDTH, *map(len, labels)))
    pin = dialog.form.add(_("PIN"), str, secret=True)

    def check() -> User:
        owner = who.value()
        if not pin.text():
            pin.widget.focus_set()
            raise Refusal("pin_missing")
        wait_s = desk.attempts.wait_s(owner.id)
        if wait_s:
            raise Refusal("pin_wait", seconds=wait_s)
        if not desk.attempts.is_right(owner.id, pin.text()):
            pin.set("")
            pin.widget.focus_set()
            raise Refusal("pin_wrong")
        return owner

    dialog.ask(check, done, first=pin.widget)
