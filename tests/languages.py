"""Made-up languages that show what is translated."""

from __future__ import annotations

import gettext
from collections.abc import Iterator
from contextlib import contextmanager

from cleanflow import language


class Lower(gettext.NullTranslations):
    """Translates every text to lower case."""

    def gettext(self, message: str) -> str:
        """Placeholders such as ``{name}`` are in lower case already."""
        return message.lower()


class Loud(gettext.NullTranslations):
    """Translates every text to itself, twice."""

    def gettext(self, message: str) -> str:
        """The text and its repetition."""
        return f"{message} {message}"


@contextmanager
def speaking(catalogue: gettext.NullTranslations) -> Iterator[None]:
    """Use ``catalogue`` within the block, then English again."""
    language.use(catalogue)
    try:
        yield
    finally:
        language.use(gettext.NullTranslations())
