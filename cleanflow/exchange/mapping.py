"""Which column gives which field: as the person says, as the program's format has it, or by its heading.

What fields there are and the words that columns use for them stand in :mod:`cleanflow.exchange.fields`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from cleanflow.errors import Refusal
from cleanflow.exchange.fields import FIELDS, Field, Way
from cleanflow.exchange.formats import Format
from cleanflow.exchange.headings import Heading, letters
from cleanflow.exchange.table import Number, Record, Table
from cleanflow.exchange.values import is_activity, is_date
from cleanflow.language import _
from cleanflow.records.search import folded

#: Control characters and the surrogates that undecodable bytes became; line breaks and tabs are fine.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_MOST_NAMES = 40
_SAMPLES = 50


@dataclass(frozen=True)
class Columns:
    """Columns (numbers from 0) whose texts are joined to one; ``label`` names them in notes."""

    numbers: tuple[int, ...]
    joiner: str
    label: str = ""
    is_total: bool = False


@dataclass(frozen=True)
class MappedField:
    """A field and the ways to fill it, of which the first with text counts."""

    field: Field
    ways: tuple[Columns, ...]

    @property
    def numbers(self) -> tuple[int, ...]:
        """All its columns."""
        return tuple(dict.fromkeys(number for way in self.ways for number in way.numbers))

    @property
    def is_total(self) -> bool:
        """Whether the amount is a whole invoice's, and repeated on each of its lines."""
        return self.ways[0].is_total


@dataclass(frozen=True)
class ColumnMapping:
    """What is read from each record of a file whose columns are ``names``."""

    names: Sequence[str]
    fields: Sequence[MappedField]

    def shown(self) -> dict[str, list[str]]:
        """Field name -> column names. What only goes to the notes stands there."""
        shown: dict[str, list[int]] = {}
        rest: list[int] = []
        for mapped in self.fields:
            main = mapped.numbers
            if mapped.field.keeps_rest and not mapped.field.gathers:
                main = mapped.ways[0].numbers
                rest += [number for number in mapped.numbers if number not in main]
            shown[mapped.field.name] = list(main)
        if rest:
            shown["notes"] = sorted({*shown.get("notes", []), *rest})
        return {name: [self.names[number] for number in numbers] for name, numbers in shown.items()}

    def ignored(self) -> list[int]:
        """The numbers of the columns that give nothing."""
        used = {number for mapped in self.fields for number in mapped.numbers}
        return [number for number in range(len(self.names)) if number not in used]

    def of(self, name: str) -> MappedField | None:
        """The field of this name, if a column gives it."""
        return next((mapped for mapped in self.fields if mapped.field.name == name), None)

    def text_of(self, record: Record, name: str) -> str:
        """The text of one field as far as the record has it; empty for an unreadable record."""
        mapped = self.of(name)
        numbers = mapped.numbers if mapped else ()
        return " ".join(record.cells[number].strip() for number in numbers if number < len(record.cells))

    def values(self, record: Record) -> dict[str, str]:
        """Field name -> text without surrounding space; a field whose cells are empty is left out.

        A number cell stays a :class:`Number`. ``customer_2`` is what else the line says of the customer.
        Refuses what makes the record unreadable, and with ``line_too_short`` or ``text_unprintable``.
        """
        if record.problem:
            raise record.problem
        values: dict[str, str] = {}
        rest: list[str] = []
        for mapped in self.fields:
            texts = [(way, self._text(mapped, way, record.cells)) for way in mapped.ways]
            filled = [(way, text) for way, text in texts if text]
            if not filled:
                continue
            name = mapped.field.name
            values[name] = filled[0][1]
            others = [(way, text) for way, text in filled[1:] if not _says(filled[0][1], text)]
            if mapped.field.keeps_rest:
                rest += [f"{way.label}: {text}" for way, text in others]
            elif others and name == "customer":
                values["customer_2"] = others[0][1]
        if rest:
            values["notes"] = "\n".join([*rest, *filter(None, [values.get("notes", "")])])
        return values

    def _text(self, mapped: MappedField, way: Columns, cells: list[str]) -> str:
        parts: list[tuple[str, str]] = []
        for number in way.numbers:
            name = self.names[number]
            if number >= len(cells):
                raise Refusal("line_too_short", found=len(cells), expected=number + 1, column=name)
            cell = cells[number]
            text = cell if isinstance(cell, Number) else cell.strip()
            if _UNPRINTABLE.search(text):
                raise Refusal("text_unprintable", field=f"“{name}”")
            if text and (mapped.field.name != "address" or _is_news(text, [part for _name, part in parts])):
                parts.append((name, text))
        if len(parts) == 1 and len(way.numbers) == 1:
            return parts[0][1]
        if mapped.field.is_labelled and len(mapped.numbers) > 1:
            return way.joiner.join(f"{name}: {text}" for name, text in parts)
        return way.joiner.join(text for _name, text in parts)


