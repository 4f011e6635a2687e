"""The sign-in page: a person and a PIN."""

from __future__ import annotations

import tkinter
from collections.abc import Callable

from ttkbootstrap import Button, Label

from cleanflow.dao.shop import get_shop
from cleanflow.dao.users import User, list_users
from cleanflow.db import Database
from cleanflow.gui.appearance import px
from cleanflow.gui.attempts import Attempts
from cleanflow.gui.people import label_of, read_person, told_apart
from cleanflow.gui.widgets.form import FieldRefused, Form
from cleanflow.gui.widgets.page import Page
from cleanflow.language import _
from cleanflow.paths import DEMO_NAME

#: Characters; a longer label makes the field wider.
_NAME_WIDTH = 30


class SignIn(Page):
    """Asks who it is and for the PIN; :class:`Attempts` makes a person wait after wrong ones."""

    def __init__(
        self,
        parent: tkinter.Misc,
        db: Database,
        attempts: Attempts,
        done: Callable[[User], object],
        last_id: str = "",
        notice: str = "",
    ) -> None:
        """``last_id`` is the user who is proposed; ``notice`` is shown above the form."""
        shop = get_shop(db)
        super().__init__(parent, shop.name, _("Who is there?"))
        self._date_order = shop.date_order
        self._db = db
        self._attempts = attempts
        self._done = done
        self._users = self._people()
        if db.path.name == DEMO_NAME:
            from cleanflow.demo.making import CASHIER_PIN, OWNER_PIN

            words = _("This is the demo shop. The owner's PIN is {owner}, the cashier's {cashier}.")
            Label(
                self.body, text=words.format(owner=OWNER_PIN, cashier=CASHIER_PIN), bootstyle="primary"
            ).pack(anchor="w", pady=px(0, 12))
        if notice:
            Label(self.body, text=notice, wraplength=px(560), justify="left", bootstyle="primary").pack(
                anchor="w", pady=px(0, 12)
            )
        form = Form(self.body, self._on_save)
        form.pack(anchor="w")
        labels = [*self._users]
        self._who = form.add(
            _("Name"),
            lambda text: read_person(text, self._users),
            text=label_of(last_id, self._users) or labels[0],
            choices=labels,
        )
        self._who.widget.configure(width=max(_NAME_WIDTH, *map(len, labels)))
        self._pin = form.add(_("PIN"), str, secret=True)
        Button(self.body, text=_("Sign in"), bootstyle="primary", command=self._on_save).pack(
            anchor="e", pady=px(16, 0)
        )
        self._pin.widget.focus_set()

    def refresh(self) -> None:
        """Read the users again; the chosen person and what was typed stay."""
        chosen = self._users.get(self._who.text())
        self._users = self._people()
        self._who.offer([*self._users])
        if chosen is not None:
            self._who.set(label_of(chosen.id, self._users))

    def _people(self) -> dict[str, User]:
        return told_apart(list_users(self._db), self._date_order)

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
