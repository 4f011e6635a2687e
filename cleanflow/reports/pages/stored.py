"""Storing a document as text with a record, so that a closed day's report stays as it was."""

from __future__ import annotations

import json
from dataclasses import asdict, is_dataclass
from typing import Any, Union, get_args, get_origin, get_type_hints

from cleanflow.rendering.document import Document

_FORMAT = 1


def stored(document: Document) -> str:
    """``document`` as JSON, with everything needed to draw it."""
    return json.dumps({"format": _FORMAT, "document": asdict(document)}, ensure_ascii=False)


def restored(text: str) -> Document:
    """The document that :func:`stored` wrote. Raises ``ValueError`` for any other text."""
    try:
        document = _value(Document, json.loads(text)["document"])
    except (KeyError, TypeError, StopIteration) as error:
        raise ValueError(f"not a stored document: {error}") from error
    assert isinstance(document, Document)
    return document


def _value(hint: Any, value: Any) -> Any:
    """``value`` from JSON as the type ``hint``: dataclasses, and lists as homogeneous tuples."""
    if value is None:
        return None
    kinds = get_args(hint) if get_origin(hint) in _UNIONS else (hint,)
    if isinstance(value, list):
        hint = next(kind for kind in kinds if get_origin(kind) is tuple)
        return tuple(_value(get_args(hint)[0], item) for item in value)
    if isinstance(value, dict):
        kind: Any = next(kind for kind in kinds if is_dataclass(kind))
        hints = get_type_hints(kind)
        given = {name: _value(hints[name], item) for name, item in value.items() if name in hints}
        return kind(**given)
    return value


_UNIONS = (Union, type(int | str))
