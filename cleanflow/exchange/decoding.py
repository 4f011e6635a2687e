"""Which encoding a text file is in: decided the same way each time, and from the file alone."""

from __future__ import annotations

import codecs
import io
import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Encoding:
    """A codec's name and how its decoder treats bytes that it does not know.

    ``surrogateescape`` leaves a lone surrogate where a byte cannot be read, so that the line it stands in
    can be refused without losing the others.
    """

    name: str
    errors: str = "surrogateescape"


_MARKS = (
    (codecs.BOM_UTF8, Encoding("utf-8-sig")),
    (codecs.BOM_UTF32_LE, Encoding("utf-32", "replace")),  # begins like UTF-16's, so it is asked first
    (codecs.BOM_UTF32_BE, Encoding("utf-32", "replace")),
    (codecs.BOM_UTF16_LE, Encoding("utf-16", "replace")),
    (codecs.BOM_UTF16_BE, Encoding("utf-16", "replace")),
)

_SAMPLE_BYTES = 65_536


def encoding_of(data: bytes) -> Encoding:
    """By byte order mark, else UTF-16 by its NULs, else UTF-8 if it is, else a Windows code page."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    return _by_nuls(data[:_SAMPLE_BYTES]) or (Encoding("utf-8") if _is_utf8(data) else _code_page(data))


def decoded(data: bytes, encoding: Encoding) -> io.TextIOWrapper:
    """``data`` as a text stream that keeps its line ends."""
    return io.TextIOWrapper(io.BytesIO(data), encoding=encoding.name, errors=encoding.errors, newline="")


def _by_nuls(sample: bytes) -> Encoding | None:
    """ASCII in UTF-16 has a NUL in every second byte, always on the same side."""
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    few, many = sorted((even, odd))
    if many * 20 < len(sample) or few * 10 > many:
        return None
    return Encoding("utf-16-le" if odd > even else "utf-16-be", "replace")


def _is_utf8(data: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(data), _SAMPLE_BYTES):
            decoder.decode(data[start : start + _SAMPLE_BYTES])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


#: Other alphabets. Of the Latin code pages Windows-1252 is by far the most common; they cannot be told apart.
_ALPHABETS = ["cp1251", "cp1253", "cp1255", "cp1256", "cp874"]


def _code_page(data: bytes) -> Encoding:
    """Windows-1252, unless the words consist of high bytes throughout: then it is another alphabet.

    charset-normalizer takes French and Spanish for Polish easily, so it is asked about alphabets only.
    """
    lines = re.split(rb"[\n\r]", data[: 16 * _SAMPLE_BYTES])
    high = [line for line in lines if not line.isascii()]
    sample = b"\n".join(high)[:_SAMPLE_BYTES]
    runs = [len(run) for run in re.findall(rb"[\x80-\xff]+", sample)]
    if 2 * sum(run for run in runs if run >= 3) <= sum(runs):
        return Encoding("cp1252")
    from charset_normalizer import from_bytes  # slow to import, and hardly ever needed

    best = from_bytes(sample, cp_isolation=["cp1252", *_ALPHABETS]).best()
    return Encoding(best.encoding if best else "cp1252")
