"""The first start: open a new shop, join one, bring a backup back, or look at a demo shop."""

from __future__ import annotations

import tkinter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ttkbootstrap import Button, Frame, Label

from cleanflow import money
from cleanflow.dao.fields import choice, clean_text
from cleanflow.dao.shop import check_pc_code, set_up_shop
from cleanflow.dao.users import User, check_pin
from cleanflow.db import Database
from cleanflow.errors import Refusal
from cleanflow.gui.appearance import px
from cleanflow.gui.dialogs.clock_dialog import ask_clock
from cleanflow.gui.tasks.background import Background, Task
from cleanflow.gui.widgets.dialog import Dialog
from cleanflow.gui.widgets.form import FieldRefused, Form
from cleanflow.gui.widgets.page import Page
from cleanflow.language import _
from cleanflow.paths import DEMO_NAME

_DEMO_JOBS = 600
_LOOK_EVERY_MS = 200


@dataclass(frozen=True)
class Ways:
    """What follows each choice: ``opened`` gets the new shop's owner, ``joined`` starts fetching the shop's
    records, ``bring_back`` asks for a backup, ``open_file`` shows the shop of another file."""

    opened: Callable[[User], object]
    joined: Callable[[], object]
    bring_back: Callable[[], object]
    open_file: Callable[[Path], object]


