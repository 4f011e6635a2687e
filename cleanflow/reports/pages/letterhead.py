"""A report as a document of the shop: with its name, address, currency and date order."""

from __future__ import annotations

from cleanflow.dao.shop import Shop
from cleanflow.rendering.document import Document, Section


def on_letterhead(
    shop: Shop,
    title: str,
    subtitle: str,
    sections: tuple[Section, ...],
    *,
    notes: tuple[str, ...] = (),
    signatures: tuple[str, ...] = (),
) -> Document:
    """``sections`` as a document of ``shop``."""
    return Document(
        title=title,
        subtitle=subtitle,
        shop=shop.name,
        shop_lines=tuple(line for line in (*shop.address.splitlines(), shop.phone) if line.strip()),
        currency=shop.currency,
        date_order=shop.date_order,
        sections=sections,
        notes=notes,
        signatures=signatures,
    )
