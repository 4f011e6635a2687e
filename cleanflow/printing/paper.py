"""Paper sizes, and drawing a document for one of them."""

from __future__ import annotations

from dataclasses import dataclass

from cleanflow.errors import Refusal
from cleanflow.rendering.document import Document
from cleanflow.rendering.fonts import FontBook
from cleanflow.rendering.pdf import pdf_bytes
from cleanflow.rendering.roll import roll_pdf


@dataclass(frozen=True)
class Paper:
    """A paper size in millimetres. ``height_mm`` is ``None`` for a roll, which is as long as its print.

    ``margin_mm`` is left white on every side, since printers may not reach it.
    """

    name: str
    width_mm: float
    height_mm: float | None
    margin_mm: float

    @property
    def is_roll(self) -> bool:
        """Whether the paper has no fixed length."""
        return self.height_mm is None


A4 = Paper("A4", 210, 297, 10)
LETTER = Paper("LETTER", 215.9, 279.4, 10)
#: The roll of a receipt printer, which prints 72 of the 80 mm.
ROLL_80 = Paper("ROLL_80", 80, None, 4)

PAPERS = {paper.name: paper for paper in (A4, LETTER, ROLL_80)}


def paper_named(name: str) -> Paper:
    """The paper of this name. Refuses with ``choice_invalid``."""
    if name not in PAPERS:
        raise Refusal("choice_invalid", text=name, choices=", ".join(PAPERS))
    return PAPERS[name]


def drawn_for(document: Document, paper: Paper, fonts: FontBook | None = None) -> bytes:
    """``document`` as a PDF for ``paper``."""
    return roll_pdf(document, fonts) if paper.is_roll else pdf_bytes(document, paper=paper.name, fonts=fonts)
