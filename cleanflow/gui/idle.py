"""Locking the window after a time without a key or mouse event."""

from __future__ import annotations

import time
import tkinter
from collections.abc import Callable

#: Milliseconds between two looks at the clock.
_CHECK_MS = 15_000


class Idle:
    """Calls ``lock`` when there was no key and no mouse for ``minutes()`` (0: never)."""

    def __init__(
        self, window: tkinter.Misc, minutes: Callable[[], float], lock: Callable[[], object]
    ) -> None:
        self._window, self._minutes, self._lock = window, minutes, lock
        self.last_sign_at = time.monotonic()
        # The key that closes the window arrives here after the window has taken its Tcl command along.
        command = window.register(self._on_sign_of_life)
        script = f"+if {{[llength [info commands {command}]]}} {command}"
        for event in ("<Any-KeyPress>", "<Any-Button>", "<Motion>"):
            window.tk.call("bind", "all", event, script)
        self._timer = window.after(_CHECK_MS, self.look)

    def close(self) -> None:
        """Stop the timer; the window closes."""
        self._window.after_cancel(self._timer)

    def look(self) -> None:
        """Lock if the time is up, and look again later."""
        self._window.after_cancel(self._timer)
        self._timer = self._window.after(_CHECK_MS, self.look)
        minutes = self._minutes()
        if minutes and time.monotonic() - self.last_sign_at >= minutes * 60:
            self._lock()

    def _on_sign_of_life(self) -> None:
        self.last_sign_at = time.monotonic()
