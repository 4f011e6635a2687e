"""Synchronising: its state, refused records, conflicts between PCs, joining and leaving a server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ttkbootstrap import Frame, Label

from cleanflow.gui.appearance import px
from cleanflow.gui.desk import MONEY_CHANGED, SETTINGS_CHANGED, SYNC_CHANGED, USERS_CHANGED, Action
from cleanflow.gui.dialogs.join_dialog import JoinDialog, ask_when
from cleanflow.gui.dialogs.join_form import Wish
from cleanflow.gui.screen import Screen
from cleanflow.gui.screens.shop.sync_overview import Overview
from cleanflow.gui.screens.shop.sync_view import SyncView
from cleanflow.gui.screens.shop.sync_views import DoublesView, FailedView, OverlapsView, OverwrittenView
from cleanflow.gui.widgets.dialog import FormDialog
from cleanflow.gui.widgets.views import Views
from cleanflow.language import _
from cleanflow.paths import DEMO_NAME
from cleanflow.sync import client
from cleanflow.sync.enrolling import leave
from cleanflow.sync.peers import free_pc_code
from cleanflow.sync.repair.identity import settle_here
from cleanflow.sync.state import Attempt, SyncState, get_state, last_attempt

_ALONE = _(
    "This PC works on its own: nothing leaves it.\n"
    "\n"
    "With a server, several PCs of the shop hold the same books: what one records, the others show a"
    " few minutes later. Each PC keeps working without internet and sends its records when the"
    " connection is back.\n"
    "\n"
    "To join you need the server's address and a one-time code. The records of this PC are sent"
    " along; nothing is lost, and you can leave at any time."
)
_DEMO = _("This is the demo shop. Its invented records stay on this PC; your own shop can join a server.")


_LISTS: dict[str, tuple[str, type[SyncView[Any]]]] = {
    "failed": (_("Ctrl+K  Not taken"), FailedView),
    "overwritten": (_("Ctrl+L  Overwritten"), OverwrittenView),
    "overlaps": (_("Ctrl+D  Done twice"), OverlapsView),
    "doubles": (_("Ctrl+F  Doubles"), DoublesView),
}


class Sync(Screen):
    """Without a server: what joining would bring. Joined: the overview and four lists."""

    name = "sync"
    title = _("Synchronise")
    key = "Shift-F11"
    icon = "arrow-repeat"
    help = _(
        "PCs that have joined the shop's server hold the same books. “Not taken”: records that the"
        " server would not store, and why. “Overwritten”: one record was changed on two PCs; the"
        " newer change counts, the other can be put back. “Done twice”: money or a cancellation"
        " entered on two PCs. “Doubles”: customers with the same phone number, and users, services and"
        " expense categories of the same name, which may be one."
    )
    actions = (
        Action("Control-s", _("Synchronise now"), "sync_now", is_primary=True),
        Action(
            "Control-p",
            _("Put right"),
            "put_right",
            _("Put back, put right, or make one of two"),
            True,
        ),
        Action("Control-o", _("Join a server"), "join", is_primary=True),
        Action("Control-g", _("It was moved here"), "moved", is_primary=True),
        Action("Control-n", _("Join again as a new PC"), "join_as_new"),
        Action("Control-w", _("When …"), "ask_when", _("When this PC synchronises by itself")),
        Action("Control-q", _("Leave the server"), "leave_server"),
        Action("Control-j", "", "show_overview", _("How it stands")),
        Action("Control-k", "", "show_failed", _("Not taken by the server")),
        Action("Control-l", "", "show_overwritten", _("Overwritten changes")),
        Action("Control-d", "", "show_overlaps", _("Done twice")),
        Action("Control-f", "", "show_doubles", _("What is there twice")),
    )
    refresh_on = (SYNC_CHANGED, SETTINGS_CHANGED, USERS_CHANGED, *MONEY_CHANGED)

    def build(self) -> None:
        """Build the text for a PC without a server, and the views of a joined one."""
        self._asked = False
        self._ended_before: object = None
        self._alone = Label(self.body, wraplength=px(620), justify="left")
        self._trouble = Label(self.body, wraplength=px(800), justify="left", bootstyle="danger")
        self._joined = Frame(self.body)
        self._views = Views(self._joined, self._show)
        self._views.pack(fill="both", expand=True)
        self._overview = Overview(self._views.add("overview", _("Ctrl+J  State")), self.desk)
        self._overview.pack(fill="both", expand=True)
        self._lists: dict[str, SyncView[Any]] = {}
        for name, (label, make) in _LISTS.items():
            view = self._lists[name] = make(
                self._views.add(name, label),
                self.desk,
                self.put_right,
                lambda name=name: self._found(name),  # type: ignore[misc]
            )
            view.pack(fill="both", expand=True)
        self._views.show("overview")

    def refresh(self) -> None:
        """Read the state again."""
        self._tell_ended()
        state, last = get_state(self.desk.db), last_attempt(self.desk.db)
        self._show_frame(state)
        self._show_trouble(state, last)
        self._offer(state, last.code if last else "")
        if state.is_joined:
            self._overview.reload(state)
            for view in self._lists.values():
                view.reload()

    def _found(self, name: str) -> None:
        """Show the length of a list on its button."""
        count, label = self._lists[name].open_lines(), _LISTS[name][0]
        few = f" ({count if count < 10 else '9+'})" if count else ""  # so that all buttons fit side by side
        self._views.rename(name, label + few)
        if name == self._views.shown and self.focus_get() is self:
            self.focus_first()

    def _show_frame(self, state: SyncState) -> None:
        self._alone.configure(text=_DEMO if self._is_demo() else _ALONE)
        for part in (self._alone, self._joined):
            part.pack_forget()
        if state.is_joined:
            self._joined.pack(fill="both", expand=True)
        else:
            self._alone.pack(anchor="w")

    def _show_trouble(self, state: SyncState, last: Attempt | None) -> None:
        words = ""
        if last is not None and last.code and (state.is_joined or last.code == "currency_differs"):
            words = _MOVED if last.code == client.MOVED else last.words[:1].upper() + last.words[1:]
        self._trouble.configure(text=words)
        if words:
            self._trouble.pack(
                anchor="w", pady=px(0, 10), before=self._joined if state.is_joined else self._alone
            )
        else:
            self._trouble.pack_forget()

    def _offer(self, state: SyncState, code: str) -> None:
        if not state.is_joined:
            self.offer(*(() if self._is_demo() else ("join",)))
            return
        offered = ["sync_now"]
        view = self._lists.get(self._views.shown)
        if view is not None and view.remedy:
            self.buttons["put_right"].configure(text=f"Ctrl+P  {view.remedy}")
            offered = ["put_right", "sync_now"]
        if code in (client.MOVED, client.FORKED, client.OUTDATED_ACCESS):
            words = _("This is a copy") if code == client.MOVED else _("Join as a new PC")
            self.buttons["join_as_new"].configure(text=f"Ctrl+N  {words}")
        if code == client.MOVED:
            offered = ["moved", "join_as_new"]
        elif code in (client.FORKED, client.OUTDATED_ACCESS):
            offered = ["join_as_new", *offered]
        self.offer(*offered, "ask_when", "leave_server")
        for method in ("put_right", "sync_now", "moved", "join_as_new"):
            is_first = method == offered[0]
            self.buttons[method].configure(bootstyle="primary" if is_first else "secondary-outline")

    def _is_demo(self) -> bool:
        return self.desk.db.path.name == DEMO_NAME

    def focus_first(self) -> None:
        """Focus the list of the shown view."""
        view = self._lists.get(self._views.shown)
        if not get_state(self.desk.db).is_joined and not self._is_demo():
            self.buttons["join"].focus_set()
        elif view is not None and view.list.records():
            view.list.focus_list()
        else:
            self.focus_set()

    # --- views -------------------------------------------------------------------------------------

    def show_overview(self) -> None:
        """Show the overview."""
        self._show("overview")

    def show_failed(self) -> None:
        """Show the records that the server refused."""
        self._show("failed")

    def show_overwritten(self) -> None:
        """Show changes that lost against newer ones."""
        self._show("overwritten")

    def show_overlaps(self) -> None:
        """Show what was done twice."""
        self._show("overlaps")

    def show_doubles(self) -> None:
        """Show what is there twice."""
        self._show("doubles")

    def _show(self, name: str) -> None:
        state, last = get_state(self.desk.db), last_attempt(self.desk.db)
        if state.is_joined:
            self._views.show(name)
            self._offer(state, last.code if last else "")
            self.focus_first()

    # --- what one can do ---------------------------------------------------------------------------

    def sync_now(self) -> None:
        """Synchronise now, without waiting for the interval."""
        progress = self.desk.syncing.progress
        self._asked, self._ended_before = True, progress.last if progress is not None else None
        self.desk.syncing.now()
        self.desk.tell(_("Synchronising …"))

    def _tell_ended(self) -> None:
        """Tell when the requested synchronisation has ended; failures are shown above the views."""
        progress = self.desk.syncing.progress
        if not self._asked or (progress is not None and progress.last is self._ended_before):
            return
        self._asked = False
        is_done = progress is not None and progress.last is not None and not progress.last.code
        self.desk.tell(_("Synchronised.") if is_done else "")

    def put_right(self) -> None:
        """Apply the remedy of the shown list to its chosen line."""
        view = self._lists[self._views.shown]
        line = view.list.chosen()
        if line is None:
            self.tell_nothing_chosen()
            return
        view.ask(line, lambda: self.desk.do(lambda: view.put_right(line), self._is_put_right))

    def _is_put_right(self, words: str) -> None:
        self.desk.changed(SETTINGS_CHANGED, USERS_CHANGED, *MONEY_CHANGED)
        self.desk.tell(words)

    def join(self) -> None:
        """Ask for a server to join."""
        JoinDialog(self.desk, Wish(self.desk.shop.pc_code))

    def join_as_new(self) -> None:
        """Join again as a new PC."""
        state = get_state(self.desk.db)
        JoinDialog(self.desk, Wish(free_pc_code(self.desk.db), state.server_url or "", as_new=True))

    def moved(self) -> None:
        """Confirm that the records were moved here and are no longer used elsewhere."""
        self._confirm(
            _("It was moved here"),
            _(
                "Choose this when nobody uses the old place any more: a folder was renamed, or the"
                " records moved to another PC or disk. If both are still in use, this one is a copy."
            ),
            lambda: settle_here(self.desk.db),
            lambda: self.desk.tell(_("Saved: the records belong here now.")),
        )

    def ask_when(self) -> None:
        """Ask when this PC synchronises by itself."""
        ask_when(self.desk)

    def leave_server(self) -> None:
        """Stop synchronising."""
        self._confirm(
            _("Leave the server"),
            _(
                "This PC stops synchronising. All records stay, here and on the server. It can join"
                " again with a new one-time code."
            ),
            lambda: leave(self.desk.db),
            lambda: self.desk.tell(_("Left the server. Nothing leaves this PC any more.")),
        )

    def _confirm(
        self, title: str, words: str, work: Callable[[], object], done: Callable[[], object]
    ) -> None:
        def finished(_nothing: object) -> None:
            self.desk.syncing.settle()
            done()

        FormDialog(self.desk, title, words, save=title).ask(work, finished)


_MOVED = _(
    "This PC's records are in another place than before, or on another PC. Were they moved here, or"
    " is this a copy of records that are still used elsewhere? Synchronising waits for your answer;"
    " work goes on."
)
