"""The lines of a file as records to add: identified, cleaned, and joined where several are one record.

What is done with them: :mod:`cleanflow.exchange.importing`; what is shown of them: :mod:`preview`.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from cleanflow.dao.fields import clean_text
from cleanflow.errors import Refusal
from cleanflow.exchange.entries import Identity, Values, is_active_record
from cleanflow.exchange.headings import Heading
from cleanflow.exchange.mapping import ColumnMapping
from cleanflow.exchange.table import Number, Record, Table
from cleanflow.exchange.values import amount_of
from cleanflow.money import Currency
from cleanflow.phones import is_ruined, same_number_key, split_numbers
from cleanflow.records.search import CONTENT_KEY

#: As the records' own limits.
_LONGEST_PHONE, _LONGEST_DESCRIPTION = 100, 1000


@dataclass(frozen=True)
class Line:
    """A record to add. ``number`` is the file's line; ``part_of`` the line of the record that it belongs to.

    ``problem`` is why it cannot be read; ``warnings`` are sentences about what was changed in it.
    """

    number: int
    values: Values = field(default_factory=dict)
    identity: Identity = field(default_factory=lambda: Identity("", ""))
    problem: Refusal | None = None
    warnings: tuple[str, ...] = ()
    part_of: int = 0


@dataclass(frozen=True)
class Source:
    """A file's table and how its records are read."""

    kind: str
    table: Table
    mapping: ColumnMapping
    currency: Currency
    country: str | None


def lines_of(source: Source) -> Iterator[Line]:
    """Every line of the file, in its order."""
    reader = _Reader(source)
    repeated = reader.repeated_jobs() if source.kind == "jobs" else {}
    for record in source.table.records():
        line = reader.line(record)
        group = repeated.get(reader.job_key(record))
        if group is None:
            yield from reader.parts(line)
        elif group[0].number == line.number:
            yield _joined(line, group, source)
        else:
            yield replace(line, part_of=group[0].number)


class _Reader:
    """Reads record after record; knows what was above, by which equal lines are told apart.

    A line without a key of its own is known by all of its cells, used or not, and by how many lines above
    say the same: two equal lines are two records, and yet importing the file once more, under another name
    or with other columns chosen, adds none.
    """

    def __init__(self, source: Source) -> None:
        self._source, self._mapping = source, source.mapping
        self._alike: Counter[bytes] = Counter()
        self._seen: dict[str, tuple[int, bytes]] = {}

    def line(self, record: Record) -> Line:
        """One record as a line; never refuses, but keeps the refusal as the line's problem."""
        content = self._content_key(record)  # counted even where the line is refused: by any mapping
        try:
            values = self._mapping.values(record)
            warnings: list[str] = []
            if self._source.kind == "customers":
                values = self._customer(record, values, warnings)
            given = self._given_key(values, warnings)
            if given and self._source.kind != "jobs":
                if given in self._seen and not values.keys() & {"amount", "customer", "name", "category"}:
                    return Line(record.line, part_of=self._seen[given][0])
                self._check_repeated(given, record.line, values)
        except Refusal as refusal:
            return Line(record.line, identity=Identity("", content), problem=refusal)
        return Line(record.line, values, Identity(given, content), warnings=tuple(warnings))

    def _given_key(self, values: dict[str, str], warnings: list[str]) -> str:
        given = clean_text("The key", values.get("external_key", ""), limit=200)
        if is_ruined(given) and not isinstance(values["external_key"], Number):
            warnings.append(str(Refusal("key_ruined", text=values.pop("external_key"))))
            return ""
        return given

    def _check_repeated(self, given: str, number: int, values: Values) -> None:
        """Refuses with ``key_repeated`` when a line above used the key for something else."""
        digest = _digest(values)
        line, before = self._seen.setdefault(given, (number, digest))
        if before != digest:
            raise Refusal("key_repeated", text=given, line=line)

    def _content_key(self, record: Record) -> str:
        names = list(self._mapping.names)
        cells = [cell.strip() for cell in record.cells[: len(names)]]
        digest = _digest([self._source.kind, names, cells])
        self._alike[digest] += 1
        return CONTENT_KEY + hashlib.sha256(digest + str(self._alike[digest]).encode()).hexdigest()

    # --- customers ---

    def _customer(self, record: Record, values: dict[str, str], warnings: list[str]) -> dict[str, str]:
        """All numbers in one phone field, a name for whoever has none; the rest goes to the notes."""
        notes = [values.pop("notes")] if "notes" in values else []
        phones, ruined = self._phones(values.pop("phone", ""))
        for text in ruined:
            warnings.append(str(Refusal("phone_ruined", text=text)))
            notes.append(str(Refusal("phone_ruined_note", text=text)))
        while phones and len(", ".join(phones)) > _LONGEST_PHONE:
            notes.append(phones.pop())
        if phones:
            values["phone"] = ", ".join(phones)
        if "name" in values:
            self._strip_name(values)
        elif name := self._email(record) or (phones[0] if phones else ""):
            warnings.append(str(Refusal("name_replaced", text=name)))
            values["name"] = name
        if notes:
            values["notes"] = "\n".join(notes)
        if self._has_balance(values) and not _is_active(values):
            warnings.append(str(Refusal("active_with_balance")))
        return values

    def _has_balance(self, values: Values) -> bool:
        try:
            return amount_of(values.get("opening_balance", "0"), self._source.currency) != 0
        except Refusal:
            return False  # said where the amount is read

    def _strip_name(self, values: dict[str, str]) -> None:
        """QuickBooks writes the name once more above the address."""
        address = values.pop("address", "").removeprefix(f"{values['name']}, ")
        if address and address != values["name"]:
            values["address"] = address

    def _phones(self, text: str) -> tuple[list[str], list[str]]:
        """The numbers, each once in its first writing; and those that a spreadsheet has ruined."""
        parts = split_numbers(text)
        ruined = [part for part in parts if is_ruined(part)]
        kept = [part for part in parts if part not in ruined]
        if len(kept) > 1:
            country = self._source.country
            first: dict[str, str] = {}
            for part in kept:
                first.setdefault(same_number_key(part, country) or part, part)
            kept = list(first.values())
        return kept, ruined

    def _email(self, record: Record) -> str:
        names = self._mapping.names
        numbers = [number for number, name in enumerate(names) if Heading(name).is_email]
        return next(
            (record.cells[number].strip() for number in numbers if record.cells[number : number + 1]), ""
        )

    # --- jobs of several lines, payments in several ways ---

    def repeated_jobs(self) -> dict[str, list[Line]]:
        """Key -> its lines, for each key that several lines have; unreadable ones among them."""
        if self._mapping.of("external_key") is None:
            return {}
        records = self._source.table.records
        counts = Counter(map(self.job_key, records()))
        groups: dict[str, list[Line]] = {key: [] for key, count in counts.items() if key and count > 1}
        if groups:
            other = _Reader(self._source)
            for record in records():
                if (key := self.job_key(record)) in groups:
                    groups[key].append(other.line(record))
        return groups

    def job_key(self, record: Record) -> str:
        """The invoice's number as the line has it; empty where there is none, or none to rely on."""
        key = self._mapping.text_of(record, "external_key")
        return "" if is_ruined(key) else key

    def parts(self, line: Line) -> Iterator[Line]:
        """The line, or one for cash and one for bank where it says how much was paid in each way."""
        try:
            paid = {
                method: amount_of(line.values[name], self._source.currency)
                for method, name in (("BANK", "bank_amount"), ("CASH", "cash_amount"))
                if name in line.values
            }
            paid = {method: minor for method, minor in paid.items() if minor}
            total = amount_of(line.values.get("amount", "0"), self._source.currency) if paid else 0
        except Refusal as refusal:
            yield replace(line, problem=refusal)
            return
        if not paid:
            yield line
        elif total and total != sum(paid.values()):
            money = self._source.currency.format
            differ = Refusal("ways_differ", total=money(total), paid=money(sum(paid.values())))
            yield replace(line, problem=differ)
        else:
            yield from self._by_method(line, paid)

    def _by_method(self, line: Line, paid: dict[str, int]) -> Iterator[Line]:
        for count, (method, minor) in enumerate(paid.items()):
            values = {**line.values, "amount": Number(self._source.currency.text(minor)), "method": method}
            suffix = f" {method.lower()}" if count else ""
            given, content = line.identity.given, line.identity.content
            yield replace(line, values=values, identity=Identity(given and given + suffix, content + suffix))


