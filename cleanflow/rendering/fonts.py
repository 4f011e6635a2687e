"""Choosing fonts that have the glyphs of a text, for names in any script.

Text is set in one plain family (Arial or similar if installed, else Vera, which comes with reportlab) and
embedded, so that it looks the same everywhere. For missing glyphs an installed font is searched: one for
all affected words, else word by word, else character by character; then a font that PDF readers know for
Chinese, Japanese and Korean. A character that no font has becomes its base letter or "?", never a black
box. shaping.py arranges the letters of a script before they are drawn.
"""

from __future__ import annotations

import os
import struct
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, groupby
from pathlib import Path

from cleanflow.rendering.font_families import BOLD_FILES, GENERAL, READERS_CJK, SCRIPTS, UNEMBEDDABLE_CJK
from cleanflow.rendering.shaping import Setting, needs_setting, set_text, shape, unjoined

#: Unlisted fonts that are opened at most to find a missing glyph.
_UNKNOWN_FONTS_TRIED = 25


@dataclass(frozen=True)
class Run:
    """Text and the font that has all of its glyphs; ``setting`` has their positions if they are not in a
    row."""

    font: str
    text: str
    setting: Setting | None = None

    def width(self, size: float) -> float:
        """Width in points."""
        from reportlab.pdfbase import pdfmetrics

        if self.setting:
            return self.setting.width * size / 1000
        return float(pdfmetrics.stringWidth(self.text, self.font, size))


@dataclass(frozen=True)
class Face:
    """A font that reportlab knows as ``name``; its glyphs are a TrueType cmap or a character set."""

    name: str
    glyphs: frozenset[int] = frozenset()
    codec: str = ""

    def has(self, char: str) -> bool:
        """Whether the font can draw ``char``."""
        if not self.codec:
            return ord(char) in self.glyphs
        try:
            return bool(char.encode(self.codec)) and char.isprintable()
        except UnicodeEncodeError:
            return False

    def has_all(self, text: str) -> bool:
        """Whether the font can draw the whole of ``text``."""
        return all(self.has(char) for char in text)


#: Fonts that every PDF reader has, used if not even reportlab's fonts are found.
_LATIN = Face("Helvetica", codec="cp1252")
_LATIN_BOLD = Face("Helvetica-Bold", codec="cp1252")


class FontBook:
    """Chooses and caches fonts from ``folders``, by default the system's font folders."""

    def __init__(self, folders: tuple[Path, ...] | None = None) -> None:
        self._folders = font_folders() if folders is None else folders
        self._runs: dict[tuple[str, bool], tuple[Run, ...]] = {}

    def runs(self, text: str, bold: bool = False) -> tuple[Run, ...]:
        """``text``, shaped, in runs of one font each."""
        found = self._runs.get((text, bold))
        if found is None:
            found = self._runs[text, bold] = self._find_runs(shape(text), bold)
        return found

    def width(self, text: str, size: float, bold: bool = False) -> float:
        """Width of ``text`` in points."""
        return sum(run.width(size) for run in self.runs(text, bold))

    def _find_runs(self, text: str, bold: bool) -> tuple[Run, ...]:
        plain = self._plain_face(bold)
        if plain.has_all(text):
            return (Run(plain.name, text),) if text else ()
        words = _words(text)
        foreign = self._face_for("".join(word for word in words if not plain.has_all(word)), bold)
        runs = [run for word in words for run in self._word_runs(word, plain, foreign, bold)]
        return tuple(
            _with_setting(font, "".join(run.text for run in group))
            for font, group in groupby(runs, key=lambda run: run.font)
        )

    def _plain_face(self, bold: bool) -> Face:
        names = [_bold_file(name) if bold else name for name in GENERAL]
        return next(self._installed_faces(names), _LATIN_BOLD if bold else _LATIN)

    def _word_runs(self, word: str, plain: Face, foreign: Face | None, bold: bool) -> list[Run]:
        if plain.has_all(word):
            return [Run(plain.name, word)]
        whole = foreign or self._face_for(word, bold)
        return [Run(whole.name, word)] if whole else [self._char_run(char, plain, bold) for char in word]

    def _char_run(self, char: str, plain: Face, bold: bool) -> Run:
        if plain.has(char):
            return Run(plain.name, char)
        face = self._face_for(char, bold) or self._unknown_face(char)
        if face:
            return Run(face.name, char)
        letters = unjoined(char)
        face = self._face_for(letters, bold) if letters != char else None
        if face:
            return Run(face.name, letters)
        base = "".join(part for part in unicodedata.normalize("NFKD", char) if plain.has(part))
        is_mark = unicodedata.category(char).startswith("M")
        return Run(plain.name, base if base or is_mark else "?")

    def _face_for(self, text: str, bold: bool) -> Face | None:
        """The first known font, installed or built into PDF readers, that has all of ``text``."""
        installed = self._installed_faces(_file_names(text, bold))
        is_wide = any(unicodedata.east_asian_width(char) in "WF" for char in text)
        readers = _readers_faces() if is_wide and _has_cjk_for_readers(self._folders) else ()
        return next((face for face in chain(installed, readers) if face.has_all(text)), None)

    def _installed_faces(self, names: list[str]) -> Iterator[Face]:
        files = _installed(self._folders)
        for name in names:
            face = _load(files[name]) if name in files else None
            if face:
                yield face

    def _unknown_face(self, char: str) -> Face | None:
        known = {*GENERAL, *BOLD_FILES.values()}
        others = sorted(item for item in _installed(self._folders).items() if item[0] not in known)
        for _name, path in others[:_UNKNOWN_FONTS_TRIED]:
            face = _load(path)
            if face and face.has(char):
                return face
        return None


