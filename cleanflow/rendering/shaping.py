"""Letters as paper needs them: Arabic ones joined, right-to-left words in their place, Indic ones set.

Responsible for what a script does with its letters. Which font has them: fonts.py.
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
#: It has no width, and takes the direction of the character before it. Nobody types it.
_MARK = "\u034f"

#: First word of a character's Unicode name: scripts whose letters a shaper puts into place.
_SHAPED_SCRIPTS = frozenset(
    "DEVANAGARI BENGALI GURMUKHI GUJARATI ORIYA TAMIL TELUGU KANNADA MALAYALAM SINHALA TIBETAN KHMER"
    " MYANMAR THAI LAO BALINESE JAVANESE".split()
)
#: Characters without a meaning of their own here stand for glyphs, which a PDF font finds by character:
#: private ones first, then others that no font of these scripts has.
_STAND_INS = [*range(0xE000, 0xF900), *range(0x3400, 0xD7A4)]


@dataclass(frozen=True)
class Glyph:
    """A glyph, by the character that stands for it, and its place in thousandths of the type size."""

    char: str
    x: float
    y: float


@dataclass(frozen=True)
class Setting:
    """The glyphs of a text from left to right, and the width of all in thousandths of the type size."""

    glyphs: tuple[Glyph, ...]
    width: float


def shape(text: str) -> str:
    """``text`` as it is drawn from left to right, without characters that only direct others.

    Arabic letters are joined. The first letter with a direction decides how the whole is read.
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
    """The letters, from left to right, that a joined form of Arabic letters stands for."""
    return unicodedata.normalize("NFKC", char)[::-1]


def needs_setting(text: str) -> bool:
    """Whether the letters in ``text`` must be put into place one by one: Hindi, Tamil, Thai …"""
    return any(char > "\u08ff" and _script(char) in _SHAPED_SCRIPTS for char in text)


def set_text(font_name: str, text: str) -> Setting | None:
    """``text`` in a font that reportlab knows; ``None`` where it cannot be done: without uharfbuzz."""
    shaper = _shaper(font_name)
    return shaper.set(text) if shaper else None


def _script(char: str) -> str:
    return unicodedata.name(char, "").partition(" ")[0]


def _is_drawn(text: str, place: int) -> bool:
    char = text[place]
    if char in _ZERO_WIDTH_JOINERS:  # after a virama they choose between two forms
        return place > 0 and unicodedata.combining(text[place - 1]) == _VIRAMA and _can_set()
    return unicodedata.category(char) not in ("Cf", "Cc") and char != _MARK


@lru_cache
def _reshaper() -> ArabicReshaper:
    from arabic_reshaper import ArabicReshaper

    # Few fonts have one glyph for the whole word.
    return ArabicReshaper({"ARABIC LIGATURE ALLAH": False})


def _ordered(text: str) -> str:
    """Logical to visual order (UAX #9), brackets and the like turned where they are read from the right.

    The library leaves them unturned and tells no directions: a mark behind each such character comes out
    before it where its direction is right to left.
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
    """Sets text in one font by HarfBuzz, and makes its glyphs known to reportlab's font."""

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
            return None  # 0 is the black box
        glyphs, x, y = [], 0.0, 0.0
        for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
            place = (x + position.x_offset * self._unit, y + position.y_offset * self._unit)
            glyphs.append(Glyph(self._stand_in(info.codepoint), *place))
            x += position.x_advance * self._unit
            y += position.y_advance * self._unit
        return Setting(tuple(glyphs), x)

    def _stand_in(self, glyph: int) -> str:
        """The same for a glyph in every document, so that the same text gives the same bytes."""
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
