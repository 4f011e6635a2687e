"""Keys: what people and Tk call them, and what each one does in the window now.

Tk frees the command of a binding only with its widget, even after it was replaced. So each key is bound to
the window once, and its meaning is looked up when it is pressed.
"""

from __future__ import annotations

import re
import tkinter
from collections.abc import Callable, Iterable
from functools import partial

_FUNCTION_KEY = re.compile(r"<(Shift-)?F[0-9]+>")
#: Tk's class of a Combobox's drop-down list.
_OPEN_LIST = "ComboboxListbox"

Command = Callable[[], object]


def key_label(key: str) -> str:
    """The name of a key for people: ``Ctrl+N``, ``Shift+F5``, ``Esc``."""
    parts = key.split("-")
    names = {"Control": "Ctrl", "Escape": "Esc", "Prior": "PgUp", "Next": "PgDn", "Return": "Enter"}
    return "+".join(names.get(part, part.upper() if len(part) == 1 else part) for part in parts)


def sequences(key: str) -> list[str]:
    """Tk's event sequences for a key: with Caps Lock on, ``Control-s`` is a different event."""
    modifier, _dash, letter = key.rpartition("-")
    if modifier == "Control" and len(letter) == 1:
        return [f"<{key}>", f"<Control-Lock-Key-{letter.upper()}>"]
    return [f"<{key}>"]


def free_keys(root: tkinter.Misc, keys: Iterable[str]) -> None:
    """Remove Tk's own bindings for keys that are actions.

    On X11 Tk's fields have Emacs's keys: Ctrl+Y would also paste into the amount, Ctrl+W cut it.
    """
    for sequence in {sequence for key in keys for sequence in sequences(key) if key.startswith("Control-")}:
        for virtual in root.event_info():
            root.event_delete(virtual, sequence)
        for kind in ("TEntry", "TCombobox", "Text"):
            root.unbind_class(kind, sequence)


class Keys:
    """The current meaning of one window's keys; sequences are Tk's, like ``<Control-s>``."""

    def __init__(self, window: tkinter.Misc) -> None:
        self._window = window
        self._bound: set[str] = set()
        self._general: dict[str, Command] = {}
        self._of_screen: dict[str, Command] = {}

    def set_general(self, commands: dict[str, Command]) -> None:
        """Set the keys that work on every screen."""
        self._general = commands
        self._bind(commands)

    def set_screen(self, commands: dict[str, Command]) -> None:
        """Set the keys of the screen in use; they take precedence over the general ones."""
        self._of_screen = commands
        self._bind(commands)

    def clear(self) -> None:
        """Disable all keys; nobody is signed in."""
        self._general, self._of_screen = {}, {}

    def _bind(self, commands: dict[str, Command]) -> None:
        for sequence in commands.keys() - self._bound:
            self._window.bind(sequence, partial(self._pressed, sequence))
            if _FUNCTION_KEY.fullmatch(sequence):
                self._window.bind_class(_OPEN_LIST, sequence, partial(self._pressed_in_list, sequence))
            self._bound.add(sequence)

    def _pressed_in_list(self, sequence: str, event: tkinter.Event[tkinter.Misc]) -> str | None:
        """Close an open drop-down list, a window of its own with the keyboard, and do what the key means.

        A drop-down list of a dialog keeps the key, as the dialog does.
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
