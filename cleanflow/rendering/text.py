"""A document as plain text, for a terminal or a pipe."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from cleanflow.rendering.document import Align, Document, Section, Table

_WIDEST_CELL = 36
_FACT_WIDTH = 44


def as_text(document: Document) -> str:
    """The whole document; lines end with a newline, columns are aligned for a fixed-width font."""
    return "\n\n".join(map(_as_text, document.pages))


def _as_text(document: Document) -> str:
    lines = [document.shop, *document.shop_lines, "", f"{document.title}  {document.subtitle}"]
    lines.append("=" * text_width(lines[-1]))
    for section in document.sections:
        if not _only_draws(section):
            lines += ["", *_section(document, section)]
    if document.notes:
        lines += ["", *document.notes]
    for label in document.signatures:
        lines += ["", f"{label}: {'_' * 30}"]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _only_draws(section: Section) -> bool:
    """Whether a section has only charts whose numbers are in tables elsewhere."""
    has_words = section.facts or section.tables or section.notes
    return bool(section.charts) and not has_words and all(chart.is_tabled for chart in section.charts)


def _section(document: Document, section: Section) -> list[str]:
    heading = section.title
    if (section.tables or section.charts) and not section.facts:
        heading += f" ({document.currency.code})"
    lines = [heading, "-" * text_width(heading)]
    for fact in section.facts:
        value = "_" * 12 if fact.value is None else document.shown(fact.value, fact.kind)
        room = max(_FACT_WIDTH - text_width(value), text_width(fact.label) + 2)
        lines.append(_padded(fact.label, room, "left") + value)
    charts = (chart.as_table() for chart in section.charts if not chart.is_tabled)
    for number, table in enumerate((*section.tables, *charts)):
        lines += ([""] if number else []) + _table(document, table)
    return [*lines, *section.notes]


def _table(document: Document, table: Table) -> list[str]:
    if not table.rows:
        return [table.when_empty] if table.when_empty else []
    shown = [document.shown_row(table, row) for row in (*table.rows, table.totals or ()) if row]
    cells = [[_cut(cell) for cell in row] for row in shown]
    titles = [column.title for column in table.columns]
    widths = [max(map(text_width, column)) for column in zip(titles, *cells, strict=True)]
    alignments = [column.alignment for column in table.columns]
    lines = [_row(row, widths, alignments) for row in [titles, *cells]]
    rule = "  ".join("-" * width for width in widths)
    lines.insert(1, rule)
    if table.totals:
        lines.insert(-1, rule)
    return lines


def _row(cells: Sequence[str], widths: Sequence[int], alignments: Sequence[Align]) -> str:
    return "  ".join(
        _padded(cell, width, align) for cell, width, align in zip(cells, widths, alignments, strict=True)
    )


def _padded(text: str, width: int, align: Align) -> str:
    space = " " * max(0, width - text_width(text))
    return space + text if align == "right" else text + space


def _cut(text: str) -> str:
    if text_width(text) <= _WIDEST_CELL:
        return text
    kept, width = "", 0
    for char in text:
        width += text_width(char)
        if width >= _WIDEST_CELL:
            break
        kept += char
    return kept.rstrip() + "…"


def text_width(text: str) -> int:
    """Width in terminal cells: wide East Asian characters take two, marks and format characters none."""
    return sum(_char_width(char) for char in text)


def _char_width(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
