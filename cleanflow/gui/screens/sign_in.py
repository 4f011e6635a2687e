"""Who is there: a name, and the PIN that proves it."""

from __future__ import annotations

import tkinter
from collections.abc import Callable

from ttkbootstrap import Button

from cleanflow.dao.shop import get_shop
from cleanflow.dao.users import User, is_pin_right, list_users
from cleanflow.db import Database
from cleanflow.errors import Refusal
from cleanflow.gui.widgets.form import Form
from cleanflow.gui.widgets.page import Page
from cleanflow.i18n import _

#: After the third wrong PIN each further one costs a longer wait, up to half a minute.
_FREE_TRIES, _LONGEST_WAIT_S = 3, 32


class SignIn(Page):
    """Asks for name and PIN. Waits longer after each wrong one, for each person apart."""

    def __init__(self, parent: tkinter.Misc, db: Database, done: Callable[[User], object]) -> None:
        super().__init__(parent, get_shop(db).name, _("Who is there?"))
        self._db = db
        self._done = done
        self._users = list_users(db)
        self._wrong: dict[str, int] = {}
        form = Form(self.body, self._on_save)
        form.pack(anchor="w")
        names = [user.name for user in self._users]
        self._name_field = form.add(_("Name"), self._user_named, text=names[0], choices=names)
        self._pin = form.add(_("PIN"), str, secret=True)
        self._button = Button(self.body, text=_("Sign in"), bootstyle="primary", command=self._on_save)
        self._button.pack(anchor="e", pady=(16, 0))
        self._pin.widget.focus_set()

    def _user_named(self, name: str) -> User:
        wanted = name.strip().casefold()
        user = next((user for user in self._users if user.name.casefold() == wanted), None)
        if user is None:
            raise Refusal("record_unknown", what=_("person"))
        return user

    def _on_save(self) -> None:
        if self._button.instate(["disabled"]):
            return
        try:
            user = self._name_field.value()
        except Refusal:
            return  # said beside the field
        if is_pin_right(self._db, user.id, self._pin.widget.get()):
            self._done(user)
            return
        self._pin.set("")
        self._pin.refuse(_("This is not the PIN."))
        self._wait_after(user)

    def _wait_after(self, user: User) -> None:
        wrong = self._wrong[user.id] = self._wrong.get(user.id, 0) + 1
        if wrong < _FREE_TRIES:
            return
        wait_s = min(_LONGEST_WAIT_S, 2 ** (wrong - _FREE_TRIES + 1))
        self._pin.refuse(_("This is not the PIN. Wait {seconds} seconds.").format(seconds=wait_s))
        self._button.configure(state="disabled")
        self.after(wait_s * 1000, lambda: self._button.configure(state="normal"))
