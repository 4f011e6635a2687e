"""The encoding of a text file: found from the file alone, or chosen by name."""

from __future__ import annotations

import codecs
import io
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import Final, NamedTuple

from cleanflow.errors import Refusal


@dataclass(frozen=True)
class Encoding:
    """A codec's name and how its decoder treats bytes that it does not know.

    ``surrogateescape`` leaves a lone surrogate where a byte cannot be read, so that the line it stands in
    can be refused without losing the others.
    """

    name: str
    errors: str = "surrogateescape"


_MARKS = (
    (codecs.BOM_UTF8, Encoding("utf-8-sig")),
    (codecs.BOM_UTF32_LE, Encoding("utf-32", "replace")),  # begins like UTF-16's mark, so it is tried first
    (codecs.BOM_UTF32_BE, Encoding("utf-32", "replace")),
    (codecs.BOM_UTF16_LE, Encoding("utf-16", "replace")),
    (codecs.BOM_UTF16_BE, Encoding("utf-16", "replace")),
)

_SAMPLE_BYTES = 65_536


def encoding_of(data: bytes, chosen: str = "") -> Encoding:
    """The encoding that a person chose, or the one that is found.

    By byte order mark, else UTF-16 by its NULs, else UTF-8 if valid, else the most plausible code page.
    Refuses with ``encoding_unknown``.
    """
    if chosen:
        named = encoding_named(chosen)
        marked = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), None)
        return marked if marked and marked.name == named.name[: len(marked.name)] else named
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    return _by_nuls(data[:_SAMPLE_BYTES]) or (Encoding("utf-8") if _is_utf8(data) else _code_page(data))


#: Codecs of Python that are no encodings of text files.
_NOT_OF_FILES = frozenset("idna punycode undefined unicode_escape raw_unicode_escape utf_7 mbcs oem".split())


def encoding_named(name: str) -> Encoding:
    """The encoding that a person chose, like ``windows-1254``. Refuses with ``encoding_unknown``."""
    try:
        codec = codecs.lookup(name.strip().lower())
        b"a".decode(codec.name, "replace")  # what is no encoding of text refuses this
    except (LookupError, ValueError):
        raise Refusal("encoding_unknown", text=name) from None
    plain = codec.name.replace("-", "_")
    if plain in _NOT_OF_FILES:
        raise Refusal("encoding_unknown", text=name)
    if plain == "utf_8":
        return Encoding("utf-8-sig")  # reads a file without the mark, too
    if plain in ("utf_16", "utf_32"):
        return Encoding(f"{codec.name}-le", "replace")  # as Windows has it; these two insist on a mark
    return Encoding(codec.name, "replace" if plain.startswith(("utf_16", "utf_32")) else "surrogateescape")


def decoded(data: bytes, encoding: Encoding) -> io.TextIOWrapper:
    """``data`` as a text stream that keeps its line ends."""
    return io.TextIOWrapper(io.BytesIO(data), encoding=encoding.name, errors=encoding.errors, newline="")


def _by_nuls(sample: bytes) -> Encoding | None:
    """ASCII in UTF-16 has a NUL in every second byte, always on the same side."""
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    few, many = sorted((even, odd))
    if many * 20 < len(sample) or few * 10 > many:
        return None
    return Encoding("utf-16-le" if odd > even else "utf-16-be", "replace")


def _is_utf8(data: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(data), _SAMPLE_BYTES):
            decoder.decode(data[start : start + _SAMPLE_BYTES])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


# --- code pages ------------------------------------------------------------------------------------


class _Language(NamedTuple):
    """Letters beyond ASCII of a language, and the code page that old Windows programs write it in.

    ``frequent`` ones tell alphabets apart that share their bytes; for Latin letters all count alike.
    ``trust`` below 1 is for a mixture of languages, which explains more than any one of them.
    """

    encoding: str
    letters: str
    frequent: str = ""
    trust: float = 1.0


_WESTERN = "àâäáãåæçéèêëíìîïñóòôöõøœúùûüÿß"
#: The first of equals is chosen, so the common ones come first.
_LANGUAGES: Final = (
    _Language("cp1252", "àâæçéèêëîïôùûüÿœ"),  # French
    _Language("cp1252", "äöüßé"),  # German
    _Language("cp1252", "áéíñóúü"),  # Spanish
    _Language("cp1252", "áâãàçéêíóôõúü"),  # Portuguese
    _Language("cp1252", "åäöøæéü"),  # Danish, Norwegian, Swedish
    _Language("cp1252", "àèéìòùî"),  # Italian
    _Language("cp1254", "çğıöşüâîû"),  # Turkish
    _Language("cp1252", "áðéíóúýþæö"),  # Icelandic
    _Language("cp1250", "ąćęłńóśźż"),  # Polish
    _Language("cp1250", "áčďéěíňóřšťúůý"),  # Czech, with the next
    _Language("cp1250", "áäčďéíĺľňóôŕšťúýž"),  # Slovak
    _Language("cp1250", "áéíóöőúüű"),  # Hungarian
    _Language("cp1250", "ăâîşţ"),  # Romanian
    _Language("cp1250", "čćđšž"),  # Croatian, Slovene
    _Language("cp1257", "āčēģīķļņšūž"),  # Latvian
    _Language("cp1257", "ąčęėįšųūž"),  # Lithuanian
    _Language("cp1252", _WESTERN, trust=0.9),
    _Language("cp1258", "ăâđêôơưàáèéìíòóùúýñ", trust=0.8),  # Vietnamese
    _Language("cp1251", "абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґўђјљњћџѓќѕ", "оеаинтсрвлкмпдуья"),
    _Language("cp1256", "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهويىپچژگکٹڈڑںھہے", "ايلمنرهدبتوعحسف"),
    _Language("cp1253", "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ", "αοιετσνηυρπκμλςάίόέή"),
    _Language("cp1255", "אבגדהוזחטיךכלםמןנסעףפץצקרשת", "יוהלאמרשתנבדם"),
    _Language("cp866", "абвгдежзийклмнопрстуфхцчшщъыьэюяё", "оеаинтсрвлкмпдуья", 0.95),
    _Language("koi8-r", "абвгдежзийклмнопрстуфхцчшщъыьэюяё", "оеаинтсрвлкмпдуья", 0.95),
    _Language("cp874", "".join(map(chr, range(0x0E01, 0x0E4F))), trust=0.75),  # Thai
    _Language("cp857", "çğıöşüâîû", trust=0.95),  # DOS: Turkish, then Western
    _Language("cp850", _WESTERN, trust=0.95),
)

