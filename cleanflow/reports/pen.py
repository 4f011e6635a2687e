"""Text and rules on a PDF page, and how much of a text fits into a width."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleanflow.reports.fonts import FontBook

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
            self.canvas.drawString(x, y, run.text)
            x += self.canvas.stringWidth(run.text, run.font, size or self.size)

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


def fitted(fonts: FontBook, text: str, width: float, size: float, bold: bool = False) -> str:
    """``text``, or as much of it as fits into ``width`` points and an ellipsis."""
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


def wrapped(fonts: FontBook, text: str, width: float, size: float) -> list[str]:
    """``text`` in lines of at most ``width`` points, broken between words where there are any."""
    lines, line = [], ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and fonts.width(longer, size) > width:
            lines.append(line)
            longer = word
        line = longer
    return [fitted(fonts, part, width, size) for part in [*lines, line] if part]
