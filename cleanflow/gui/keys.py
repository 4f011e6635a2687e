"""The window's keys: those that lead to screens, and before them those of the screen in use.

Tk keeps the command of every binding until the widget goes, also when another one takes its place. So each
key is bound to the window once, and what it means is looked up when it is pressed.
"""

from __future__ import annotations

import tkinter
from collections.abc import Callable
from functools import partial

Command = Callable[[], object]


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
            self._bound.add(sequence)

    def _pressed(self, sequence: str, _event: tkinter.Event[tkinter.Misc]) -> str | None:
        command = self._of_screen.get(sequence)
        if command is not None:
            command()
            return "break"
        self._general.get(sequence, lambda: None)()
        return None
