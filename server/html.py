"""Writes HTML and escapes every text: only what this module made counts as markup.

Also the headers of every page: no scripts, nothing from other hosts.
"""

from __future__ import annotations

import base64
from hashlib import sha256
from html import escape
from typing import Final

from starlette.responses import HTMLResponse

_WITHOUT_END: Final = {"meta", "input", "br"}


class Html(str):
    """Text that is markup; only this module makes it."""

    __slots__ = ()


def element(name: str, /, *children: object, **attributes: object) -> Html:
    """``<name …>children</name>``. A child that is not :class:`Html` is text and is escaped.

    ``class_`` is the attribute class, ``http_equiv`` is http-equiv; an attribute of None is left out.
    """
    shown = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _WITHOUT_END:
        return Html(f"<{name}{shown}>")
    return Html(f"<{name}{shown}>{together(*children)}</{name}>")


def together(*children: object) -> Html:
    """The children one after the other, escaped as in :func:`element`."""
    return Html("".join(child if isinstance(child, Html) else escape(str(child)) for child in children))


#: One narrow column, readable at arm's length, dark if the phone is set to dark.
_STYLE: Final = """
:root { color-scheme: light dark; --line: #8884; --soft: #777; --bad: #c0392b; }
* { box-sizing: border-box; }
body { font: 17px/1.45 system-ui, sans-serif; margin: 0 auto; padding: 1rem; max-width: 40rem; }
h1 { font-size: 1.35rem; margin: 0 0 .2rem; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: 1.6rem 0 .3rem; }
p { margin: .3rem 0; overflow-wrap: anywhere; }
.soft { color: var(--soft); font-size: .9rem; }
.bad { color: var(--bad); font-weight: 600; }
.sum { font-size: 1.9rem; font-weight: 650; font-variant-numeric: tabular-nums; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .45rem .3rem; border-bottom: 1px solid var(--line); vertical-align: top;
         overflow-wrap: anywhere; }
th { font-weight: 600; font-size: .85rem; color: var(--soft); }
.n { text-align: right; white-space: nowrap; overflow-wrap: normal; }
tr.total td { font-weight: 650; border-bottom: 0; }
nav { display: flex; justify-content: space-between; margin: 1rem 0; }
nav a, button { padding: .7rem 1.1rem; border: 1px solid var(--line); border-radius: .5rem; font: inherit;
                text-decoration: none; }
"""

_STYLE_HASH: Final = base64.b64encode(sha256(_STYLE.encode()).digest()).decode()

#: Nothing may be loaded, framed or run, but our own style; forms are sent to us only.
PAGE_HEADERS: Final = {
    "content-security-policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self';"
        " base-uri 'none'; frame-ancestors 'none'"
    ),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
}


def page(title: str, *body: object, status: int = 200, headers: dict[str, str] | None = None) -> HTMLResponse:
    """A whole page as a response."""
    document = element(
        "html",
        element(
            "head",
            element("meta", charset="utf-8"),
            element("meta", name="viewport", content="width=device-width, initial-scale=1"),
            element("meta", name="robots", content="noindex"),
            element("title", title),
            element("style", Html(_STYLE)),
        ),
        element("body", *body),
        lang="en",
    )
    return HTMLResponse("<!doctype html>" + document, status, {**PAGE_HEADERS, **(headers or {})})


def table(
    heads: list[str], rows: list[list[object]], *, numbers_from: int = 1, has_total: bool = False
) -> Html:
    """A table whose columns from ``numbers_from`` on are numbers; the last row may be the total."""

    def cells(name: str, row: list[object]) -> list[Html]:
        return [
            element(name, cell, class_="n" if index >= numbers_from else None)
            for index, cell in enumerate(row)
        ]

    lines = [element("tr", *cells("th", list(heads)))]
    for number, row in enumerate(rows, start=1):
        is_total = has_total and number == len(rows)
        lines.append(element("tr", *cells("td", row), class_="total" if is_total else None))
    return element("table", *lines)
