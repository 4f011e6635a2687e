"""A form: labelled fields that say, beside themselves and in words, what is wrong with their content."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from ttkbootstrap import Combobox, Entry, Frame, Label

from cleanflow.errors import Refusal
from cleanflow.gui.widgets.choices import fix_choices, put_text

T = TypeVar("T")

#: Pixels kept beside the fields, so that nothing moves when a message appears.
_MESSAGE_WIDTH = 280
#: About that of a character, so that words below a field make no form wider.
_CHARACTER_WIDTH = 8


class FieldRefused(Exception):
    """A field has said beside itself what is wrong; nothing more needs to be shown."""


@dataclass
class Field(Generic[T]):
    """A field and how its text becomes a value; ``read`` refuses what makes no sense."""

    widget: Entry | Combobox
    message: Label
    read: Callable[[str], T]

    def value(self) -> T:
        """The value. Shows a Refusal beside the field, focuses it, and raises :class:`FieldRefused`."""
        try:
            value = self.read(self.widget.get())
        except Refusal as refusal:
            self.refuse(str(refusal))
            self.widget.focus_set()
            raise FieldRefused from refusal
        self.refuse("")
        return value

    def text(self) -> str:
        """What stands in the field."""
        text: str = self.widget.get()
        return text

    def refuse(self, words: str) -> None:
        """Show what is wrong beside the field; nothing for ``""``."""
        self.message.configure(text=words)

    def offer(self, choices: Sequence[str]) -> None:
        """What the list of a field with choices holds."""
        self.widget["values"] = list(choices)

    def set(self, text: str) -> None:
        """Put ``text`` into the field, and take back what it said."""
        put_text(self.widget, text)
        self.refuse("")

    def select(self) -> None:
        """Put the focus here, as Tab does: typing replaces what stands there."""
        self.widget.focus_set()
        self.widget.selection_range(0, tkinter.END)


class Form(Frame):
    """Fields one below the other: label, entry, message. Enter goes on, and saves from the last field."""

    def __init__(
        self, parent: tkinter.Misc, on_save: Callable[[], object], *, width: int = 34, is_narrow: bool = False
    ) -> None:
        """``width`` of the fields in characters; a narrow form has its messages below the fields."""
        super().__init__(parent)
        self._on_save = on_save
        self._width = width
        self._is_narrow = is_narrow
        self.fields: list[Field[object]] = []
        if not is_narrow:
            self.columnconfigure(2, minsize=_MESSAGE_WIDTH, weight=1)

    def add(
        self,
        label: str,
        read: Callable[[str], T],
        *,
        text: str = "",
        secret: bool = False,
        choices: Sequence[str] | None = None,
        is_typed: bool = False,
    ) -> Field[T]:
        """Add a field; its content is checked as one leaves it.

        A field with ``choices`` holds one of them, unless ``is_typed``: then ``read`` completes the text.
        """
        row = len(self.fields)
        Label(self, text=label).grid(row=2 * row, column=0, sticky="e", padx=(0, 10), pady=(4, 0))
        widget: Entry | Combobox
        if choices is None:
            widget = Entry(self, width=self._width, show="•" if secret else "")
        else:
            widget = Combobox(self, values=list(choices), width=self._width - 2)
            if is_typed:
                widget.bind("<FocusIn>", lambda _event: _select_choice(widget))
            else:
                fix_choices(widget)
        widget.grid(row=2 * row, column=1, sticky="w", pady=(4, 0))
        wrap = _CHARACTER_WIDTH * self._width if self._is_narrow else _MESSAGE_WIDTH
        message = Label(self, bootstyle="danger", wraplength=wrap, justify="left")
        if self._is_narrow:
            message.grid(row=2 * row + 1, column=1, sticky="w")
        else:
            message.grid(row=2 * row, column=2, sticky="w", padx=(10, 0))
        field: Field[T] = Field(widget, message, read)
        field.set(text)
        widget.bind("<FocusOut>", lambda _event: self._check(field))
        widget.bind("<Return>", lambda _event: self._next(row))
        self.fields.append(field)  # type: ignore[arg-type]
        return field

    def texts(self) -> list[str]:
        """What stands in the fields, to know later whether somebody has typed."""
        return [field.text() for field in self.fields]

    def fill(self, texts: Sequence[str]) -> None:
        """Put back what :meth:`texts` gave; nothing to put back leaves the fields as they are."""
        for field, text in zip(self.fields, texts, strict=False):
            field.set(text)

    def clear(self, *kept: Field[T]) -> None:
        """Empty all fields but ``kept``."""
        for field in self.fields:
            if not any(field is one for one in kept):
                field.set("")

    def forget_refusals(self) -> None:
        """No field says any more what is wrong with it."""
        for field in self.fields:
            field.refuse("")

    def _check(self, field: Field[T]) -> None:
        if not field.widget.get():
            return  # what is still missing is said when saving
        try:
            field.read(field.widget.get())
        except Refusal as refusal:
            field.refuse(str(refusal))
        else:
            field.refuse("")

    def _next(self, row: int) -> str:
        if row + 1 < len(self.fields):
            self.fields[row + 1].select()
        else:
            self._on_save()
        return "break"


def _select_choice(field: Combobox) -> None:
    """What was chosen is replaced by typing; half a word is gone on with."""
    if field.get() in field.cget("values"):
        field.selection_range(0, tkinter.END)
