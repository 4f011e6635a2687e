"""Previews: pages drawn as images by pdfium."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from PIL import ImageChops

from cleanflow.printing.paper import A4, ROLL_80, drawn_for
from cleanflow.printing.preview import PdfPages, preview
from cleanflow.rendering.document import Document
from tests.rendering.poppler import lists_only


def test_a_preview_has_the_width_asked_for_and_the_papers_shape(page: Document) -> None:
    (picture,) = preview(drawn_for(page, A4), 700)
    assert (picture.width, abs(picture.height - 990) <= 1) == (700, True)
    assert picture.mode == "RGB"
    assert picture.getextrema()[0][0] < 60, "there is something black on it"
    (roll,) = preview(drawn_for(page, ROLL_80), 300)
    assert roll.width == 300


def test_pages_are_drawn_one_by_one_when_they_are_asked_for() -> None:
    pages = preview(drawn_for(lists_only(300), A4), 200)
    first, second = next(pages), next(pages)
    assert ImageChops.difference(first, second).getbbox() is not None
    pages.close()  # type: ignore[attr-defined]


def test_several_threads_may_look_at_pages_at_once() -> None:
    pdf = drawn_for(lists_only(200), A4)
    (one, *_others) = preview(pdf, 300)
    with ThreadPoolExecutor(4) as pool:
        for pictures in pool.map(lambda _n: list(preview(pdf, 300)), range(8)):
            assert pictures[0].tobytes() == one.tobytes()


def test_bands_of_a_page_are_the_page(page: Document) -> None:
    with PdfPages(drawn_for(page, ROLL_80)) as pages:
        scale = 203 / 72
        height = pages.height(0, scale)
        whole = pages.rows(0, scale, 0, height)
        assert (whole.mode, whole.height) == ("L", height)
        for step in (1, 7, 100):
            top = 37
            band = pages.rows(0, scale, top, top + step)
            assert band.size == (whole.width, step)
            same = whole.crop((0, top, whole.width, top + step))
            assert max(ImageChops.difference(band, same).getextrema()) <= 40, "but for smoothing"
