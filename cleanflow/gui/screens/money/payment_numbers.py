"""The effect of a payment before it is saved: balance now and afterwards, credit, change to give."""

from __future__ import annotations

import tkinter
from dataclasses import dataclass

from ttkbootstrap import Frame, Label

from cleanflow.dao.customers import Customer
from cleanflow.gui.widgets.card import Card
from cleanflow.gui.widgets.labels import balance_words
from cleanflow.language import _
from cleanflow.money import Currency


@dataclass(frozen=True)
class Credit:
    """What the customer has, what of it is used before the money, and whether no money is needed."""

    has_minor: int
    used_minor: int
    covers_all: bool


class PaymentNumbers(Frame):
    """A card, a sentence about credit, and the change in large type."""

    def __init__(self, parent: tkinter.Misc, unit: Currency, width: int) -> None:
        """``width``: where sentences wrap, in pixels."""
        super().__init__(parent)
        self._unit = unit
        self._lines = (
            _("Now"), _("From the credit"), _("Settles jobs"), _("Becomes credit"), _("Afterwards")
        )  # fmt: skip
        card = self._card = Card(self, _("What is open"))
        for words in self._lines:
            card.line(words)
        card.pack(fill="x")
        self._hint = Label(self, wraplength=width, justify="left")
        self._hint.pack(anchor="w", pady=(8, 0))
        self._change_words = Label(self, font="StrongFont", wraplength=width, justify="left")
        self._change_words.pack(anchor="w", pady=(12, 0))
        self._change = Label(self, font="TitleFont")
        self._change.pack(anchor="w")

    def show(self, customer: Customer, amount_minor: int, settled_minor: int, credit: Credit) -> None:
        """Show a payment of this customer, of which ``settled_minor`` settles jobs, after the credit."""
        unit, over = self._unit, amount_minor - settled_minor
        balance = customer.balance_minor
        self._card.set(_("Now"), balance_words(balance, unit))
        self._card.set(_("From the credit"), unit.format(credit.used_minor) if credit.used_minor else "")
        self._card.set(_("Settles jobs"), unit.format(settled_minor + credit.used_minor))
        self._card.set(_("Becomes credit"), unit.format(over) if over > 0 else "")
        self._card.set(_("Afterwards"), balance_words(balance - amount_minor, unit))
        hint = ""
        if over > 0:
            hint = _("{amount} of it settles nothing: it becomes the customer's credit.")
        elif credit.covers_all:
            hint = _("The credit of {credit} covers what is due: Ctrl+U uses it, no money is needed.")
        elif credit.used_minor:
            hint = _("The credit of {credit} is used first; the rest is proposed.")
        self._hint.configure(text=hint.format(amount=unit.format(over), credit=unit.format(credit.has_minor)))

    def clear(self) -> None:
        """Empty the card; the change of the last payment stays until the next customer is taken."""
        for words in self._lines:
            self._card.set(words, "")
        self._hint.configure(text="")

    def say_change(self, words: str = "", change_minor: int | None = None) -> None:
        """Show the change to give, or the missing amount."""
        self._change_words.configure(text=words)
        self._change.configure(text="" if change_minor is None else self._unit.format(change_minor))