#: Below this no language explains the letters: they may be Chinese, Japanese or Korean.
_LEAST_PLAUSIBLE = 0.6
_DOUBLE_BYTES = ["cp874", "gb18030", "big5", "cp932", "euc_jp", "cp949"]


def _code_page(data: bytes) -> Encoding:
    """The code page in which most letters beyond ASCII belong to one language.

    Windows-1252 and 1254 differ in six letters alone, and to charset-normalizer both are "Western"; it is
    only asked about the double-byte encodings of East Asia.
    """
    lines = [line for line in re.split(rb"[\n\r]", data[: 16 * _SAMPLE_BYTES]) if not line.isascii()]
    sample = b"\n".join(lines)[:_SAMPLE_BYTES]
    letters = {name: _letters_in(sample, name) for name in dict.fromkeys(one.encoding for one in _LANGUAGES)}
    best, score = "cp1252", 0.0
    if not letters[best]:  # quotation marks and dashes alone
        return Encoding(best)
    for language in _LANGUAGES:
        plausible = _plausibility(letters[language.encoding], language)
        if plausible > score + 1e-9:
            best, score = language.encoding, plausible
    pairs = all(len(run) % 2 == 0 for run in re.findall(rb"[\x80-\xff]+", sample))
    if (score < _LEAST_PLAUSIBLE or (best == "cp874" and pairs)) and (found := _double_byte(sample)):
        best = found
    return Encoding(best)


def _double_byte(sample: bytes) -> str | None:
    from charset_normalizer import from_bytes  # slow to import, and hardly ever needed

    best = from_bytes(sample, cp_isolation=_DOUBLE_BYTES).best()
    return best.encoding if best else None


#: Punctuation of every code page, no letter: it says nothing, unless it stands inside a word.
_NEUTRAL = frozenset("‘’“”„«»‹›–—…€£¥§©®™°·•№¿¡ªº\xa0¼½¾²³´،؛؟")


def _letters_in(sample: bytes, name: str) -> Counter[str]:
    """The characters beyond ASCII, in lower case, with how often; ``""`` counts the implausible ones.

    Implausible: what is no letter; a letter of another script than its neighbours; three letters beyond ASCII
    in a row within a Latin word; a capital behind a small letter.
    """
    text = re.sub("[’‘](?=[^\\W\\d_])", "", sample.decode(name, "replace"))
    found: Counter[str] = Counter()
    for word in re.findall(r"[^\W\d_]*[^\x00-\x7f](?:[^\x00-\x7f]|[^\W\d_])*", text):
        beyond = [char for char in word if char > "\x7f"]
        if len(word) == 1 and word in _NEUTRAL:
            continue
        stripped = word.strip("".join(_NEUTRAL))
        is_latin = _is_latin(stripped)
        is_odd = (
            any(is_latin != _is_latin_letter(char) for char in stripped if char.isalpha())
            or bool(re.search(r"[a-zß-öø-ÿа-яα-ω][A-ZÀ-ÖØ-ÞА-ЯΑ-Ω]", stripped))
            or (is_latin and bool(re.search(r"[^\x00-\x7f]{3}", stripped)))
        )
        for char in beyond:
            if char in _NEUTRAL and char not in stripped:
                continue
            is_mark = unicodedata.category(char) == "Mn"
            is_letter = (char.isalpha() or is_mark) and not is_odd
            found[("ı" if char == "İ" else char.lower()) if is_letter else ""] += 1
    return found


def _is_latin(word: str) -> bool:
    return any(_is_latin_letter(char) for char in word)


def _is_latin_letter(char: str) -> bool:
    return char.isalpha() and (char <= "\u024f" or "\u1e00" <= char <= "\u1eff")


def _plausibility(letters: Counter[str], language: _Language) -> float:
    """The share of the letters that the language has, 0 to 1; where it says so, frequent ones count more."""
    total = sum(letters.values())
    if not total:
        return 0.0
    weight = 0.0
    for char, count in letters.items():
        if char and char in language.letters:
            weight += count * (1.0 if not language.frequent or char in language.frequent else 0.75)
    return language.trust * weight / total
