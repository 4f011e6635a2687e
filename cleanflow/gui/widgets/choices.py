"""Choices: fields that hold nothing else, letters that select or complete one, and no wheel over them."""

from __future__ import annotations

import time
import tkinter

from ttkbootstrap import Combobox, Entry

from cleanflow.gui.keys import is_typing, windowing_system

#: A longer pause between keys starts a new search.
_PAUSE_S = 1.0


def fix_choices(field: Combobox) -> None:
    """Restrict ``field`` to its choices; typing the first letters of one selects it."""
    field.configure(state="readonly")
    letters = _Letters(field)
    field.bind("<KeyPress>", letters.typed, add="+")


def complete_choice(field: Combobox) -> None:
    """Complete the first letters of a choice to its name; a text that begins none stays as it is."""
    typed = field.get().strip().casefold()
    choices = [str(choice) for choice in field.cget("values")]
    whole = [choice for choice in choices if choice.casefold() == typed]
    begun = [choice for choice in choices if typed and choice.casefold().startswith(typed)]
    if whole or begun:
        field.set((whole or begun)[0])


def keep_from_wheel(window: tkinter.Misc) -> None:
    """Let the mouse wheel change no closed choice, which it does unseen while somebody scrolls a page."""
    for sequence in ("<MouseWheel>", "<Shift-MouseWheel>", "<Button-4>", "<Button-5>"):
        for kind in ("TCombobox", "TSpinbox"):
            window.unbind_class(kind, sequence)
    if tkinter.TkVersion >= 9:
        window.unbind_class("TCombobox", "<TouchpadScroll>")


def put_text(field: Entry | Combobox, text: str) -> None:
    """Put ``text`` into ``field``, even where typing is not allowed."""
    if isinstance(field, Combobox):
        field.set(text)
    else:
        field.delete(0, tkinter.END)
        field.insert(0, text)


class _Letters:
    """The letters typed into one field since the last pause."""

    def __init__(self, field: Combobox) -> None:
        self._field = field
        self._word = ""
        self._at = 0.0

    def typed(self, event: tkinter.Event[tkinter.Misc]) -> None:
        """Handle a key press."""
        if not is_typing(event.char, int(event.state), windowing_system(self._field)):
            return
        now = time.monotonic()
        self._word = (self._word if now - self._at < _PAUSE_S else "") + event.char.casefold()
        self._at = now
        found = self._found(self._word)
        if not found:  # the same letter again, or a new word without a pause
            self._word = event.char.casefold()
            found = self._found(self._word, after=self._field.get())
        if found and found != self._field.get():
            self._field.set(found)
            self._field.event_generate("<<ComboboxSelected>>")

    def _found(self, word: str, after: str = "") -> str:
        """The next choice after ``after``, cyclically, that begins with ``word``."""
        choices = [str(choice) for choice in self._field.cget("values")]
        place = choices.index(after) + 1 if after in choices else 0
        turned = choices[place:] + choices[:place]
        return next((choice for choice in turned if choice.casefold().startswith(word)), "")
