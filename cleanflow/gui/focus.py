"""The focus moves at once, so that no key reaches the screen or dialog that was just left.

Tk gives the focus to a widget that is not mapped yet only when the display has confirmed it; keys that are in
the queue by then still go to the widget before, though it is hidden. So here a widget is mapped first.
"""

from __future__ import annotations

import tkinter

#: A new `focus` command around Tk's own. An open dialog keeps the focus: a screen below it asks in vain.
_FOCUS = """
namespace eval ::at_once {variable wanted {}}
rename ::focus ::at_once::tk_focus
proc ::focus args {
    set target [lindex $args end]
    if {([llength $args] == 1 || [lindex $args 0] eq "-force") && [winfo exists $target]} {
        set ::at_once::wanted {}
        if {![winfo viewable $target] && [winfo viewable [winfo toplevel $target]]} {
            update idletasks
            if {![winfo exists $target]} return
            if {![winfo viewable $target]} {set ::at_once::wanted $target}
        }
        set grab [grab current $target]
        if {$grab ne {} && [winfo toplevel $grab] ne [winfo toplevel $target]} return
    }
    tailcall ::at_once::tk_focus {*}$args
}
"""


def focus_at_once(window: tkinter.Misc) -> None:
    """Let every widget of the window be mapped before it gets the focus."""
    window.tk.eval(_FOCUS)


def map_now(page: tkinter.Misc) -> None:
    """Map a page that was just packed; a widget of it that asked for the focus before gets it now."""
    if not page.winfo_toplevel().winfo_viewable():
        return  # the window itself is still to come, and no key before it
    page.update_idletasks()
    wanted = str(page.tk.eval("set ::at_once::wanted"))
    if wanted.startswith(f"{page}."):
        page.tk.call("focus", wanted)


def is_on_screen(widget: str, window: tkinter.Misc) -> bool:
    """Whether the widget of this Tcl name exists and can be seen."""
    tcl = window.tk
    return bool(
        widget and tcl.getboolean(tcl.call("winfo", "exists", widget))
        and tcl.getboolean(tcl.call("winfo", "viewable", widget))
    )  # fmt: skip