def _with_setting(font: str, text: str) -> Run:
    return Run(font, text, set_text(font, text) if needs_setting(text) else None)


def _words(text: str) -> list[str]:
    """The words, each with its trailing space."""
    words = text.split(" ")
    return [f"{word} " for word in words[:-1]] + [words[-1]]


def _file_names(text: str, bold: bool) -> list[str]:
    """File names, best first, of fonts known for the scripts in ``text``.

    Each bold font is followed by its regular one: missing bold is better than a missing glyph.
    """
    scripts = dict.fromkeys(
        unicodedata.name(char, "").partition(" ")[0] for char in text if not _LATIN.has(char)
    )
    names: list[str] = []
    for script in scripts:
        names += SCRIPTS.get(script, ())
    for script in scripts:
        names.append(f"notosans{script.lower()}-regular.ttf")
    regular = dict.fromkeys(names + list(GENERAL))
    return [cut for name in regular for cut in ((_bold_file(name), name) if bold else (name,))]


def _bold_file(name: str) -> str:
    return BOLD_FILES.get(name, name.replace("-regular", "-bold"))


def font_folders() -> tuple[Path, ...]:
    """The system's font folders, the user's own last, then reportlab's fonts."""
    import reportlab

    home = Path.home()
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA", str(home / "AppData/Local"))
        folders = [
            Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts",
            Path(local) / "Microsoft/Windows/Fonts",
        ]
    elif sys.platform == "darwin":
        folders = [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts"]
    else:
        folders = [
            Path("/usr/share/fonts"),
            Path("/usr/local/share/fonts"),
            home / ".fonts",
            home / ".local/share/fonts",
        ]
    return (*folders, Path(reportlab.__file__).parent / "fonts")


@lru_cache
def _installed(folders: tuple[Path, ...]) -> dict[str, Path]:
    """Lower-case file name -> path of every TrueType font; earlier folders win."""
    found: dict[str, Path] = {}
    for folder in folders:
        for place, _folders, names in sorted(os.walk(folder)):
            for name in sorted(names):
                if name.lower().endswith((".ttf", ".ttc")):
                    found.setdefault(name.lower(), Path(place, name))
    return found


@lru_cache
def _has_cjk_for_readers(folders: tuple[Path, ...]) -> bool:
    """Whether a Chinese, Japanese or Korean font is installed that PDF readers can use but reportlab cannot
    embed.

    Without any, PDF readers would leave such a name blank; "?" is more honest.
    """
    names = (name.lower() for folder in folders for _, _, files in os.walk(folder) for name in files)
    return any(name.startswith(UNEMBEDDABLE_CJK) for name in names)


@lru_cache
def _load(path: Path) -> Face | None:
    """Register the font file with reportlab; ``None`` if reportlab cannot use it (CFF outlines)."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFError, TTFont

    try:
        font = TTFont(f"CleanFlow-{path.name}", str(path), subfontIndex=0)
        glyphs = frozenset(code for code, glyph in font.face.charToGlyph.items() if glyph)
    except (TTFError, OSError, struct.error, LookupError, ValueError, TypeError, AssertionError):
        return None  # a broken font file must not stop a report
    pdfmetrics.registerFont(font)
    return Face(font.fontName, glyphs)


@lru_cache
def _readers_faces() -> tuple[Face, ...]:
    """Fonts that PDF readers know by name; each has the characters of its language's code page."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont

    for name in READERS_CJK:
        pdfmetrics.registerFont(UnicodeCIDFont(name))
    return tuple(Face(name, codec=codec) for name, codec in READERS_CJK.items())