def _pieces(text: str) -> list[str]:
    return [piece.strip().casefold() for piece in re.split(r"[,\n]", text) if piece.strip()]


def _is_news(text: str, before: list[str]) -> bool:
    """Whether a part of an address says what the parts before did not: Shopify writes the street twice."""
    known = [piece for part in before for piece in _pieces(part)]
    return any(piece not in known for piece in _pieces(text))


def _says(text: str, other: str) -> bool:
    """Whether ``text`` has all words of ``other``."""
    words, others = (set(re.findall(r"\w+", folded(one))) for one in (text, other))
    return others <= words


def map_columns(
    table: Table, kind: str, assignments: Iterable[str] = (), format_: Format | None = None
) -> ColumnMapping:
    """The mapping of ``table`` for ``kind``: ``assignments`` (``COLUMN=FIELD``) first, then what ``format_``
    says, and guesses for the rest.

    Refuses with ``mapping_invalid``, ``column_unknown``, ``field_unknown``, ``column_shared`` or
    ``column_missing``.
    """
    said = [_parsed(text, table, kind) for text in assignments]
    guesser = _Guesser(table, kind, format_, {number for number, _name in said})
    fields = []
    for field in FIELDS[kind]:
        numbers = tuple(dict.fromkeys(number for number, name in said if name == field.name))
        ways = (Columns(numbers, _joiner(field)),) if numbers else guesser.ways_of(field)
        _check(field, numbers, ways, table)
        if ways:
            fields.append(MappedField(field, ways))
    return ColumnMapping(table.columns, fields)


def _joiner(field: Field) -> str:
    return field.joiner or " "


def _parsed(text: str, table: Table, kind: str) -> tuple[int, str]:
    """A column's number and a field's name, which is empty for a column to leave out."""
    column, equals, field = text.rpartition("=")
    if not equals or not column.strip():
        raise Refusal("mapping_invalid", text=text)
    name = field.strip().casefold().replace("-", "_")
    known = [item.name for item in FIELDS[kind]]
    if name not in ("", "_", *known):
        raise Refusal("field_unknown", kind=kind.capitalize(), text=field.strip(), fields=", ".join(known))
    return _column(column.strip(), table), name.strip("_")


def _column(name: str, table: Table) -> int:
    if name in table.columns:
        return table.columns.index(name)
    alike = [number for number, column in enumerate(table.columns) if letters(column) == letters(name) != ""]
    if len(alike) != 1:
        raise Refusal("column_unknown", path=table.path, column=name, columns=_list(table.columns))
    return alike[0]


def _check(field: Field, said: tuple[int, ...], ways: tuple[Columns, ...], table: Table) -> None:
    if field.is_required and not ways:
        raise Refusal("column_missing", field=field.name, path=table.path, columns=_list(table.columns))
    if len(said) > 1 and not field.joiner and not any(len(way.places) > 1 for way in field.ways):
        names = _list([table.columns[number] for number in said])
        raise Refusal("column_shared", field=field.name, columns=names)


def _list(names: Sequence[str]) -> str:
    return ", ".join(names[:_MOST_NAMES]) + (", …" if len(names) > _MOST_NAMES else "")


