"""Text shaping for paper: joining Arabic letters, ordering right-to-left words, placing Indic glyphs.

Which font has the glyphs is fonts.py's.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from arabic_reshaper import ArabicReshaper

_RIGHT_TO_LEFT = {"R", "AL", "AN", "RLE", "RLO", "RLI"}
_ZERO_WIDTH_JOINERS = "\u200c\u200d"
_VIRAMA = 9  # its combining class
#: A character without width that takes the direction of the one before it, and that nobody types.
_MARK = "\u034f"

#: First word of a character's Unicode name, for scripts that need a shaper.
_SHAPED_SCRIPTS = frozenset(
    "DEVANAGARI BENGALI GURMUKHI GUJARATI ORIYA TAMIL TELUGU KANNADA MALAYALAM SINHALA TIBETAN KHMER"
    " MYANMAR THAI LAO BALINESE JAVANESE".split()
)
#: A PDF font finds its glyphs by character, so characters without a meaning of their own stand for shaped
#: glyphs: private-use ones first, then others that no font of these scripts has.
_STAND_INS = [*range(0xE000, 0xF900), *range(0x3400, 0xD7A4)]


@dataclass(frozen=True)
class Glyph:
    """A glyph, by the character that stands for it, and its position in thousandths of the type size."""

    char: str
    x: float
    y: float


@dataclass(frozen=True)
class Setting:
    """The glyphs of a text from left to right, and their total width in thousandths of the type size."""

    glyphs: tuple[Glyph, ...]
    width: float


def shape(text: str) -> str:
    """``text`` in drawing order, left to right, without direction marks.

    Arabic letters are joined. The first letter with a direction decides the direction of the whole.
    """
    if text.isascii() and text.isprintable():
        return text
    if is_right_to_left(text):
        text = _ordered(_reshaper().reshape(text))
    return "".join(char for place, char in enumerate(text) if _is_drawn(text, place))


def is_right_to_left(text: str) -> bool:
    """Whether any of ``text`` is read from right to left."""
    return any(unicodedata.bidirectional(char) in _RIGHT_TO_LEFT for char in text)


def unjoined(char: str) -> str:
    """The letters, left to right, that a joined Arabic form stands for."""
    return unicodedata.normalize("NFKC", char)[::-1]


def needs_setting(text: str) -> bool:
    """Whether ``text`` needs a shaper to place its glyphs: Hindi, Tamil, Thai …"""
    return any(char > "\u08ff" and _script(char) in _SHAPED_SCRIPTS for char in text)


def set_text(font_name: str, text: str) -> Setting | None:
    """``text`` shaped in a font that reportlab knows; ``None`` without uharfbuzz."""
    shaper = _shaper(font_name)
    return shaper.set(text) if shaper else None


def _script(char: str) -> str:
    return unicodedata.name(char, "").partition(" ")[0]


def _is_drawn(text: str, place: int) -> bool:
    char = text[place]
    if char in _ZERO_WIDTH_JOINERS:  # after a virama they select one of two forms
        return place > 0 and unicodedata.combining(text[place - 1]) == _VIRAMA and _can_set()
    return unicodedata.category(char) not in ("Cf", "Cc") and char != _MARK


@lru_cache
def _reshaper() -> ArabicReshaper:
    from arabic_reshaper import ArabicReshaper

    # Few fonts have a single glyph for the whole word.
    return ArabicReshaper({"ARABIC LIGATURE ALLAH": False})


def _ordered(text: str) -> str:
    """Logical to visual order (UAX #9), with brackets mirrored in right-to-left text.

    The library neither mirrors them nor reports directions, so a marker is placed after each such
    character: it comes out before it where the direction is right to left.
    """
    from bidi import get_display
    from bidi.mirror import MIRRORED

    text = text.replace(_MARK, "")
    shown = get_display("".join(char + _MARK if char in MIRRORED else char for char in text))
    return _turnable().sub(lambda found: found[1] or MIRRORED[found[2]], str(shown))


@lru_cache
def _turnable() -> re.Pattern[str]:
    from bidi.mirror import MIRRORED

    which = "".join(map(re.escape, MIRRORED))
    return re.compile(f"([{which}]){_MARK}|{_MARK}([{which}])")


class _Shaper:
    """Shapes text in one font with HarfBuzz and adds its glyphs to reportlab's font."""

    def __init__(self, font: Any, harfbuzz: Any) -> None:
        self._face, self._harfbuzz = font.face, harfbuzz
        face = harfbuzz.Face(harfbuzz.Blob.from_file_path(font.face.filename))
        self._font = harfbuzz.Font(face)
        self._unit = 1000 / face.upem

    def set(self, text: str) -> Setting | None:
        buffer = self._harfbuzz.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        self._harfbuzz.shape(self._font, buffer)
        if not all(0 < info.codepoint < len(_STAND_INS) for info in buffer.glyph_infos):
            return None  # 0 is the missing-glyph box
        glyphs, x, y = [], 0.0, 0.0
        for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
            place = (x + position.x_offset * self._unit, y + position.y_offset * self._unit)
            glyphs.append(Glyph(self._stand_in(info.codepoint), *place))
            x += position.x_advance * self._unit
            y += position.y_advance * self._unit
        return Setting(tuple(glyphs), x)

    def _stand_in(self, glyph: int) -> str:
        """The stand-in character of a glyph, the same in every document, so that equal text gives equal
        bytes."""
        code = _STAND_INS[glyph]
        if self._face.charToGlyph.get(code) != glyph:
            self._face.charToGlyph[code] = glyph
            self._face.charWidths[code] = self._font.get_glyph_h_advance(glyph) * self._unit
        return chr(code)


@lru_cache
def _can_set() -> bool:
    try:
        import uharfbuzz  # noqa: F401
    except ImportError:
        return False
    return True


@lru_cache
def _shaper(font_name: str) -> _Shaper | None:
    if not _can_set():
        return None
    import uharfbuzz
    from reportlab.pdfbase import pdfmetrics

    font = pdfmetrics.getFont(font_name)
    return _Shaper(font, uharfbuzz) if hasattr(font, "face") and hasattr(font.face, "charToGlyph") else None
