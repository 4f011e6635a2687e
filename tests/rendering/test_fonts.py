"""The choice of fonts for a text, with the bundled fonts and with broken ones."""

from __future__ import annotations

from pathlib import Path

import pytest
import reportlab

from cleanflow.rendering.fonts import FontBook, Run, shape

BUNDLED = Path(reportlab.__file__).parent / "fonts"


@pytest.fixture
def bundled() -> FontBook:
    """A PC on which no font is installed."""
    return FontBook((BUNDLED,))


def test_latin_text_is_one_run_in_the_plain_font(bundled: FontBook) -> None:
    assert bundled.runs("Müller & Söhne €5") == (Run("CleanFlow-Vera.ttf", "Müller & Söhne €5"),)
    assert bundled.runs("Müller", bold=True) == (Run("CleanFlow-VeraBd.ttf", "Müller"),)


def test_a_letter_without_a_glyph_becomes_its_base_letter(bundled: FontBook) -> None:
    assert bundled.runs("Ạḅċ") == (Run("CleanFlow-Vera.ttf", "Abc"),)


@pytest.mark.parametrize(("name", "shown"), [("Анна", "????"), ("राम", "??"), ("محمد <b>", "<b> ????")])
def test_what_no_font_has_becomes_a_question_mark(bundled: FontBook, name: str, shown: str) -> None:
    assert "".join(run.text for run in bundled.runs(name)) == shown


@pytest.mark.parametrize(
    ("name", "font"),
    [("王小明", "STSong-Light"), ("김철수", "HYSMyeongJo-Medium"), ("さくら", "STSong-Light")],
)
def test_a_chinese_font_that_cannot_be_embedded_is_left_to_the_reader(
    tmp_path: Path, bundled: FontBook, name: str, font: str
) -> None:
    assert bundled.runs(name) == (Run("CleanFlow-Vera.ttf", "???"),)  # no font can draw it
    (tmp_path / "NotoSansCJK-Regular.ttc").write_bytes(b"ttcf, with CFF outlines")
    book = FontBook((tmp_path, BUNDLED))
    assert book.runs(name) == (Run(font, name),)
    assert [run.font for run in book.runs(f"Ann {name}")] == ["CleanFlow-Vera.ttf", font]


def test_direction_marks_and_control_characters_are_not_drawn(bundled: FontBook) -> None:
    assert shape("a\u200fb\u200ec\x07") == "abc"
    assert bundled.runs("\u200f") == ()
    assert bundled.runs("") == ()


def test_without_any_font_file_the_readers_helvetica_is_used() -> None:
    assert FontBook(()).runs("José – “€”") == (Run("Helvetica", "José – “€”"),)


def test_a_broken_font_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "arial.ttf").write_bytes(b"not a font")
    (tmp_path / "dejavusans.ttf").write_bytes(b"")
    (tmp_path / "segoeui.ttf").write_bytes(b"OTTO" + bytes(100))
    (tmp_path / "tahoma.ttf").write_bytes((BUNDLED / "Vera.ttf").read_bytes()[:5000])
    book = FontBook((tmp_path, BUNDLED))
    assert book.runs("Ann") == (Run("CleanFlow-Vera.ttf", "Ann"),)


def test_a_font_of_an_unheard_name_is_found_when_nothing_else_has_the_glyph(tmp_path: Path) -> None:
    source = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
    if not source.exists():
        pytest.skip("needs DejaVu Sans")
    (tmp_path / "ShopFont.TTF").write_bytes(source.read_bytes())
    book = FontBook((tmp_path, BUNDLED))
    assert book.runs("Анна") == (Run("CleanFlow-ShopFont.TTF", "Анна"),)


def test_digits_have_one_width(bundled: FontBook) -> None:
    for book in (bundled, FontBook()):
        assert len({round(book.width(digit, 8), 6) for digit in "0123456789"}) == 1
