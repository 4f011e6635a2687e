"""Whether a record has been sent to the server: a column of lists, a fact of pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from cleanflow.dao.overview import has_server, sync_status
from cleanflow.gui.desk import Desk
from cleanflow.gui.widgets.records import Column
from cleanflow.language import _

T = TypeVar("T")


def sent_column(desk: Desk, table: str, identify: Callable[[T], str]) -> list[Column[T]]:
    """The column for records of ``table``, once this PC has joined a server; until then none.

    A screen that is already built gets it when it is made anew, as all are after joining.
    """
    if not has_server(desk.db):
        return []
    return [Column("sent", _("Sent"), 58, lambda record: sent_word(desk, table, identify(record)))]


def sent_word(desk: Desk, table: str, record_id: str) -> str:
    """``sent``, ``waiting`` or ``refused``; ``""`` while this PC has no server."""
    words = {"SYNCED": _("sent"), "PENDING": _("waiting"), "FAILED": _("refused")}
    return words.get(sync_status(desk.db, table, record_id) or "", "")
