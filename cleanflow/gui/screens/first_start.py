"""The first start: set up a new shop on this PC."""

from __future__ import annotations

import tkinter
from collections.abc import Callable

from ttkbootstrap import Button, Label

from cleanflow import money
from cleanflow.dao.fields import clean_text
from cleanflow.dao.shop import check_pc_code, set_up_shop
from cleanflow.dao.users import User, check_pin
from cleanflow.db import Database
from cleanflow.errors import Refusal
from cleanflow.gui.widgets.form import FieldRefused, Form
from cleanflow.gui.widgets.page import Page
from cleanflow.i18n import _


class FirstStart(Page):
    """Asks what paper, money and sign-in need; everything else can wait."""

    def __init__(self, parent: tkinter.Misc, db: Database, done: Callable[[User], object]) -> None:
        super().__init__(
            parent,
            _("Welcome to CleanFlow"),
            _("A few words about the shop, and the first job can be taken in."),
        )
        self._db = db
        self._done = done
        form = Form(self.body, self._on_save)
        form.pack(anchor="w")
        self._shop = form.add(_("Shop's name"), _required(_("The shop's name")))
        self._address = form.add(_("Address"), str)
        self._phone = form.add(_("Phone"), str)
        self._currency = form.add(_("Currency (like PKR)"), lambda text: money.currency(text).code)
        self._code = form.add(_("This PC's code"), check_pc_code, text="C1")
        self._owner = form.add(_("Owner's name"), _required(_("The owner's name")))
        self._pin = form.add(_("Owner's PIN"), check_pin, secret=True)
        self._again = form.add(_("PIN once more"), self._read_again, secret=True)
        Button(self.body, text=_("Open the shop"), bootstyle="primary", command=self._on_save).pack(
            anchor="e", pady=(16, 0)
        )
        self._message = Label(self.body, bootstyle="danger", wraplength=620)
        self._message.pack(anchor="w")
        self._shop.widget.focus_set()

    def _read_again(self, text: str) -> str:
        if text != self._pin.widget.get():
            raise Refusal("pins_differ")
        return text

    def _on_save(self) -> None:
        fields = (self._shop, self._currency, self._code, self._owner, self._pin, self._again)
        try:
            shop, currency, code, owner, pin, _again = [field.value() for field in fields]
            user = set_up_shop(
                self._db,
                name=shop,
                currency=currency,
                pc_code=code,
                owner=owner,
                pin=pin,
                address=self._address.widget.get(),
                phone=self._phone.widget.get(),
            )
        except FieldRefused:
            return
        except Refusal as refusal:
            self._message.configure(text=str(refusal))
            return
        self._done(user)


def _required(field: str) -> Callable[[str], str]:
    return lambda text: clean_text(field, text, limit=200, required=True)
