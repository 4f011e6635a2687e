"""The print queue: pages stay on disk until the printing system has accepted them.

When a printer is off, its pages are kept with the reason, to be printed later or discarded. Knows nothing
of the books; printers.py sends the pages.
"""

from __future__ import annotations

import json
import re
import uuid
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path

from cleanflow.clock import Clock, SystemClock, parse_timestamp, timestamp
from cleanflow.errors import Refusal
from cleanflow.files import written_whole
from cleanflow.printing.choices import PrintChoice
from cleanflow.printing.paper import drawn_for, paper_named
from cleanflow.printing.printers import send
from cleanflow.rendering.document import Document

FOLDER_NAME = "spool"
MOST_WAITING = 200
LONGEST_WAIT = timedelta(days=30)
#: Longer than any printing system takes to answer: a print without a reason after that was cut off by a
#: crash.
_SENDING = timedelta(minutes=5)
_ID = re.compile(r"[0-9]{8}T[0-9]{12}-[0-9a-f]{8}")


@dataclass(frozen=True)
class Waiting:
    """A waiting print; ``at`` is its timestamp, in UTC.

    ``reason`` is empty if the program ended while sending, so that nobody knows whether it was printed.
    ``record_id`` is the record of a slip.
    """

    id: str
    title: str
    printer: str
    paper: str
    copies: int
    at: str
    reason: str = ""
    record_id: str = ""


class Spool:
    """The queue in ``folder``, which is created when first needed: a PDF and a JSON file for each print."""

    def __init__(self, folder: Path, clock: Clock | None = None) -> None:
        self._folder, self._clock = folder, clock or SystemClock()

    def print_document(
        self, document: Document, choice: PrintChoice, title: str = "", record_id: str = ""
    ) -> None:
        """Draw ``document`` for ``choice`` and print it as :meth:`print_pdf` does."""
        pdf = drawn_for(document, paper_named(choice.paper))
        name = title or f"{document.title} {document.subtitle}"
        self.print_pdf(pdf, choice, name, record_id)

    def print_pdf(self, pdf: bytes, choice: PrintChoice, title: str, record_id: str = "") -> None:
        """Print ``pdf``, drawn for the paper of ``choice``.

        Refuses as :func:`cleanflow.printing.printers.send` does; the pages then wait here.
        """
        paper = paper_named(choice.paper)
        entry = self._new(choice, title, record_id)
        try:
            self._keep(entry)
            self._write(self._file(entry.id, "pdf"), pdf)
        except Refusal:  # the disk is full: print anyway
            self._forget(entry.id)
            send(pdf, choice.printer, choice.copies, paper, title)
            return
        self._tidy(entry.id)
        self._send(entry, pdf)

    def waiting(self) -> list[Waiting]:
        """The waiting prints, oldest first, without those being sent now."""
        return [entry for entry in self._entries() if not self._is_under_way(entry)]

    def is_sending(self, record_id: str) -> bool:
        """Whether the slip of this record is being sent at this moment."""
        return any(entry.record_id == record_id and self._is_under_way(entry) for entry in self._entries())

    def _is_under_way(self, entry: Waiting) -> bool:
        return not entry.reason and abs(self._clock.now() - parse_timestamp(entry.at)) <= _SENDING

    def pdf(self, waiting_id: str) -> bytes:
        """The pages of a waiting print. Refuses with ``print_gone``."""
        self._entry(waiting_id)
        try:
            return self._file(waiting_id, "pdf").read_bytes()
        except OSError as error:
            raise Refusal("print_gone") from error

    def print_again(self, waiting_id: str, printer: str | None = None) -> None:
        """Print a waiting print, on another ``printer`` if given; it stays waiting if that fails.

        Refuses with ``print_gone``, or as :meth:`print_pdf`.
        """
        entry = self._entry(waiting_id)
        pdf = self.pdf(waiting_id)
        self._send(entry if printer is None else replace(entry, printer=printer), pdf)

    def discard(self, waiting_id: str) -> None:
        """Discard a waiting print. Refuses with ``print_gone``."""
        self._entry(waiting_id)
        self._forget(waiting_id)

    def _send(self, entry: Waiting, pdf: bytes) -> None:
        try:
            send(pdf, entry.printer, entry.copies, paper_named(entry.paper), entry.title)
        except Refusal as refused:
            with suppress(Refusal):  # the disk is full: the print waits without its reason
                self._keep(replace(entry, reason=str(refused)))
            raise
        self._forget(entry.id)

    def _new(self, choice: PrintChoice, title: str, record_id: str) -> Waiting:
        at = timestamp(self._clock.now())
        digits = re.sub("[-:.Z]", "", at)
        entry_id = f"{digits}-{uuid.uuid4().hex[:8]}"
        return Waiting(entry_id, title, choice.printer, choice.paper, choice.copies, at, record_id=record_id)

    def _entries(self) -> list[Waiting]:
        entries = (self._read(name) for name in self._ids())
        return [entry for entry in entries if entry and self._file(entry.id, "pdf").is_file()]

    def _ids(self) -> list[str]:
        """Ids of all prints with any file here, oldest first."""
        try:
            names = {path.stem for path in self._folder.iterdir() if path.suffix in (".json", ".pdf")}
        except OSError:
            return []
        return sorted(name for name in names if _ID.fullmatch(name))

    def _entry(self, waiting_id: str) -> Waiting:
        entry = self._read(waiting_id) if _ID.fullmatch(waiting_id) else None
        if entry is None:
            raise Refusal("print_gone")
        return entry

    def _read(self, waiting_id: str) -> Waiting | None:
        try:
            facts = json.loads(self._file(waiting_id, "json").read_text(encoding="utf-8"))
            entry = Waiting(**{**facts, "id": waiting_id})
            parse_timestamp(entry.at)
            paper_named(entry.paper)
        except (OSError, ValueError, TypeError, Refusal):  # not ours, or damaged
            return None
        return entry

    def _keep(self, entry: Waiting) -> None:
        self._write(self._file(entry.id, "json"), json.dumps(asdict(entry)).encode("ascii"))

    def _write(self, path: Path, content: bytes) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Refusal("file_unwritable", path=path, reason=error.strerror or error) from error
        with written_whole(path, is_own=True) as file:
            file.write(content)

    def _forget(self, waiting_id: str) -> None:
        """Delete the JSON file first, so that what a crash leaves behind is no waiting print."""
        for suffix in ("json", "pdf"):
            with suppress(OSError):
                self._file(waiting_id, suffix).unlink()

    def _file(self, waiting_id: str, suffix: str) -> Path:
        return self._folder / f"{waiting_id}.{suffix}"

    def _tidy(self, newest: str) -> None:
        """Discard prints that are too old, the oldest of too many, and incomplete ones."""
        oldest = re.sub("[-:.Z]", "", timestamp(self._clock.now() - LONGEST_WAIT))
        whole = {entry.id for entry in self._entries()}
        others = [name for name in self._ids() if name != newest]
        beyond = max(len(others) + 1 - MOST_WAITING, 0)
        for place, name in enumerate(others):
            is_half = name not in whole and name[:13] < newest[:13]  # of an earlier minute
            if place < beyond or name < oldest or is_half:
                self._forget(name)
