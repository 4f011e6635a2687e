"""Cleaning and checking of texts that people type, before they are stored."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from cleanflow.errors import Refusal
from cleanflow.language import _
from cleanflow.records.common import EXTERNAL_KEY
from cleanflow.records.types import Field, Record
from cleanflow.records.work import JOB_ADJUSTMENTS


def clean_text(field: str, value: str, *, limit: int, required: bool = False, lines: bool = False) -> str:
    """``value`` in Unicode normal form (NFC) without surrounding space; ``lines`` keeps its line breaks.

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
    """Whether ``char`` is visible: not a space, a format or unassigned character, or a Hangul filler."""
    return unicodedata.category(char)[0] not in "ZC" and char not in "\u115f\u1160\u3164\uffa0"


def clean_field(field: Field, value: str) -> str:
    """``value`` cleaned as its field is declared. Refuses like :func:`clean_text`."""
    return clean_text(_(field.label), value, limit=field.high, required=field.is_required, lines=field.lines)


def cleaned(record: Record, given: Mapping[str, str]) -> dict[str, str]:
    """The texts of ``given`` (field name -> text), each cleaned as its field is declared."""
    return {name: clean_field(record[name], value) for name, value in given.items()}


def clean_key(value: str | None) -> str | None:
    """A record's key in an older system, cleaned; None for an empty one."""
    return clean_field(EXTERNAL_KEY, value) if value else None


def clean_reason(value: str) -> str:
    """The reason for a correction, cleaned; it must not be empty."""
    return clean_field(JOB_ADJUSTMENTS["reason"], value)


def choice(value: str, choices: tuple[str, ...]) -> str:
    """``value``. Refuses with ``choice_invalid`` if it is not one of ``choices``."""
    if value not in choices:
        raise Refusal("choice_invalid", text=value, choices=", ".join(choices))
    return value
