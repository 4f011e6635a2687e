"""Whether a window can open on this PC, tried with an invisible one."""

from __future__ import annotations

import tkinter


def opening_words() -> tuple[bool, str]:
    """Whether a window opens, and one line of details for `check`."""
    try:
        root = tkinter.Tk()
    except tkinter.TclError as error:
        return False, f"Tk {tkinter.TkVersion}; no window opens: {error}"
    try:
        root.withdraw()
        version = root.tk.call("info", "patchlevel")
        screen = f"{root.winfo_screenwidth()}x{root.winfo_screenheight()}"
        return True, f"Tk {version}; a window opens on a screen of {screen}"
    finally:
        root.destroy()
