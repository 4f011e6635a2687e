"""A document as a PDF for the office printer: A4 or Letter, on one page if possible.

The same document gives the same bytes on the same PC with the same fonts. Text is drawn literally: nothing
in a name is taken for markup. The layout is sheet.py's.
"""

from __future__ import annotations

import io
from pathlib import Path

from cleanflow import __version__
from cleanflow.files import written_whole
from cleanflow.language import _
from cleanflow.rendering.document import Document
from cleanflow.rendering.fonts import FontBook
from cleanflow.rendering.pen import Pen, fitted
from cleanflow.rendering.sheet import FOOTER, GUTTER, MARGIN, SHOP_LINE_SIZE, Sheet, fitted_sheet, page_count

_PROGRAM = f"CleanFlow {__version__}"


def save_pdf(document: Document, path: Path, *, paper: str = "A4", fonts: FontBook | None = None) -> None:
    """Write ``document`` to ``path``, whole or not at all.

    Refuses as :func:`~cleanflow.files.written_whole` does.
    """
    content = pdf_bytes(document, paper=paper, fonts=fonts)
    with written_whole(path) as file:
        file.write(content)


def pdf_bytes(document: Document, *, paper: str = "A4", fonts: FontBook | None = None) -> bytes:
    """``document`` as a PDF on ``paper`` (``A4`` or ``LETTER``)."""
    from reportlab.pdfgen.canvas import Canvas

    book = fonts or FontBook()
    laid_out = [(part, *fitted_sheet(part, paper, book)) for part in document.pages]
    total = sum(page_count(lines) for _part, _sheet, lines in laid_out)
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=laid_out[0][1].page_size, invariant=1, pageCompression=1)
    canvas.setTitle(f"{document.title} {document.subtitle}")
    canvas.setAuthor(document.shop)
    canvas.setCreator(_PROGRAM)
    canvas.setSubject(document.title)
    before = 0
    for part, sheet, lines in laid_out:
        pen = Pen(canvas, book, sheet.size)
        pages = page_count(lines)
        for page in range(pages):
            _draw_head(pen, part, sheet, page)
            for placed in lines:
                if placed.page == page:
                    baseline = placed.y + 0.4 * sheet.size
                    placed.line.draw(pen, placed.x, baseline, placed.width)
            if page == pages - 1:
                _draw_signatures(pen, part, *sheet.signature_place(pages))
            _draw_foot(pen, part, sheet, before + page, total)
            canvas.showPage()
        before += pages
    canvas.save()
    return target.getvalue()


def _draw_head(pen: Pen, document: Document, sheet: Sheet, page: int) -> None:
    right = MARGIN + sheet.width
    top = sheet.page_size[1] - MARGIN
    if page:
        pen.text(
            MARGIN, top - 8, fitted(pen.fonts, document.shop, sheet.width * 0.5, 9, True), size=9, bold=True
        )
        pen.text_right(right, top - 8, f"{document.title}  {document.subtitle}", size=9)
        pen.rule(MARGIN, top - 15, sheet.width, thick=0.8)
        return
    shop_room = sheet.width - pen.fonts.width(document.title, 16, True) - 24
    pen.text(MARGIN, top - 13, fitted(pen.fonts, document.shop, shop_room, 16, True), size=16, bold=True)
    pen.text_right(right, top - 13, document.title, size=16, bold=True)
    for number, line in enumerate(sheet.shop_lines):
        pen.text(MARGIN, top - 28 - 10 * number, line, size=SHOP_LINE_SIZE, grey=True)
    pen.text_right(right, top - 28, document.subtitle, size=9)
    pen.rule(MARGIN, top - sheet.header_height + 17, sheet.width, thick=1.2)


def _draw_signatures(pen: Pen, document: Document, left: float, width: float) -> None:
    if not document.signatures:
        return
    count = len(document.signatures)
    each = (width - GUTTER * (count - 1)) / count
    base = MARGIN + FOOTER + 12
    for number, label in enumerate(document.signatures):
        x = left + number * (each + GUTTER)
        pen.rule(x, base, each, thick=0.6)
        pen.text(x, base - 9, label, size=7.5, grey=True)


def _draw_foot(pen: Pen, document: Document, sheet: Sheet, page: int, pages: int) -> None:
    words = _("Page {page} of {pages}").format(page=page + 1, pages=pages)
    pen.text_right(MARGIN + sheet.width, MARGIN - 6, words, size=7, grey=True)
    amounts = _("Amounts in {currency}").format(currency=document.currency.code)
    pen.text(MARGIN, MARGIN - 6, amounts, size=7, grey=True)
    middle = MARGIN + (sheet.width - pen.fonts.width(_PROGRAM, 7)) / 2
    pen.text(middle, MARGIN - 6, _PROGRAM, size=7, grey=True)
