"""Counting a drawer by notes and coins, or as one sum; the total updates while typing."""

from __future__ import annotations

import tkinter
from collections.abc import Callable

from ttkbootstrap import Entry, Frame, Label

from cleanflow.denominations import denominations
from cleanflow.digits import ascii_digits
from cleanflow.errors import Refusal
from cleanflow.gui.desk import Desk
from cleanflow.gui.reading import read_amount, read_number
from cleanflow.language import _

_ROWS = 7
_MOST_PIECES = 99_999


class Counting(Frame):
    """One field for each denomination, and one for the sum, used when no pieces are typed."""

    def __init__(self, parent: tkinter.Misc, desk: Desk, on_save: Callable[[], object]) -> None:
        super().__init__(parent)
        self._desk = desk
        self._pieces: dict[int, Entry] = {}
        unit = desk.shop.currency
        fields: list[Entry] = []
        for number, value in enumerate(denominations(unit)):
            row, column = number % _ROWS, 2 * (number // _ROWS)
            Label(self, text=f"{unit.format(value)} ×").grid(row=row, column=column, sticky="e", padx=(12, 6))
            field = self._pieces[value] = Entry(self, width=7, justify="right")
            field.grid(row=row, column=column + 1, sticky="w", pady=2)
            fields.append(field)
        Label(self, text=_("or in all")).grid(row=_ROWS, column=0, sticky="e", padx=(12, 6), pady=(8, 0))
        self._sum = Entry(self, width=14, justify="right")
        self._sum.grid(row=_ROWS, column=1, columnspan=3, sticky="w", pady=(8, 0))
        fields.append(self._sum)
        self._total = Label(self, font="HeadingFont")
        self._total.grid(row=_ROWS + 1, column=0, columnspan=4, sticky="w", padx=(12, 0), pady=(8, 0))
        self._message = Label(self, bootstyle="danger", wraplength=320, justify="left")
        self._message.grid(row=_ROWS + 2, column=0, columnspan=4, sticky="w", padx=(12, 0))
        for field, following in zip(fields, [*fields[1:], None], strict=True):
            field.bind("<KeyRelease>", lambda _event: self._show())
            field.bind("<Return>", lambda _event, next_=following: _go_on(next_, on_save))  # type: ignore[misc]
        self._show()

    def pieces(self) -> dict[int, int]:
        """Denomination in minor units -> number of pieces. Refuses with ``pieces_invalid``."""
        return {
            value: _read_pieces(field.get()) for value, field in self._pieces.items() if field.get().strip()
        }

    def total_minor(self) -> int:
        """The total in minor units. Refuses with ``pieces_invalid``, ``count_missing`` or as amounts do."""
        pieces = self.pieces()
        if pieces:
            return sum(value * count for value, count in pieces.items())
        text = self._sum.get().strip()
        if not text:
            raise Refusal("count_missing")
        if not ascii_digits(text).strip("0.,"):
            return 0  # zero is a valid count
        return read_amount(text, self._desk.shop.currency)

    def discard(self) -> None:
        """Empty all fields."""
        for field in (*self._pieces.values(), self._sum):
            field.delete(0, tkinter.END)
        self._show()

    def focus_first(self) -> None:
        """Focus the largest denomination."""
        next(iter(self._pieces.values())).focus_set()

    def refuse(self, words: str) -> None:
        """Show what is wrong with the count."""
        self._message.configure(text=words)

    def forget_refusals(self) -> None:
        """Clear the message."""
        self.refuse("")

    def _show(self) -> None:
        self.refuse("")
        try:
            text = self._desk.shop.currency.format(self.total_minor())
        except Refusal as refusal:
            text = "–"
            if refusal.code != "count_missing":
                self.refuse(str(refusal))
        self._total.configure(text=_("Counted: {amount}").format(amount=text))


def _go_on(following: Entry | None, on_save: Callable[[], object]) -> str:
    if following is None:
        on_save()
    else:
        following.focus_set()
    return "break"


def _read_pieces(text: str) -> int:
    return read_number(text, _MOST_PIECES, Refusal("pieces_invalid", text=text))
