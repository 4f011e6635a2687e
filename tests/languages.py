"""Made-up languages, to see what is translated and what depends on it."""

from __future__ import annotations

import gettext
from collections.abc import Iterator
from contextlib import contextmanager

from cleanflow import language


class Lower(gettext.NullTranslations):
    """Everything is said in small letters."""

    def gettext(self, message: str) -> str:
        """``{facts}`` stay as they are: their names are in small letters already."""
        return message.lower()


class Loud(gettext.NullTranslations):
    """Everything is said twice."""

    def gettext(self, message: str) -> str:
        """The same words once more."""
        return f"{message} {message}"


@contextmanager
def speaking(catalogue: gettext.NullTranslations) -> Iterator[None]:
    """Use ``catalogue`` until the end, then English again."""
    language.use(catalogue)
    try:
        yield
    finally:
        language.use(gettext.NullTranslations())
