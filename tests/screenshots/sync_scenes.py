"""The Sync screen of a PC that has joined: its views, dialogs and error states."""

from __future__ import annotations

from cleanflow.clock import timestamp
from cleanflow.dao.users import User
from cleanflow.gui.desk import SYNC_CHANGED
from cleanflow.gui.window import Window
from cleanflow.sync import client
from cleanflow.sync.state import Attempt, note, note_attempt
from tests.screenshots.scenes import Scenes, close_dialogs


def sync_scenes(window: Window, owner: User | None) -> Scenes:
    """Every view with what two PCs did twice, then the dialogs and the error states."""
    assert owner is not None
    window.stages.signed_in(owner)
    note(window.db, clock_ahead_s=0)
    _end_with(window, "unreachable")

    def press(*keys: str) -> None:
        close_dialogs(window)
        window.show("sync")
        for key in keys:
            window.update()
            window.event_generate(f"<{key}>")
        screen = window.navigation.screens["sync"]
        screen.focus_first()

    def dialog(key: str) -> None:
        close_dialogs(window)
        window.show("sync")
        window.event_generate(f"<{key}>")

    yield "sync_help", lambda: (window.show("sync"), window.help())
    for key, name in (
        ("j", "overview"),
        ("k", "failed"),
        ("l", "overwritten"),
        ("d", "overlaps"),
        ("f", "doubles"),
    ):
        yield f"sync_{name}", lambda key=key: press(f"Control-{key}")  # type: ignore[misc]
    yield "sync_merge", lambda: window.event_generate("<Control-p>")
    yield "sync_when", lambda: (press("Control-j"), window.event_generate("<Control-w>"))
    yield "sync_leave", lambda: dialog("Control-q")
    yield "sync_forked", lambda: (close_dialogs(window), _end_with(window, client.FORKED))
    yield "sync_join_again", lambda: dialog("Control-n")
    yield "sync_moved", lambda: (close_dialogs(window), _end_with(window, client.MOVED))
    yield "sync_moved_sure", lambda: dialog("Control-g")
    yield "sync_clock", lambda: (close_dialogs(window), note(window.db, clock_ahead_s=7260),
                                 _end_with(window, ""))  # fmt: skip


_WORDS = {**client.IDENTITY_WORDS, "unreachable": "no connection: Connection refused."}


def _end_with(window: Window, code: str) -> None:
    """Show the last attempt as having ended with this code."""
    db = window.db
    at = timestamp(db.clock.now())
    note_attempt(db, Attempt(at, at, 0, 1, 0, code, _WORDS.get(code, "")))
    window.syncing._standing = None
    window.syncing._say()
    window.changed(SYNC_CHANGED)
