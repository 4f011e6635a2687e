"""What search reads of a customer, folded the same way when it is written and when it is looked for. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any, Final

from cleanflow.digits import ascii_digits, digits_of
from cleanflow.records.people import CUSTOMERS

#: What a customer is found by; the name comes first.
SEARCHED: Final = (*CUSTOMERS.searched, "external_key")

#: Before a key that an import made from a line's content, for want of an old system's key. Nobody
#: searches for one, and its hexadecimal digits would match pieces of phone numbers.
CONTENT_KEY: Final = "import:"


def searched_in(latest: int) -> tuple[str, ...]:
    """Those of :data:`SEARCHED` that a database of the format ``latest`` has."""
    return tuple(name for name in SEARCHED if CUSTOMERS[name].since <= latest)


def search_text(row: Any, names: Sequence[str] = SEARCHED) -> str:
    """What search looks through: the fields in search form, and the phone's digits once more without gaps.

    ``row`` has the columns ``names``, the key in the old system last.
    """
    parts = [row[name] or "" for name in names]
    if parts[-1].startswith(CONTENT_KEY):
        parts.pop()
    parts.insert(2, digits_of(row["phone"]))
    return "\n".join(search_form(part) for part in parts if part)


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
