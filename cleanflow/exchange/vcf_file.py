"""Reading contacts of phones and mail programs: vCard 2.1, 3.0 and 4.0 (RFC 2426, RFC 6350)."""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cleanflow.errors import Refusal
from cleanflow.exchange.decoding import Encoding, encoding_named, encoding_of
from cleanflow.exchange.table import Record, Table

_BEGIN = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*BEGIN:VCARD", re.IGNORECASE)
#: Pictures and the like; one may be megabytes.
_LEFT_OUT = frozenset("PHOTO LOGO SOUND KEY PRODID REV VERSION BEGIN END".split())

COLUMNS = (
    "Full name|First name|Middle name|Last name|Nickname|Company|Phone|E-mail|Address|Other address"
    "|Notes|Birthday|Id"
).split("|")


def is_vcard(data: bytes) -> bool:
    """Whether it begins as a file of contacts."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _BEGIN.match(data[:200].decode("utf-16", "replace").encode()) is not None
    return _BEGIN.match(data) is not None


def open_vcards(path: Path, data: bytes, encoding_name: str = "") -> Table:
    """The contacts as a table of the columns that any of them fills. Refuses with ``file_empty``."""
    encoding = encoding_of(data, encoding_name)
    if encoding.name.startswith(("utf-16", "utf-32")):
        data, encoding = data.decode(encoding.name, "replace").encode(), Encoding("utf-8", encoding.errors)
    contacts = [(line, _contact(properties)) for line, properties in _cards(data, encoding)]
    columns = [name for name in COLUMNS if any(name in contact for _line, contact in contacts)]
    if not columns:
        raise Refusal("file_empty", path=path)
    records = [Record(line, [contact.get(name, "") for name in columns]) for line, contact in contacts]
    return Table(path, "vCard", columns, lambda: iter(records), encoding.name)


@dataclass(frozen=True)
class _Property:
    """``TEL;TYPE=work:0300…``: ``kinds`` are its parameters' words, ``values`` the parts of its value."""

    name: str
    kinds: frozenset[str]
    values: list[str]

    @property
    def text(self) -> str:
        return " ".join(self.values).strip()


def _cards(data: bytes, encoding: Encoding) -> Iterator[tuple[int, list[_Property]]]:
    """Each contact with the line it begins on."""
    properties: list[_Property] | None = None
    begins_on = 0
    for number, line in _unfolded(data):
        word = line.strip().upper()
        if word.endswith(b"BEGIN:VCARD"):
            properties, begins_on = [], number
        elif word == b"END:VCARD" and properties is not None:
            yield begins_on, properties
            properties = None
        elif properties is not None and (found := _property(line, encoding)):
            properties.append(found)
    if properties:  # cut off
        yield begins_on, properties


def _unfolded(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Lines with their numbers; folded ones (a space, or ``=`` in quoted-printable) are joined."""
    held, held_from = b"", 0
    for number, line in enumerate(re.split(rb"\r\n|\n|\r", data), start=1):
        is_quoted = b"QUOTED-PRINTABLE" in held[:200].upper()
        if held and is_quoted and held.endswith(b"="):
            held = held[:-1] + line
        elif held and line[:1] in (b" ", b"\t"):
            held += line[1:]
        else:
            if held:
                yield held_from, held
            held, held_from = line, number
    if held:
        yield held_from, held


def _property(line: bytes, encoding: Encoding) -> _Property | None:
    head, colon, value = _divided(line)
    words = [word.strip().upper() for word in head.decode("ascii", "replace").split(";")]
    name = words[0].rpartition(".")[2]
    if not colon or name in _LEFT_OUT or not name.replace("-", "").isalnum():
        return None
    parameters = [part for word in words[1:] for part in word.rpartition("=")[2].strip('"').split(",")]
    if any("BASE64" in word or word == "B" for word in parameters):
        return None
    if "QUOTED-PRINTABLE" in parameters:
        value = quopri.decodestring(value)
    charset = next((word.partition("=")[2] for word in words if word.startswith("CHARSET=")), "")
    text = _decoded(value, charset, encoding)
    return _Property(name, frozenset(parameters), [_unescaped(part) for part in _parts(text)])


def _divided(line: bytes) -> tuple[bytes, bytes, bytes]:
    """At the first colon that does not stand between quotation marks."""
    is_quoted = False
    for place, char in enumerate(line):
        if char == 0x22:
            is_quoted = not is_quoted
        elif char == 0x3A and not is_quoted:
            return line[:place], b":", line[place + 1 :]
    return line, b"", b""


def _decoded(value: bytes, charset: str, encoding: Encoding) -> str:
    if charset:
        try:
            encoding = encoding_named(charset)
        except Refusal:
            pass  # then it is written as the rest of the file
    return value.decode(encoding.name, encoding.errors)


def _parts(text: str) -> list[str]:
    return re.split(r"(?<!\\);", text)


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], text).strip()


def _contact(properties: list[_Property]) -> dict[str, str]:
    """Column -> text; columns without text are left out."""
    contact: dict[str, str] = {}
    family, given, middle = (_of(properties, "N", part) for part in range(3))
    addresses = [", ".join(filter(None, one.values)) for one in properties if one.name == "ADR"]
    phones = [
        one.text.removeprefix("tel:").replace(";", " ")
        for one in properties
        if one.name == "TEL" and "FAX" not in one.kinds and one.text
    ]
    texts = {
        "Full name": _of(properties, "FN"),
        "First name": given,
        "Middle name": middle,
        "Last name": family,
        "Nickname": _of(properties, "NICKNAME"),
        "Company": _of(properties, "ORG", 0),
        "Phone": " ::: ".join(dict.fromkeys(phones)),
        "E-mail": ", ".join(dict.fromkeys(one.text for one in properties if one.name == "EMAIL")),
        "Address": addresses[0] if addresses else "",
        "Other address": "\n".join(addresses[1:]),
        "Notes": "\n".join(one.text for one in properties if one.name == "NOTE"),
        "Birthday": _of(properties, "BDAY"),
        "Id": _of(properties, "UID"),
    }
    contact |= {name: text for name, text in texts.items() if text.strip()}
    return contact


def _of(properties: list[_Property], name: str, part: int | None = None) -> str:
    """The first such property's text, or that part of its value."""
    found = next((one for one in properties if one.name == name and one.text), None)
    if found is None:
        return ""
    if part is None:
        return found.text
    return found.values[part] if part < len(found.values) else ""
