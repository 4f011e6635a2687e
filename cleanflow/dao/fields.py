"""Texts that people type, made fit to store."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from cleanflow.digits import ascii_digits
from cleanflow.errors import Refusal
from cleanflow.language import _
from cleanflow.records.common import EXTERNAL_KEY
from cleanflow.records.types import Field, Record
from cleanflow.records.work import JOB_ADJUSTMENTS


def clean_text(field: str, value: str, *, limit: int, required: bool = False, lines: bool = False) -> str:
    """``value`` in normal form (NFC), without surrounding space; with ``lines`` it keeps line breaks.

    ``limit`` is in characters. Refuses with ``text_missing``, ``text_too_long`` or ``text_unprintable``
    (NUL and other control characters, lone surrogates). Direction marks inside a name are kept.
    """
    text = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n"))
    if not lines:
        text = " ".join(text.replace("\n", " ").replace("\t", " ").split(" ")).strip()
    text = text.strip()
    for char in text:
        if unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\t":
            raise Refusal("text_unprintable", field=field)
    if required and not any(_is_visible(char) for char in text):
        raise Refusal("text_missing", field=field)
    if len(text) > limit:
        raise Refusal("text_too_long", field=field, limit=limit)
    return text


def _is_visible(char: str) -> bool:
    """Whether a person can see ``char``: no space, no format or unassigned character, no Hangul filler."""
    return unicodedata.category(char)[0] not in "ZC" and char not in "\u115f\u1160\u3164\uffa0"


def clean_field(field: Field, value: str) -> str:
    """``value`` as the declaration of its field wants it; refuses as :func:`clean_text`."""
    return clean_text(_(field.label), value, limit=field.high, required=field.is_required, lines=field.lines)


def cleaned(record: Record, given: Mapping[str, str]) -> dict[str, str]:
    """The texts of ``given`` as the record's declaration wants them."""
    return {name: clean_field(record[name], value) for name, value in given.items()}


def clean_key(value: str | None) -> str | None:
    """The key that an older system had for a record; None for none."""
    return clean_field(EXTERNAL_KEY, value) if value else None


def clean_reason(value: str) -> str:
    """Why a correction was made; it may not be empty."""
    return clean_field(JOB_ADJUSTMENTS["reason"], value)


def choice(value: str, choices: tuple[str, ...]) -> str:
    """``value``; refuses with ``choice_invalid`` what is not one of ``choices``."""
    if value not in choices:
        raise Refusal("choice_invalid", text=value, choices=", ".join(choices))
    return value


def folded(text: str) -> str:
    """``text`` without case and accents, with ASCII digits and one letter for each letter's variants.

    Arabic and Hindi vowel signs go with the accents, as people leave them out when they type. ``ß`` is
    ``ss``; ``ı`` and ``İ`` are ``i``; alef, yeh, kaf and heh are one letter each, whether the keyboard is
    Arabic, Persian or Urdu.
    """
    if text.isascii():
        return text.casefold()
    plain = "".join(
        char
        for char in unicodedata.normalize("NFKD", text.casefold())
        if unicodedata.category(char) not in ("Mn", "Cf")
    )
    return ascii_digits(plain.translate(_LETTERS))


def search_form(text: str) -> str:
    """:func:`folded`, and without the marks inside words: “O'Brien”, “O’Brien” and “obrien” are one."""
    return folded(text).translate(_MARKS)


#: Letters that Unicode does not take apart, as a keyboard without them would write them; Arabic letters that
#: keyboards of different languages write differently; the tatweel, which only stretches a word.
_LETTERS = str.maketrans(
    dict(zip("øđłıðħ", "odlidh", strict=True))
    | {"æ": "ae", "œ": "oe", "þ": "th", "ـ": ""}
    | dict(zip("ٱىیېےکڪةہھەں", "اييييككههههن", strict=True))
)

#: Apostrophes, hyphens and dots, as people leave them out or write them differently.
_MARKS = str.maketrans("", "", "'’‘ʼʻ`´′＇-‐‑–−.·")
