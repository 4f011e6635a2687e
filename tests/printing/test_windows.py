"""The logic around the Windows printing calls, with a fake of them that draws on images."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, field, replace

import pytest
from PIL import Image, ImageChops

from cleanflow.errors import Refusal
from cleanflow.printing import windows
from cleanflow.printing.paper import A4, LETTER, ROLL_80, Paper, drawn_for
from cleanflow.printing.preview import PdfPages
from cleanflow.printing.windows import Area, CallFailed, Rect, WindowsPrinting, placed, sheets
from cleanflow.printing.windows_calls import DevMode, choose_paper, grey_bitmap
from cleanflow.rendering.document import Document
from tests.rendering.poppler import lists_only

#: An office printer at 300 dpi with unprintable margins of 4.2 mm.
OFFICE = Area(300, 300, 2380, 3407, 50, 50, 2480, 3507)
#: A receipt printer at 203 dpi, whose driver reports a form 297 mm long and as wide as the head.
RECEIPT = Area(203, 203, 576, 2374, 0, 0, 576, 2374)


@dataclass
class FakeWindows:
    """Records every call, draws on images, and fails at the call named ``fails_at``."""

    at: Area = OFFICE
    bits: int = 0
    fails_at: str = ""
    code: int = 5
    calls: list[str] = field(default_factory=list)
    sheets: list[Image.Image] = field(default_factory=list)

    def _call(self, name: str) -> None:
        self.calls.append(name)
        if name == self.fails_at:
            raise CallFailed(self.code, "Access is denied.")

    def names(self) -> list[str]:
        return ["Office", "Roll"]

    def default_name(self) -> str:
        return "Office"

    def status(self, printer: str) -> int:
        self._call("status")
        return self.bits

    def create_dc(self, printer: str, paper: Paper, length_mm: float) -> int:
        self._call(f"create {printer} {paper.name}")
        return 7

    def delete_dc(self, dc: int) -> None:
        assert dc == 7
        self._call("delete")

    def area(self, dc: int) -> Area:
        self._call("area")
        return self.at

    def start_document(self, dc: int, title: str) -> None:
        self._call(f"start {title}")

    def start_page(self, dc: int) -> None:
        self._call("page")
        self.sheets.append(Image.new("L", (self.at.width, self.at.height), 255))

    def draw(self, dc: int, rect: Rect, picture: Image.Image) -> None:
        if self.calls[-1] != "draw":
            self._call("draw")
        scaled = picture.resize((rect.width, rect.height)) if rect.height else picture
        self.sheets[-1].paste(scaled, (rect.x, rect.y))

    def end_page(self, dc: int) -> None:
        self._call("end page")

    def end_document(self, dc: int) -> None:
        self._call("end")

    def abort_document(self, dc: int) -> None:
        self._call("abort")


def whole_page(document: Document, paper: Paper, dpi: int) -> Image.Image:
    with PdfPages(drawn_for(document, paper)) as pages:
        scale = dpi / 72
        return pages.rows(0, scale, 0, pages.height(0, scale))


def is_like(one: Image.Image, other: Image.Image) -> bool:
    """Whether two images are equal, apart from a one-pixel shift caused by smoothing or scaling."""
    small = (one.width // 8, one.height // 8)
    difference = ImageChops.difference(one.resize(small), other.resize(small))
    return one.size == other.size and max(difference.getextrema()) < 90


def test_a_page_is_drawn_at_its_own_size_on_its_place_on_the_sheet(page: Document) -> None:
    calls = FakeWindows()
    WindowsPrinting(calls).send(drawn_for(page, A4), "Office", 1, A4, "Receipt")
    assert calls.calls == [
        "status", "create Office A4", "area", "start Receipt", "page", "draw", "end page", "end", "delete",
    ]  # fmt: skip
    expected = whole_page(page, A4, 300).crop((50, 50, 2430, 3457))
    assert is_like(calls.sheets[0], expected)


def test_bands_join_without_a_seam(page: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    one = FakeWindows()
    WindowsPrinting(one).send(drawn_for(page, A4), "Office", 1, A4, "x")
    monkeypatch.setattr(windows, "_BAND_PIXELS", 300_000)
    many = FakeWindows()
    WindowsPrinting(many).send(drawn_for(page, A4), "Office", 1, A4, "x")
    assert max(ImageChops.difference(one.sheets[0], many.sheets[0]).getextrema()) < 80
    assert many.sheets[0].getextrema()[0] < 60


def test_copies_repeat_the_whole_document_in_order() -> None:
    calls = FakeWindows(at=replace(OFFICE, dpi_x=50, dpi_y=50, width=413, height=584, left=0, top=0,
                                   sheet_width=413, sheet_height=584))  # fmt: skip
    WindowsPrinting(calls).send(drawn_for(lists_only(120), A4), "Office", 2, A4, "x")
    half = len(calls.sheets) // 2
    assert half >= 2
    assert [sheet.tobytes() for sheet in calls.sheets[:half]] == [
        sheet.tobytes() for sheet in calls.sheets[half:]
    ]
    assert calls.calls.count("end") == 1


def test_a_slip_on_a_head_of_72_mm_loses_only_its_white_margin(page: Document) -> None:
    calls = FakeWindows(at=RECEIPT)
    WindowsPrinting(calls).send(drawn_for(page, ROLL_80), "Roll", 1, ROLL_80, "x")
    (sheet,) = calls.sheets
    expected = whole_page(page, ROLL_80, 203)
    left = (expected.width - 576) // 2
    assert is_like(
        sheet.crop((0, 0, 576, expected.height)), expected.crop((left, 0, left + 576, expected.height))
    )


def test_a_slip_longer_than_the_drivers_form_goes_on_without_being_shrunk() -> None:
    place = placed((226.77, 1700), ROLL_80, RECEIPT)
    parts = sheets(place, ROLL_80, RECEIPT)
    assert place.height == round(1700 * 203 / 72)
    assert [part.y for part in parts] == [0, 2374, 4748]
    assert sum(part.height for part in parts) == place.height
    calls = FakeWindows(at=RECEIPT)
    WindowsPrinting(calls).send(drawn_for(lists_only(120), ROLL_80), "Roll", 1, ROLL_80, "x")
    assert len(calls.sheets) == 2
    assert all(sheet.getextrema()[0] < 60 for sheet in calls.sheets)


def test_a4_on_letter_shrinks_just_so_that_its_content_fits() -> None:
    letter = Area(300, 300, 2450, 3200, 50, 50, 2550, 3300)
    place = placed((595.28, 841.89), A4, letter)
    margin = 10 / 25.4 * 300 * place.width / 2480
    assert 0.95 < place.width / 2480 < 1
    assert place.y + margin == pytest.approx(0, abs=2)
    assert place.y + place.height - margin <= letter.height + 2
    assert placed((612, 792), LETTER, letter) == Rect(-50, -50, 2550, 3300)


def test_a_printer_with_other_dots_across_than_down_keeps_the_shape() -> None:
    place = placed((595.28, 841.89), A4, Area(360, 180, 2856, 2044, 60, 30, 2976, 2105))
    assert (place.width, place.height) == (2976, 2105)


@pytest.mark.parametrize(
    ("bits", "code"),
    [(0x1, "printer_paused"), (0x80, "printer_off"), (0x10, "printer_no_paper"), (0x8, "printer_needs_help"),
     (0x12, "printer_no_paper")],
)  # fmt: skip
def test_a_printer_that_cannot_print_now_gets_nothing(page: Document, bits: int, code: str) -> None:
    calls = FakeWindows(bits=bits)
    with pytest.raises(Refusal) as refused:
        WindowsPrinting(calls).send(drawn_for(page, A4), "Office", 1, A4, "x")
    assert refused.value.code == code
    assert calls.calls == ["status"]


def test_a_busy_printer_prints(page: Document) -> None:
    calls = FakeWindows(bits=0x200 | 0x400 | 0x20000)  # busy, printing, toner low
    WindowsPrinting(calls).send(drawn_for(page, A4), "Office", 1, A4, "x")
    assert calls.calls[-2:] == ["end", "delete"]


@pytest.mark.parametrize("where", ["area", "start x", "page", "draw", "end page", "end"])
def test_whatever_fails_the_context_is_closed_and_the_document_given_up(page: Document, where: str) -> None:
    calls = FakeWindows(fails_at=where)
    with pytest.raises(Refusal) as refused:
        WindowsPrinting(calls).send(drawn_for(page, A4), "Office", 1, A4, "x")
    assert refused.value.code == "printer_refused"
    assert "Access is denied. (5)" in str(refused.value)
    assert calls.calls[-1] == "delete"
    assert calls.calls.count("delete") == 1
    assert ("abort" in calls.calls) == (where in ("page", "draw", "end page"))


def test_a_missing_printer_and_a_cancelled_print_are_told_in_words(page: Document) -> None:
    gone = FakeWindows(fails_at="status", code=1801)
    with pytest.raises(Refusal) as refused:
        WindowsPrinting(gone).send(drawn_for(page, A4), "Office", 1, A4, "x")
    assert refused.value.code == "printer_unknown"
    cancelled = FakeWindows(fails_at="start x", code=1223)
    with pytest.raises(Refusal) as refused:
        WindowsPrinting(cancelled).send(drawn_for(page, A4), "Office", 1, A4, "x")
    assert "it was cancelled" in str(refused.value)


def test_a_crash_of_our_own_gives_the_document_up_too(
    page: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = FakeWindows()

    def broken(*_args: object) -> Image.Image:
        raise MemoryError

    monkeypatch.setattr(PdfPages, "rows", broken)
    with pytest.raises(MemoryError):
        WindowsPrinting(calls).send(drawn_for(page, A4), "Office", 1, A4, "x")
    assert calls.calls[-2:] == ["abort", "delete"]


def test_structures_lie_in_memory_as_windows_has_them() -> None:
    assert DevMode.size.offset == 68
    assert DevMode.fields.offset == 72
    assert DevMode.paper_size.offset == 78
    assert DevMode.paper_length.offset == 80
    assert DevMode.paper_width.offset == 82


def test_the_paper_is_asked_for_in_the_drivers_settings() -> None:
    settings = DevMode(fields=0x1 | 0x4 | 0x8)
    choose_paper(settings, LETTER, 279)
    assert (settings.fields, settings.paper_size) == (0x1 | 0x2, 1)
    choose_paper(settings, ROLL_80, 123.4)
    assert (settings.paper_size, settings.paper_width, settings.paper_length) == (256, 800, 1234)
    assert settings.fields & 0xE == 0xE
    choose_paper(settings, ROLL_80, 9_999)
    assert settings.paper_length == 32_767


def test_a_bitmap_has_rows_of_four_bytes_from_top_to_bottom() -> None:
    picture = Image.new("L", (5, 2), 200)
    picture.putpixel((4, 0), 9)
    info, pixels = grey_bitmap(picture)
    assert (info.size, info.width, info.height, info.bit_count) == (40, 5, -2, 8)
    assert pixels[:5] == bytes([200, 200, 200, 200, 9])
    assert len(pixels) == 16
    assert info.colours[200] == 0xC8C8C8
    assert type(info).colours.offset == 40
    assert ctypes.sizeof(info) == 40 + 1024
