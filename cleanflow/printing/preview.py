"""Rendering the pages of a PDF as pictures, one at a time, for the preview and for printing on Windows.

pdfium is not thread-safe, not even for separate documents; a lock here serialises the calls.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image
    from pypdfium2 import PdfDocument

_PDFIUM = threading.Lock()
_WIDEST = 5_000  # pixels; a larger picture is a mistake and would not fit into an old PC's memory


class PdfPages:
    """An open PDF; pages count from 0. Close it, or use it as a context manager."""

    def __init__(self, pdf: bytes) -> None:
        with _PDFIUM:
            from pypdfium2 import PdfDocument

            self._document: PdfDocument = PdfDocument(pdf)
            self.count: int = len(self._document)

    def size(self, page: int) -> tuple[float, float]:
        """Width and height of a page in points."""
        with _PDFIUM:
            width, height = self._document.get_page_size(page)
        return width, height

    def picture(self, page: int, width: int) -> Image:
        """The whole page, ``width`` pixels wide, in colours."""
        points, _height = self.size(page)
        # pdfium's wrapper rounds up to whole pixels.
        return self._rendered(page, (min(max(width, 1), _WIDEST) - 0.5) / points)

    def rows(self, page: int, scale: float, first: int, end: int) -> Image:
        """Rows of pixels from ``first`` to ``end`` (exclusive) at ``scale`` pixels per point, in
        greyscale."""
        height = self.height(page, scale)
        # The cropped part is rounded up, too.
        above, below = (max(rows - 0.5, 0) / scale for rows in (first, height - min(end, height)))
        return self._rendered(page, scale, crop=(0, below, 0, above), grayscale=True)

    def height(self, page: int, scale: float) -> int:
        """Height of a page in pixels."""
        return -int(-self.size(page)[1] * scale // 1)

    def _rendered(self, page: int, scale: float, **options: object) -> Image:
        with _PDFIUM:
            opened = self._document[page]
            try:
                bitmap = opened.render(scale=scale, **options)
                try:
                    picture: Image = bitmap.to_pil().copy()  # the memory is freed with the bitmap
                finally:
                    bitmap.close()
            finally:
                opened.close()
        return picture

    def close(self) -> None:
        """Release the file."""
        with _PDFIUM:
            self._document.close()

    def __enter__(self) -> PdfPages:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def preview(pdf: bytes, width: int) -> Iterator[Image]:
    """The pages in order, each ``width`` pixels wide and drawn when requested."""
    with PdfPages(pdf) as pages:
        for page in range(pages.count):
            yield pages.picture(page, width)
