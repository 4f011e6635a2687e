"""Keys: their names, whatever the layout, the keypad and the lock keys, and what each one does now.

A key's name is Tk's with its held keys, like ``Control-s`` or ``Shift-F7``. Num Lock, Caps Lock and Scroll
Lock never matter, other held keys always do: Alt+F4 is not F4. On a layout without Latin letters
(Russian, Arabic, Greek, Hebrew …) Ctrl with a letter is recognised by the physical key.

Tk frees the command of a binding only with its widget, even after it was replaced. So the window has one
binding, and the meaning of a key is looked up when it is pressed.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import re
import string
import tkinter
from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from typing import TypeAlias

Command = Callable[[], object]
KeyEvent: TypeAlias = "tkinter.Event[tkinter.Misc]"

_FUNCTION_KEY = re.compile(r"(Shift-)?F[0-9]+")
#: Tk's class of a Combobox's drop-down list.
_OPEN_LIST = "ComboboxListbox"

#: Bits of an event's state, by windowing system. The others are locks, mouse buttons and keyboard groups:
#: Alt's 0x8 of X11 is Num Lock on Windows, where Alt is Tk's own 0x20000.
_HELD_BITS = {
    "x11": {"Control": 0x0004, "Alt": 0x20008, "Super": 0x0040, "Shift": 0x0001},
    "win32": {"Control": 0x0004, "Alt": 0x20000, "Shift": 0x0001},
    "aqua": {"Control": 0x0004, "Command": 0x0008, "Alt": 0x0010, "Shift": 0x0001},
}

#: Keys of the keypad without Num Lock -> the keys that they stand for; Windows reports those itself.
KEYPAD = {
    "KP_Enter": "Return",
    "KP_Up": "Up",
    "KP_Down": "Down",
    "KP_Left": "Left",
    "KP_Right": "Right",
    "KP_Home": "Home",
    "KP_End": "End",
    "KP_Prior": "Prior",
    "KP_Next": "Next",
    "KP_Insert": "Insert",
    "KP_Delete": "Delete",
}

#: X11 keycodes of the rows of letters and digits on a PC keyboard (evdev) -> what a US keyboard has there.
_US_ROWS = {10: "1234567890", 24: "qwertyuiop", 38: "asdfghjkl", 52: "zxcvbnm"}
_ROWS = range(10, 62)
_US_KEYS = {first + place: char for first, row in _US_ROWS.items() for place, char in enumerate(row)}
#: Windows' virtual keys of letters and digits are their characters; those of function keys are others'.
_VIRTUAL_KEYS = string.ascii_uppercase + string.digits
#: The keycode of A, a letter in every script: tells whether a layout is Latin.
_KEYCODE_A = 38
_GROUPS = range(4)


def key_label(key: str) -> str:
    """The name of a key for people: ``Ctrl+N``, ``Shift+F5``, ``Esc``."""
    parts = key.split("-")
    names = {"Control": "Ctrl", "Escape": "Esc", "Prior": "PgUp", "Next": "PgDn", "Return": "Enter"}
    return "+".join(names.get(part, part.upper() if len(part) == 1 else part) for part in parts)


# --- which key it was ----------------------------------------------------------------------------------


def held_keys(state: int, system: str) -> tuple[str, ...]:
    """The held keys of an event's state, like ``("Control", "Shift")``; ``system`` is Tk's name for it."""
    return tuple(name for name, bit in _HELD_BITS[system].items() if state & bit)


def is_typing(char: str, state: int, system: str) -> bool:
    """Whether a key press types ``char``; on Windows AltGr is Ctrl and Alt together."""
    if not char or not char.isprintable():
        return False
    held = {*held_keys(state, system)} - {"Shift"}
    return not held or (system == "win32" and held == {"Control", "Alt"})


def key_name(keysym: str, keycode: int, state: int, system: str, symbols: Callable[[int], list[str]]) -> str:
    """The name of the pressed key. ``symbols`` gives the X11 layout's characters of a keycode."""
    held = held_keys(state, system)
    key = KEYPAD.get(keysym, keysym)
    if "Control" in held:
        key = _latin(key, keycode, system, symbols) or key
    return "-".join((*held, key))


