"""The drawer: the expected cash, cash in and out, and closing the day by counting."""

from __future__ import annotations

from ttkbootstrap import Entry, Frame, Label

from cleanflow.dao.blind_count import HIDDEN, drawer_is_hidden
from cleanflow.dao.closings import DayClosing, late_entries, list_closings
from cleanflow.dao.drawer import DrawerMovement, move_cash
from cleanflow.dao.fields import clean_reason
from cleanflow.dao.paging import Page, Slice
from cleanflow.dao.stamps import believed_today, new_id, today
from cleanflow.errors import Refusal
from cleanflow.gui.appearance import px
from cleanflow.gui.desk import DRAWER_CHANGED, MONEY_CHANGED, SETTINGS_CHANGED, Action
from cleanflow.gui.reading import read_amount, read_date
from cleanflow.gui.screen import Screen
from cleanflow.gui.tasks.printing import Print, preview
from cleanflow.gui.widgets.counting import Counting
from cleanflow.gui.widgets.dialog import FormDialog
from cleanflow.gui.widgets.labels import short_date
from cleanflow.gui.widgets.records import Column, Order, RecordList
from cleanflow.language import _
from cleanflow.rendering.document import Document
from cleanflow.reports.closed_day import (
    addenda_reports,
    addendum_now,
    close_the_day,
    closed_report,
    make_addendum,
)
from cleanflow.reports.daily import daily_report
from cleanflow.reports.words import movement_word


