"""Drawing text and rules on a PDF page, and fitting text into a width."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from cleanflow.rendering.fonts import FontBook, Run
from cleanflow.rendering.shaping import Setting

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

_GREY = 0.33
HAIRLINE = 0.3


class Pen:
    """Draws text and rules on a canvas, each text in fonts that have its glyphs. Units are points."""

    def __init__(self, canvas: Canvas, fonts: FontBook, size: float) -> None:
        self.canvas, self.fonts, self.size = canvas, fonts, size

    def text(
        self, x: float, y: float, text: str, *, size: float = 0, bold: bool = False, grey: bool = False
    ) -> None:
        """``text`` from ``x`` on the base line ``y``."""
        self.canvas.setFillGray(_GREY if grey else 0)
        for run in self.fonts.runs(text, bold):
            self.canvas.setFont(run.font, size or self.size)
            if run.setting:
                self._draw_set(run, run.setting, x, y, size or self.size)
            else:
                self.canvas.drawString(x, y, run.text)
            x += run.width(size or self.size)

    def _draw_set(self, run: Run, setting: Setting, x: float, y: float, size: float) -> None:
        """Draw glyph by glyph; copying and searching still give the text (PDF 32000-1, 14.9.4)."""
        self.canvas.addLiteral(f"/Span <</ActualText <FEFF{run.text.encode('utf-16-be').hex()}>>> BDC")
        for glyph in setting.glyphs:
            self.canvas.drawString(x + glyph.x * size / 1000, y + glyph.y * size / 1000, glyph.char)
        self.canvas.addLiteral("EMC")

    def text_right(
        self, x: float, y: float, text: str, *, size: float = 0, bold: bool = False, grey: bool = False
    ) -> None:
        """``text`` up to ``x``."""
        self.text(
            x - self.fonts.width(text, size or self.size, bold), y, text, size=size, bold=bold, grey=grey
        )

    def rule(self, x: float, y: float, width: float, *, thick: float = HAIRLINE, grey: float = 0) -> None:
        """A horizontal line."""
        self.canvas.setStrokeGray(grey)
        self.canvas.setLineWidth(thick)
        self.canvas.line(x, y, x + width, y)

    def bar(self, x: float, y: float, width: float, height: float, *, grey: float) -> None:
        """A filled rectangle with a thin black edge; with ``height`` < 0 it extends down from ``y``."""
        self.canvas.setFillGray(grey)
        self.canvas.setStrokeGray(0)
        self.canvas.setLineWidth(HAIRLINE)
        self.canvas.rect(x, min(y, y + height), width, abs(height), stroke=1, fill=1)


def fitted(fonts: FontBook, text: str, width: float, size: float, bold: bool = False) -> str:
    """``text``, or as much of it as fits into ``width`` points with an ellipsis."""
    if fonts.width(text, size, bold) <= width:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if fonts.width(text[:middle].rstrip() + "…", size, bold) <= width:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + "…"


def wrapped(fonts: FontBook, text: str, width: float, size: float, bold: bool = False) -> list[str]:
    """``text`` in lines of at most ``width`` points, broken between words, or inside a longer word."""
    lines, line = [], ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and fonts.width(longer, size, bold) > width:
            lines.append(line)
            longer = word
        *full, line = _parts(fonts, longer, width, size, bold)
        lines += full
    return [*lines, line] if line else lines


def _parts(fonts: FontBook, word: str, width: float, size: float, bold: bool) -> list[str]:
    """``word`` in parts of at most ``width`` points, never split between a letter and its marks."""
    parts = []
    while fonts.width(word, size, bold) > width:
        low, high = 1, len(word) - 1
        while low < high:
            middle = (low + high + 1) // 2
            if fonts.width(word[:middle], size, bold) <= width:
                low = middle
            else:
                high = middle - 1
        cut = low
        while cut > 1 and unicodedata.category(word[cut : cut + 1] or "x")[0] in "MC":
            cut -= 1
        if not 0 < cut < len(word):
            break
        parts.append(word[:cut])
        word = word[cut:]
    return [*parts, word]
