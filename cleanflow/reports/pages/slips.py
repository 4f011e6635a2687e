"""What job tickets and receipts have in common: the customer, and that a reprint is a copy."""

from __future__ import annotations

from cleanflow.dao.customers import Customer
from cleanflow.language import _
from cleanflow.rendering.document import Fact, Link, Section


def slip_title(title: str, is_copy: bool) -> str:
    """``title``, marked as a copy on a reprint."""
    return f"{title} · {_('COPY')}" if is_copy else title


def customer_section(customer: Customer) -> Section:
    """The customer's section."""
    facts = [Fact(_("Name"), customer.name, "text", link=Link("customer", customer.id))]
    if customer.phone:
        facts.append(Fact(_("Phone"), customer.phone, "text"))
    return Section(_("Customer"), facts=tuple(facts))


def note_lines(text: str) -> tuple[str, ...]:
    """The lines of a text that are not blank."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())