def _latin(keysym: str, keycode: int, system: str, symbols: Callable[[int], list[str]]) -> str:
    """The letter or digit that a key means together with Ctrl; ``""`` for any other key."""
    if _is_latin(keysym):
        return keysym.lower()  # a capital with Caps Lock
    if system == "win32":  # the virtual key, by which Windows itself knows Ctrl+C on every layout
        return chr(keycode).lower() if chr(keycode) in _VIRTUAL_KEYS else ""
    if system != "x11" or keycode not in _ROWS:
        return ""
    of_layout = next(filter(_is_latin, symbols(keycode)), "")
    if of_layout:
        return of_layout.lower()
    # French digits need Shift; Hebrew has punctuation where Q and W are, but so has Dvorak.
    meant, has_latin = _US_KEYS.get(keycode, ""), any(map(_is_latin, symbols(_KEYCODE_A)))
    return meant if meant.isdigit() or not has_latin else ""


def _is_latin(text: str) -> bool:
    return len(text) == 1 and text.isascii() and text.isalnum()


def layout_symbols(keycode: int) -> list[str]:
    """What a key types unshifted in each group of the X11 layout in use, the first group first.

    Tk tells only the group in use. The layout may be changed at any time, so it is read anew: 1 ms.
    """
    xlib = _xlib()
    connection = xlib.XOpenDisplay(None) if xlib is not None else None
    if xlib is None or not connection:
        return []
    try:
        found = [xlib.XkbKeycodeToKeysym(connection, keycode, group, 0) for group in _GROUPS]
    finally:
        xlib.XCloseDisplay(connection)
    return [chr(symbol) for symbol in found if 0x20 < symbol < 0x7F]  # Latin-1 keysyms are their characters


@cache
def _xlib() -> ctypes.CDLL | None:
    """The library through which Tk itself speaks with the display; ``None`` if it is not found."""
    try:
        xlib = ctypes.CDLL(ctypes.util.find_library("X11") or "libX11.so.6")
    except OSError:
        return None
    xlib.XOpenDisplay.restype = ctypes.c_void_p
    xlib.XCloseDisplay.argtypes = [ctypes.c_void_p]
    xlib.XkbKeycodeToKeysym.argtypes = [ctypes.c_void_p, ctypes.c_ubyte, ctypes.c_int, ctypes.c_int]
    xlib.XkbKeycodeToKeysym.restype = ctypes.c_ulong
    return xlib


def windowing_system(widget: tkinter.Misc) -> str:
    """Tk's name of the windowing system: ``x11``, ``win32`` or ``aqua``."""
    return str(widget.tk.call("tk", "windowingsystem"))


def name_of(event: KeyEvent, system: str) -> str:
    """The name of the key that was pressed; ``system`` is Tk's name of the windowing system."""
    return key_name(event.keysym, event.keycode, int(event.state), system, layout_symbols)


# --- binding -------------------------------------------------------------------------------------------


def bind_keys(widget: tkinter.Misc, commands: Mapping[str, Command]) -> None:
    """Let ``widget``, or everything in a toplevel, do ``commands`` on these keys, once for its lifetime."""

    system = windowing_system(widget)

    def pressed(event: KeyEvent) -> str | None:
        command = commands.get(name_of(event, system))
        if command is None:
            return None
        command()
        return "break"

    widget.bind("<KeyPress>", pressed, add="+")


def free_keys(root: tkinter.Misc, keys: Iterable[str]) -> None:
    """Remove Tk's own bindings for keys that are actions.

    On X11 Tk's fields have Emacs's keys: Ctrl+Y would also paste into the amount, Ctrl+W cut it.
    """
    for key in keys:
        modifier, _dash, letter = key.rpartition("-")
        if modifier != "Control":
            continue
        for sequence in (f"<{key}>", f"<Control-Lock-Key-{letter.upper()}>"):
            for virtual in root.event_info():
                root.event_delete(virtual, sequence)
            for kind in ("TEntry", "TCombobox", "Text"):
                root.unbind_class(kind, sequence)


