"""Dialogs for joining a server with an existing shop, and for when to synchronise."""

from __future__ import annotations

from ttkbootstrap import Button

from cleanflow.dao.remembered import recall, remember
from cleanflow.dao.users import require_owner
from cleanflow.errors import Refusal
from cleanflow.gui.desk import SYNC_CHANGED, Desk
from cleanflow.gui.dialogs.join_form import JoinForm, Wish
from cleanflow.gui.keys import bind_keys
from cleanflow.gui.reading import read_choice, read_number
from cleanflow.gui.widgets.dialog import Dialog, FormDialog
from cleanflow.language import _
from cleanflow.sync.worker import AT_START, DEFAULT_MINUTES, EVERY_MINUTES, is_by_hand

_YES_NO = {_("Yes"): True, _("No"): False}
_LONGEST_MINUTES = 1440


class JoinDialog(Dialog):
    """Tests the connection, says what will be sent, and joins; asks for an owner's PIN where needed."""

    def __init__(self, desk: Desk, wish: Wish) -> None:
        title = _("Join again as a new PC") if wish.as_new else _("Join a server")
        super().__init__(desk.window, title, _AS_NEW if wish.as_new else _FIRST_TIME)
        self._desk = desk
        self._form = JoinForm(self.body, desk.db, desk.background, wish, self.join, self._joined)
        self._form.pack(anchor="w")
        for key, text, style, command in (
            ("Escape", _("Esc  Back"), "secondary-outline", self.close),
            ("Control-t", _("Ctrl+T  Test the connection"), "secondary-outline", self._form.test),
            ("Control-s", _("Ctrl+S  Join"), "primary", self.join),
        ):
            Button(self.bar, text=text, bootstyle=style, command=command).pack(side="left", padx=(8, 0))
            bind_keys(self, {key: command})
        self.appear(self._form.first)

    def join(self) -> None:
        """Join in an owner's name."""
        self._desk.do(self._owner, self._join, self.refuse)

    def _owner(self) -> str | None:
        """Id of the owner who joins: the signed-in user, or whoever approved it by PIN."""
        require_owner(self._desk.db)
        return self._desk.db.session.user_id

    def _join(self, owner_id: str | None) -> None:
        self.refuse("")
        self._form.join(owner_id)

    def _joined(self, shop: str) -> None:
        if self.winfo_exists():
            self.close()
        self._desk.syncing.settle()
        words = _("Joined “{shop}”. Its records and this PC's become one.")
        if is_by_hand(self._desk.db):
            words = _("Joined “{shop}”. Nothing is sent or fetched until you press Ctrl+S here.")
        self._desk.tell(words.format(shop=shop))


_FIRST_TIME = _(
    "The server prints a one-time code with “serve new-code”. All records of this PC are sent there,"
    " and those of the shop's other PCs come here."
)
_AS_NEW = _(
    "All records stay, and what the server lacks is sent to it. This PC becomes a new one: it needs a"
    " new one-time code and its own PC code."
)


def ask_when(desk: Desk) -> None:
    """Ask when this PC synchronises by itself."""
    db = desk.db
    dialog = FormDialog(
        desk,
        _("When to synchronise"),
        _("“Synchronise now” always works. These settings are for this PC only."),
    )
    at_start = dialog.form.add(
        _("When the program starts"),
        lambda text: read_choice(text, _YES_NO),
        text=next(word for word, value in _YES_NO.items() if value is recall(db, AT_START, True)),
        choices=[*_YES_NO],
    )
    minutes = dialog.form.add(
        _("Minutes between two times (0: never)"),
        _read_minutes,
        text=str(recall(db, EVERY_MINUTES, DEFAULT_MINUTES)),
    )

    def keep() -> None:
        wanted = at_start.value(), minutes.value()
        require_owner(db)
        remember(db, AT_START, wanted[0])
        remember(db, EVERY_MINUTES, wanted[1])

    def kept(_nothing: object) -> None:
        if is_by_hand(db):
            desk.syncing.read_settings()
        else:
            desk.syncing.now()
        desk.changed(SYNC_CHANGED)
        desk.tell(
            _("Saved. This PC synchronises only when you ask for it.")
            if is_by_hand(db)
            else _("Saved. This PC synchronises now.")
        )

    dialog.ask(keep, kept)


def _read_minutes(typed: str) -> int:
    refusal = Refusal("minutes_invalid", text=typed, most=_LONGEST_MINUTES)
    return read_number(typed.strip() or "0", _LONGEST_MINUTES, refusal)