class _Guesser:
    """Gives the columns that nobody has spoken for to fields, one field after the other."""

    def __init__(self, table: Table, kind: str, format_: Format | None, said: set[int]) -> None:
        headings = {number: Heading(name) for number, name in enumerate(table.columns)}
        self._free = {number: heading for number, heading in headings.items() if number not in said}
        self._of_format: dict[str, list[int]] = {}
        for number, heading in list(self._free.items()) if format_ else ():
            assert format_ is not None
            for name in format_.fields_of(kind, heading):
                self._of_format.setdefault(name, []).append(number)
                self._free.pop(number, None)
        self._table = table
        self._samples: list[Record] | None = None

    def ways_of(self, field: Field) -> tuple[Columns, ...]:
        """The ways to fill the field, best first; their columns are free no longer."""
        given = tuple(self._of_format.get(field.name, ()))
        if field.gathered or field.gathers:
            ways = self._gathered(field, given)
        elif given:
            ways = [Columns(given, _joiner(field))]
            ways += self._found(field) if field.has_fallbacks else []
        else:
            ways = self._found(field)
        return tuple(ways)

    def _found(self, field: Field) -> list[Columns]:
        """By the words of the field's ways; only the first way that is there, unless others may stand in."""
        found: list[Columns] = []
        for way in field.ways:
            numbers: list[int] = []
            for place in way.places:
                number = self._first(place, field, besides=numbers)
                if number is None:
                    break
                numbers.append(number)
            else:
                found.append(self._columns(way, numbers))
                for number in numbers:
                    del self._free[number]
                if not field.has_fallbacks:
                    break
        return found

    def _columns(self, way: Way, numbers: list[int]) -> Columns:
        label = self._table.columns[numbers[0]] if len(numbers) == 1 else _("Contact")
        return Columns(tuple(numbers), way.joiner, label, way.is_total)

    def _first(self, words: tuple[str, ...], field: Field, *, besides: Sequence[int]) -> int | None:
        """The column with the best word; a whole heading goes before a part of one."""
        for word in words:
            plain = word.rstrip("?")
            for form in range(3):
                for number, heading in self._free.items():
                    is_meant = number not in besides and heading.forms[form : form + 1] == (plain,)
                    if is_meant and (plain == word or self._looks_like(field, number)):
                        return number
        return None

    def _gathered(self, field: Field, given: tuple[int, ...]) -> list[Columns]:
        if field.gathers == "address":
            return self._addresses(field, given)
        numbers = [number for number, heading in self._free.items() if self._is_gathered(field, heading)]
        for number in numbers:
            self._free.pop(number)
        numbers = sorted({*numbers, *given})
        return [Columns(tuple(numbers), field.joiner)] if numbers else []

    def _is_gathered(self, field: Field, heading: Heading) -> bool:
        if field.gathers == "phone":
            return heading.is_phone or heading.letters == field.name
        is_email = field.gathers == "email" and heading.is_email
        return is_email or any(form in field.gathered for form in heading.forms)

    def _addresses(self, field: Field, given: tuple[int, ...]) -> list[Columns]:
        """The groups of columns in the file's order, each with its parts before its address in one piece."""
        groups: dict[str, tuple[list[int], list[int]]] = {}
        for number, heading in list(self._free.items()):
            if heading.address is not None:
                group, is_whole = heading.address
                groups.setdefault(group, ([], []))[is_whole].append(number)
                self._free.pop(number)
        if given:
            parts = groups.setdefault(next(iter(groups), ""), ([], []))[0]
            parts[:] = sorted({*parts, *given})
        return [
            Columns(tuple(numbers), field.joiner, f"{group} address".strip().capitalize())
            for group, both in groups.items()
            for numbers in both
            if numbers
        ]

    def _looks_like(self, field: Field, number: int) -> bool:
        """Whether a column's first cells can be the field: “Due” may be a date or an amount."""
        if self._samples is None:
            self._samples = list(islice(self._table.records(), _SAMPLES))
        cells = [record.cells[number].strip() for record in self._samples if number < len(record.cells)]
        filled = [cell for cell in cells if cell]
        if field.name == "active":
            return any(map(is_activity, filled))
        return not filled or any(map(is_date, filled)) == (field.name == "due_date")
