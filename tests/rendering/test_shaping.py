"""Complex scripts on paper: joined letters, right word order, and no glyph that the font lacks."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import reportlab
from hypothesis import given
from hypothesis import strategies as st
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from cleanflow.rendering import shaping
from cleanflow.rendering.fonts import FontBook, shape
from cleanflow.rendering.pen import Pen, wrapped

BUNDLED = Path(reportlab.__file__).parent / "fonts"

NAMES = (
    "Łukasz Żak", "Анна Каренина", "محمد علي", "ہمارے ڈاکٹر گھر ٹیلی فون", "עולם שלום",
    "हिन्दी श्रीकृष्ण क्षत्रिय", "বাংলা কৃষ্ণ", "தமிழ் கொள்", "ไทย น้ำ", "王小明", "さくら", "김철수", "😀 ﷽",
)  # fmt: skip


@pytest.fixture
def without_shaper(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    caches = (shaping._can_set, shaping._shaper)
    for cache in caches:
        cache.cache_clear()
    monkeypatch.setitem(sys.modules, "uharfbuzz", None)
    yield
    for cache in caches:
        cache.cache_clear()


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("محمد", "\ufeaa\ufee4\ufea4\ufee3"),  # joined, from right to left
        ("سلام", "\ufee1\ufefc\ufeb3"),  # lam and alef are one
        ("الله", "\ufeea\ufee0\ufedf\ufe8d"),  # not the single glyph that few fonts have
        ("گھر", "\ufeae\ufbad\ufb94"),  # letters of Urdu
        ("می\u200cخواهم", "\ufee2\ufeeb\ufe8d\ufeee\ufea7\ufbfd\ufee3"),  # a non-joiner keeps them apart
        ("שלום", "םולש"),
        ("محمد 1,200.50", "1,200.50 \ufeaa\ufee4\ufea4\ufee3"),  # an amount keeps its direction
        ("Ann 1,200.50 שלום", "Ann 1,200.50 םולש"),
        ("שלום (Ann)", "(Ann) םולש"),  # brackets keep their meaning
        ("Carpet שלום (3) [x]", "Carpet (3) םולש [x]"),
        ("((שלום))", "((םולש))"),
        ("Ann", "Ann"),
        ("<b>&(", "<b>&("),
        ("", ""),
    ],
)
def test_text_is_drawn_as_it_is_read(text: str, drawn: str) -> None:
    assert shape(text) == drawn


@given(st.text(max_size=20))
def test_any_text_can_be_drawn_and_loses_no_letter_of_latin(text: str) -> None:
    drawn = shape(text)
    assert sorted(char for char in drawn if char.isascii()) == sorted(
        char for char in text if char.isascii() and char.isprintable()
    ) or shaping.is_right_to_left(text)
    assert FontBook((BUNDLED,)).width(text, 9) >= 0


@given(st.text("abc (אבג)[]<>ابج123.,\u200f\u202e\u2067\u034f ", max_size=16))
def test_mixed_directions_keep_every_character(text: str) -> None:
    # Joining makes one of lam and alef, of which there is none here.
    kept = [char for char in text if char.isascii() and char.isalnum()]
    assert sorted(char for char in shape(text) if char.isascii() and char.isalnum()) == sorted(kept)


def test_each_glyph_that_is_drawn_is_in_its_font() -> None:
    book = FontBook()
    for name in NAMES:
        for bold in (False, True):
            for run in book.runs(name, bold):
                font = pdfmetrics.getFont(run.font)
                if not hasattr(font.face, "charToGlyph"):
                    continue  # the PDF reader's own font
                chars = [glyph.char for glyph in run.setting.glyphs] if run.setting else run.text
                assert all(font.face.charToGlyph.get(ord(char)) for char in chars), (name, run)


def test_joined_letters_that_no_font_has_are_drawn_unjoined(tmp_path: Path) -> None:
    source = Path("/usr/share/fonts/truetype/noto/NotoNastaliqUrdu-Regular.ttf")  # has no joined forms
    if not source.exists():
        pytest.skip("needs a font without presentation forms")
    shutil.copy(source, tmp_path / "arial.ttf")
    book = FontBook((tmp_path, BUNDLED))
    assert "".join(run.text for run in book.runs("محمد")) == "دمحم"


def pdf_of(*texts: str) -> bytes:
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=(300, 20 * len(texts) + 20), invariant=1)
    pen = Pen(canvas, FontBook(), 12)
    for number, text in enumerate(texts):
        pen.text(10, 20 * number + 10, text)
    canvas.showPage()
    canvas.save()
    return target.getvalue()


def has_hindi_font() -> bool:
    return any(run.setting for run in FontBook().runs("हिन्दी"))


def test_hindi_is_set_and_can_be_searched() -> None:
    pytest.importorskip("uharfbuzz")
    if not has_hindi_font():
        pytest.skip("no font for Hindi on this PC")
    (run,) = FontBook().runs("हिन्दी")
    assert run.setting is not None
    first, second = run.setting.glyphs[:2]
    codes = pdfmetrics.getFont(run.font).face.charToGlyph
    assert codes[ord(second.char)] == codes[ord("ह")], "the vowel sign stands before its letter"
    assert first.x == 0 < second.x
    assert FontBook().width("हिन्दी", 10) == pytest.approx(run.setting.width / 100)
    if shutil.which("pdftotext"):
        done = subprocess.run(
            ["pdftotext", "-", "-"], input=pdf_of("हिन्दी नाम"), capture_output=True, check=True
        )
        assert done.stdout.decode().strip() == "हिन्दी नाम"
        assert done.stderr == b""


def test_what_was_set_before_does_not_change_the_bytes() -> None:
    first = pdf_of("श्री राम")
    pdf_of("कृष्ण क्षत्रिय हिन्दी", "ไทย")
    assert pdf_of("श्री राम") == first
    program = (
        "import sys; from tests.rendering.test_shaping import pdf_of;"
        "pdf_of('क्षत्रिय'); sys.stdout.buffer.write(pdf_of('श्री राम'))"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, cwd=root, check=True)
    assert done.stdout == first


@pytest.mark.usefixtures("without_shaper")
def test_without_the_shaper_hindi_is_drawn_letter_by_letter() -> None:
    runs = FontBook().runs("हि\u200dन्दी")
    assert all(run.setting is None for run in runs)
    shown = "".join(run.text for run in runs)
    assert shown == "हिन्दी" or set(shown) == {"?"}


def test_words_that_are_too_long_are_broken_and_nothing_is_lost() -> None:
    book = FontBook((BUNDLED,))
    text = "short " + "x" * 300 + " end"
    lines = wrapped(book, text, 100, 9)
    assert all(book.width(line, 9) <= 100 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert wrapped(book, "", 100, 9) == []
    assert wrapped(book, "ab", 0.1, 9) == ["a", "b"]
    assert "e\u0301" in wrapped(book, "e\u0301" * 3, 6, 9)


@given(st.text(max_size=60), st.floats(min_value=0.5, max_value=200))
def test_breaking_ends_and_keeps_every_character(text: str, width: float) -> None:
    lines = wrapped(FontBook((BUNDLED,)), text, width, 9)
    assert "".join("".join(line.split()) for line in lines) == "".join(text.split())
