"""The form for joining a server: address, one-time code, this PC's code, when to synchronise.

It joins in the background. Used by the first start and by the Sync screen's dialog. Only its threads touch
the network.
"""

from __future__ import annotations

import tkinter
from collections.abc import Callable
from dataclasses import dataclass

from ttkbootstrap import Frame, Label

from cleanflow.dao.fields import clean_text
from cleanflow.dao.shop import check_pc_code
from cleanflow.db import Database, open_database
from cleanflow.errors import NotSaved, Refusal
from cleanflow.gui.appearance import warning_style
from cleanflow.gui.reading import read_choice
from cleanflow.gui.tasks.background import Background, Task
from cleanflow.gui.widgets.form import Field, FieldRefused, Form
from cleanflow.language import _
from cleanflow.sync.enrolling import Prospect, join, look
from cleanflow.sync.worker import is_by_hand, set_by_hand

_WRAP = 470
#: Choice -> whether this PC synchronises only when somebody asks.
_WHEN = {_("By itself"): False, _("By hand only (Ctrl+S)"): True}


@dataclass(frozen=True)
class Wish:
    """The form's initial values. ``as_new``: this PC joins as a new one, with a new code."""

    pc_code: str
    address: str = ""
    as_new: bool = False


class JoinForm(Frame):
    """The fields, and the server's answer below them."""

    def __init__(
        self,
        parent: tkinter.Misc,
        db: Database,
        background: Background,
        wish: Wish,
        on_save: Callable[[], object],
        joined: Callable[[str], object],
    ) -> None:
        """Enter in the PC's code and in the last field calls ``on_save``.

        ``joined`` gets the shop's name on Tk's loop, even after the form was closed.
        """
        super().__init__(parent)
        self._db, self._background, self._wish, self._joined = db, background, wish, joined
        self.is_busy = False  # a request is running
        self._looked_at: Prospect | None = None
        form = self.form = Form(self, on_save, width=34, is_narrow=True)
        form.pack(anchor="w")
        self._address = form.add(_("Server's address"), _required(_("The address")), text=wish.address)
        self._join_code = form.add(_("One-time code"), _required(_("The code")))
        self._pc_code = form.add(_("This PC's code"), check_pc_code, text=wish.pc_code)
        self._by_hand = form.add(
            _("Synchronise"),
            lambda text: read_choice(text, _WHEN),
            text=next(words for words, by_hand in _WHEN.items() if by_hand is is_by_hand(db)),
            choices=[*_WHEN],
        )
        # Most PCs synchronise by themselves: Enter joins here already, Tab leads on to the choice.
        self._pc_code.widget.bind("<Return>", lambda _event: on_save())
        self._said = Label(self, wraplength=_WRAP, justify="left")
        self._said.pack(anchor="w", pady=(10, 0))

    @property
    def first(self) -> tkinter.Misc:
        """The field where typing begins."""
        field: Field[str] = self._join_code if self._wish.address else self._address
        return field.widget

    def say(self, words: str, style: str = "secondary") -> None:
        """Show a message below the fields; ``style`` is a bootstyle of the theme."""
        if self.winfo_exists():
            self._said.configure(text=words, bootstyle=style)

    # --- testing -----------------------------------------------------------------------------------

    def test(self) -> None:
        """Test whether a server answers, and say what joining would do."""
        if self.is_busy:
            return
        address = self._typed(self._address)
        if address is not None:
            self.say(_("Asking the server …"))
            self._run(lambda db: look(db, address), self._told)

    def _told(self, prospect: Prospect) -> None:
        self._looked_at = prospect
        words = [_("A CleanFlow server answers at {address}.").format(address=prospect.url)]
        if prospect.has_shop:
            words.append(
                _("All records of this PC will be sent there: {count}.").format(count=f"{prospect.records:,}")
            )
        else:
            words.append(_("The shop's records will be fetched from there."))
        self.say(" ".join(words), "success")
        if prospect.is_open:
            self._warn(" ".join(words))

    def _warn(self, words: str) -> None:
        warning = _(
            "Over http everybody on the network can read the records. Outside your own network use an"
            " https address; join once more to go on anyway."
        )
        self.say(f"{words}\n{warning}".strip(), warning_style())

    # --- joining -----------------------------------------------------------------------------------

    def join(self, user_id: str | None) -> None:
        """Join, in the name of ``user_id`` (an owner; None on a PC without a shop)."""
        if self.is_busy:
            return
        address, code = self._typed(self._address), self._typed(self._join_code)
        pc_code = self._typed(self._pc_code)
        if address is None or code is None or pc_code is None:
            return
        known, by_hand = self._looked_at, self._by_hand.value()
        self.say(_("Joining …"))

        def work(db: Database) -> str | Prospect:
            prospect = look(db, address)
            if prospect.is_open and (known is None or known.url != prospect.url):
                return prospect  # warn first
            db.session.user_id = user_id
            shop = join(db, address, code, pc_code, as_new=self._wish.as_new).shop_name
            set_by_hand(db, by_hand)
            return shop

        self._run(work, self._came)

    def _came(self, result: str | Prospect) -> None:
        if isinstance(result, Prospect):
            self._told(result)
        else:
            self._joined(result)

    # --- the background ----------------------------------------------------------------------------

    def _typed(self, field: Field[str]) -> str | None:
        try:
            return field.value().strip()
        except FieldRefused:
            return None

    def _run(self, work: Callable[[Database], object], done: Callable[..., object]) -> None:
        """Run ``work`` in the background on a connection of its own; show its refusal here."""
        path, clock = self._db.path, self._db.clock

        def call(_task: Task) -> object:
            try:
                with open_database(path, clock=clock) as db:
                    return work(db)
            except (Refusal, NotSaved) as refused:
                return refused

        def came(result: object) -> None:
            self.is_busy = False
            if isinstance(result, Refusal | NotSaved):
                self._refused(result)
            else:
                done(result)

        def failed(error: BaseException) -> None:
            self.is_busy = False
            self.say(str(error), "danger")

        self.is_busy = True
        self._background.run(call, came, failed)

    def _refused(self, refused: Refusal | NotSaved) -> None:
        self.say(str(refused), "danger")
        if isinstance(refused, Refusal) and self.winfo_exists():
            suggestion = str(refused.facts.get("suggestion", ""))
            if suggestion:
                self._pc_code.set(suggestion)
            field = {"pc_code_taken": self._pc_code, "join_refused": self._join_code}.get(
                refused.code, self._address
            )
            field.widget.focus_set()


def _required(field: str) -> Callable[[str], str]:
    return lambda text: clean_text(field, text, limit=500, required=True)
