"""Keys: what people and Tk call them, and what each one does in the window now.

Tk keeps the command of every binding until the widget goes, also when another one takes its place. So each
key is bound to the window once, and what it means is looked up when it is pressed.
"""

from __future__ import annotations

import re
import tkinter
from collections.abc import Callable, Iterable
from functools import partial

_FUNCTION_KEY = re.compile(r"<(Shift-)?F[0-9]+>")
#: Tk's class of the list that a Combobox opens.
_OPEN_LIST = "ComboboxListbox"

Command = Callable[[], object]


def key_label(key: str) -> str:
    """What people call a key: ``Ctrl+N``, ``Shift+F5``, ``Esc``."""
    parts = key.split("-")
    names = {"Control": "Ctrl", "Escape": "Esc", "Prior": "PgUp", "Next": "PgDn", "Return": "Enter"}
    return "+".join(names.get(part, part.upper() if len(part) == 1 else part) for part in parts)


def sequences(key: str) -> list[str]:
    """What Tk is to be told for a key: ``Control-s`` is another event while Caps Lock is on."""
    modifier, _dash, letter = key.rpartition("-")
    if modifier == "Control" and len(letter) == 1:
        return [f"<{key}>", f"<Control-Lock-Key-{letter.upper()}>"]
    return [f"<{key}>"]


def free_keys(root: tkinter.Misc, keys: Iterable[str]) -> None:
    """Take from Tk's own fields the keys that are actions.

    On X11 they know Emacs's: Ctrl+Y would paste into the amount while it makes it a deposit, Ctrl+W cut.
    """
    for sequence in {sequence for key in keys for sequence in sequences(key) if key.startswith("Control-")}:
        for virtual in root.event_info():
            root.event_delete(virtual, sequence)
        for kind in ("TEntry", "TCombobox", "Text"):
            root.unbind_class(kind, sequence)


class Keys:
    """What the keys of one window do now; sequences are Tk's, like ``<Control-s>``."""

    def __init__(self, window: tkinter.Misc) -> None:
        self._window = window
        self._bound: set[str] = set()
        self._general: dict[str, Command] = {}
        self._of_screen: dict[str, Command] = {}

    def set_general(self, commands: dict[str, Command]) -> None:
        """The keys that work on every screen."""
        self._general = commands
        self._bind(commands)

    def set_screen(self, commands: dict[str, Command]) -> None:
        """The keys of the screen in use; they come before the general ones."""
        self._of_screen = commands
        self._bind(commands)

    def clear(self) -> None:
        """No key does anything any more: nobody is there."""
        self._general, self._of_screen = {}, {}

    def _bind(self, commands: dict[str, Command]) -> None:
        for sequence in commands.keys() - self._bound:
            self._window.bind(sequence, partial(self._pressed, sequence))
            if _FUNCTION_KEY.fullmatch(sequence):
                self._window.bind_class(_OPEN_LIST, sequence, partial(self._pressed_in_list, sequence))
            self._bound.add(sequence)

    def _pressed_in_list(self, sequence: str, event: tkinter.Event[tkinter.Misc]) -> str | None:
        """While the list of a field is open it has all keys, in a window of its own: close it first.

        A list that belongs to a dialog keeps the key, as the dialog does.
        """
        field = str(event.widget).rpartition(".popdown")[0]
        if self._window.nametowidget(field).winfo_toplevel() is not self._window:
            return None
        self._window.tk.call("ttk::combobox::Unpost", field)
        return self._pressed(sequence, event)

    def _pressed(self, sequence: str, _event: tkinter.Event[tkinter.Misc]) -> str | None:
        command = self._of_screen.get(sequence)
        if command is not None:
            command()
            return "break"
        self._general.get(sequence, lambda: None)()
        return None