def translate_keys(window: tkinter.Tk) -> None:
    """Let the keypad, a layout without Latin letters, and Alt+F4 do what people expect, in every widget."""
    for kind in ("TButton", "TCheckbutton", "TRadiobutton", "TMenubutton", "Text"):
        window.unbind_class(kind, "<KP_Enter>")  # Enter is generated below: once is enough
    for pad, key in KEYPAD.items():
        window.bind_all(f"<{pad}>", partial(_generate, window, f"<{key}>"))
    window.bind_all("<Alt-F4>", partial(_close_toplevel, window))
    # The key that closes the window arrives here after the window has taken its Tcl command along.
    command = window.register(partial(_edit, window))
    script = f"+if {{[llength [info commands {command}]]}} {{{command} %W %K %k %s}}"
    window.tk.call("bind", "all", "<KeyPress>", script)


def _generate(window: tkinter.Tk, sequence: str, event: KeyEvent) -> None:
    window.tk.call("event", "generate", event.widget, sequence, "-state", event.state)


def _close_toplevel(window: tkinter.Tk, event: KeyEvent) -> None:
    """Do what the button at the window's corner does."""
    top = window.tk.call("winfo", "toplevel", event.widget)
    command = str(window.tk.call("wm", "protocol", top, "WM_DELETE_WINDOW"))
    window.tk.eval(command or f"destroy {top}")


def _edit(window: tkinter.Tk, widget: str, keysym: str, keycode: str, state: str) -> None:
    """Cut, copy, paste and the like on a layout without Latin letters, which Tk knows by their letters."""
    system = windowing_system(window)
    if "Control" not in held_keys(int(state), system) or _is_latin(keysym):
        return
    name = key_name(keysym, int(keycode), int(state), system, layout_symbols)
    modifier, _dash, letter = name.rpartition("-")
    if modifier == "Control" and _is_latin(letter):
        for virtual in window.event_info():
            if f"<Control-Key-{letter}>" in window.event_info(virtual):
                window.tk.call("event", "generate", widget, virtual)


class Keys:
    """The current meaning of one window's keys."""

    def __init__(self, window: tkinter.Tk) -> None:
        self._window, self._system = window, windowing_system(window)
        self._general: dict[str, Command] = {}
        self._of_screen: dict[str, Command] = {}
        translate_keys(window)
        window.bind("<KeyPress>", self._pressed)
        window.bind_class(_OPEN_LIST, "<KeyPress>", self._pressed_in_list)

    def set_general(self, commands: dict[str, Command]) -> None:
        """Set the keys that work on every screen."""
        self._general = commands

    def set_screen(self, commands: dict[str, Command]) -> None:
        """Set the keys of the screen in use; they take precedence over the general ones."""
        self._of_screen = commands

    def clear(self) -> None:
        """Disable all keys; nobody is signed in."""
        self._general, self._of_screen = {}, {}

    def _pressed_in_list(self, event: KeyEvent) -> str | None:
        """Close an open drop-down list, a window of its own with the keyboard, and do what the key means.

        A drop-down list of a dialog keeps the key, as the dialog does.
        """
        if not _FUNCTION_KEY.fullmatch(name_of(event, self._system)):
            return None
        field = str(event.widget).rpartition(".popdown")[0]
        if self._window.nametowidget(field).winfo_toplevel() is not self._window:
            return None
        self._window.tk.call("ttk::combobox::Unpost", field)
        return self._pressed(event)

    def _pressed(self, event: KeyEvent) -> str | None:
        name = name_of(event, self._system)
        command = self._of_screen.get(name)
        if command is not None:
            command()
            return "break"
        self._general.get(name, lambda: None)()
        return None
