"""The effect of a payment before it is saved: balance now and afterwards, credit, change to give."""

from __future__ import annotations

import tkinter

from ttkbootstrap import Frame, Label

from cleanflow.dao.customers import Customer
from cleanflow.gui.widgets.card import Card
from cleanflow.gui.widgets.labels import balance_words
from cleanflow.language import _
from cleanflow.money import Currency


class PaymentNumbers(Frame):
    """A card of four lines, a sentence about credit, and the change in large type."""

    def __init__(self, parent: tkinter.Misc, unit: Currency, width: int) -> None:
        """``width``: where sentences wrap, in pixels."""
        super().__init__(parent)
        self._unit = unit
        card = self._card = Card(self, _("What is open"))
        for words in (_("Now"), _("Settles jobs"), _("Becomes credit"), _("Afterwards")):
            card.line(words)
        card.pack(fill="x")
        self._hint = Label(self, wraplength=width, justify="left")
        self._hint.pack(anchor="w", pady=(8, 0))
        self._change_words = Label(self, font="StrongFont", wraplength=width, justify="left")
        self._change_words.pack(anchor="w", pady=(12, 0))
        self._change = Label(self, font="TitleFont")
        self._change.pack(anchor="w")

    def show(self, customer: Customer, amount_minor: int, settled_minor: int, credit_minor: int) -> None:
        """Show a payment of this customer, who has ``credit_minor`` that could be used first."""
        unit, over = self._unit, amount_minor - settled_minor
        balance = customer.balance_minor
        self._card.set(_("Now"), balance_words(balance, unit))
        self._card.set(_("Settles jobs"), unit.format(settled_minor))
        self._card.set(_("Becomes credit"), unit.format(over) if over > 0 else "")
        self._card.set(_("Afterwards"), balance_words(balance - amount_minor, unit))
        hint = ""
        if over > 0:
            hint = _("{amount} of it settles nothing: it becomes the customer's credit.")
        elif credit_minor:
            hint = _("There is a credit of {amount}; Ctrl+U uses it first.")
        self._hint.configure(text=hint.format(amount=unit.format(over if over > 0 else credit_minor)))

    def clear(self) -> None:
        """Empty the card; the change of the last payment stays until the next customer is taken."""
        for words in (_("Now"), _("Settles jobs"), _("Becomes credit"), _("Afterwards")):
            self._card.set(words, "")
        self._hint.configure(text="")

    def say_change(self, words: str = "", change_minor: int | None = None) -> None:
        """Show the change to give, or the missing amount."""
        self._change_words.configure(text=words)
        self._change.configure(text="" if change_minor is None else self._unit.format(change_minor))
