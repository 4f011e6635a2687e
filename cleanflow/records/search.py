"""What search reads of a customer, folded the same way when it is written and when it is looked for. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any, Final

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
    """What search looks through: the folded fields, and the phone's digits once more without their gaps.

    ``row`` has the columns ``names``, the key in the old system last.
    """
    parts = [folded(row[name] or "") for name in names]
    if (row["external_key"] or "").startswith(CONTENT_KEY):
        parts.pop()
    digits = "".join(char for char in folded(row["phone"]) if char.isdigit())
    parts.insert(2, digits)
    return "\n".join(filter(None, parts))


def folded(text: str) -> str:
    """``text`` as search compares it: no accents, no case, and no punctuation inside numbers.

    Arabic and Hindi vowel signs go with the accents, as people leave them out when they type.
    """
    plain = "".join(
        char
        for char in unicodedata.normalize("NFKD", text.casefold())
        if unicodedata.category(char) not in ("Mn", "Cf")
    )
    return plain.translate(_LETTERS)


#: Letters that Unicode does not take apart, as a keyboard without them would write them.
_LETTERS = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "ı": "i", "ð": "d", "þ": "th"})
