"""Words for people: every text that the window or a report shows goes through :func:`_`.

The catalogue of the chosen language is loaded once by the front end; without one, English is shown.
"""

from __future__ import annotations

import gettext

_catalogue: gettext.NullTranslations = gettext.NullTranslations()


def use(catalogue: gettext.NullTranslations) -> None:
    """Show ``catalogue``'s language from now on."""
    global _catalogue
    _catalogue = catalogue


def _(text: str) -> str:
    """``text`` in the language in use."""
    return _catalogue.gettext(text)


def _l(text: str) -> str:
    """``text`` itself, marked for the catalogue: a constant that is translated with ``_`` when shown."""
    return text