class FirstStart(Page):
    """Asks for one of four ways, then only for what printing, money and signing in need."""

    def __init__(self, parent: tkinter.Misc, db: Database, background: Background, ways: Ways) -> None:
        super().__init__(parent, _("Welcome to CleanFlow"), _("What would you like to do?"))
        self._db = db
        self._background = background
        self._ways = ways
        self._demo: Task | None = None
        self._timer = ""
        self._words = ""
        #: Texts of the forms, kept when somebody goes back.
        self._shop_texts: list[str] = []
        self._server_texts: list[str] = []
        self._part = Frame(self.body)
        self._ask()

    def _fresh(self) -> Frame:
        self._part.destroy()
        self._part = Frame(self.body)
        self._part.pack(anchor="w", fill="x")
        return self._part

    def help(self) -> None:
        """F1: explain what is asked here."""
        dialog = Dialog(self.winfo_toplevel(), _("Help"), self._words)
        close = Button(dialog.bar, text=_("Esc  Close"), bootstyle="primary", command=dialog.close)
        close.pack()
        dialog.bind("<F1>", lambda _event: dialog.close())
        dialog.appear(close)

    # --- the first question ------------------------------------------------------------------------

    def _ask(self) -> None:
        part = self._fresh()
        self._words = _(
            "The first PC opens a new shop; every other PC joins it through the shop's server. To"
            " replace a PC, bring back its backup. The demo shop has its own books. Up, Down and Tab"
            " move between the choices, Enter takes one."
        )
        ways: tuple[tuple[str, str, Callable[[], object]], ...] = (
            (_("Open a new shop"), _("New books, on this PC."), self._ask_for_shop),
            (
                _("Join a shop that has a server"),
                _(
                    "The shop already works on other PCs. Its records come here, and all PCs hold the"
                    " same books."
                ),
                self._ask_for_server,
            ),
            (
                _("Bring a backup back"),
                _("From a USB stick or another PC. You see what is in it first."),
                self._ways.bring_back,
            ),
            (
                _("Look around in a demo shop"),
                _(
                    "Three months of invented records in a separate file: try anything, your own"
                    " books stay empty."
                ),
                self._make_demo,
            ),
        )
        buttons: list[Button] = []
        for title, words, command in ways:
            button = Button(
                part,
                text=title,
                width=28,
                command=command,
                bootstyle="secondary-outline" if buttons else "primary",
            )
            button.pack(anchor="w", pady=px(8, 2))
            Label(part, text=words, bootstyle="secondary", wraplength=px(560)).pack(anchor="w")
            buttons.append(button)
        for number, button in enumerate(buttons):
            button.bind("<Down>", lambda _event, n=number: buttons[(n + 1) % len(buttons)].focus_set())  # type: ignore[misc]
            button.bind("<Up>", lambda _event, n=number: buttons[n - 1].focus_set())  # type: ignore[misc]
        # Shift+Tab on the first does not wrap to the last.
        buttons[0].bind("<<PrevWindow>>", lambda _event: "break")
        self._message = Label(part, wraplength=px(560), justify="left")
        self._message.pack(anchor="w", pady=px(12, 0))
        buttons[0].focus_set()

    # --- joining -----------------------------------------------------------------------------------

    def _ask_for_server(self) -> None:
        from cleanflow.gui.dialogs.join_form import JoinForm, Wish

        part = self._fresh()
        words = self._words = _(
            "The server prints a one-time code with “serve new-code”. This PC's code comes before the"
            " numbers of its jobs and receipts; each PC of the shop has its own. By hand only: the shop's"
            " records are fetched once, and then nothing is sent or fetched until somebody asks."
        )
        Label(part, text=words, wraplength=px(560), justify="left").pack(anchor="w", pady=px(0, 12))
        form = JoinForm(
            part,
            self._db,
            self._background,
            Wish("C2"),
            on_save=lambda: form.join(None),
            joined=lambda _shop: self._ways.joined(),
        )
        form.pack(anchor="w")
        form.form.fill(self._server_texts)

        def back() -> None:
            if not form.is_busy:
                self._server_texts = form.form.texts()
                self._ask()

        self._buttons(
            part,
            (_("Join"), lambda: form.join(None)),
            (_("Test the connection"), form.test),
            (_("Back"), back),
        )
        form.first.focus_set()

    def _buttons(self, part: Frame, *ways: tuple[str, Callable[[], object]]) -> None:
        """Add buttons from the right; the first one goes on and is first in the Tab order."""
        bar = Frame(part)
        bar.pack(anchor="e", pady=px(16, 0))
        for number, (text, command) in enumerate(ways):
            style = "secondary-outline" if number else "primary"
            Button(bar, text=text, bootstyle=style, command=command).pack(side="right", padx=px(8, 0))

    # --- a demo ------------------------------------------------------------------------------------

    def _make_demo(self) -> None:
        path = self._db.path.with_name(DEMO_NAME)
        if path.exists():
            self._ways.open_file(path)
            return
        if self._demo is not None:
            return
        self._message.configure(text=_("Making the demo shop …"))

        def make(task: Task) -> None:
            from cleanflow.demo.making import make_demo

            made = 0

            def advance(jobs: int) -> None:
                nonlocal made
                made += jobs
                task.progress(_("{made} of {all} jobs").format(made=made, all=_DEMO_JOBS))

            make_demo(path, jobs=_DEMO_JOBS, advance=advance)

        self._demo = self._background.run(make, lambda _nothing: self._ways.open_file(path), self._failed)
        self._follow()

    def _follow(self) -> None:
        if self._demo is not None and self._message.winfo_exists():
            self._message.configure(text=f"{_('Making the demo shop …')} {self._demo.words}")
            self._timer = self.after(_LOOK_EVERY_MS, self._follow)

    def _failed(self, error: BaseException) -> None:
        self._demo = None
        self._message.configure(text=str(error), bootstyle="danger")

    def destroy(self) -> None:
        """Leave the page and cancel the demo."""
        if self._demo is not None:
            self._demo.cancel()
            self._demo = None
        if self._timer:
            self.after_cancel(self._timer)
        super().destroy()

    # --- a new shop --------------------------------------------------------------------------------

    def _ask_for_shop(self) -> None:
        part = self._fresh()
        self._words = _(
            "Name, address and phone are printed on receipts and reports. The currency is a"
            " three-letter code. This PC's code comes before the numbers of its jobs and receipts. If"
            " the shop works past midnight, enter the hour at which its day begins. The owner's PIN"
            " has at least four characters."
        )
        form = Form(part, self._on_save)
        form.pack(anchor="w")
        self._shop = form.add(_("Shop's name"), _required(_("The shop's name")))
        self._address = form.add(_("Address"), str)
        self._phone = form.add(_("Phone"), str)
        self._currency = form.add(_("Currency (like PKR)"), lambda text: money.currency(text).code)
        self._code = form.add(_("This PC's code"), check_pc_code, text="C1")
        self._day_start = form.add(_("Day starts at (hour)"), _read_hour, text="0")
        self._owner = form.add(_("Owner's name"), _required(_("The owner's name")))
        self._pin = form.add(_("Owner's PIN"), check_pin, secret=True)
        self._again = form.add(_("PIN once more"), self._read_again, secret=True)
        form.fill(self._shop_texts)

        def back() -> None:
            self._shop_texts = form.texts()
            self._ask()

        self._buttons(part, (_("Open the shop"), self._on_save), (_("Back"), back))
        self._refusal = Label(part, bootstyle="danger", wraplength=px(620))
        self._refusal.pack(anchor="w")
        self._shop.widget.focus_set()

    def _read_again(self, text: str) -> str:
        if text != self._pin.widget.get():
            raise Refusal("pins_differ")
        return text

    def _on_save(self) -> None:
        self._refusal.configure(text="")
        try:
            user = self._set_up()
        except FieldRefused:
            return
        except Refusal as refusal:
            if refusal.code == "clock_unsure":
                ask_clock(self.winfo_toplevel(), self._db, self._on_save)
            else:
                self._refusal.configure(text=str(refusal))
            return
        self._ways.opened(user)

    def _set_up(self) -> User:
        shop, currency, code = self._shop.value(), self._currency.value(), self._code.value()
        day_starts_at, owner, pin = self._day_start.value(), self._owner.value(), self._pin.value()
        self._again.value()
        return set_up_shop(
            self._db,
            name=shop,
            currency=currency,
            pc_code=code,
            owner=owner,
            pin=pin,
            address=self._address.text(),
            phone=self._phone.text(),
            day_starts_at=day_starts_at,
        )


def _required(field: str) -> Callable[[str], str]:
    return lambda text: clean_text(field, text, limit=200, required=True)


def _read_hour(text: str) -> int:
    """The hour at which the shop's day begins, 0 to 12; a bar that closes at 3 enters 4."""
    return int(choice(text.strip() or "0", tuple(str(hour) for hour in range(13))))
