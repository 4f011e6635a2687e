"""The sign-in page: a name and a PIN."""

from __future__ import annotations

import tkinter
from collections.abc import Callable

from ttkbootstrap import Button, Label

from cleanflow.dao.shop import get_shop
from cleanflow.dao.users import User, list_users
from cleanflow.db import Database
from cleanflow.gui.attempts import Attempts
from cleanflow.gui.reading import read_choice
from cleanflow.gui.widgets.form import FieldRefused, Form
from cleanflow.gui.widgets.page import Page
from cleanflow.language import _
from cleanflow.paths import DEMO_NAME


class SignIn(Page):
    """Asks for name and PIN; :class:`Attempts` makes a person wait after wrong ones."""

    def __init__(
        self,
        parent: tkinter.Misc,
        db: Database,
        attempts: Attempts,
        done: Callable[[User], object],
        last_id: str = "",
        notice: str = "",
    ) -> None:
        """``last_id`` is the user whose name is proposed; ``notice`` is shown above the form."""
        super().__init__(parent, get_shop(db).name, _("Who is there?"))
        self._db = db
        self._attempts = attempts
        self._done = done
        users = self._users = {user.name: user for user in list_users(db)}
        if db.path.name == DEMO_NAME:
            from cleanflow.demo.making import CASHIER_PIN, OWNER_PIN

            words = _("This is the demo shop. The owner's PIN is {owner}, the cashier's {cashier}.")
            Label(
                self.body, text=words.format(owner=OWNER_PIN, cashier=CASHIER_PIN), bootstyle="primary"
            ).pack(anchor="w", pady=(0, 12))
        if notice:
            Label(self.body, text=notice, wraplength=560, justify="left", bootstyle="primary").pack(
                anchor="w", pady=(0, 12)
            )
        form = Form(self.body, self._on_save)
        form.pack(anchor="w")
        names = [*users]
        self._who = form.add(
            _("Name"),
            lambda text: read_choice(text, users),
            text=next((user.name for user in users.values() if user.id == last_id), names[0]),
            choices=names,
        )
        self._pin = form.add(_("PIN"), str, secret=True)
        Button(self.body, text=_("Sign in"), bootstyle="primary", command=self._on_save).pack(
            anchor="e", pady=(16, 0)
        )
        self._pin.widget.focus_set()

    def refresh(self) -> None:
        """Read the users again; what was typed stays."""
        self._users.clear()
        self._users.update({user.name: user for user in list_users(self._db)})
        self._who.offer([*self._users])

    def _on_save(self) -> None:
        try:
            user = self._who.value()
        except FieldRefused:
            return
        if not self._pin.text():  # Enter pressed once too often: not an attempt
            self._pin.refuse(_("Please type your PIN."))
            self._pin.widget.focus_set()
            return
        wait_s = self._attempts.wait_s(user.id)
        if not wait_s and self._attempts.is_right(user.id, self._pin.text()):
            self._done(user)
            return
        self._pin.set("")
        tried, wait_s = not wait_s, self._attempts.wait_s(user.id)
        if not tried:
            words = _("Too many wrong PINs. Wait {seconds} seconds.").format(seconds=wait_s)
        elif wait_s:
            words = _("This is not the PIN. Wait {seconds} seconds.").format(seconds=wait_s)
        else:
            words = _("This is not the PIN.")
        self._pin.refuse(words)
        self._pin.widget.focus_set()
