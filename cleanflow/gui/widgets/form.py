"""A form of labelled fields that show beside themselves what is wrong with their content."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from ttkbootstrap import Combobox, Entry, Frame, Label

from cleanflow.errors import Refusal
from cleanflow.gui.widgets.choices import complete_choice, fix_choices, put_text

T = TypeVar("T")

#: Pixels reserved beside the fields, so that nothing moves when a message appears.
_MESSAGE_WIDTH = 280
#: Approximate width of a character in pixels, for wrapping messages below a field.
_CHARACTER_WIDTH = 8


class FieldRefused(Exception):
    """A field shows its refusal beside itself; nothing more needs to be shown."""


@dataclass
class Field(Generic[T]):
    """A field and the function ``read`` that turns its text into a value or refuses it."""

    widget: Entry | Combobox
    message: Label
    read: Callable[[str], T]

    def value(self) -> T:
        """The value. Shows a refusal beside the field, focuses that, and raises :class:`FieldRefused`."""
        try:
            value = self.read(self.widget.get())
        except Refusal as refusal:
            self.refuse(str(refusal))
            self.widget.focus_set()
            raise FieldRefused from refusal
        self.refuse("")
        return value

    def text(self) -> str:
        """The field's text."""
        text: str = self.widget.get()
        return text

    def refuse(self, words: str) -> None:
        """Show what is wrong beside the field; nothing for ``""``."""
        self.message.configure(text=words)

    def offer(self, choices: Sequence[str]) -> None:
        """Set the choices of the field's list."""
        self.widget["values"] = list(choices)

    def set(self, text: str) -> None:
        """Put ``text`` into the field and clear its message."""
        put_text(self.widget, text)
        self.refuse("")

    def select(self) -> None:
        """Focus the field and select its text, as Tab does."""
        self.widget.focus_set()
        self.widget.selection_range(0, tkinter.END)


class Form(Frame):
    """Fields below each other: label, entry, message. Enter goes on, from the last field it saves."""

    def __init__(
        self, parent: tkinter.Misc, on_save: Callable[[], object], *, width: int = 34, is_narrow: bool = False
    ) -> None:
        """``width`` of the fields in characters; a narrow form has its messages below the fields."""
        super().__init__(parent)
        self._on_save = on_save
        self._width = width
        self._is_narrow = is_narrow
        self.fields: list[Field[object]] = []
        self._defaults: list[str] = []
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
        saves: bool = False,
    ) -> Field[T]:
        """Add a field whose default is ``text``; its content is checked when the focus leaves it.

        A field with ``choices`` holds one of them; with ``is_typed`` its first letters are enough, and are
        completed when the focus leaves it. Enter on a field that ``saves`` does not go on to those after it.
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
        widget.bind("<FocusOut>", lambda _event: self._left(field, is_typed))
        widget.bind("<Return>", lambda _event: self._next(row, saves))
        self.fields.append(field)  # type: ignore[arg-type]
        self._defaults.append(text)
        return field

    def texts(self) -> list[str]:
        """The texts of all fields, to find out later whether somebody has typed."""
        return [field.text() for field in self.fields]

    def fill(self, texts: Sequence[str]) -> None:
        """Restore what :meth:`texts` gave; an empty list leaves the fields as they are."""
        for field, text in zip(self.fields, texts, strict=False):
            field.set(text)

    def discard(self) -> None:
        """Set all fields to their defaults, for the next record."""
        self.fill(self._defaults)

    def forget_refusals(self) -> None:
        """Clear the messages of all fields."""
        for field in self.fields:
            field.refuse("")

    def _left(self, field: Field[T], is_typed: bool) -> None:
        if is_typed and isinstance(field.widget, Combobox):
            complete_choice(field.widget)
        self._check(field)

    def _check(self, field: Field[T]) -> None:
        if not field.widget.get() or not field.widget.winfo_viewable():
            return  # an empty field is refused only when saving, a hidden one when it is left by a person
        try:
            field.read(field.widget.get())
        except Refusal as refusal:
            field.refuse(str(refusal))
        else:
            field.refuse("")

    def _next(self, row: int, saves: bool) -> str:
        if row + 1 < len(self.fields) and not saves:
            self.fields[row + 1].select()
        else:
            self._on_save()
        return "break"


def _select_choice(field: Combobox) -> None:
    """Select a complete choice, so that typing replaces it; leave a half-typed word as it is."""
    if field.get() in field.cget("values"):
        field.selection_range(0, tkinter.END)
