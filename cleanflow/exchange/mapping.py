"""Which column gives which field: guessed from the heading, or as the person says.

What fields there are and the words that columns use for them stand in :mod:`cleanflow.exchange.fields`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cleanflow.errors import Refusal
from cleanflow.exchange.csv_file import CsvFile, Record
from cleanflow.exchange.fields import FIELDS, Field, Words
from cleanflow.exchange.values import letters

#: Control characters and the surrogates that undecodable bytes became; line breaks and tabs are fine.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_MOST_NAMES = 40


@dataclass(frozen=True)
class MappedField:
    """A field and the numbers (from 0) of the columns that give it."""

    field: Field
    columns: tuple[int, ...]


@dataclass(frozen=True)
class ColumnMapping:
    """What is read from each record of a file whose columns are ``names``."""

    names: Sequence[str]
    fields: Sequence[MappedField]

    def shown(self) -> dict[str, list[str]]:
        """Field name -> column names."""
        return {mapped.field.name: [self.names[n] for n in mapped.columns] for mapped in self.fields}

    def ignored(self) -> list[str]:
        """The columns that give nothing."""
        used = {number for mapped in self.fields for number in mapped.columns}
        return [name for number, name in enumerate(self.names) if number not in used]

    def text_of(self, record: Record, field: str) -> str:
        """The text of one field, as far as the record has it; empty for an unreadable record."""
        columns = [
            number for mapped in self.fields if mapped.field.name == field for number in mapped.columns
        ]
        return " ".join(record.cells[number].strip() for number in columns if number < len(record.cells))

    def values(self, record: Record) -> dict[str, str]:
        """Field name -> text, without surrounding space; a field whose cells are empty is left out.

        Refuses what makes the record unreadable, and with ``line_too_short`` or ``text_unprintable``.
        """
        if record.problem:
            raise record.problem
        texts = {mapped.field.name: self._text(mapped, record.cells) for mapped in self.fields}
        return {name: text for name, text in texts.items() if text}

    def _text(self, mapped: MappedField, cells: list[str]) -> str:
        parts = []
        for number in mapped.columns:
            name = self.names[number]
            if number >= len(cells):
                raise Refusal("line_too_short", found=len(cells), expected=number + 1, column=name)
            text = cells[number].strip()
            if _UNPRINTABLE.search(text):
                raise Refusal("text_unprintable", field=f"“{name}”")
            is_labelled = mapped.field.is_labelled and len(mapped.columns) > 1
            parts.append(f"{name}: {text}" if text and is_labelled else text)
        return mapped.field.joiner.join(part for part in parts if part)


def map_columns(file: CsvFile, kind: str, assignments: Iterable[str] = ()) -> ColumnMapping:
    """The mapping of ``file`` for ``kind``: ``assignments`` (``COLUMN=FIELD``) first, guesses for the rest.

    Refuses with ``mapping_invalid``, ``column_unknown``, ``field_unknown``, ``column_shared`` or
    ``column_missing``.
    """
    said = [_parsed(text, file, kind) for text in assignments]
    free = {number: letters(name) for number, name in enumerate(file.columns)}
    for number, _field in said:
        free.pop(number, None)
    fields = []
    for field in FIELDS[kind]:
        columns = tuple(dict.fromkeys(number for number, name in said if name == field.name))
        columns = columns or _guess(field, free)
        _check(field, columns, file)
        for number in columns:
            free.pop(number, None)
        if columns:
            fields.append(MappedField(field, columns))
    return ColumnMapping(file.columns, fields)


def _parsed(text: str, file: CsvFile, kind: str) -> tuple[int, str]:
    """A column's number and a field's name, which is empty for a column to ignore."""
    column, equals, field = text.rpartition("=")
    if not equals or not column.strip():
        raise Refusal("mapping_invalid", text=text)
    name = field.strip().casefold().replace("-", "_")
    known = [item.name for item in FIELDS[kind]]
    if name not in ("", "_", *known):
        raise Refusal("field_unknown", kind=kind.capitalize(), text=field.strip(), fields=", ".join(known))
    return _column(column.strip(), file), name.strip("_")


def _column(name: str, file: CsvFile) -> int:
    if name in file.columns:
        return file.columns.index(name)
    alike = [number for number, column in enumerate(file.columns) if letters(column) == letters(name) != ""]
    if len(alike) != 1:
        raise Refusal("column_unknown", path=file.path, column=name, columns=_list(file.columns))
    return alike[0]


def _check(field: Field, columns: tuple[int, ...], file: CsvFile) -> None:
    if field.is_required and not columns:
        raise Refusal("column_missing", field=field.name, path=file.path, columns=_list(file.columns))
    if len(columns) > 1 and not field.joiner:
        names = _list([file.columns[number] for number in columns])
        raise Refusal("column_shared", field=field.name, columns=names)


def _list(names: Sequence[str]) -> str:
    return ", ".join(names[:_MOST_NAMES]) + (", …" if len(names) > _MOST_NAMES else "")


def _guess(field: Field, free: dict[int, str]) -> tuple[int, ...]:
    for places in field.choices:
        columns = [_first(words, free) for words in places]
        filled = tuple(number for number in columns if number is not None)
        if len(filled) == len(places):
            return filled
    return tuple(number for number, name in free.items() if name in field.gathered)


def _first(words: Words, free: dict[int, str]) -> int | None:
    """The column with the best word, the words being ordered so."""
    known = {name: number for number, name in reversed(free.items())}
    return next((known[word] for word in words if word in known), None)