def _is_active(values: Values) -> bool:
    try:
        return is_active_record(values)
    except Refusal:
        return True  # said where the status is read


def _joined(first: Line, lines: list[Line], source: Source) -> Line:
    """One job of an invoice's lines: their amounts added, unless each repeats the whole invoice's."""
    problem = next((line.problem for line in lines if line.problem), None)
    customers = {line.values["customer"] for line in lines if "customer" in line.values}
    if len(customers) > 1:
        problem = problem or Refusal("key_repeated", text=first.identity.given, line=first.number)
    values: dict[str, str] = {}
    for line in lines:
        for name, text in line.values.items():
            values.setdefault(name, text)
    amounts = [line.values["amount"] for line in lines if "amount" in line.values]
    amount = source.mapping.of("amount")
    if amounts and not (amount and amount.is_total and len(set(amounts)) == 1):
        try:
            total = sum(amount_of(text, source.currency) for text in amounts)
            values["amount"] = Number(source.currency.text(total))
        except Refusal as refusal:
            problem = problem or refusal
    _join_texts(values, lines)
    warnings = tuple(text for line in lines for text in line.warnings)
    return Line(first.number, values, first.identity, problem, warnings)


def _join_texts(values: dict[str, str], lines: list[Line]) -> None:
    """All descriptions and notes; what is too long for the description is whole in the notes."""
    for name, between in (("description", "; "), ("notes", "\n")):
        texts = dict.fromkeys(line.values[name] for line in lines if name in line.values)
        if texts:
            values[name] = between.join(texts)
    if len(values.get("description", "")) > _LONGEST_DESCRIPTION:
        texts = dict.fromkeys(line.values["description"] for line in lines if "description" in line.values)
        values["notes"] = "\n".join([*filter(None, [values.get("notes", "")]), *texts])
        values["description"] = values["description"][: _LONGEST_DESCRIPTION - 2] + " …"


def _digest(content: object) -> bytes:
    # JSON in ASCII: a byte that could not be read is a lone surrogate, which UTF-8 has no place for.
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).digest()
