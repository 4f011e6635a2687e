"""The two ways in which the program says no.

A :class:`Refusal` answers a person: a code for programs and tests, and a sentence. :class:`NotSaved` is a
failed disk or lock: nothing was written, and the input is kept. Any other exception is a bug.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from pathlib import PurePath
from typing import Final

from cleanflow.language import _

#: Code -> English sentence, of the rooms that have been imported. A room declares what it refuses beside
#: the code that refuses (``refusals.py``), so no room has to know the others.
_SENTENCES: Final[dict[str, str]] = {}


def declare(sentences: Mapping[str, str]) -> None:
    """Give codes their English sentences, marked with ``_l``; ``{fact}`` stands for a fact of the refusal.

    Called while the room is imported. A sentence is translated when it is shown, never here.
    """
    _SENTENCES.update(sentences)


def is_declared(code: str) -> bool:
    """Whether ``code`` is that of a refusal."""
    return code in _SENTENCES


class Refusal(Exception):
    """The request was refused; nothing has changed.

    ``code`` must be declared (:func:`declare`; KeyError otherwise), ``facts`` fill its sentence. Its text is
    that sentence in the language in use.
    """

    def __init__(self, code: str, **facts: object) -> None:
        self.code = code
        self.facts = facts
        self._sentence = _SENTENCES[code]
        super().__init__(code)

    def __str__(self) -> str:
        return _(self._sentence).format_map(_Facts(self.facts))


class NotSaved(Exception):
    """The disk or a lock failed; nothing has changed."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)

    def __str__(self) -> str:
        return _("NOT saved: {reason}").format(reason=self.reason)


class _Facts(dict[str, object]):
    """Facts for a sentence. A missing fact becomes an ellipsis, so that a message never fails itself.

    Text from people and files is shortened, and stripped of control characters.
    """

    def __getitem__(self, key: str) -> object:
        fact = super().__getitem__(key)
        if isinstance(fact, str):
            return _shown(fact, 2_000 if key in _LISTS else 200)
        return _shown(str(fact), 2_000) if isinstance(fact, PurePath) else fact

    def __missing__(self, key: str) -> str:
        return "…"


#: Facts that list several things, and may be longer.
_LISTS: Final = frozenset({"choices", "columns", "differences", "fields", "reason", "sheets"})


def _shown(fact: str, limit: int) -> str:
    return harmless(fact if len(fact) <= limit else f"{fact[:limit]}…")


def harmless(text: str) -> str:
    """``text`` without the control characters that a terminal would obey."""
    return text if text.isprintable() else "".join(map(_visible, text))


def _visible(char: str) -> str:
    return "\ufffd" if unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\t" else char