class DayClose(Screen):
    """Left: the expected cash; middle: the count; right: earlier closings."""

    name = "day_close"
    title = _("Day close")
    key = "F9"
    icon = "calendar-check"
    help = _(
        "Count the drawer at the end of the day: enter the number of each note and coin, or the sum,"
        " and close the day. A difference needs a reason and is booked. A day may be closed several"
        " times, for instance at each change of shift. Where the shop counts blind, what is expected and"
        " the difference are shown when the count is booked."
    )
    actions = (
        Action("Control-s", _("Close the day"), "save", is_primary=True),
        Action("Control-p", _("Print …"), "print_closing"),
        Action("Control-l", _("Float"), "add_float"),
        Action("Control-i", _("Pay in"), "pay_in"),
        Action("Control-o", _("Pay out"), "pay_out"),
        Action("Control-u", _("To the bank"), "to_bank"),
        Action(
            "Control-g",
            _("Later entries …"),
            "addendum",
            _("Entries made after the chosen closing, as a numbered addendum"),
        ),
        Action("Control-j", "", "focus_closings", _("To the closings")),
    )
    refresh_on = (*MONEY_CHANGED, SETTINGS_CHANGED)

    def build(self) -> None:
        """Build the three parts."""
        self._closing_id = new_id()
        left = Frame(self.body)
        left.pack(side="left", fill="y", padx=px(0, 24))
        self._build_story(left)
        middle = Frame(self.body)
        middle.pack(side="left", fill="y", padx=px(0, 24))
        self._build_count(middle)
        right = Frame(self.body)
        right.pack(side="left", fill="both", expand=True)
        Label(right, text=_("Closings"), font="StrongFont").pack(anchor="w", pady=px(0, 6))
        self._build_closings(right)

    def _build_story(self, parent: Frame) -> None:
        self._story_heading = Label(parent, font="StrongFont")
        self._story_heading.pack(anchor="w", pady=px(0, 6))
        self._story = Frame(parent)
        self._story.pack(anchor="w", fill="x")

    def _build_count(self, parent: Frame) -> None:
        Label(parent, text=_("Count"), font="StrongFont").pack(anchor="w", pady=px(0, 6))
        self._counting = Counting(parent, self.desk, lambda: self._reason.focus_set())
        self._counting.pack(anchor="w")
        Label(parent, text=_("Reason for a difference")).pack(anchor="w", padx=px(12, 0), pady=px(10, 2))
        self._reason = Entry(parent, width=34)
        self._reason.pack(anchor="w", padx=px(12, 0))
        Label(parent, text=_("Business date")).pack(anchor="w", padx=px(12, 0), pady=px(10, 2))
        self._day = Entry(parent, width=14)
        self._day.insert(0, "t")
        self._day.pack(anchor="w", padx=px(12, 0))
        self._reason.bind("<Return>", lambda _event: self.save())
        self._day.bind("<Return>", lambda _event: self.save())
        self._day.bind("<FocusOut>", lambda _event: self._show_story())

    def _build_closings(self, parent: Frame) -> None:
        order = self.desk.shop.date_order
        columns: list[Column[DayClosing]] = [
            Column("date", _("Date"), 86, lambda line: short_date(line.business_date, order), sort="date"),
            Column("differs", _("Differs"), 84, self._difference, is_right=True),
            Column("late", _("Later"), 50, self._late_words, is_right=True, stretches=True),
        ]
        self._closings = RecordList(
            parent,
            self.desk,
            "closings",
            columns,
            self._read_closings,
            identify=lambda line: line.id,
            order=Order("date", descending=True),
            empty=_("No day was closed yet."),
        )
        self._closings.pack(fill="both", expand=True)

    def refresh(self) -> None:
        """Read the drawer and the closings again."""
        self._show_story()
        self._closings.reload()

    def focus_first(self) -> None:
        """Focus the first denomination."""
        self._counting.focus_first()

    def _read_closings(self, part: Slice) -> Page[DayClosing]:
        return list_closings(self.desk.db, part)

    def _difference(self, closing: DayClosing) -> str:
        if drawer_is_hidden(self.desk.db, closing.drawer_id):
            return HIDDEN
        return self.desk.shop.currency.format(closing.variance_minor) if closing.variance_minor else "–"

    def _late_words(self, closing: DayClosing) -> str:
        count = late_entries(self.desk.db, closing)
        return f"+{count}" if count else ""

    def focus_closings(self) -> None:
        """Focus the list of closings."""
        self._closings.focus_list()

    # --- what should be there ----------------------------------------------------------------------

    def _show_story(self) -> None:
        """Show the drawer's movements; where the shop counts blind, only after the count."""
        for widget in self._story.winfo_children():
            widget.destroy()
        drawer = daily_report(self.desk.db, self._business_date()).drawer
        money = self.desk.shop.currency.format
        self._story_heading.configure(text=_("Cash drawer {pcs}").format(pcs=", ".join(drawer.pcs)))
        cash = drawer.cash
        if cash is None:
            Label(
                self._story,
                text=_("What is expected is shown after counting."),
                wraplength=px(200),
                justify="left",
            ).grid()
            return
        lines = [(_("At the start"), money(cash.opening_minor))]
        lines += [(movement_word(movement.kind), money(movement.amount_minor)) for movement in cash.movements]
        for row, (words, amount) in enumerate([*lines, (_("In the drawer"), money(cash.closing_minor))]):
            font = "StrongFont" if row == len(lines) else "TkDefaultFont"
            Label(self._story, text=words, font=font).grid(row=row, column=0, sticky="w", pady=px(1))
            Label(self._story, text=amount, font=font).grid(row=row, column=1, sticky="e", padx=px(16, 0))

    def _business_date(self) -> str:
        now = today(self.desk.db)
        return read_date(self._day.get() or "t", now, self.desk.shop.date_order).isoformat()

    # --- cash in and out ---------------------------------------------------------------------------

    def add_float(self) -> None:
        """Record change money put into the drawer."""
        self._move("FLOAT", _("Put a float into the drawer"), _("Float"))

    def pay_in(self) -> None:
        """Record other cash put in."""
        self._move("PAY_IN", _("Pay cash in"), "")

    def pay_out(self) -> None:
        """Record cash taken out by the owner."""
        self._move("PAY_OUT", _("Pay cash out to the owner"), "")

    def to_bank(self) -> None:
        """Record takings brought to the bank."""
        self._move("BANK_DEPOSIT", _("Bring cash to the bank"), _("Takings"))

    def _move(self, kind: str, title: str, proposed: str) -> None:
        unit = self.desk.shop.currency
        dialog = FormDialog(self.desk, title, save=_("Record"))
        amount = dialog.form.add(_("Amount"), lambda text: read_amount(text, unit))
        reason = dialog.form.add(
            _("Reason"),
            clean_reason,
            text=proposed,
        )
        movement_id = new_id()
        dialog.ask(
            lambda: move_cash(self.desk.db, kind, amount.value(), reason.value(), movement_id=movement_id),
            self._moved,
        )

    def _moved(self, movement: DrawerMovement) -> None:
        self.desk.changed(DRAWER_CHANGED)
        words = _("Recorded: {kind} {reference}, {amount}")
        amount = self.desk.shop.currency.format(movement.amount_minor)
        self.desk.tell(
            words.format(kind=movement_word(movement.kind), reference=movement.reference, amount=amount)
        )

    # --- closing -----------------------------------------------------------------------------------

    def save(self) -> None:
        """Close the day with the count; a blind one is confirmed first, for then its difference is booked."""
        self._counting.refuse("")
        if drawer_is_hidden(self.desk.db):
            self.desk.do(self._counting.total_minor, self._confirm, self._refused)
        else:
            self.desk.do(self._close, self._closed, self._refused)

    def _confirm(self, counted_minor: int) -> None:
        dialog = FormDialog(
            self.desk,
            _("Counted: {amount}").format(amount=self.desk.shop.currency.format(counted_minor)),
            _("The day is closed with this count, which cannot be changed. A difference is shown then."),
            save=_("Close the day"),
        )
        dialog.ask(self._close, self._closed)

    def _close(self) -> DayClosing:
        believed_today(self.desk.db)  # a typed day like “t” depends on today
        return close_the_day(
            self.desk.db,
            counted_minor=self._counting.total_minor(),
            denominations=self._counting.pieces(),
            reason=self._reason.get(),
            on=self._business_date(),
            closing_id=self._closing_id,
        )

    def _refused(self, words: str) -> None:
        self._counting.refuse(words)
        self._reason.focus_set()

    def _closed(self, closing: DayClosing) -> None:
        self._closing_id = new_id()
        self._counting.discard()
        self._reason.delete(0, "end")
        self.desk.changed(DRAWER_CHANGED)
        self.desk.keeping.back_up()
        unit = self.desk.shop.currency
        self._closings.choose_none()
        words = _("Closed: {reference}, counted {counted}, {differs}. Ctrl+P prints it.")
        self.desk.tell(
            words.format(
                reference=closing.reference,
                counted=unit.format(closing.counted_minor),
                differs=_("difference {amount}").format(amount=unit.format(closing.variance_minor))
                if closing.variance_minor
                else _("nothing missing"),
            )
        )

    # --- paper -------------------------------------------------------------------------------------

    def _chosen_closing(self) -> DayClosing | None:
        """The chosen closing, or else the newest."""
        found = self._closings.chosen() or self._last_closing()
        if found is None:
            self.desk.tell(_("No day was closed yet. F8 prints the report of any day."))
        return found

    def _last_closing(self) -> DayClosing | None:
        newest = list_closings(self.desk.db, Slice("date", descending=True, limit=1))
        return next(iter(newest.rows), None)

    def print_closing(self) -> None:
        """Preview the stored report of the chosen closing."""
        closing = self._chosen_closing()
        if closing is not None:
            self.desk.do(lambda: self._closing_print(closing), lambda what: preview(self.desk, what))

    def _closing_print(self, closing: DayClosing) -> Print:
        self._ask_owner_if_hidden(closing)
        return Print(closed_report(self.desk.db, closing.id), "document")

    def _ask_owner_if_hidden(self, closing: DayClosing) -> None:
        """Let only an owner see a count from which follows what is in the drawer now."""
        if drawer_is_hidden(self.desk.db, closing.drawer_id):
            raise Refusal("owner_needed")

    def addendum(self) -> None:
        """Preview the later entries of the closed day; the addendum is stored only when it is printed."""
        closing = self._chosen_closing()
        if closing is not None:
            self.desk.do(lambda: self._addendum_print(closing), self._show_addendum)

    def _addendum_print(self, closing: DayClosing) -> Print:
        self._ask_owner_if_hidden(closing)
        kept = addenda_reports(self.desk.db, closing.id)
        if kept and not late_entries(self.desk.db, closing):
            return Print(kept[-1], "document")
        draft = addendum_now(self.desk.db, closing.id)
        return Print(draft, "document", keep=lambda: self._keep_addendum(closing))

    def _show_addendum(self, what: Print) -> None:
        preview(self.desk, what)
        if what.keep is not None:
            self.desk.tell(_("It gets its number when it is printed."))

    def _keep_addendum(self, closing: DayClosing) -> Document:
        make_addendum(self.desk.db, closing.id)
        self.desk.changed(DRAWER_CHANGED)
        return addenda_reports(self.desk.db, closing.id)[-1]
