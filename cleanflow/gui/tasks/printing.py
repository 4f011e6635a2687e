"""Printing from a screen: through the preview, or straight to the printer."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cleanflow.clock import Clock
from cleanflow.dao.jobs import Job
from cleanflow.dao.payments import Payment
from cleanflow.db import open_database
from cleanflow.errors import NotSaved, Refusal
from cleanflow.gui.desk import Desk
from cleanflow.language import _
from cleanflow.printing.choices import PrintChoice, Purpose, load_choice
from cleanflow.printing.originals import is_copy, note_original
from cleanflow.printing.spool import FOLDER_NAME, Spool
from cleanflow.rendering.document import Document
from cleanflow.reports.pages.receipt import receipt
from cleanflow.reports.pages.ticket import ticket


@dataclass(frozen=True)
class Print:
    """A document to print; ``record_id`` is the job or payment of a slip, whose later prints are copies.

    ``keep`` stores the document before it is printed (a preview alone must not) and returns it as stored.
    """

    document: Document
    purpose: Purpose
    record_id: str = ""
    keep: Callable[[], Document] | None = None


def ticket_print(desk: Desk, job: Job) -> Print:
    """A job's ticket; marked as a copy if it was printed before."""
    copy = _is_copy(desk, job.id, job.business_date)
    return Print(ticket(desk.db, job.id, copy), "slip", job.id)


def receipt_print(desk: Desk, payment: Payment, received_minor: int | None = None) -> Print:
    """A payment's receipt with the cash received; marked as a copy if it was printed before."""
    copy = _is_copy(desk, payment.id, payment.business_date)
    return Print(receipt(desk.db, payment.id, copy, received_minor=received_minor), "slip", payment.id)


def _is_copy(desk: Desk, record_id: str, business_date: str) -> bool:
    return is_copy(desk.db, record_id, business_date) or spool_of(desk).is_sending(record_id)


def spool_of(desk: Desk) -> Spool:
    """The spool, in a folder beside the shop's database."""
    return Spool(desk.db.path.parent / FOLDER_NAME)


def preview(desk: Desk, what: Print) -> None:
    """Show the print preview, with the printer and paper remembered for its purpose."""
    desk.show("print_page", what=what)


def print_if_wanted(desk: Desk, make: Callable[[], Print]) -> None:
    """Print a slip if this PC prints slips automatically; ``make`` reads it on Tk's loop."""
    choice = load_choice(desk.db, "slip")
    if choice.is_automatic:
        send_to_printer(desk, make(), choice, lambda: None)


def send_to_printer(desk: Desk, what: Print, choice: PrintChoice, done: Callable[[], object]) -> None:
    """Print in a worker. What the printer does not take waits in the spool, and the status bar says so.

    A slip counts as printed once the printer took it; one that it refused is still the original.
    """
    spool, path, clock = spool_of(desk), desk.db.path, desk.db.clock

    def send() -> str:
        try:
            spool.print_document(what.document, choice, record_id=what.record_id)
            note_taken(path, clock, what.record_id)
        except Refusal as refusal:
            return _("NOT printed, kept to print later (F2, Prints that wait): {reason}").format(
                reason=refusal
            )
        printer = choice.printer or _("the usual printer")
        return _("Sent to {printer}: {title}").format(printer=printer, title=what.document.title)

    def tell(words: str) -> None:
        done()
        desk.tell(words)

    desk.in_background(_("Printing …"), lambda task: send(), tell)


def note_taken(path: Path, clock: Clock, record_id: str) -> None:
    """Note in a worker that the printer took a slip; ``record_id`` is empty for other documents.

    A disk that refuses the note does not undo the print: at worst the next one lacks the word “copy”.
    """
    if record_id:
        with suppress(Refusal, NotSaved), open_database(path, clock=clock) as db:
            db.in_background = True
            note_original(db, record_id)
