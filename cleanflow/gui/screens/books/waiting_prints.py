"""Prints that the printer did not take: print them again, or discard them."""

from __future__ import annotations

from cleanflow.dao.paging import Page, Slice, page_of
from cleanflow.errors import Refusal
from cleanflow.gui.desk import Action
from cleanflow.gui.screen import Screen
from cleanflow.gui.tasks.background import Task
from cleanflow.gui.tasks.printing import note_taken, spool_of
from cleanflow.gui.widgets.labels import short_moment
from cleanflow.gui.widgets.records import Column, Order, RecordList
from cleanflow.language import _
from cleanflow.printing.spool import Waiting


class WaitingPrints(Screen):
    """The list, the oldest first."""

    name = "waiting_prints"
    title = _("Prints that wait")
    help = _(
        "What could not be printed waits here for up to thirty days. Print it again when the printer"
        " is on and has paper, or discard it: the records are safe either way."
    )
    actions = (
        Action("Control-p", _("Print again"), "print_again", is_primary=True),
        Action("Control-q", _("Discard"), "discard"),
    )

    def build(self) -> None:
        """Build the list."""
        columns: list[Column[Waiting]] = [
            Column("at", _("Since"), 130, lambda line: short_moment(line.at, self.desk.shop.date_order)),
            Column("title", _("What"), 220, lambda line: line.title, stretches=True),
            Column("printer", _("Printer"), 130, lambda line: line.printer or _("the usual one")),
            Column("reason", _("Why it waits"), 280, _why, stretches=True),
        ]
        self._list = RecordList(
            self.body,
            self.desk,
            self.name,
            columns,
            self._read,
            identify=lambda line: line.id,
            order=Order("at"),
            empty=_("Nothing is waiting: everything went to its printer."),
            on_open=lambda line: self.print_again(),
        )
        self._list.pack(fill="both", expand=True)

    def _read(self, _part: Slice) -> Page[Waiting]:
        return page_of(spool_of(self.desk).waiting())

    def refresh(self) -> None:
        """Read the list again."""
        self._list.reload()

    def focus_first(self) -> None:
        """Focus the list."""
        self._list.focus_list()

    def print_again(self) -> None:
        """Send the chosen print to its printer again."""
        line = self._list.chosen()
        if line is None:
            self.tell_nothing_chosen()
            return
        spool, path, clock = spool_of(self.desk), self.desk.db.path, self.desk.db.clock

        def send(_task: Task) -> str:
            try:
                spool.print_again(line.id)
                note_taken(path, clock, line.record_id)
            except Refusal as refusal:
                return _("NOT printed, still waiting: {reason}").format(reason=refusal)
            return _("Sent: {title}").format(title=line.title)

        self.desk.in_background(_("Printing …"), send, self._sent)

    def _sent(self, words: str) -> None:
        self.refresh()
        self.desk.tell(words)

    def discard(self) -> None:
        """Discard the chosen print."""
        line = self._list.chosen()
        if line is None:
            self.tell_nothing_chosen()
            return
        self.desk.do(lambda: spool_of(self.desk).discard(line.id), lambda _nothing: self.refresh())


def _why(line: Waiting) -> str:
    return line.reason or _("The program ended while sending it; it may have been printed.")
