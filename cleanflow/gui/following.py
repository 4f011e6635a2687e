"""Following a link of a report to the records behind a number."""

from __future__ import annotations

from collections.abc import Callable

from cleanflow.gui.desk import Desk
from cleanflow.language import _
from cleanflow.rendering.document import Link


def follow(desk: Desk, link: Link) -> None:
    """Show the screen with the records that ``link`` names."""
    ways: dict[str, Callable[[], None]] = {
        "customer": lambda: desk.show("customer_page", customer_id=link.id),
        "job": lambda: desk.show("job_page", job_id=link.id),
        "payment": lambda: desk.show("payment_page", payment_id=link.id),
        "account": lambda: desk.show("ledger", account_id=link.id, first=link.first, last=link.last),
        "payments": lambda: desk.show("payments", day=link.first, method=link.id),
        "expenses": lambda: desk.show("expenses", day=link.first),
        "day": lambda: desk.show("ledger", day=link.id),
    }
    way = ways.get(link.kind)
    if way is not None:
        way()
    else:  # a record without a page of its own: the audit trail shows all its values
        desk.show("audit", record_id=link.id)
    desk.tell(_("Esc goes back to the report."))
